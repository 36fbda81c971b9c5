"""What the catalogue says about things in a basket: the one place where orders read it.

Prices here are net: without the tax of any country. A merchant's offer may contain the tax of its
own country; that is taken out, and the tax of the market where the goods go is added by the quote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from catalog.domain import landed
from catalog.domain.landed import Taxed
from catalog.queries.on_sale import OnSale, chosen_currency, chosen_language, goes_to, variants_on_sale
from catalog.queries.prices import rates_of
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
    pictured: bool = True,
) -> dict[str, Goods]:
    """Return the goods behind public ids of variants; ids that nothing stands behind are left out.

    One query, whatever the number of variants; another for a day whose rates this process has not read yet.
    """
    return goods_and_rates(
        variants, market=market, language=language, currency=currency, on=on, pictured=pictured
    )[0]


def goods_and_rates(
    variants: Iterable[str], *, market: str, language: str, currency: str, on: date, pictured: bool = True
) -> tuple[dict[str, Goods], Mapping[str, Decimal]]:
    """Return the goods as `goods_of` does, and the exchange rates that they were priced with."""
    rows = variants_on_sale(sorted(set(variants)), pictured=pictured)
    fx = rates_of(on, rows[0].rates) if rows else {}
    goods = {row.variant: _goods(row, market, language, currency, on, fx) for row in rows if row.offers}
    return goods, fx


def _goods(
    row: OnSale, market: str, language: str, currency: str, on: date, fx: Mapping[str, Decimal]
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
        is_offered=row.is_active and goes_to(market, row.offered_in),
        is_reduced=is_reduced,
        image=name,
        image_alt=alt.get(language) or alt.get("en", ""),
    )


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
