"""What a refund is made of: parts of order lines, and how a sum is spread over what is left of them.

Amounts are whole minor units, broken down as an order line is: `goods`, `shipping`, `duty` and `fees` without
tax, `tax` beside them; a line's parts add up to its total. `goodwill` is what is given beyond what was owed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Literal

from marketplace.kernel.money import Money

Kind = Literal["goods", "shipping", "duty", "tax", "fees", "goodwill"]
OWED: tuple[str, ...] = ("goods", "shipping", "duty", "tax", "fees")
GOODWILL = "goodwill"
KINDS = (*OWED, GOODWILL)


@dataclass(frozen=True, slots=True)
class RefundPart:
    """So much of one kind for one line.

    `line` is the line's public id; None spreads the part over the order's lines by what is left of that kind
    (goodwill stays with the order). `quantity` says for how many pieces it is, 0 where pieces do not matter.
    """

    line: str | None
    quantity: int
    kind: Kind
    amount_minor: int


@dataclass(frozen=True, slots=True)
class LineLeft:
    """What of a line has not been refunded: by kind, with the pieces that no refund of goods has named."""

    line: str
    quantity: int  # bought
    pieces: int  # of them not refunded yet
    left: Mapping[str, int]  # kind (of OWED) → minor units

    @property
    def total(self) -> int:
        return sum(self.left.values())


def without_tax(*, amount: int, goods: int, priced: int, tax: int, rate: Decimal | None) -> int:
    """Return the part of a sum that is not tax, as it is with the line that it belongs to.

    :param goods: of the line, without tax; `priced` is the same as it was shown, `tax` the line's tax.
    Prices contain the tax, or it was added to them at the line's own rate.
    """
    if priced != goods:
        return amount * goods // priced
    return int(amount * 100 / (100 + (rate if tax and rate else Decimal(0))))


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Return shares of `amount` in proportion to `weights`; none is above its weight if `amount` is not above all."""
    return [share.minor for share in Money(amount, "XXX").split(list(weights))]


def parts_of_pieces(one: LineLeft, pieces: int, *, with_shipping: bool = False) -> tuple[RefundPart, ...]:
    """Return what comes back for so many pieces of a line: goods and duty with their tax, and fees.

    The last pieces take what is left, so that the parts of all refunds add up to the line exactly. Shipping
    (with its share of the tax) comes with it only if asked for; its tax is in proportion to goods and shipping.
    """
    if not 0 < pieces <= one.pieces:
        return ()
    share = {kind: one.left[kind] * pieces // one.pieces for kind in ("goods", "duty", "fees")}
    shipping = one.left["shipping"] if with_shipping else 0
    base = one.left["goods"] + one.left["shipping"] + one.left["duty"] + one.left["fees"]
    taken = sum(share.values()) + shipping
    tax = one.left["tax"] if taken == base else one.left["tax"] * taken // base if base else 0
    found = {**share, "shipping": shipping, "tax": tax}
    return tuple(
        RefundPart(one.line, pieces if kind == "goods" else 0, kind, found[kind])  # type: ignore[arg-type]
        for kind in OWED
        if found[kind]
    )


def parts_of_amount(lines: Sequence[LineLeft], amount: int) -> tuple[RefundPart, ...]:
    """Return a sum (with tax) as parts in proportion to what is left of each kind of each line.

    It keeps every line's own rate of tax. Empty if more is asked for than is left.
    """
    places = [(one, kind) for one in lines for kind in OWED if one.left[kind] > 0]
    if not 0 < amount <= sum(one.left[kind] for one, kind in places):
        return ()
    shares = spread(amount, [one.left[kind] for one, kind in places])
    return tuple(
        RefundPart(one.line, one.pieces if kind == "goods" and share == one.left[kind] else 0, kind, share)  # type: ignore[arg-type]
        for (one, kind), share in zip(places, shares, strict=True)
        if share
    )


def resolve(parts: Sequence[RefundPart], lines: Sequence[LineLeft]) -> tuple[RefundPart, ...]:
    """Return the parts with those of no line spread over the lines; the same line and kind once.

    A part that is larger than what is left of its kind stays as it is: `too_much` finds it.
    """
    summed: dict[tuple[str | None, str], RefundPart] = {}
    for part in chain.from_iterable(_placed(part, lines) for part in parts):
        known = summed.get((part.line, part.kind))
        summed[part.line, part.kind] = (
            RefundPart(
                part.line, known.quantity + part.quantity, part.kind, known.amount_minor + part.amount_minor
            )
            if known
            else part
        )
    return tuple(summed.values())


def _placed(part: RefundPart, lines: Sequence[LineLeft]) -> tuple[RefundPart, ...]:
    if part.line is not None or part.kind == GOODWILL:
        return (part,)
    weights = [one.left[part.kind] for one in lines]
    if part.amount_minor > sum(weights):
        return (part,)
    shares = zip(lines, spread(part.amount_minor, weights), strict=True)
    return tuple(RefundPart(one.line, 0, part.kind, share) for one, share in shares if share)


def too_much(parts: Sequence[RefundPart], lines: Sequence[LineLeft]) -> RefundPart | None:
    """Return the first resolved part that asks for more than is left of its kind of its line, if any."""
    left = {(one.line, kind): one.left[kind] for one in lines for kind in OWED}
    for part in parts:
        if part.kind != GOODWILL and part.amount_minor > left.get((part.line or "", part.kind), 0):
            return part
    return None
