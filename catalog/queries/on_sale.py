"""Variants as they stand on the shelf, whatever becomes of them: read in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from django.urls import reverse

from catalog.models import Listing
from compliance.rulebook.markets import selling_markets
from marketplace.accounts.models import Merchant
from marketplace.kernel.prepared import Statement

# In one statement, for this is read at every step on the way to an order: a variant with its listing and
# its merchant, with all its offers and titles and the first picture as JSON, and which rates there are. Each
# number of variants has a statement of its own: of a list whose length it does not know the database expects so much
# that it would rather plan again each time, which takes three times as long as reading.
_SQL = """
SELECT v.id, v.public_id, v.options::json, v.gtin, v.sku, v.weight_grams, greatest(s.on_hand - s.reserved, 0),
       l.public_id, l.slug, l.code, l.option_names::json, l.condition, l.hs_code, l.origin, l.language,
       l.state = 'active' AND m.status = 'active', l.offered_in, c.code,
       m.id, m.public_id, m.name, m.slug, m.country, m.currency, m.prices_include_tax,
       (SELECT json_object_agg(o.currency, json_build_array(o.price_minor, o.reduced_from IS NOT NULL) ORDER BY o.id)
          FROM catalog_offer o WHERE o.variant_id = v.id),
       (SELECT json_object_agg(t.language, t.title ORDER BY t.id) FROM catalog_listingtext t WHERE t.listing_id = l.id),
       (SELECT json_build_array(p.name, p.alt) FROM catalog_media p
         WHERE %s AND p.listing_id = l.id ORDER BY p.position, p.id LIMIT 1),
       concat((SELECT max(r.id) FROM catalog_exchangerate r), '.',
              (SELECT sum(g.changes) FROM catalog_generation g WHERE g.scope = 'rates'))
  FROM catalog_variant v
  JOIN catalog_listing l ON l.id = v.listing_id
  JOIN catalog_category c ON c.id = l.category_id
  JOIN accounts_merchant m ON m.id = l.merchant_id
  LEFT JOIN catalog_stock s ON s.variant_id = v.id
 WHERE v.public_id IN ({}) AND v.is_active
 ORDER BY v.id
"""  # fmt: skip


@cache
def _reading(number: int) -> Statement:
    return Statement("catalog.variants_on_sale", _SQL.replace("{}", ", ".join(["%s"] * number)))


class OnSale(NamedTuple):
    """A variant with its listing and its seller: what an order may want to know of it."""

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
    rates: str  # which exchange rates there were as it was read: `catalog.queries.prices.rates_of`


def variants_on_sale(public_ids: Sequence[str], *, pictured: bool = True) -> list[OnSale]:
    """Return the variants that are switched on, in the order they were made; without pictures if not `pictured`."""
    wanted = [*dict.fromkeys(public_ids)]
    return [OnSale(*row) for row in _reading(len(wanted))([pictured, *wanted])] if wanted else []


def chosen_currency(offered: Mapping[str, Any], currency: str, home: str) -> str:
    """Return which of the currencies offered is asked: the shopper's, else the merchant's, else the first."""
    return next((one for one in (currency, home) if one in offered), next(iter(offered), ""))


def chosen_language(spoken: Mapping[str, Any], language: str, original: str) -> str:
    """Return which of the languages is shown: the shopper's, else the original, else English, else the first."""
    choices = (language, language.split("-")[0], original, "en")
    return next((one for one in choices if one in spoken), next(iter(spoken), ""))


def goes_to(market: str, offered_in: list[str]) -> bool:
    """Tell whether a listing goes to a market; a state without law of its own follows its country."""
    return (market if market in selling_markets() else market.split("-", 1)[0]) in offered_in


@dataclass(frozen=True, slots=True)
class NamedListing:
    """A listing that is on sale, with its name and its merchant."""

    public_id: str
    title: str
    url: str
    merchant: Merchant


def listing_named(public_id: str, language: str) -> NamedListing | None:
    """Return a listing on sale with its name in a language; None if there is none."""
    rows = Listing.objects.filter(state=Listing.State.ACTIVE, merchant__status="active")
    found = rows.select_related("merchant").prefetch_related("texts").filter(public_id=public_id).first()
    if found is None:
        return None
    titles = {text.language: text.title for text in found.texts.all()}
    title = titles.get(chosen_language(titles, language, found.language), found.code)
    return NamedListing(public_id, title, reverse("product", args=[found.slug, public_id]), found.merchant)
