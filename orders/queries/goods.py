"""What the catalogue says about things in a basket: the one place where orders read it.

Prices here are net: without the tax of any country. A merchant's offer may contain the tax of its
own country; that is taken out, and the tax of the market where the goods go is added by the quote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from catalog.domain import landed
from catalog.domain.landed import Taxed
from catalog.queries.prices import exchange_rates
from compliance.rulebook.markets import selling_markets
from marketplace.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Goods:
    """One variant as it can be bought by a shopper in one market, in their language and currency."""

    variant_id: int
    variant: str
    listing: str
    slug: str
    merchant_id: int
    merchant: str
    merchant_name: str
    merchant_slug: str
    ship_from: str
    title: str
    options: tuple[tuple[str, str], ...]  # (name, value)
    category: str
    condition: str
    hs_code: str
    origin: str
    gtin: str
    sku: str
    weight_grams: int | None
    offer: Money  # as the merchant asks it
    net: Decimal  # for one, without tax, in `currency`, six decimals
    currency: str
    available: int
    is_offered: bool  # the law and the merchant let it go to this market
    is_reduced: bool
    image: str
    image_alt: str

    @property
    def thing(self) -> Taxed:
        """What decides its taxes."""
        return Taxed(self.category, self.hs_code, self.origin, self.ship_from)

    def may_sell(self, quantity: int) -> bool:
        return self.is_offered and self.available >= quantity


def goods_of(
    variants: Iterable[str],
    *,
    market: str,
    language: str,
    currency: str,
    on: date,
    fx: Mapping[str, Decimal] | None = None,
    pictured: bool = True,
) -> dict[str, Goods]:
    """Return the goods behind public ids of variants; ids that nothing stands behind are left out.

    One query, whatever the number of variants; another where the rates are not given.
    """
    wanted = sorted(set(variants))
    if not wanted:
        return {}
    fx = exchange_rates(on) if fx is None else fx
    with connection.cursor() as cursor:
        cursor.execute(_READ, [pictured, wanted])
        rows = [_Row(*row) for row in cursor.fetchall()]
    return {row.variant: _goods(row, market, language, currency, on, fx) for row in rows if row.offers}


# In one statement, for this is read at every step on the way to an order: a variant with its listing and
# its merchant, and with all its offers and titles and the first picture as JSON.
_READ = """
SELECT v.id, v.public_id, v.options::json, v.gtin, v.sku, v.weight_grams, greatest(s.on_hand - s.reserved, 0),
       l.public_id, l.slug, l.code, l.option_names::json, l.condition, l.hs_code, l.origin, l.language,
       l.state = 'active' AND m.status = 'active', l.offered_in, c.code,
       m.id, m.public_id, m.name, m.slug, m.country, m.currency, m.prices_include_tax,
       (SELECT json_object_agg(o.currency, json_build_array(o.price_minor, o.reduced_from IS NOT NULL) ORDER BY o.id)
          FROM catalog_offer o WHERE o.variant_id = v.id),
       (SELECT json_object_agg(t.language, t.title ORDER BY t.id) FROM catalog_listingtext t WHERE t.listing_id = l.id),
       (SELECT json_build_array(p.name, p.alt) FROM catalog_media p
         WHERE %s AND p.listing_id = l.id ORDER BY p.position, p.id LIMIT 1)
  FROM catalog_variant v
  JOIN catalog_listing l ON l.id = v.listing_id
  JOIN catalog_category c ON c.id = l.category_id
  JOIN accounts_merchant m ON m.id = l.merchant_id
  LEFT JOIN catalog_stock s ON s.variant_id = v.id
 WHERE v.public_id = ANY(%s) AND v.is_active
 ORDER BY v.id
"""


class _Row(NamedTuple):
    """A row of the statement above."""

    variant_id: int
    variant: str
    options: list[str]
    gtin: str
    sku: str
    weight_grams: int | None
    available: int | None
    listing: str
    slug: str
    code: str
    option_names: list[str]
    condition: str
    hs_code: str
    origin: str
    language: str
    is_active: bool
    offered_in: list[str]
    category: str
    merchant_id: int
    merchant: str
    merchant_name: str
    merchant_slug: str
    country: str
    home_currency: str
    includes_tax: bool
    offers: dict[str, tuple[int, bool]] | None  # by currency: price, whether it is reduced
    titles: dict[str, str] | None  # by language
    picture: tuple[str, dict[str, str]] | None


def _goods(
    row: _Row, market: str, language: str, currency: str, on: date, fx: Mapping[str, Decimal]
) -> Goods:
    offers = row.offers or {}
    asked_in = chosen_currency(offers, currency, row.home_currency)
    price_minor, is_reduced = offers[asked_in]
    spoken = chosen_language(row.titles or {}, language, row.language)
    name, alt = row.picture or ("", {})
    asked = Money(price_minor, asked_in)
    thing = Taxed(row.category, row.hs_code, row.origin, row.country)
    return Goods(
        variant_id=row.variant_id,
        variant=row.variant,
        listing=row.listing,
        slug=row.slug,
        merchant_id=row.merchant_id,
        merchant=row.merchant,
        merchant_name=row.merchant_name,
        merchant_slug=row.merchant_slug,
        ship_from=row.country,
        title=(row.titles or {}).get(spoken, row.code),
        options=tuple(zip(row.option_names, row.options, strict=False)),
        category=row.category,
        condition=row.condition,
        hs_code=row.hs_code,
        origin=row.origin,
        gtin=row.gtin,
        sku=row.sku,
        weight_grams=row.weight_grams,
        offer=asked,
        net=landed.net_of(asked, includes_tax=row.includes_tax, thing=thing, currency=currency, on=on, fx=fx),
        currency=currency,
        available=row.available or 0,
        is_offered=row.is_active and _goes_to(market, row.offered_in),
        is_reduced=is_reduced,
        image=name,
        image_alt=alt.get(language) or alt.get("en", ""),
    )


def chosen_currency(offered: Mapping[str, Any], currency: str, home: str) -> str:
    """Return which of the currencies offered is asked: the shopper's, else the merchant's, else the first."""
    return next((one for one in (currency, home) if one in offered), next(iter(offered), ""))


def chosen_language(spoken: Mapping[str, Any], language: str, original: str) -> str:
    """Return which of the languages is shown: the shopper's, else the original, else English, else the first."""
    choices = (language, language.split("-")[0], original, "en")
    return next((one for one in choices if one in spoken), next(iter(spoken), ""))


def offer_for(row: Any, currency: str) -> Any:
    """Return a variant's offer in the shopper's currency, else in the merchant's, else any."""
    by_currency = {offer.currency: offer for offer in row.offers.all()}
    return by_currency[chosen_currency(by_currency, currency, row.listing.merchant.currency)]


def text_in(listing: Any, language: str) -> Any:
    """Return the words in the shopper's language, else the original, else English, else any."""
    by_language = {text.language: text for text in listing.texts.all()}
    return by_language.get(chosen_language(by_language, language, listing.language))


def shown_price(goods: Goods, *, market: str, on: date) -> Money:
    """Return the price of one as this market shows prices: with its VAT or GST, or without a sales tax."""
    return landed.shown_of(goods.net, goods.currency, thing=goods.thing, market=market, on=on)


def _goes_to(market: str, offered_in: list[str]) -> bool:
    """Tell whether a listing goes to a market; a state without law of its own follows its country."""
    return (market if market in selling_markets() else market.split("-", 1)[0]) in offered_in
