"""From price records to the history that the law of price reductions is judged on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from marketplace.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Recorded:
    """A price in force from an instant on; `minor` None: not offered from then on."""

    valid_from: datetime
    minor: int | None
    kind: str  # regular, reduced


@dataclass(frozen=True, slots=True)
class Span:
    """A price while it was in force: [from, until), `until` None: still."""

    valid_from: datetime
    valid_until: datetime | None
    minor: int
    kind: str


def spans(records: Iterable[Recorded]) -> list[Span]:
    """Return the periods in which a price was in force, oldest first; equal neighbours are one."""
    ordered = sorted(records, key=lambda record: record.valid_from)
    result: list[Span] = []
    for record, following in zip(ordered, [*ordered[1:], None], strict=True):
        until = following.valid_from if following else None
        if record.minor is None or until == record.valid_from:
            continue
        if result and _continues(result[-1], record):
            result[-1] = Span(result[-1].valid_from, until, record.minor, record.kind)
        else:
            result.append(Span(record.valid_from, until, record.minor, record.kind))
    return result


def _continues(last: Span, record: Recorded) -> bool:
    return last.valid_until == record.valid_from and (last.minor, last.kind) == (record.minor, record.kind)


def history_facts(found: Iterable[Span], currency: str) -> list[dict[str, str | None]]:
    """Return the history as the calculator ``prior_price`` takes it: instants with an offset, decimal prices."""
    return [
        {
            "from": span.valid_from.isoformat(),
            "until": span.valid_until.isoformat() if span.valid_until else None,
            "price": str(Money(span.minor, currency).amount),
            "kind": span.kind,
        }
        for span in found
    ]


def unit_price(
    price: Money, quantity: dict[str, str], base: dict[str, str] | None = None
) -> tuple[Money, str] | None:
    """Return the price per kilogram, litre, metre, square metre or piece and that unit; None if unknown.

    `quantity` and `base` are {"value": "250", "unit": "g"}; a base such as 100 g is used as given.
    """
    measured = _measure(quantity)
    if measured is None or measured[0] <= 0:
        return None
    amount, unit = measured
    per, label = Decimal(1), unit
    asked = _measure(base) if base else None
    if asked and asked[1] == unit:
        per, label = asked[0], f"{base['value']} {base['unit']}"  # type: ignore[index]
    return price.times(per / amount), label


UNITS = {"g": ("kg", "0.001"), "kg": ("kg", "1"), "ml": ("l", "0.001"), "cl": ("l", "0.01"), "l": ("l", "1"),
         "m": ("m", "1"), "cm": ("m", "0.01"), "m2": ("m2", "1"), "pcs": ("pcs", "1")}  # fmt: skip


def _measure(quantity: dict[str, str]) -> tuple[Decimal, str] | None:
    try:
        unit, factor = UNITS[quantity["unit"]]
        return Decimal(str(quantity["value"])) * Decimal(factor), unit
    except (KeyError, ArithmeticError, TypeError):
        return None
