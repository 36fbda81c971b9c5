"""The unit price: whether it is due, per which unit, and how much. Directive 98/6/EC art. 2(b), 3-5.

``unit_price(...)`` is for code that has the numbers; ``answer(facts, book)`` reads them as JSON:
market, on, price, currency, net_quantity {value, unit}, category, and optionally base.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from compliance.rulebook.book import Law, Rulebook
from compliance.rulebook.types import Answer, Ruling
from marketplace.kernel.errors import Invalid
from marketplace.kernel.money import Money

# SI arithmetic, not law: what a unit is in the base unit of its dimension
_UNITS: dict[str, tuple[str, Decimal]] = {
    "mg": ("kg", Decimal("0.000001")),
    "g": ("kg", Decimal("0.001")),
    "kg": ("kg", Decimal(1)),
    "ml": ("l", Decimal("0.001")),
    "cl": ("l", Decimal("0.01")),
    "l": ("l", Decimal(1)),
    "mm": ("m", Decimal("0.001")),
    "cm": ("m", Decimal("0.01")),
    "m": ("m", Decimal(1)),
    "m2": ("m2", Decimal(1)),
    "m3": ("m3", Decimal(1)),
}
LEAST, MOST = Decimal("1e-9"), Decimal("1e12")  # beyond them nobody sells, and rounding has no digits left
_FACTS = {"market", "on", "price", "currency", "net_quantity", "category", "base"}


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """What stands beside a price: ``12.45 EUR`` per ``1 kg``."""

    required: bool
    price: Money | None  # for one `base`; None if it cannot be worked out
    base: str  # "1 kg", "100 g", "" if none
    because: str
    rulings: tuple[Ruling, ...]


def unit_price(
    *, price: Money, value: Decimal, unit: str, market: str, category: str, law: Law, base: str = ""
) -> UnitPrice:
    """Return the unit price of `price` for `value` `unit`, and whether the market asks for it.

    It is rounded half up to the minor unit, once. `base` chooses among the units the market allows
    (the first one of the dimension if empty). Raises Invalid for a quantity that is not above zero,
    an unknown unit, or a base that the market does not allow.
    """
    if value <= 0:
        raise Invalid("A quantity is above zero.", field="net_quantity.value")
    if unit == "pcs":
        return UnitPrice(False, None, "", "Goods sold by the piece have no unit price.", ())
    if unit not in _UNITS:
        raise Invalid(f"We do not know the unit {unit}.", field="net_quantity.unit")
    bases = law.ruling("price.unit_price_bases", market)
    chosen = _base(unit, tuple(bases.value) if bases else (), base)
    amount = price.times(_size(chosen) / (value * _UNITS[unit][1]))
    required, because, rulings = _duty(
        law, market, category, value * _UNITS[unit][1] == _size(chosen), value, unit
    )
    return UnitPrice(required, amount, chosen, because, rulings + ((bases,) if bases else ()))


def answer(facts: Mapping[str, Any], book: Rulebook) -> Answer:
    """Answer ``unit_price``. Raises Invalid naming the field."""
    unknown = sorted(set(facts) - _FACTS)
    if unknown:
        raise Invalid(f"There is no field {unknown[0]}.", field=unknown[0])
    quantity = facts.get("net_quantity")
    if not isinstance(quantity, Mapping) or set(quantity) != {"value", "unit"}:
        raise Invalid("A quantity is {value, unit}.", field="net_quantity")
    found = unit_price(
        price=Money.of(_decimal(facts.get("price"), "price"), str(facts.get("currency"))),
        value=_decimal(quantity["value"], "net_quantity.value"),
        unit=str(quantity["unit"]),
        market=str(facts.get("market")),
        category=str(facts.get("category") or ""),
        law=book.on(_day(facts.get("on"))),
        base=str(facts.get("base") or ""),
    )
    data = {
        "required": found.required,
        "unit_price": None if found.price is None else f"{found.price.amount:f}",
        "currency": facts.get("currency"),
        "per": found.base,
        "because": found.because,
    }
    return Answer(data, found.rulings, (found.because,))


def _duty(
    law: Law, market: str, category: str, same: bool, value: Decimal, unit: str
) -> tuple[bool, str, tuple[Ruling, ...]]:
    """Return whether the unit price is due, one sentence why, and what it rests on."""
    duty = law.ruling("price.unit_price", market)
    if duty is None or duty.value is not True:
        return False, "The law of this market does not ask for a unit price.", ()
    exempt = law.ruling("price.unit_price_exempt", market)
    if exempt and category in exempt.value:
        return False, "Goods of this category are exempt from the unit price.", (duty, exempt)
    least = law.ruling("price.unit_price_from", market)
    if least and unit in ("g", "ml", "mg") and value * _UNITS[unit][1] * 1000 < int(least.value):
        return False, "The package is too small for a unit price.", (duty, least)
    alike = law.ruling("price.unit_price_same", market)
    if same and alike and alike.value is True:
        return False, "The unit price would be the same as the price.", (duty, alike)
    return True, "The unit price is shown beside the price.", (duty,)


def _base(unit: str, allowed: tuple[str, ...], wished: str) -> str:
    """Return the unit that is priced: the wished one if it is allowed, else the first of its dimension."""
    dimension = _UNITS[unit][0]
    fitting = [base for base in allowed if _dimension(base) == dimension] or [f"1 {dimension}"]
    if not wished:
        return fitting[0]
    if wished not in fitting:
        raise Invalid(f"The unit here is {' or '.join(fitting)}.", field="base")
    return wished


def _dimension(base: str) -> str:
    return _UNITS[base.split(" ", 1)[1]][0]


def _size(base: str) -> Decimal:
    number, unit = base.split(" ", 1)
    return Decimal(number) * _UNITS[unit][1]


def _decimal(value: Any, field: str) -> Decimal:
    try:
        number = Decimal(str(value)) if not isinstance(value, (bool, float)) and value is not None else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or number < 0 or (number and not LEAST <= number <= MOST):
        raise Invalid('A number is a decimal string such as "42.90".', field=field)
    return number


def _day(value: Any) -> date:
    try:
        return value if type(value) is date else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Invalid("The day is written 2026-11-23.", field="on") from None
