"""Listings as cards: one statement fetches all that a page of them shows, however many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection

from catalog.domain.landed import Rates, Taxed
from catalog.queries.prices import Priced, landed_for
from catalog.queries.views import CardView, PictureView, PriceView
from marketplace.kernel.money import Money

if TYPE_CHECKING:
    from marketplace.accounts.place import Place


def cards_of(
    listing_ids: Sequence[int], place: Place, on: date, fx: Rates | None = None
) -> tuple[CardView, ...]:
    """Return the cards of listings in the order given. Three queries, four when something is reduced.

    One less with known rates.
    """
    if not listing_ids:
        return ()
    rows = _rows(listing_ids, place)
    prices = landed_for([_priced(row) for row in rows if row.price_minor is not None], place, on, fx=fx)
    return tuple(_card(row, prices.get(row.id), place.language) for row in rows)


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of ROWS."""

    id: int
    public_id: str
    slug: str
    condition: str
    hs_code: str
    origin: str
    in_stock: bool
    rating_average: Any
    rating_count: int
    is_promoted: bool
    published_at: Any
    quantity: dict[str, str]
    quantity_base: dict[str, str] | None
    category: str
    merchant_id: int
    merchant: str
    merchant_slug: str
    merchant_name: str
    merchant_country: str
    merchant_kind: str
    includes_tax: bool
    is_verified: bool
    free_returns: bool
    title: str
    language: str
    variant_id: int | None
    price_minor: int | None
    currency: str | None
    reduced_from: Any
    prices: int | None
    picture: str | None
    widths: list[int] | None
    width: int | None
    height: int | None
    alt: Mapping[str, str] | None


def _rows(listing_ids: Sequence[int], place: Place) -> list[_Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            ROWS, {"ids": list(listing_ids), "language": place.language, "currency": place.currency}
        )
        return [_Row(*values) for values in cursor.fetchall()]


def _priced(row: _Row) -> Priced:
    return Priced(
        key=row.id,
        variant_id=row.variant_id or 0,
        asked=Money(row.price_minor or 0, row.currency or ""),
        includes_tax=row.includes_tax,
        thing=Taxed(row.category, row.hs_code, row.origin, row.merchant_country),
        merchant_id=row.merchant_id,
        merchant=row.merchant,
        reduced_from=row.reduced_from,
        published_at=row.published_at,
        quantity=row.quantity,
        quantity_base=row.quantity_base,
    )


def _card(row: _Row, price: PriceView | None, language: str) -> CardView:
    return CardView(
        listing_id=row.id,
        listing=row.public_id,
        slug=row.slug,
        title=row.title,
        language=row.language,
        picture=_picture(row, language),
        merchant=row.merchant,
        merchant_name=row.merchant_name,
        merchant_slug=row.merchant_slug,
        merchant_country=row.merchant_country,
        is_verified=row.is_verified,
        free_returns=row.free_returns,
        is_trader=row.merchant_kind == "trader",
        price=price,
        has_more_prices=(row.prices or 0) > 1,
        in_stock=row.in_stock,
        condition=row.condition,
        rating=float(row.rating_average) if row.rating_average is not None else None,
        rating_count=row.rating_count,
        is_promoted=row.is_promoted,
    )


def _picture(row: _Row, language: str) -> PictureView | None:
    if row.picture is None:
        return None
    alt = alt_in(row.alt or {}, language, row.title)
    return PictureView(row.picture, tuple(row.widths or ()), row.width or 0, row.height or 0, alt)


def alt_in(alt: Mapping[str, str], language: str, otherwise: str) -> str:
    """Return an alternative text in a language, else in English, else any, else what is given."""
    return (
        alt.get(language)
        or alt.get(language.split("-")[0])
        or alt.get("en")
        or next(iter(alt.values()), otherwise)
    )


# Words in the shopper's language, else the original's, else English, else any; the cheapest offer in the
# shopper's currency, else in the merchant's, else any.
ROWS = """
    SELECT l.id, l.public_id, l.slug, l.condition, l.hs_code, l.origin, l.in_stock, l.rating_average::float, l.rating_count,
        l.is_promoted, l.published_at, coalesce(nullif(o.net_quantity, '{}'), l.disclosures -> 'net_quantity', '{}')::json,
        (l.disclosures -> 'unit_price_base')::json,
        c.code, m.id, m.public_id, m.slug, m.name, m.country, m.kind, m.prices_include_tax, m.verified_at IS NOT NULL, m.free_returns,
        coalesce(t.title, l.code), coalesce(t.language, l.language),
        o.variant_id, o.price_minor, o.currency, o.reduced_from, o.prices,
        p.name, p.widths, p.width, p.height, p.alt::json
    FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY wanted(id, place)
    JOIN catalog_listing l ON l.id = wanted.id
    JOIN catalog_category c ON c.id = l.category_id
    JOIN accounts_merchant m ON m.id = l.merchant_id
    LEFT JOIN LATERAL (
        SELECT title, language FROM catalog_listingtext WHERE listing_id = l.id
        ORDER BY language = %(language)s DESC, language = split_part(%(language)s, '-', 1) DESC,
                 language = l.language DESC, language = 'en' DESC LIMIT 1
    ) t ON true
    LEFT JOIN LATERAL (
        SELECT v.id AS variant_id, v.net_quantity, o.price_minor, o.currency, o.reduced_from,
               count(*) OVER (PARTITION BY o.currency) AS prices
        FROM catalog_variant v JOIN catalog_offer o ON o.variant_id = v.id
        WHERE v.listing_id = l.id AND v.is_active
        ORDER BY o.currency = %(currency)s DESC, o.currency = m.currency DESC, o.price_minor, v.position LIMIT 1
    ) o ON true
    LEFT JOIN LATERAL (
        SELECT name, widths, width, height, alt FROM catalog_media WHERE listing_id = l.id ORDER BY position, id LIMIT 1
    ) p ON true
    ORDER BY wanted.place
"""
