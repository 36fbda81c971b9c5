"""Fill the catalogue with plausible listings, for benchmarks: `manage.py make_listings 100000`."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import random
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import psycopg2
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction
from django.urls import reverse
from psycopg2 import sql

from catalog.domain.drafts import RateDraft
from catalog.domain.slugs import slug_of
from catalog.models import Category, Listing
from catalog.operations import (
    ensure_categories,
    learn_words,
    load_rates,
    refresh_listings,
    set_shipping_rates,
)
from compliance.rulebook.markets import selling_markets
from marketplace.accounts.models import Merchant
from marketplace.accounts.operations import create_merchant, verify_merchant
from marketplace.kernel import clock
from marketplace.kernel.ids import ALPHABET

CODE = "bench-"
NOTHING = "\\N"
SELLERS = {"DE": "EUR", "FR": "EUR", "NL": "EUR", "IT": "EUR", "PL": "PLN", "GB": "GBP", "US": "USD", "CN": "CNY",
           "JP": "JPY", "SE": "SEK", "CH": "CHF", "NO": "NOK"}  # fmt: skip
TABLES = ("listing", "listingtext", "variant", "offer", "stock", "media", "searchword", "brand")
KINDS = [("lamp", "Lampe"), ("teapot", "Teekanne"), ("honey", "Honig"), ("blanket", "Decke"), ("backpack", "Rucksack"),
         ("candle", "Kerze"), ("notebook", "Notizbuch"), ("jacket", "Jacke"), ("knife", "Messer"), ("soap", "Seife"),
         ("chair", "Stuhl"), ("puzzle", "Puzzle"), ("scarf", "Schal"), ("bowl", "Schale"), ("watch", "Uhr"),
         ("bottle", "Flasche"), ("cushion", "Kissen"), ("mirror", "Spiegel"), ("towel", "Handtuch"), ("basket", "Korb"),
         ("clock", "Wecker"), ("shelf", "Regal"), ("boot", "Stiefel"), ("ring", "Ring"), ("toy car", "Spielzeugauto")]  # fmt: skip
MAKES = [("oak", "Eichen"), ("linen", "Leinen"), ("copper", "Kupfer"), ("wool", "Woll"), ("glass", "Glas"),
         ("paper", "Papier"), ("bamboo", "Bambus"), ("steel", "Stahl"), ("cotton", "Baumwoll"), ("leather", "Leder"),
         ("ceramic", "Keramik"), ("cork", "Kork"), ("silk", "Seiden"), ("walnut", "Nussbaum"), ("brass", "Messing")]  # fmt: skip
STYLES = [("small", "klein"), ("large", "groß"), ("blue", "blau"), ("green", "grün"), ("red", "rot"), ("natural", "natur"),
          ("folding", "klappbar"), ("handmade", "handgemacht"), ("waterproof", "wasserfest"), ("striped", "gestreift"),
          ("travel", "für Reisen"), ("winter", "für den Winter")]  # fmt: skip
BRANDS = [f"{first}{second}" for first in ("Nord", "Alt", "Vela", "Kumo", "Brae", "Lys", "Tera", "Sol", "Mori", "Quer")
          for second in ("haus", "werk", "field", "ine", "stad", "ova", "wood", "lund", "mark", "aka")]  # fmt: skip
FILLER = (
    "Made in a small workshop and checked by hand before it leaves. The surface is easy to clean with a damp cloth. "
    "Every piece differs a little, as natural materials do. It is packed in recycled paper and arrives ready to use. "
    "Keep it dry and out of strong sun and it will last for many years. Spare parts can be ordered for ten years."
)


class Command(BaseCommand):
    help = "Fill the catalogue with N plausible listings for benchmarks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("count", type=int)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument(
            "--fresh-database",
            action="store_true",
            help="Make the database and its tables if they are not there, and only fill up to N.",
        )
        parser.add_argument(
            "--print-pages", action="store_true", help="Print pages to press: name and address."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["fresh_database"]:
            _ensure_database()
            options["count"] -= Listing.objects.filter(code__startswith=CODE).count()
        if options["count"] > 0:
            self._fill(options)
        if options["print_pages"]:
            for name, address in _pages():
                self.stdout.write(f"{name} {address}")

    def _fill(self, options: dict[str, Any]) -> None:
        started = time.perf_counter()
        now = clock.now()
        load_rates(today=now.date())
        leaves = [c for c in ensure_categories().values() if c.parent_id]
        merchants = _merchants(now)
        first = Listing.objects.filter(code__startswith=CODE).count()
        ids = _write(options["count"], first, random.Random(options["seed"] + first), merchants, leaves, now)  # noqa: S311 -- a repeatable bench, no secret
        self._refresh(ids, now)
        seconds = time.perf_counter() - started
        self.stdout.write(f"{len(ids)} listings in {seconds:.1f} s")

    def _refresh(self, ids: list[int], now: datetime) -> None:
        with connection.cursor() as cursor:  # the planner knows nothing of rows that have just come
            cursor.execute("ANALYZE " + ", ".join(f"catalog_{table}" for table in TABLES))
        with ThreadPoolExecutor(2) as pool:
            list(
                pool.map(
                    _refresh_part, [(ids[start : start + 5000], now) for start in range(0, len(ids), 5000)]
                )
            )
        learn_words(listing_ids=ids[:5000])
        with connection.cursor() as cursor:
            for table in ("listingindex", "listingwords", *TABLES):
                cursor.execute(f"VACUUM (ANALYZE) catalog_{table}")


def _refresh_part(part: tuple[list[int], datetime]) -> None:
    """Refresh some listings on a connection of this thread's own."""
    try:
        refresh_listings(listing_ids=part[0], now=part[1])
    finally:
        connection.close()


def _ensure_database() -> None:
    """Make the database that the settings name, and its tables."""
    wanted = connection.settings_dict
    with contextlib.suppress(psycopg2.errors.DuplicateDatabase):
        maintenance = psycopg2.connect(
            dbname="postgres",
            host=wanted["HOST"],
            port=wanted["PORT"],
            user=wanted["USER"],
            password=wanted["PASSWORD"],
        )
        maintenance.autocommit = True
        with maintenance.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(wanted["NAME"])))
    call_command("migrate", verbosity=0, skip_checks=True)


def _pages() -> list[tuple[str, str]]:
    """Return one address of each kind of page, the same for a catalogue of any size."""
    group = Category.objects.get(code="home")
    listing = Listing.objects.filter(code=f"{CODE}0").get()
    return [
        ("home", reverse("home")),
        ("category", reverse("category", args=[group.slug])),
        ("list", reverse("search")),
        ("search", f"{reverse('search')}?q=copper+lamp"),
        ("product", reverse("product", args=[listing.slug, listing.public_id])),
    ]


def _merchants(now: datetime) -> list[Merchant]:
    """Return forty merchants of twelve countries that ship to everybody, a third of them verified."""
    found = list(Merchant.objects.filter(slug__startswith=CODE).order_by("pk"))
    return found or [_merchant(number, now) for number in range(40)]


def _merchant(number: int, now: datetime) -> Merchant:
    country = list(SELLERS)[number % len(SELLERS)]
    currency = SELLERS[country]
    merchant = create_merchant(
        owner=None, slug=f"{CODE}{number}", name=f"{BRANDS[number * 2]} Shop", legal_name=f"{BRANDS[number * 2]} Ltd",
        country=country, street="High Street 1", postcode="10115", city="Town", email=f"shop{number}@example.com",
        currency=currency, status="active", free_returns=number % 4 == 0,
    )  # fmt: skip
    if number % 3 == 0:
        merchant = verify_merchant(merchant_id=merchant.pk, evidence="commercial register", now=now)
    yen = 100 if currency == "JPY" else 1
    rates = [RateDraft(market, 690 * yen, currency, 3, 9) for market in selling_markets()]
    set_shipping_rates(merchant_id=merchant.pk, rates=rates, now=now)
    return merchant


@transaction.atomic
def _write(
    count: int,
    first: int,
    dice: random.Random,
    merchants: list[Merchant],
    leaves: list[Category],
    now: datetime,
) -> list[int]:
    """Write the rows of N listings by COPY; return the ids of the listings."""
    ids, variant_ids = _ids("catalog_listing", count), _ids("catalog_variant", count)
    things = [_Thing(first + n, ids[n], variant_ids[n], dice, merchants, leaves, now) for n in range(count)]
    for table, columns, rows in _tables(things, now):
        _copy(table, columns, rows)
    return ids


def _ids(table: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
        )
        return [pk for (pk,) in cursor.fetchall()]


class _Thing:
    """One invented listing."""

    def __init__(
        self, number: int, pk: int, variant: int, dice: random.Random, merchants: list[Merchant],
        leaves: list[Category], now: datetime,
    ) -> None:  # fmt: skip
        kind, make, style = dice.choice(KINDS), dice.choice(MAKES), dice.choice(STYLES)
        self.pk, self.variant, self.code = pk, variant, f"{CODE}{number}"
        self.merchant, self.brand = dice.choice(merchants), dice.choice(BRANDS)
        self.leaf = leaves[min(int(dice.expovariate(0.04)), len(leaves) - 1)]
        self.title = f"{self.brand} {make[0]} {kind[0]}, {style[0]} {number % 997}".capitalize()
        self.german = f"{self.brand} {make[1]}{kind[1].lower()}, {style[1]} {number % 997}".capitalize()
        everywhere = dice.random() < 0.7
        self.markets = [m for m in selling_markets() if everywhere or dice.random() < 0.6]
        self.price = round(10 ** dice.uniform(2.6, 4.4)) * (100 if self.merchant.currency == "JPY" else 1)
        self.on_hand = 0 if dice.random() < 0.1 else dice.randint(1, 90)
        self.origin, self.condition = (
            dice.choice(list(SELLERS)),
            dice.choices(("new", "used", "refurbished"), (90, 6, 4))[0],
        )
        self.ratings, self.stars = int(dice.expovariate(0.1)), round(dice.uniform(3, 5), 2)
        self.years = dice.random() < 0.05
        self.public_id = "L-" + "".join(dice.choices(ALPHABET, k=8))
        self.variant_public_id = "V-" + "".join(dice.choices(ALPHABET, k=8))
        self.published = now - timedelta(minutes=dice.randint(0, 900_000))
        self.picture = dice.randint(1, 20)


def _tables(things: list[_Thing], now: datetime) -> Iterator[tuple[str, str, Iterable[tuple[Any, ...]]]]:
    """Yield table, columns and rows in the order in which they must be written."""
    brands = _brands(things)
    yield (
        "catalog_listing",
        "id,public_id,merchant_id,category_id,brand_id,code,slug,state,condition,language,disclosures,manufacturer,"
        "responsible_person,local_contacts,traits,attestations,model,option_names,hs_code,hs_confirmed,origin,ships_to,"
        "sellable_in,offered_in,price_currency,is_reduced,in_stock,rating_average,rating_count,is_promoted,version,"
        "published_at,created_at,changed_at",
        ((t.pk, t.public_id, t.merchant.pk, t.leaf.pk, brands[t.merchant.pk, t.brand], t.code, slug_of(t.title), "active",
          t.condition, "en", json.dumps({"durability_guarantee_months": 60} if t.years else {}), "{}", "{}", "[]", "[]",
          "[]", "", "[]", "691110", True, t.origin, "{}", _array(t.markets), "{}", "", False, False,
          t.stars if t.ratings else None, t.ratings, False, 1, t.published, t.published, now) for t in things),
    )  # fmt: skip
    yield (
        "catalog_listingtext",
        "listing_id,language,title,subtitle,description,seo_title,seo_description",
        (row for t in things for row in (
            (t.pk, "en", t.title, "", f"<p>{FILLER}</p>", "", ""), (t.pk, "de", t.german, "", f"<p>{FILLER}</p>", "", ""))),
    )  # fmt: skip
    yield (
        "catalog_variant",
        "id,public_id,listing_id,sku,merchant_id,options,gtin,mpn,net_quantity,position,is_active",
        (
            (t.variant, t.variant_public_id, t.pk, t.code, t.merchant.pk, "[]", "", "", "{}", 0, True)
            for t in things
        ),
    )
    yield (
        "catalog_offer",
        "variant_id,currency,price_minor",
        ((t.variant, t.merchant.currency, t.price) for t in things),
    )
    yield (
        "catalog_pricerecord",
        "variant_id,currency,price_minor,kind,valid_from,recorded_at",
        ((t.variant, t.merchant.currency, t.price, "regular", t.published, now) for t in things),
    )
    yield ("catalog_stock", "variant_id,on_hand,reserved", ((t.variant, t.on_hand, 0) for t in things))
    yield (
        "catalog_media",
        "listing_id,name,widths,width,height,alt,digest,source_url,position",
        ((t.pk, f"bench/{t.picture:02}", "{320,640}", 640, 640, json.dumps({"en": t.title}), f"{t.picture:064}", "", 0)
         for t in things),
    )  # fmt: skip


def _brands(things: list[_Thing]) -> dict[tuple[int, str], int]:
    wanted = sorted({(t.merchant.pk, t.brand) for t in things})
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO catalog_brand (merchant_id, name, manufacturer, responsible_person, local_contacts, safety_contact)"
            " VALUES (%s, %s, '{}', '{}', '[]', '{}')"
            " ON CONFLICT DO NOTHING",
            wanted,
        )
        cursor.execute("SELECT merchant_id, name, id FROM catalog_brand")
        return {(merchant, name): pk for merchant, name, pk in cursor.fetchall()}


def _array(values: list[str]) -> str:
    return "{" + ",".join(values) + "}"


def _copy(table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([NOTHING if value is None else value for value in row] for row in rows)
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN WITH (FORMAT csv, NULL '{NOTHING}')", buffer)
