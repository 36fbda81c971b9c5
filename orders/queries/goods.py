"""What the catalogue says about things in a basket: the one place where orders read it.

Prices here are net: without the tax of any country. A merchant's offer may contain the tax of its
own country; that is taken out, and the tax of the market where the goods go is added by the quote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from django.apps import apps
from django.db.models import Prefetch

from compliance.rulebook import lookups, rates
from marketplace.kernel.money import Money

MICRO = Decimal("0.000001")  # net prices keep six decimals, so that tax put back gives the offer again


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

    def may_sell(self, quantity: int) -> bool:
        return self.is_offered and self.available >= quantity


def goods_of(
    variants: Iterable[str], *, market: str, language: str, currency: str, on: date
) -> dict[str, Goods]:
    """Return the goods behind public ids of variants; ids that nothing stands behind are left out.

    Six queries, whatever the number of variants.
    """
    wanted = sorted(set(variants))
    if not wanted:
        return {}
    rows = _variants().filter(public_id__in=wanted, is_active=True)
    fx = exchange_rates(on)
    return {
        row.public_id: _goods(row, market, language, currency, on, fx)
        for row in rows
        if list(row.offers.all())
    }


def exchange_rates(on: date) -> Mapping[str, Decimal]:
    """Return the latest reference rates up to a day, as ``{"EUR/USD": rate}``."""
    model = apps.get_model("catalog", "ExchangeRate")
    rows = (
        model.objects.filter(on__lte=on)
        .order_by("currency", "-on")
        .distinct("currency")
        .values_list("currency", "rate")
    )
    return {f"EUR/{currency}": rate for currency, rate in rows}


def _variants():
    model = apps.get_model("catalog", "Variant")
    media = apps.get_model("catalog", "Media").objects.order_by("position", "pk")
    return model.objects.select_related("listing__merchant", "listing__category", "stock").prefetch_related(
        "offers", "listing__texts", Prefetch("listing__media", queryset=media)
    )


def _goods(row, market: str, language: str, currency: str, on: date, fx: Mapping[str, Decimal]) -> Goods:
    listing, merchant = row.listing, row.listing.merchant
    offer = _offer(row, currency, merchant.currency)
    text = _text(listing, language)
    picture = next(iter(listing.media.all()), None)
    stock = getattr(row, "stock", None)
    net = Money(offer.price_minor, offer.currency).amount
    if merchant.prices_include_tax:
        net /= 1 + home_tax(merchant.country, listing.category.code, listing.hs_code, on) / 100
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
        offer=Money(offer.price_minor, offer.currency),
        net=rates.convert(net, offer.currency, currency, fx).quantize(MICRO),
        currency=currency,
        available=max(stock.on_hand - stock.reserved, 0) if stock else 0,
        is_offered=listing.state == "active" and merchant.status == "active" and market in listing.offered_in,
        is_reduced=offer.reduced_from is not None,
        image=picture.name if picture else "",
        image_alt=(picture.alt.get(language) or picture.alt.get("en", "")) if picture else "",
    )


def _offer(row, currency: str, home_currency: str):
    """Return the offer in the shopper's currency, else in the merchant's, else any."""
    by_currency = {offer.currency: offer for offer in row.offers.all()}
    return by_currency.get(currency) or by_currency.get(home_currency) or next(iter(by_currency.values()))


def _text(listing, language: str):
    """Return the words in the shopper's language, else the original, else English, else any."""
    by_language = {text.language: text for text in listing.texts.all()}
    for choice in (language, language.split("-")[0], listing.language, "en"):
        if choice in by_language:
            return by_language[choice]
    return next(iter(by_language.values()), None)


@lru_cache(maxsize=4096)
def home_tax(country: str, category: str, hs_code: str, on: date) -> Decimal:
    """Return the percent of VAT or GST that a merchant's prices contain at home; 0 if none is known."""
    categories = lookups.tax_categories(category, hs_code) or ("standard",)
    found = lookups.first_vat_rate(country, categories, on)
    return found.percent if found else Decimal(0)


@lru_cache(maxsize=16384)
def tax_shown(market: str, category: str, hs_code: str, on: date) -> Decimal | None:
    """Return the percent of tax that prices shown in a market contain; None where prices are shown without."""
    categories = lookups.tax_categories(category, hs_code) or ("standard",)
    found = lookups.first_vat_rate(market, categories, on)
    return found.percent if found else None


def shown_price(goods: Goods, *, market: str, on: date) -> Money:
    """Return the price of one as this market shows prices: with its VAT or GST, or without a sales tax."""
    percent = tax_shown(market, goods.category, goods.hs_code, on) or Decimal(0)
    return Money.of(goods.net * (1 + percent / 100), goods.currency)
