"""The price of a checkout as it is at this moment. Reads the catalogue, asks the law, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from compliance import rulebook
from compliance.rulebook import rates as fx
from compliance.rulebook.lookups import country_of
from compliance.rulebook.types import Answer
from marketplace.kernel.money import Money, total
from marketplace.kernel.prepared import prepared
from orders.domain.errors import NotForSale
from orders.domain.quote import (
    Consignment,
    Quote,
    Service,
    Wanted,
    assemble_quote,
    landed_facts,
    price_consignment,
    took_prices_as_net,
)
from orders.queries.goods import Goods, goods_and_rates, shown_price


def compute_quote(
    *,
    wants: Iterable[tuple[str, int]],
    shipping: Mapping[str, str],
    market: str,
    language: str,
    currency: str,
    on: date,
    known: tuple[Mapping[str, Goods], Mapping[str, Decimal]] | None = None,
) -> Quote:
    """Return the quote for (variant, quantity) pairs, with the chosen service of each merchant.

    `known` are goods and rates (`goods_and_rates`) where they were read already for the same place.

    :raises NotForSale: if something may not be sold to the market or nobody brings it there.
    """
    wants = list(wants)
    goods, known_rates = known or goods_and_rates(
        (variant for variant, _ in wants),
        market=market,
        language=language,
        currency=currency,
        on=on,
        pictured=False,
    )
    lines = [_wanted(goods.get(variant), variant, quantity, market, on) for variant, quantity in wants]
    by_merchant = sorted(zip(lines, wants, strict=True), key=lambda pair: goods[pair[0].variant].merchant)
    services = services_to(market, {one.merchant_id: one.merchant for one in goods.values()})
    parts = []
    for merchant, pairs in groupby(by_merchant, key=lambda pair: goods[pair[0].variant].merchant):
        own = tuple(line for line, _ in pairs)
        seller = goods[own[0].variant]
        offered = _services(services.get(merchant, ()), own, currency, known_rates)
        if not offered:
            raise NotForSale(
                "%(merchant)s does not ship there.",
                field="shipping",
                merchant=seller.merchant_name,
                market=market,
            )
        chosen = next((one for one in offered if one.code == shipping.get(merchant)), offered[0])
        consignment = Consignment(merchant, seller.merchant_name, seller.ship_from, own, offered, chosen)
        answer = land(consignment, market=market, on=on, rates=known_rates)
        parts.append(price_consignment(consignment, answer, on=on))
    return assemble_quote(
        parts, market=market, currency=currency, on=on, rulebook_version=rulebook.default().version
    )


def land(consignment: Consignment, *, market: str, on: date, rates: Mapping[str, Decimal]) -> Answer:
    """Ask what a consignment costs when it arrives; shown prices first, net ones where the border taxes them."""
    facts = {"market": market, "on": on, "rates": rates}
    answer = rulebook.answer("landed_price", landed_facts(consignment, **facts, with_tax=True))
    if took_prices_as_net(consignment, answer):
        answer = rulebook.answer("landed_price", landed_facts(consignment, **facts, with_tax=False))
    if answer.answer["state"] == "not_deliverable":
        raise NotForSale(
            " ".join(answer.answer["reasons"]), field="market", merchant=consignment.merchant, market=market
        )
    return answer


def services_to(market: str, merchants: Mapping[int, str]) -> dict[str, list[Any]]:
    """Return what each merchant asks for shipping to a market, or to its country; by public id."""
    rows = _rates_to(sorted(merchants), sorted({market, country_of(market)}))
    found: dict[str, list[Any]] = {}
    for row in sorted(rows, key=lambda row: (row.market != market, row.pk)):
        known = found.setdefault(merchants[row.merchant_id], [])
        if all(row.service != other.service for other in known):
            known.append(row)
    return found


@prepared
def _rates_to(merchants: list[int], markets: list[str]) -> QuerySet[Any]:
    model = apps.get_model("catalog", "ShippingRate")
    return model.objects.filter(merchant_id__in=merchants, market__in=markets)


def _wanted(goods: Goods | None, variant: str, quantity: int, market: str, on: date) -> Wanted:
    if goods is None or not goods.is_offered:
        raise NotForSale(field="variant", variant=variant, market=market)
    return Wanted(
        variant=goods.variant,
        listing=goods.listing,
        title=goods.title,
        quantity=quantity,
        shown=shown_price(goods, market=market, on=on),
        net=goods.net,
        hs_code=goods.hs_code,
        origin=goods.origin,
        category=goods.category,
    )


def _services(
    rows: Iterable[Any], lines: tuple[Wanted, ...], currency: str, rates: Mapping[str, Decimal]
) -> tuple[Service, ...]:
    """Return the services for these goods, cheapest first. A shipping price is what the shopper pays."""
    goods = total((line.shown_value for line in lines), currency)
    pieces = sum(line.quantity for line in lines)
    found = []
    for row in rows:
        price = Money(row.price_minor + row.extra_item_minor * (pieces - 1), row.currency)
        if row.free_from_minor is not None:
            enough = fx.convert_money(Money(row.free_from_minor, row.currency), currency, rates)
            price = Money.zero(row.currency) if enough <= goods else price
        price = fx.convert_money(price, currency, rates)
        found.append(Service(row.service, price, row.min_days, row.max_days, row.carrier))
    return tuple(sorted(found, key=lambda one: (one.price.minor, one.code)))
