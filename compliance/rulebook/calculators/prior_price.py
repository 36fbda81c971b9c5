"""The prior price of a price reduction: the lowest price of the days before it was announced.

Directive 98/6/EC art. 6a, with the options that Member States took for goods that spoil fast, new
arrivals and reductions that grow step by step. The window is whole days before the day of the
reduction; every price in force at any moment of it counts, also the one with which it opens and
short flash prices; the reduced price itself does not. A percentage is never rounded up.

In `history` an interval ends before `until`. A plain day may also be written as the last day of
a price: that is seen from the row that follows on the next day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from compliance.rulebook.book import Law, Rulebook
from compliance.rulebook.lookups import locale
from compliance.rulebook.types import Answer, Ruling
from marketplace.kernel.errors import Invalid

DAY = timedelta(days=1)
HUNDRED = Decimal(100)
NOT_OWN = ("personal", "tied", "recommended", "other_trader")  # prices that are not offered to everybody
KINDS = ("regular", "reduced", "flash", *NOT_OWN)
_FACTS = {
    "market",
    "channel",
    "seller",
    "currency",
    "history",
    "reduction_from",
    "new_price",
    "announced_percent",
    "progressive",
    "uninterrupted",
    "perishable",
    "first_offered_on",
    "campaign_until",
    "first_reduction_on",
}
_ROW = {"from", "until", "price", "kind"}


@dataclass(frozen=True, slots=True)
class Price:
    """A price of this trader in this channel, in force from (inclusive) to (exclusive), local time."""

    since: datetime
    until: datetime | None
    amount: Decimal

    def touches(self, start: datetime, end: datetime) -> bool:
        return self.since < end and (self.until is None or self.until > start)


@dataclass(frozen=True, slots=True)
class Reduction:
    """The facts, typed."""

    market: str
    history: tuple[Price, ...]
    starts_on: date
    new_price: Decimal
    announced_percent: Decimal | None
    progressive: bool
    uninterrupted: bool
    perishable: bool
    first_offered_on: date | None
    campaign_until: date | None
    first_reduction_on: date | None

    @property
    def offered_since(self) -> date | None:
        """The first day on sale: as told, else the first day of the history."""
        first = min((price.since.date() for price in self.history), default=None)
        return self.first_offered_on or first


@dataclass(slots=True)
class _Judgement:
    """What is found, step by step."""

    reduction: Reduction
    law: Law
    start: date  # of the reduction that is measured
    must_show: bool = True
    window: tuple[date, date] | None = None  # first and last day
    prior: Decimal | None = None
    reasons: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    used: dict[str, Ruling] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """Return the value of ``price.<name>`` in the market and note its ruling; None if there is none."""
        ruling = self.law.ruling(f"price.{name}", self.reduction.market)
        if ruling is None:
            return None
        self.used[ruling.rule] = ruling
        return ruling.value

    def doubt_options(self, what: str) -> None:
        if self.value("options_not_read") is True:
            self.doubts.append(f"National law may treat {what} more mildly; the general rule is applied.")


def answer(facts: Mapping[str, Any], book: Rulebook) -> Answer:
    """Answer ``prior_price``. Raises Invalid naming the field."""
    reduction = read(facts)
    found = _Judgement(reduction, book.on(reduction.starts_on), reduction.starts_on)
    days = found.value("prior_window")
    if days is None:
        _without_rule(found)
    else:
        _choose_start(found)
        _choose_prior(found, int(days))
    return _answer(found)


# Which price ---------------------------------------------------------------------------------------


def _without_rule(found: _Judgement) -> None:
    found.must_show = False
    found.prior = _just_before(found, found.start)
    found.doubts.append("We know no rule of this market on the window; the price just before is compared.")


def _choose_start(found: _Judgement) -> None:
    """Where the law allows it, an unbroken campaign is measured from its first step."""
    reduction = found.reduction
    first = reduction.first_reduction_on
    if first is None or not reduction.uninterrupted or first >= reduction.starts_on:
        return
    if not reduction.progressive:
        if found.value("campaign_keeps_start") is True:
            found.start = first
            found.reasons.append("One unbroken campaign keeps the prior price of its start.")
        return
    if found.value("progressive") != "first_step":
        found.doubt_options("a reduction that grows step by step")
        found.reasons.append("Each step of a growing reduction is measured by the days before that step.")
    elif _campaign_too_long(found, first):
        found.reasons.append("The campaign is too long to be measured from its first step.")
    else:
        found.start = first
        found.reasons.append("A reduction that grows without a break is measured from its first step.")


def _campaign_too_long(found: _Judgement, first: date) -> bool:
    most = found.value("campaign_most")
    last = found.reduction.campaign_until or found.reduction.starts_on
    return most is not None and last - first > timedelta(days=int(most))


def _choose_prior(found: _Judgement, days: int) -> None:
    if found.reduction.perishable and _perishable(found, days):
        return
    offered = found.reduction.offered_since
    if offered is not None and offered > found.start - days * DAY:
        _new_arrival(found, offered)
    else:
        _lowest(found, found.start - days * DAY)


def _perishable(found: _Judgement, days: int) -> bool:
    """Apply the national option for goods that spoil fast; False if the general rule applies."""
    option = found.value("perishable")
    offered = found.reduction.offered_since
    if option == "exempt":
        found.must_show = False
        found.prior = _just_before(found, found.start)
        found.reasons.append("Goods that spoil fast are exempt from the prior price.")
    elif option == "price_before":
        found.prior = _just_before(found, found.reduction.first_reduction_on or found.start)
        found.reasons.append("For goods that spoil fast the price before the first reduction counts.")
    elif option == "short_window":
        window = found.value("perishable_window")
        found.reasons.append(f"For goods that spoil fast the window is {window} days.")
        _lowest(found, found.start - int(window) * DAY)
    elif option == "since_first_offered" and offered and offered > found.start - days * DAY:
        _lowest(found, offered)
    else:
        found.doubt_options("goods that spoil fast")
        return False
    return True


def _new_arrival(found: _Judgement, offered: date) -> None:
    """On sale for less than the window: a reduction may be announced only where national law says how."""
    option = found.value("new_arrival")
    if option == "base":
        found.doubt_options("goods that are new on the market")
        found.reasons.append(
            "The product has been on sale for less than the window, so there is no prior price."
        )
        return
    if option == "not_applicable":
        found.must_show = False
        found.reasons.append("The duty does not apply to goods that are new on the market.")
    else:
        found.reasons.append("The product is new: every price since it was first offered counts.")
    _lowest(found, offered)


def _lowest(found: _Judgement, first: date) -> None:
    """Take the lowest price in force at any moment from `first` to the day before the reduction."""
    if first >= found.start:
        found.reasons.append("There is no day before the reduction on which the product was on sale.")
        return
    found.window = (first, found.start - DAY)
    start, end = datetime.combine(first, time()), datetime.combine(found.start, time())
    prices = [price.amount for price in found.reduction.history if price.touches(start, end)]
    if not prices:
        found.reasons.append("No price was in force in the window, so there is no prior price.")
        return
    found.prior = min(prices)
    found.reasons.append(
        f"The lowest price from {first.isoformat()} to {found.window[1].isoformat()} was {found.prior:f}."
    )


def _just_before(found: _Judgement, day: date) -> Decimal | None:
    """Return the price in force as the day before ends."""
    end = datetime.combine(day, time())
    before = [p for p in found.reduction.history if p.since < end and (p.until is None or p.until >= end)]
    return max(before, key=lambda price: price.since).amount if before else None


# What follows --------------------------------------------------------------------------------------


def _answer(found: _Judgement) -> Answer:
    reduction, prior = found.reduction, found.prior
    exact = _percent(prior, reduction.new_price)
    lawful = _lawful(found, exact)
    whole = exact.quantize(Decimal(1), ROUND_FLOOR)
    shown = exact.quantize(Decimal("0.01"), ROUND_FLOOR)
    window = found.window
    data = {
        "prior_price": None if prior is None else f"{prior:f}",
        "window": None if window is None else {"from": window[0].isoformat(), "to": window[1].isoformat()},
        "true_percent": f"{shown:f}",
        "largest_percent_to_show": int(whole),
        "lawful": lawful,
        "prior_price_must_be_shown": found.must_show,
        "because": list(found.reasons),
        "certain": not found.doubts,
        "reasons": list(found.doubts),
    }
    explain = (*found.reasons, *found.doubts)
    return Answer(data, tuple(found.used.values()), explain)


def _percent(prior: Decimal | None, new: Decimal) -> Decimal:
    if prior is None or prior <= 0 or new >= prior:
        return Decimal(0)
    return (prior - new) * HUNDRED / prior


def _lawful(found: _Judgement, exact: Decimal) -> bool:
    """A reduction must lie below the prior price, and the percentage must not say more than is true."""
    reduction, prior = found.reduction, found.prior
    if prior is None:
        found.reasons.append("Without a prior price no reduction may be announced.")
        return False
    if reduction.new_price >= prior:
        found.reasons.append("The new price is not below the prior price, so it is no reduction.")
        return False
    announced = reduction.announced_percent
    if announced is None:
        return True
    if found.law.ruling("price.percent_from_prior", reduction.market):
        found.value("percent_from_prior")
    # compared without division, so that a third of the price is exactly a third
    if announced * prior > (prior - reduction.new_price) * HUNDRED:
        found.reasons.append(
            f"The announced {announced:f} % is more than the true reduction of {exact:.2f} %."
        )
        return False
    return True


# Reading -------------------------------------------------------------------------------------------


def read(facts: Mapping[str, Any]) -> Reduction:
    """Return the facts, typed. Raises Invalid naming the field."""
    unknown = sorted(set(facts) - _FACTS)
    if unknown:
        raise Invalid(f"There is no field {unknown[0]}.", field=unknown[0])
    market = facts.get("market")
    if not isinstance(market, str) or not market:
        raise Invalid("A market is needed.", field="market")
    place = locale(market)
    zone = place.time_zone if place else "UTC"
    starts_on = _optional_day(facts.get("reduction_from"), "reduction_from", zone)
    if starts_on is None:
        raise Invalid("The day of the reduction is needed.", field="reduction_from")
    percent = facts.get("announced_percent")
    days = {
        name: _optional_day(facts.get(name), name, zone)
        for name in ("first_offered_on", "campaign_until", "first_reduction_on")
    }
    flags = {name: _flag(facts, name) for name in ("progressive", "uninterrupted", "perishable")}
    return Reduction(
        market=market,
        history=_history(facts.get("history"), zone),
        starts_on=starts_on,
        new_price=_number(facts.get("new_price"), "new_price"),
        announced_percent=None if percent is None else _number(percent, "announced_percent"),
        **flags,
        **days,
    )


def _history(rows: Any, zone: str) -> tuple[Price, ...]:
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise Invalid("The history is a list of prices.", field="history")
    for i, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise Invalid("A price is an object.", field=f"history[{i}]")
        unknown = sorted(set(row) - _ROW)
        if unknown:
            raise Invalid(f"There is no field {unknown[0]}.", field=f"history[{i}].{unknown[0]}")
        if row.get("kind", "regular") not in KINDS:
            raise Invalid(f"The kind is one of {', '.join(KINDS)}.", field=f"history[{i}].kind")
    starts = {str(row.get("from")) for row in rows}
    prices = [_price(row, i, starts, zone) for i, row in enumerate(rows)]
    return tuple(price for price, row in zip(prices, rows, strict=True) if row.get("kind") not in NOT_OWN)


def _price(row: Mapping[str, Any], i: int, starts: set[str], zone: str) -> Price:
    since = _instant(row.get("from"), f"history[{i}].from", zone)
    until = None if row.get("until") is None else _instant(row["until"], f"history[{i}].until", zone)
    if until is not None and _is_last_day(row["until"], starts):
        until += DAY
    if until is not None and until <= since:
        raise Invalid("A price ends after it begins.", field=f"history[{i}].until")
    return Price(since, until, _number(row.get("price"), f"history[{i}].price"))


def _is_last_day(until: Any, starts: set[str]) -> bool:
    """A plain day followed by a price from the next day on is the last day of its price."""
    text = str(until)
    if len(text) != 10 or text in starts:
        return False
    return (date.fromisoformat(text) + DAY).isoformat() in starts


def _instant(value: Any, field: str, zone: str) -> datetime:
    """Return the time on the wall in the market: a day begins at midnight there."""
    if type(value) is date:
        return datetime.combine(value, time())
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Invalid("A time is written 2026-11-23 or 2026-11-23T09:00:00+01:00.", field=field) from None
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if moment.tzinfo else moment


def _optional_day(value: Any, field: str, zone: str) -> date | None:
    return None if value is None else _instant(value, field, zone).date()


def _number(value: Any, field: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise Invalid('A number is a decimal string such as "42.90".', field=field)
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise Invalid(f"{value!r} is not a number.", field=field) from None
    if not number.is_finite() or number < 0:
        raise Invalid("A number is at least 0.", field=field)
    return number


def _flag(facts: Mapping[str, Any], name: str) -> bool:
    value = facts.get(name, False)
    if not isinstance(value, bool):
        raise Invalid("This is true or false.", field=name)
    return value
