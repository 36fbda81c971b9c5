"""What a basket holds and costs at this moment, as frozen views for the page and the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from marketplace.accounts.place import Place
from marketplace.kernel.errors import RightfulError, Words
from marketplace.kernel.money import Money, total
from marketplace.kernel.prepared import prepared
from orders.domain.quote import Quote
from orders.models import Basket, BasketLine
from orders.queries.goods import Goods, goods_and_rates, shown_price
from orders.queries.quotes import compute_quote


@dataclass(frozen=True, slots=True)
class Change:
    """What is not as the shopper last saw it."""

    variant: str
    title: str
    what: str  # price, quantity, gone
    seen: Money | None = None
    now: Money | None = None
    wanted: int = 0
    available: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "variant": self.variant,
            "title": self.title,
            "what": self.what,
            "seen": str(self.seen) if self.seen else None,
            "now": str(self.now) if self.now else None,
            "wanted": self.wanted,
            "available": self.available,
        }


@dataclass(frozen=True, slots=True)
class LineView:
    """One line as the page shows it."""

    variant: str
    listing: str
    slug: str
    title: str
    options: tuple[tuple[str, str], ...]
    image: str
    image_alt: str
    quantity: int
    unit: Money
    sum: Money
    available: int
    may_buy: bool
    change: Change | None


@dataclass(frozen=True, slots=True)
class SellerView:
    """What one merchant would send."""

    merchant: str
    name: str
    slug: str
    country: str
    lines: tuple[LineView, ...]
    goods: Money


@dataclass(frozen=True, slots=True)
class BasketView:
    """The basket page: lines by merchant, what changed, and the landed price of it all where it can be told."""

    public_id: str
    token: str
    sellers: tuple[SellerView, ...]
    changes: tuple[Change, ...]
    count: int
    goods: Money
    quote: Quote | None  # with standard shipping to the chosen market
    quote_problem: Words  # why there is no quote: "" if there is one

    @property
    def is_empty(self) -> bool:
        return not self.sellers

    @property
    def may_check_out(self) -> bool:
        return not self.is_empty and not self.changes and self.quote is not None


@dataclass(frozen=True, slots=True)
class BasketLineNow:
    """A line with the goods behind it; goods are None if the variant is no longer there."""

    variant: str
    quantity: int
    seen: Money
    seen_market: str
    goods: Goods | None


@dataclass(frozen=True, slots=True)
class BasketNow:
    lines: tuple[BasketLineNow, ...]
    changes: tuple[Change, ...]  # prices and quantities that are not as seen
    gone: tuple[str, ...]  # variants that cannot be bought at all


def changes_in(basket: Basket, *, place: Place, on: date) -> BasketNow:
    """Return a basket's lines beside what the catalogue says now."""
    lines, _rates = _lines_now(basket, place, on)
    changes = [change for line in lines if (change := _change(line, place, on))]
    gone = tuple(change.variant for change in changes if change.what == "gone")
    return BasketNow(lines, tuple(one for one in changes if one.what != "gone"), gone)


def view_basket(basket: Basket | None, *, place: Place, on: date) -> BasketView:
    """Return the basket page for a shopper's place; an empty view for no basket."""
    lines, rates = _lines_now(basket, place, on) if basket else ((), {})
    changes = tuple(change for line in lines if (change := _change(line, place, on)))
    by_variant = {change.variant: change for change in changes}
    views = [
        (line, _line_view(line, by_variant.get(line.variant), place, on)) for line in lines if line.goods
    ]
    buyable = [line for line in lines if line.goods and line.goods.is_offered]
    quote, problem = _try_quote(buyable, place, on, rates)
    sums = [view.sum for line, view in views if line.goods and line.goods.is_offered]
    return BasketView(
        public_id=basket.public_id if basket else "",
        token=basket.token if basket else "",
        sellers=tuple(_sellers(views, place.currency)),
        changes=changes,
        count=sum(line.quantity for line in lines),
        goods=total(sums, place.currency),
        quote=quote,
        quote_problem=problem,
    )


@prepared
def _lines_of(basket_id: int) -> QuerySet[BasketLine]:
    return BasketLine.objects.filter(basket_id=basket_id).select_related("variant").order_by("added_at", "pk")


def _lines_now(
    basket: Basket, place: Place, on: date
) -> tuple[tuple[BasketLineNow, ...], Mapping[str, Decimal]]:
    """Return the lines with the goods behind them, and the rates these are priced with."""
    rows = _lines_of(basket.pk)
    goods, rates = goods_and_rates(
        [row.variant.public_id for row in rows],
        market=place.market, language=place.language, currency=place.currency, on=on,
    )  # fmt: skip
    lines = tuple(
        BasketLineNow(
            row.variant.public_id,
            row.quantity,
            Money(row.seen_price_minor, row.seen_currency),
            row.seen_market,
            goods.get(row.variant.public_id),
        )
        for row in rows
    )
    return lines, rates


def _change(line: BasketLineNow, place: Place, on: date) -> Change | None:
    """Return what changed on a line since it was seen.

    A price seen for another market or in another currency is not compared: the shopper changed that.
    """
    goods = line.goods
    if goods is None or not goods.is_offered or not goods.available:
        title = goods.title if goods else ""
        return Change(line.variant, title, "gone", wanted=line.quantity)
    now = shown_price(goods, market=place.market, on=on)
    same_place = (line.seen.currency, line.seen_market) == (place.currency, place.market)
    if same_place and now != line.seen:
        return Change(line.variant, goods.title, "price", seen=line.seen, now=now, wanted=line.quantity)
    if goods.available < line.quantity:
        return Change(line.variant, goods.title, "quantity", wanted=line.quantity, available=goods.available)
    return None


def _line_view(line: BasketLineNow, change: Change | None, place: Place, on: date) -> LineView:
    goods = line.goods
    assert goods is not None  # the caller leaves out what is not there
    unit = shown_price(goods, market=place.market, on=on)
    return LineView(
        variant=goods.variant,
        listing=goods.listing,
        slug=goods.slug,
        title=goods.title,
        options=goods.options,
        image=goods.image,
        image_alt=goods.image_alt,
        quantity=line.quantity,
        unit=unit,
        sum=unit.times(line.quantity),
        available=goods.available,
        may_buy=goods.may_sell(line.quantity),
        change=change,
    )


def _sellers(views: Iterable[tuple[BasketLineNow, LineView]], currency: str) -> list[SellerView]:
    groups: dict[str, list[tuple[Goods, LineView]]] = {}
    for line, view in views:
        if line.goods:
            groups.setdefault(line.goods.merchant, []).append((line.goods, view))
    return [
        SellerView(
            merchant=merchant,
            name=pairs[0][0].merchant_name,
            slug=pairs[0][0].merchant_slug,
            country=pairs[0][0].ship_from,
            lines=tuple(view for _, view in pairs),
            goods=total((view.sum for _, view in pairs), currency),
        )
        for merchant, pairs in groups.items()
    ]


def _try_quote(
    lines: list[BasketLineNow], place: Place, on: date, rates: Mapping[str, Decimal]
) -> tuple[Quote | None, Words]:
    if not lines:
        return None, Words("")
    try:
        return compute_quote(
            wants=[(line.variant, line.quantity) for line in lines],
            shipping={}, market=place.market, language=place.language, currency=place.currency, on=on,
            known=({line.variant: line.goods for line in lines if line.goods}, rates),
        ), Words("")  # fmt: skip
    except RightfulError as error:
        return None, error.detail
