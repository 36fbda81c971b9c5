"""Read the facts of a landed price; refuse what is not right, by the name of the field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from compliance.rulebook.rates import parse_rates
from marketplace.kernel.errors import Invalid
from marketplace.kernel.money import CURRENCIES, exponent

SCHEMES = ("IOSS", "OSS", "none", "marketplace")
_FACTS = {
    "market",
    "ship_from",
    "on",
    "currency",
    "importer_scheme",
    "lines",
    "shipping",
    "insurance",
    "rates",
    "prices_include_tax",
}
_LINE = {"hs", "origin", "value", "quantity", "category"}
_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_HS = re.compile(r"\d{4,12}")
MOST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One kind of goods in the consignment; `value` is for all pieces together, in minor units."""

    hs: str  # digits only; "" if not known
    origin: str
    value: int
    quantity: int
    category: str


@dataclass(frozen=True, slots=True)
class LandedFacts:
    """The consignment: amounts in minor units of `currency`."""

    market: str
    ship_from: str
    on: date
    currency: str
    scheme: str
    lines: tuple[LineFacts, ...]
    shipping: int
    insurance: int
    rates: Mapping[str, Decimal]
    prices_include_tax: bool


def read(facts: Mapping[str, Any]) -> LandedFacts:
    """Return the facts, typed. Raises Invalid naming the field."""
    _known(facts, _FACTS, "")
    currency = _currency(facts.get("currency"))
    lines = facts.get("lines")
    if not isinstance(lines, (list, tuple)) or not lines:
        raise Invalid("At least one line of goods is needed.", field="lines")
    scheme = facts.get("importer_scheme") or "none"
    if scheme not in SCHEMES:
        raise Invalid(f"The scheme is one of {', '.join(SCHEMES)}.", field="importer_scheme")
    return LandedFacts(
        market=_matching(_PLACE, facts.get("market"), "market", "a market such as DE or US-CA"),
        ship_from=_matching(_PLACE, facts.get("ship_from"), "ship_from", "a country such as CN"),
        on=_day(facts.get("on")),
        currency=currency,
        scheme=scheme,
        lines=tuple(_line(line, f"lines[{i}]", currency) for i, line in enumerate(lines)),
        shipping=_minor(facts.get("shipping") or "0", "shipping", currency),
        insurance=_minor(facts.get("insurance") or "0", "insurance", currency),
        rates=parse_rates(facts.get("rates") or {}),
        prices_include_tax=_flag(facts.get("prices_include_tax", False), "prices_include_tax"),
    )


def _line(line: Any, where: str, currency: str) -> LineFacts:
    if not isinstance(line, Mapping):
        raise Invalid("A line is an object.", field=where)
    _known(line, _LINE, where + ".")
    hs = re.sub(r"[.\s]", "", str(line.get("hs") or ""))
    if hs and not _HS.fullmatch(hs):
        raise Invalid("A customs code is four to twelve digits.", field=f"{where}.hs")
    origin = line.get("origin") or ""
    if origin:
        _matching(_COUNTRY, origin, f"{where}.origin", "a country such as CN")
    quantity = line.get("quantity", 1)
    if isinstance(quantity, str) and quantity.isdigit():
        quantity = int(quantity)
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= 1_000_000:
        raise Invalid("The quantity is a whole number from 1.", field=f"{where}.quantity")
    category = line.get("category") or ""
    if not isinstance(category, str):
        raise Invalid("The category is text.", field=f"{where}.category")
    value = _minor(line.get("value"), f"{where}.value", currency)
    return LineFacts(hs if len(hs) >= 6 else "", origin, value, quantity, category)


def _known(given: Mapping[str, Any], names: set[str], prefix: str) -> None:
    unknown = sorted(set(given) - names)
    if unknown:
        raise Invalid(f"There is no field {prefix}{unknown[0]}.", field=f"{prefix}{unknown[0]}")


def _currency(value: Any) -> str:
    if not isinstance(value, str) or value not in CURRENCIES:
        raise Invalid("The currency is an ISO 4217 code such as EUR.", field="currency")
    return str(value)


def _matching(pattern: re.Pattern[str], value: Any, field: str, what: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Invalid(f"This is not {what}.", field=field)
    return value


def _day(value: Any) -> date:
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Invalid("The day is written 2026-11-23.", field="on") from None


def _flag(value: Any, field: str) -> bool:
    if not isinstance(value, bool):
        raise Invalid("This is true or false.", field=field)
    return value


def _minor(value: Any, field: str, currency: str) -> int:
    """Amounts are decimal strings or whole numbers; further decimals are rounded half up."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise Invalid('An amount is a decimal string such as "42.90".', field=field)
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise Invalid(f"{value!r} is not an amount.", field=field) from None
    if not amount.is_finite() or amount < 0 or amount > MOST:
        raise Invalid("An amount is a number from 0.", field=field)
    return int(amount.scaleb(exponent(currency)).quantize(Decimal(1), ROUND_HALF_UP))
