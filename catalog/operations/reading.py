"""Keep the read models true: what lists, search and pages read is recomputed in the transaction of the change.

`settle_listings` is what every edit ends with: judge (where may it be sold), refresh (what do lists show),
learn (which words exist). Each works on many listings at once with a fixed number of statements.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Max, Q

from catalog.domain.ranking import MEAN_STARS, MEAN_WEIGHT
from catalog.domain.words import vocabulary
from catalog.models import ExchangeRate, Listing, ListingText, MarketNumber, SearchWord
from catalog.operations.rates import load_rates
from catalog.queries.facts import SUBJECT, facts_of_many
from compliance.checks.operations import judge_many
from compliance.checks.registry import id_of, subject_of
from compliance.rulebook.markets import selling_markets
from marketplace.kernel.money import exponent

if TYPE_CHECKING:
    from compliance.checks.models import Judgement

CHUNK = 500


@transaction.atomic
def settle_listings(*, listing_ids: Sequence[int], now: datetime) -> None:
    """Judge listings, refresh what is read of them and learn their words, in the open transaction."""
    for ids in chunks(listing_ids):
        before = _sellable(ids)
        judge_listings(listing_ids=ids, now=now)
        after = _sellable(ids)
        # Those whose markets changed were refreshed when the judgement was stored.
        refresh_listings(listing_ids=[pk for pk in after if after[pk] == before.get(pk)], now=now)
        learn_words(listing_ids=ids)


def _sellable(ids: Sequence[int]) -> dict[int, list[str]]:
    return dict(Listing.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "sellable_in"))


@transaction.atomic
def judge_listings(*, listing_ids: Sequence[int], now: datetime) -> None:
    """Ask the law where listings may be sold and store the answer on them.

    Findings and clearances are kept by compliance.checks under the subject "listing:<public id>".
    """
    for ids in chunks(listing_ids):
        facts = facts_of_many(ids)
        judged = judge_many(
            subjects={subject_of(SUBJECT, pk): record for pk, record in facts.items()}, now=now
        )
        take_judgements({id_of(subject): row for subject, row in judged.items()}, now)


@transaction.atomic
def take_judgements(judged: Mapping[str, Judgement], now: datetime) -> None:
    """Store where listings may be sold; refresh those for which that changed. Storing it twice changes nothing."""
    rows = [{"id": public_id, "markets": sorted(row.sellable_in)} for public_id, row in judged.items()]
    with connection.cursor() as cursor:
        cursor.execute(STORE_VERDICTS, [json.dumps(rows)])
        changed = [pk for (pk,) in cursor.fetchall()]
    if changed:
        refresh_listings(listing_ids=changed, now=now)


@transaction.atomic
def take_limits(
    *,
    public_ids: Sequence[str],
    limited: Callable[[Collection[str]], Mapping[str, Sequence[str]]],
    now: datetime,
) -> int:
    """Store where listings are limited, asking for it once their rows are locked; return how many changed.

    `limited` returns the markets of those of some public ids that are limited now: an answer from before may be
    out of date.
    """
    rows = Listing.objects.select_for_update().filter(public_id__in=list(public_ids)).order_by("pk")
    known = {row.public_id: row for row in rows}
    holds = limited(list(known))
    changed = [row for key, row in known.items() if row.limited_in != sorted(holds.get(key, ()))]
    for row in changed:
        row.limited_in = sorted(holds.get(row.public_id, ()))
        row.is_promoted = row.is_promoted and not row.limited_in
    Listing.objects.bulk_update(changed, ["limited_in", "is_promoted"])
    if changed:
        refresh_listings(listing_ids=[row.pk for row in changed], now=now, words=False)
    return len(changed)


STORE_VERDICTS = """
    UPDATE catalog_listing l SET sellable_in = array(SELECT jsonb_array_elements_text(v.markets))
    FROM jsonb_to_recordset(%s::jsonb) v(id text, markets jsonb)
    WHERE l.public_id = v.id AND l.sellable_in <> array(SELECT jsonb_array_elements_text(v.markets))::varchar[]
    RETURNING l.id
"""


@transaction.atomic
def refresh_listings(*, listing_ids: Sequence[int], now: datetime, words: bool = True) -> int:
    """Recompute what lists, search and pages show of listings; return how many are on offer somewhere.

    `words` False leaves the words alone by which they are found, when only numbers changed.
    offered_in = where it may be sold ∩ where the merchant ships ∩ where this listing is sent.
    """
    _ensure_market_numbers()
    factors = json.dumps({currency: str(factor) for currency, factor in eur_factors(now.date()).items()})
    offered = 0
    for start in range(0, len(listing_ids), CHUNK):
        arguments = {
            "ids": sorted(listing_ids[start : start + CHUNK]),
            "factors": factors,
            "now": now,
            "mean": MEAN_STARS,
            "weight": MEAN_WEIGHT,
        }
        with connection.cursor() as cursor:
            cursor.execute(LOCK, arguments)
            cursor.execute(MARK_GENERATIONS_BEFORE, arguments)
            cursor.execute(REFRESH_LISTINGS, arguments)
            cursor.execute(DROP_FROM_INDEX, arguments)
            cursor.execute(WRITE_INDEX, arguments)
            offered += cursor.rowcount
            cursor.execute(MARK_GENERATIONS_AFTER, arguments)
            if words:
                cursor.execute(WRITE_WORDS, arguments)
    return offered


def _ensure_market_numbers() -> None:
    known = set(MarketNumber.objects.values_list("market", flat=True))
    missing = [market for market in selling_markets() if market not in known]
    if missing:
        with connection.cursor() as cursor:  # one writer at a time: numbers are given once
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('catalog.market_numbers'))")
        highest = MarketNumber.objects.aggregate(top=Max("number"))["top"]
        first = 0 if highest is None else highest + 1
        MarketNumber.objects.bulk_create(
            [MarketNumber(market=market, number=first + i) for i, market in enumerate(missing)],
            ignore_conflicts=True,
        )


def eur_factors(today: date) -> dict[str, Decimal]:
    """Return how many euro cents one minor unit of each currency is worth, by the newest rates known today."""
    if not ExchangeRate.objects.filter(on__lte=today).exists():
        load_rates(today=today)
    rows = ExchangeRate.objects.filter(on__lte=today).order_by("currency", "-on").distinct("currency")
    factors = {row.currency: Decimal(100) / row.rate / Decimal(10) ** exponent(row.currency) for row in rows}
    return factors | {"EUR": Decimal(1)}


@transaction.atomic
def learn_words(*, listing_ids: Sequence[int]) -> int:
    """Add the words of titles to what a mistyped word is corrected to; return how many were looked at."""
    titles = ListingText.objects.filter(listing_id__in=listing_ids).values_list("title", flat=True)
    brands = Listing.objects.filter(pk__in=listing_ids, brand__isnull=False).values_list(
        "brand__name", flat=True
    )
    words = sorted(set().union(*(vocabulary(text) for text in {*titles, *brands})))
    known = set(SearchWord.objects.filter(word__in=words).values_list("word", flat=True))
    new = [SearchWord(word=word) for word in words if word not in known]
    SearchWord.objects.bulk_create(new, ignore_conflicts=True)
    return len(words)


@transaction.atomic
def sum_generations() -> int:
    """Sum up the rows of each scope's generation into one; return how many rows went away."""
    with connection.cursor() as cursor:
        cursor.execute(SUM_GENERATIONS)
        return cursor.rowcount


def listing_ids_of(*, merchant_id: int) -> list[int]:
    """Return the ids of a merchant's listings, for work in chunks."""
    return list(Listing.objects.filter(merchant_id=merchant_id).order_by("pk").values_list("pk", flat=True))


def listing_ids_of_brands(brand_ids: Sequence[int]) -> list[int]:
    """Return the ids of the listings that lean on these records, archived ones left out."""
    rows = Listing.objects.filter(Q(brand__in=brand_ids) | Q(brand__shared__in=brand_ids))
    return list(rows.exclude(state=Listing.State.ARCHIVED).order_by("pk").values_list("pk", flat=True))


def chunks(ids: Sequence[int], size: int = CHUNK) -> Iterable[Sequence[int]]:
    """Yield the ids in pieces small enough for one transaction."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


LOCK = "SELECT id FROM catalog_listing WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE"

# Every page that shows one of these listings is out of date: where it was listed and where it now is.
MARK = """
    INSERT INTO catalog_generation (scope, changes)
    SELECT DISTINCT scope, 1 FROM catalog_listingindex i, LATERAL (VALUES
        ('all'), ('category:' || i.category_id), ('category:' || i.group_id), ('merchant:' || i.merchant_id)
    ) s(scope) WHERE i.listing_id = ANY(%(ids)s)
"""
MARK_GENERATIONS_BEFORE = MARK
MARK_GENERATIONS_AFTER = MARK

SUM_GENERATIONS = """
    WITH gone AS (
        DELETE FROM catalog_generation WHERE id IN (
            SELECT id FROM catalog_generation WHERE scope IN (
                SELECT scope FROM catalog_generation GROUP BY scope HAVING count(*) > 1
            ) FOR UPDATE SKIP LOCKED
        ) RETURNING scope, changes
    )
    INSERT INTO catalog_generation (scope, changes) SELECT scope, sum(changes) FROM gone GROUP BY scope
"""

REFRESH_LISTINGS = """
    WITH prices AS (
        SELECT DISTINCT ON (v.listing_id) v.listing_id, o.price_minor, o.currency
        FROM catalog_variant v JOIN catalog_offer o ON o.variant_id = v.id
        WHERE v.listing_id = ANY(%(ids)s) AND v.is_active
        ORDER BY v.listing_id, o.price_minor * (%(factors)s::jsonb ->> o.currency)::numeric, o.id
    ), reductions AS (
        SELECT DISTINCT v.listing_id FROM catalog_variant v JOIN catalog_offer o ON o.variant_id = v.id
        WHERE v.listing_id = ANY(%(ids)s) AND v.is_active AND o.reduced_from IS NOT NULL
    ), shelves AS (
        SELECT v.listing_id, bool_or(s.on_hand > s.reserved) AS is_there
        FROM catalog_variant v JOIN catalog_stock s ON s.variant_id = v.id
        WHERE v.listing_id = ANY(%(ids)s) AND v.is_active GROUP BY v.listing_id
    ), reach AS (
        SELECT merchant_id, array_agg(DISTINCT market::text) AS markets FROM catalog_shippingrate
        WHERE merchant_id IN (SELECT merchant_id FROM catalog_listing WHERE id = ANY(%(ids)s)) GROUP BY merchant_id
    )
    UPDATE catalog_listing l SET
        price_from_minor = p.price_minor,
        price_currency = coalesce(p.currency, ''),
        is_reduced = d.listing_id IS NOT NULL,
        in_stock = coalesce(h.is_there, false),
        offered_in = array(
            SELECT m FROM unnest(l.sellable_in) m
            WHERE (m = ANY(r.markets) OR split_part(m, '-', 1) = ANY(r.markets))
              AND (cardinality(l.ships_to) = 0 OR m = ANY(l.ships_to) OR split_part(m, '-', 1) = ANY(l.ships_to))
            ORDER BY m),
        version = l.version + 1,
        changed_at = %(now)s
    FROM catalog_listing t
    LEFT JOIN prices p ON p.listing_id = t.id
    LEFT JOIN reductions d ON d.listing_id = t.id
    LEFT JOIN shelves h ON h.listing_id = t.id
    LEFT JOIN reach r ON r.merchant_id = t.merchant_id
    WHERE t.id = l.id AND l.id = ANY(%(ids)s)
"""

DROP_FROM_INDEX = """
    DELETE FROM catalog_listingindex i USING catalog_listing l, accounts_merchant m
    WHERE i.listing_id = ANY(%(ids)s) AND l.id = i.listing_id AND m.id = l.merchant_id
      AND NOT (l.state = 'active' AND m.status = 'active' AND l.price_from_minor IS NOT NULL AND l.offered_in <> '{}')
"""

# rank: a rating that few opinions cannot move far, whether it can be bought now, how complete its page is.
WRITE_INDEX = """
    INSERT INTO catalog_listingindex (
        listing_id, category_id, group_id, merchant_id, markets, limited, rank, price, newest, rating, origin,
        seller_country, brand, condition, in_stock, free_returns, verified, guarantee, reduced)
    SELECT
        l.id, l.category_id, coalesce(c.parent_id, c.id), l.merchant_id,
        (SELECT bit_or(set_bit(0::bit(256), n.number, 1)) FROM catalog_marketnumber n WHERE n.market = ANY(l.offered_in)),
        (SELECT bit_or(set_bit(0::bit(256), n.number, 1)) FROM catalog_marketnumber n WHERE n.market = ANY(l.limited_in)),
        stars.n + CASE WHEN l.in_stock THEN 600 ELSE 0 END
            + 40 * least((SELECT count(*) FROM catalog_media p WHERE p.listing_id = l.id), 5)
            + 60 * least((SELECT count(*) FROM catalog_listingtext t WHERE t.listing_id = l.id), 5),
        round(l.price_from_minor * (%(factors)s::jsonb ->> l.price_currency)::numeric),
        coalesce(l.published_at, l.created_at), stars.n, l.origin, m.country, coalesce(b.name, ''), l.condition,
        l.in_stock, m.free_returns, m.verified_at IS NOT NULL,
        coalesce((l.disclosures ->> 'durability_guarantee_months')::numeric, 0) > 24, l.is_reduced
    FROM catalog_listing l
    JOIN catalog_category c ON c.id = l.category_id
    JOIN accounts_merchant m ON m.id = l.merchant_id
    LEFT JOIN catalog_brand b ON b.id = l.brand_id
    CROSS JOIN LATERAL (SELECT round(1000 * (coalesce(l.rating_average, 0) * l.rating_count + %(mean)s * %(weight)s)
        / (l.rating_count + %(weight)s))::int AS n) stars
    WHERE l.id = ANY(%(ids)s) AND l.state = 'active' AND m.status = 'active'
      AND l.price_from_minor IS NOT NULL AND l.offered_in <> '{}' AND (%(factors)s::jsonb ->> l.price_currency) IS NOT NULL
    ON CONFLICT (listing_id) DO UPDATE SET (
        category_id, group_id, merchant_id, markets, limited, rank, price, newest, rating, origin, seller_country, brand,
        condition, in_stock, free_returns, verified, guarantee, reduced
    ) = (
        excluded.category_id, excluded.group_id, excluded.merchant_id, excluded.markets, excluded.limited, excluded.rank, excluded.price,
        excluded.newest, excluded.rating, excluded.origin, excluded.seller_country, excluded.brand, excluded.condition,
        excluded.in_stock, excluded.free_returns, excluded.verified, excluded.guarantee, excluded.reduced
    )
"""

WRITE_WORDS = """
    WITH words AS (
        SELECT t.listing_id, catalog_vectors(
            catalog_vector(t.language, t.title, 'A') || catalog_vector(t.language, t.subtitle, 'B')
            || catalog_vector(t.language, t.description, 'D')) AS vector
        FROM catalog_listingtext t WHERE t.listing_id = ANY(%(ids)s) GROUP BY t.listing_id
    ), codes AS (
        SELECT v.listing_id, string_agg(v.sku || ' ' || v.gtin || ' ' || v.mpn, ' ') AS text
        FROM catalog_variant v WHERE v.listing_id = ANY(%(ids)s) AND v.is_active GROUP BY v.listing_id
    ), names AS (
        SELECT c.id, catalog_vectors(catalog_vector(n.key, n.value, 'B')) AS vector
        FROM catalog_category c, jsonb_each_text(c.names) n
        WHERE c.id IN (SELECT category_id FROM catalog_listing WHERE id = ANY(%(ids)s)) GROUP BY c.id
    )
    INSERT INTO catalog_listingwords (listing_id, vector)
    SELECT l.id, coalesce(w.vector, '') || coalesce(n.vector, '')
        || setweight(to_tsvector('rf_simple', coalesce(b.name, '')), 'A')
        || setweight(to_tsvector('rf_simple', concat_ws(' ', m.name, l.public_id, l.code, l.model, k.text)), 'C')
    FROM catalog_listing l
    JOIN accounts_merchant m ON m.id = l.merchant_id
    LEFT JOIN catalog_brand b ON b.id = l.brand_id
    LEFT JOIN words w ON w.listing_id = l.id
    LEFT JOIN codes k ON k.listing_id = l.id
    LEFT JOIN names n ON n.id = l.category_id
    WHERE l.id = ANY(%(ids)s)
    ON CONFLICT (listing_id) DO UPDATE SET vector = excluded.vector WHERE catalog_listingwords.vector <> excluded.vector
"""
