"""Exchanges as shoppers and merchants see them: what may be chosen, what it costs, how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.queries.siblings import siblings_of_all
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import Money
from orders.queries.extras import Extras, ExtraStep, NextThing
from orders.queries.goods import Goods, goods_of, shown_price
from returns.documents.exchange_words import because_in_words, exchange_step_in_words
from returns.documents.words import in_words
from returns.domain import policy
from returns.domain.exchanges import EXCHANGE_COUNTED, EXCHANGE_OPEN, EXCHANGE_STATES, difference
from returns.models import Exchange, ExchangePolicy, LineTally
from returns.queries.claim_law import delivered_on

PAGE = 50
STATES = EXCHANGE_STATES
STEP = {
    "to_pay": "current", "waiting": "current", "ready": "current", "shipped": "done", "cancelled": "problem",
    "lapsed": "problem", "sold_out": "problem", "rejected": "problem",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Promise:
    """What a merchant promises about exchanges."""

    is_offered: bool
    days: int
    ship_on: str


NO_PROMISE = Promise(True, policy.EXCHANGE_DAYS, "receipt")  # of a merchant that said nothing


@dataclass(frozen=True, slots=True)
class Wish:
    """A variant that may be taken instead, with what one of it costs more or less today, as it is paid."""

    variant: str
    variant_id: int
    sku: str
    title: str
    options: tuple[tuple[str, str], ...]
    old_unit_minor: int
    new_unit_minor: int
    each_minor: int
    available: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be exchanged of a line: how many, until when, for what; or why not."""

    line: Any
    left: int
    until: date | None
    promise: Promise
    wishes: tuple[Wish, ...]
    reason: str = ""  # not_offered, not_delivered, too_late, none_left, no_other


def promise_of(merchant_id: int) -> Promise:
    """Return what a merchant promises, or what holds where it promises nothing."""
    return promises_of([merchant_id])[merchant_id]


def _promise(row: ExchangePolicy | None) -> Promise:
    if row is None:
        return NO_PROMISE
    return Promise(row.is_offered, row.days, row.ship_on)


def choice_of(order: Any, line: Any, *, today: date, language: str, claimed: int = 0) -> Choice:
    """Return what may be exchanged of a line today.

    :param claimed: so many pieces of a claim that get another piece anyway: no promise and no day is needed.
    """
    read = _read([order], [line], today, language)
    return _choice(read, order, line, today, claimed)


def choices_of_orders(orders: Sequence[Any], *, today: date, language: str) -> dict[int, Choice]:
    """Return what may be exchanged of every line of one checkout's orders, by the line's key.

    Six queries, and one more for each currency, whatever the number of lines.
    """
    read = _read(orders, [line for order in orders for line in order.lines.all()], today, language)
    return {line.pk: _choice(read, order, line, today, 0) for order in orders for line in order.lines.all()}


@dataclass(frozen=True, slots=True)
class _Read:
    """What is asked of the database once for all lines: by merchant, by line, by variant and currency."""

    promises: Mapping[int, Promise]
    tallies: Mapping[int, LineTally]
    exchanges: Mapping[int, Sequence[Exchange]]
    siblings: Mapping[int, Sequence[str]]
    goods: Mapping[str, Mapping[str, Goods]]


def _read(orders: Sequence[Any], lines: Sequence[Any], today: date, language: str) -> _Read:
    currencies = {order.currency: order.group.market for order in orders}
    siblings = siblings_of_all(line.variant_id for line in lines if line.variant_id)
    variants = {one for own in siblings.values() for one in own}
    exchanges: dict[int, list[Exchange]] = {}
    for row in Exchange.objects.filter(line__in=lines, state__in=EXCHANGE_COUNTED):
        exchanges.setdefault(row.line_id, []).append(row)
    return _Read(
        promises=promises_of({order.merchant_id for order in orders}),
        tallies={tally.line_id: tally for tally in LineTally.objects.filter(line__in=lines)},
        exchanges=exchanges,
        siblings=siblings,
        goods={
            currency: goods_of(
                variants, market=market, language=language, currency=currency, on=today, pictured=False
            )
            for currency, market in currencies.items()
        },
    )


def promises_of(merchants: Iterable[int]) -> dict[int, Promise]:
    """Return what merchants promise, by their keys. One query."""
    said = {row.merchant_id: row for row in ExchangePolicy.objects.filter(merchant__in=list(merchants))}
    return {pk: _promise(said.get(pk)) for pk in merchants}


def _choice(read: _Read, order: Any, line: Any, today: date, claimed: int) -> Choice:
    promise = read.promises[order.merchant_id]
    arrived = delivered_on(order, line)
    until = arrived + timedelta(days=promise.days) if arrived else None
    left = _left(read, line, claimed)
    reason = "" if claimed else why_not(promise, until, today)
    reason = reason or ("none_left" if left < 1 else "")
    wishes = () if reason else tuple(_wishes(read, order, line, today))
    return Choice(line, left, until, promise, wishes, reason or ("" if wishes else "no_other"))


def why_not(promise: Promise, until: date | None, today: date) -> str:
    """Return why a merchant's promise opens nothing today, in one word; nothing if it does."""
    if not promise.is_offered:
        return "not_offered"
    if until is None:
        return "not_delivered"
    return "too_late" if until < today else ""


def _left(read: _Read, line: Any, claimed: int) -> int:
    """Return how many pieces may be exchanged: each once, and none that is withdrawn from or on its way back."""
    return left_to_exchange(line, read.tallies.get(line.pk), read.exchanges.get(line.pk, ()), claimed)


def left_to_exchange(
    line: Any, tally: LineTally | None, counted: Sequence[Exchange], claimed: int = 0
) -> int:
    """Return how many pieces of a line may be exchanged, by its tally and the exchanges that count."""
    withdrawn, returning = (tally.withdrawn, tally.returning) if tally else (0, 0)
    fresh = line.quantity - withdrawn - sum(one.quantity for one in counted)
    if claimed:
        return max(min(fresh, claimed), 0)
    to_pay = sum(one.quantity for one in counted if one.state == "to_pay" and one.claim_id is None)
    return max(min(fresh, line.quantity - returning - to_pay), 0)


def _wishes(read: _Read, order: Any, line: Any, today: date) -> Iterable[Wish]:
    known = [
        read.goods[order.currency][one]
        for one in read.siblings.get(line.variant_id, ())
        if one in read.goods[order.currency]
    ]
    prices = {
        one.variant_id: taxed(line, shown_price(one, market=order.group.market, on=today).minor)
        for one in known
        if one.is_offered
    }
    paid = taxed(line, line.unit_price_minor)
    old = prices.get(line.variant_id)
    for one in known:
        if one.variant_id in prices and one.variant_id != line.variant_id and one.available > 0:
            new = prices[one.variant_id]
            yield Wish(
                variant=one.variant, variant_id=one.variant_id, sku=one.sku, title=one.title, options=one.options,
                old_unit_minor=paid if old is None else old, new_unit_minor=new, available=one.available,
                each_minor=difference(new_now=new, old_now=old, paid=paid, pieces=1),
            )  # fmt: skip


def taxed(line: Any, amount: int) -> int:
    """Return a price of a line as it is paid: with the tax that this market adds to what is shown."""
    if line.unit_price_minor * line.quantity != line.goods_minor or not line.tax_minor or not line.tax_rate:
        return amount
    return Money(amount, line.currency).times(1 + line.tax_rate / Decimal(100)).minor


def in_hand(line: Any) -> list[int | None]:
    """Return the variants of the pieces that a shopper has or had of a line: those got in exchange first.

    None stands for the line's own. One entry for each piece that was bought.
    """
    rows = Exchange.objects.filter(line=line, state="shipped").order_by("-pk")
    got = [
        variant for variant, count in rows.values_list("variant_id", "quantity") for _piece in range(count)
    ]
    return [*got, *[None] * (line.quantity - len(got))]


def find_exchange(token: str) -> Exchange:
    """Return an exchange behind its secret link.

    :raises NotFound: for everybody else.
    """
    found = _whole().filter(token=token).first() if token else None
    if found is None:
        raise NotFound(field="exchange")
    return found


def exchange_of_merchant(public_id: str, merchant_ids: Sequence[int]) -> Exchange:
    """Return a merchant's own exchange by its public id.

    :raises NotFound: for others it does not exist.
    """
    found = _whole().filter(public_id=public_id, merchant_id__in=list(merchant_ids)).first()
    if found is None:
        raise NotFound(field="exchange")
    return found


def _whole() -> QuerySet[Exchange]:
    return Exchange.objects.select_related("order__group", "line", "merchant", "ret", "claim")


def exchanges_of_merchant(merchant_id: int, *, state: str = "") -> list[Exchange]:
    """Return a page of a merchant's exchanges: what is to be sent first, or one state, newest first."""
    rows = Exchange.objects.filter(merchant_id=merchant_id).select_related("order", "line", "ret")
    if state:
        return list(rows.filter(state=state).order_by("-agreed_at", "-pk")[:PAGE])
    return list(rows.filter(state__in=EXCHANGE_OPEN).order_by("due_on", "-agreed_at", "-pk")[:PAGE])


def exchanges_of_orders(orders: Sequence[Any]) -> dict[int, list[Exchange]]:
    """Return the exchanges of orders by the order line's key, newest first. One query."""
    found: dict[int, list[Exchange]] = {}
    for row in Exchange.objects.filter(order__in=orders).order_by("-agreed_at", "-pk"):
        found.setdefault(row.line_id, []).append(row)
    return found


def exchanges_of_line(line_id: int) -> list[Exchange]:
    """Return the exchanges of an order line, newest first."""
    return list(Exchange.objects.filter(line_id=line_id).order_by("-agreed_at", "-pk"))


def extras_of(group_id: int, token: str, language: str) -> Extras:
    """Return what an order's page shows of exchanges; one query, whatever its size."""
    rows = list(
        Exchange.objects.filter(order__group_id=group_id)
        .select_related("order__group", "ret")
        .order_by("agreed_at", "pk")
    )
    return Extras(tuple(_step(one) for one in rows), tuple(_next(rows, language)))


def _step(one: Exchange) -> ExtraStep:
    detail = exchange_step_in_words(one.state)
    if one.because:
        detail = f"{detail}: {because_in_words(one.because)}"
    at = one.shipped_at or one.ended_at or one.agreed_at
    return ExtraStep(
        one.order.public_id, _("Exchange"), STEP[one.state], at, detail, reverse("exchange", args=[one.token])
    )


def _next(rows: Iterable[Exchange], language: str) -> Iterable[NextThing]:
    for one in rows:
        if one.state == "to_pay" and one.pay_by:
            zone = ZoneInfo(one.order.group.time_zone)
            day = in_words(one.pay_by.astimezone(zone).date(), language)
            text = _("Pay the difference of your exchange by %(day)s.") % {"day": day}
            yield NextThing(
                one.order.public_id,
                text,
                reverse("exchange", args=[one.token]),
                _("Pay the difference"),
                rank=9,
            )


def holds(lines: Sequence[str]) -> Mapping[str, str]:
    """Return the lines (public ids) of which pieces are being exchanged."""
    rows = Exchange.objects.filter(line__public_id__in=lines, state__in=EXCHANGE_OPEN)
    return dict.fromkeys(rows.values_list("line__public_id", flat=True), "")
