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

from django.apps import apps
from django.db.models import Prefetch

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

    Five queries, whatever the number of variants; one less without pictures, one less with known rates.
    """
    wanted = sorted(set(variants))
    if not wanted:
        return {}
    rows = _variants(pictured).filter(public_id__in=wanted, is_active=True)
    fx = exchange_rates(on) if fx is None else fx
    return {
        row.public_id: _goods(row, market, language, currency, on, fx)
        for row in rows
        if list(row.offers.all())
    }


def _variants(pictured: bool) -> Any:
    media = apps.get_model("catalog", "Media").objects
    media = media.order_by("position", "pk") if pictured else media.none()
    rows = apps.get_model("catalog", "Variant").objects.select_related(
        "listing__merchant", "listing__category", "stock"
    )
    return rows.prefetch_related("offers", "listing__texts", Prefetch("listing__media", queryset=media))


def _goods(row: Any, market: str, language: str, currency: str, on: date, fx: Mapping[str, Decimal]) -> Goods:
    listing, merchant = row.listing, row.listing.merchant
    offer = offer_for(row, currency)
    text = text_in(listing, language)
    picture = next(iter(listing.media.all()), None)
    stock = getattr(row, "stock", None)
    asked = Money(offer.price_minor, offer.currency)
    thing = Taxed(listing.category.code, listing.hs_code, listing.origin, merchant.country)
    return Goods(
        variant_id=row.pk,
        variant=row.public_id,
        listing=listing.public_id,
        slug=listing.slug,
        merchant_id=merchant.pk,
        merchant=merchant.public_id,
        merchant_name=merchant.name,
        merchant_slug=merchant.slug,
        ship_from=merchant.country,
        title=text.title if text else listing.code,
        options=tuple(zip(listing.option_names, row.options, strict=False)),
        category=listing.category.code,
        condition=listing.condition,
        hs_code=listing.hs_code,
        origin=listing.origin,
        gtin=row.gtin,
        sku=row.sku,
        weight_grams=row.weight_grams,
        offer=asked,
        net=landed.net_of(
            asked, includes_tax=merchant.prices_include_tax, thing=thing, currency=currency, on=on, fx=fx
        ),
        currency=currency,
        available=max(stock.on_hand - stock.reserved, 0) if stock else 0,
        is_offered=_is_offered(listing, market),
        is_reduced=offer.reduced_from is not None,
        image=picture.name if picture else "",
        image_alt=(picture.alt.get(language) or picture.alt.get("en", "")) if picture else "",
    )


def offer_for(row: Any, currency: str) -> Any:
    """Return a variant's offer in the shopper's currency, else in the merchant's, else any."""
    by_currency = {offer.currency: offer for offer in row.offers.all()}
    home = by_currency.get(row.listing.merchant.currency)
    return by_currency.get(currency) or home or next(iter(by_currency.values()))


def text_in(listing: Any, language: str) -> Any:
    """Return the words in the shopper's language, else the original, else English, else any."""
    by_language = {text.language: text for text in listing.texts.all()}
    for choice in (language, language.split("-")[0], listing.language, "en"):
        if choice in by_language:
            return by_language[choice]
    return next(iter(by_language.values()), None)


def shown_price(goods: Goods, *, market: str, on: date) -> Money:
    """Return the price of one as this market shows prices: with its VAT or GST, or without a sales tax."""
    return landed.shown_of(goods.net, goods.currency, thing=goods.thing, market=market, on=on)


def _is_offered(listing: Any, market: str) -> bool:
    """Tell whether a listing goes to a market; a state without law of its own follows its country."""
    place = market if market in selling_markets() else market.split("-", 1)[0]
    is_on = listing.state == "active" and listing.merchant.status == "active"
    return is_on and place in listing.offered_in
