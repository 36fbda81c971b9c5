"""The parts of what is owed: for which line, how many, what for, how much. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

# What a part is for. The calculator names them; "price_reduction" and others come from claims.
KINDS = (
    "goods", "delivery", "duty", "import_tax", "service", "service_used", "value_loss", "return_cost", "label",
    "price_reduction", "difference", "supplement", "compensation",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One part; a deduction is negative. `line` is an order line's public id, "" for the whole order."""

    line: str
    quantity: int
    kind: str
    amount_minor: int
    because: str = ""  # an English msgid

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def parts_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Part, ...]:
    """Return parts from their JSON."""
    return tuple(Part(**row) for row in rows)


def sum_of(parts: Iterable[Part]) -> int:
    """Return the sum in minor units."""
    return sum(part.amount_minor for part in parts)


def difference(whole: Iterable[Part], before: Iterable[Part]) -> tuple[Part, ...]:
    """Return what is owed now, if `whole` is owed in all and `before` was owed already: part by part, sums add up."""
    totals: dict[tuple[str, str], Part] = {}
    for part in whole:
        totals[part.line, part.kind] = _plus(totals.get((part.line, part.kind)), part, 1)
    for part in before:
        totals[part.line, part.kind] = _plus(totals.get((part.line, part.kind)), part, -1)
    return tuple(part for part in totals.values() if part.amount_minor or part.quantity > 0)


def _plus(known: Part | None, part: Part, sign: int) -> Part:
    if known is None:
        return Part(part.line, sign * part.quantity, part.kind, sign * part.amount_minor, part.because)
    return Part(
        known.line,
        known.quantity + sign * part.quantity,
        known.kind,
        known.amount_minor + sign * part.amount_minor,
        known.because or part.because,
    )


def split_parts(parts: Iterable[Part], pieces: dict[str, int]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Return parts for so many pieces of each line, and all that is left; they add up to the whole.

    `pieces` is used up. What is not of pieces (delivery, duty, deductions) stays with the rest.
    """
    here, rest = [], []
    for part in parts:
        count = min(pieces.get(part.line, 0), part.quantity) if part.kind == "goods" else 0
        if count:
            pieces[part.line] -= count
            amount = part.amount_minor * count // part.quantity
            here.append(Part(part.line, count, part.kind, amount, part.because))
            part = Part(part.line, part.quantity - count, part.kind, part.amount_minor - amount, part.because)
        if part.amount_minor or part.quantity:
            rest.append(part)
    return tuple(here), tuple(rest)
