"""A merchant's file of 10,000 rows, from the upload to the last row judged, against a COPY of the rows it wrote.

    bin/bench imports [--rows 10000] [--rounds 3] [--formats table,shopify]

Each round takes the file into an empty shop: upload accepted, all rows taken, judged and reported. Then every row
that this wrote (listings, texts, variants, prices, stock, findings, clearances, judgements, search, news) is
taken away and written again with COPY, in one transaction into the same tables with their indexes and constraints.
The floor knows what to write; the import has to find it. Seconds of the clock are those of a machine that others
may share; seconds of the processor are of this process and of its database session.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_SECONDS = 60
GOODS = (  # what it is, category as a shop would name it, material, weight in grams, net quantity
    ("Enamel mug", "Home & Garden > Kitchen > Tableware", "enamelled steel", 310, ""),
    ("Linen apron", "Apparel & Accessories > Clothing", "linen", 220, ""),
    ("Blossom honey", "Food > Honey", "", 640, "500 g"),
    ("Desk lamp", "lighting > lamps", "brass", 1900, ""),
    ("Wooden train", "Toys & Games > Toys", "beech", 850, ""),
    ("Face cream", "Health & Beauty > Skin Care", "", 120, "50 ml"),
    ("Olive oil", "Food > Oils", "", 980, "750 ml"),
    ("Running shoe", "Apparel & Accessories > Shoes", "recycled polyester", 620, ""),
    ("Garden chair", "Furniture > Outdoor furniture", "acacia", 5400, ""),
    ("Paperback", "Media > Books", "", 340, ""),
    ("Silver ring", "Jewellery > Rings", "silver", 12, ""),
    ("Scented candle", "Home & Garden > Candles", "soy wax", 400, "220 g"),
)
MAKERS = (
    "Nordhaus",
    "Velaine",
    "Kumo",
    "Braefield",
    "Lysova",
    "Teralund",
    "Solmark",
    "Morikawa",
    "Querwerk",
    "Altstad",
)
STYLES = ("small", "large", "blue", "green", "red", "natural", "folding", "striped", "travel", "winter")
TEXT = (
    "Made in a small workshop and checked by hand before it leaves. The surface is easy to clean with a damp cloth. "
    "Every piece differs a little, as natural materials do. Keep it dry and out of strong sun and it will last."
)


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, of this process and of the database session."""

    wall: float
    python: float
    database: float

    def __str__(self) -> str:
        return f"{self.wall:5.1f} s by the clock, {self.python + self.database:5.1f} s of the processor " + (
            f"(Python {self.python:.1f}, database {self.database:.1f})"
        )


def press(form: str, options: argparse.Namespace) -> None:
    """Print how long files of a format take, how long their rows take as COPY, and the ratio."""
    data = {"table": table, "shopify": shopify}[form](options.rows)
    imports, floors = [], []
    for _ in range(options.rounds):
        run, took = _timed(lambda: _take_in(data, f"{form}.csv"))
        _check(run, options.rows)
        imports.append(took)
        tables, written = _written()
        floors.append(_timed(lambda tables=tables: _copy_again(tables))[1])
        _empty(tables)
    ours, floor = (min(some, key=lambda took: took.wall) for some in (imports, floors))
    kept = "kept" if ours.wall < MOST_SECONDS else "MISSED"
    print(f"{form}: {options.rows:,} rows, {written:,} rows of {len(tables)} tables written")
    print(f"  import  {ours}   {options.rows / ours.wall:,.0f} rows/s   (under {MOST_SECONDS} s: {kept})")
    print(f"  COPY    {floor}   ratio {ours.wall / floor.wall:.1f}", flush=True)


def _take_in(data: bytes, name: str) -> Any:
    """Take a file in the way the admin and its worker do."""
    from catalog.importing import operations
    from marketplace.accounts.models import Merchant
    from marketplace.kernel import clock

    merchant = Merchant.objects.get(slug="bench-imports")
    run = operations.upload(
        merchant=merchant, name=name, data=data, by=None, now=clock.now(), default_category="gen.other"
    )
    operations.start(run_id=run.pk, now=clock.now())
    return operations.carry_on(run_id=run.pk, now=clock.now())


def _check(run: Any, rows: int) -> None:
    """Fail unless every row was taken or refused, and every listing judged."""
    from catalog.models import Listing
    from compliance.checks.models import Judgement

    listings = Listing.objects.count()
    judged = Judgement.objects.filter(subject__startswith="listing:").exclude(judged_at=None).count()
    counts = (run.state, run.rows_total, run.rows_taken + run.rows_refused, judged)
    if counts != ("done", rows, rows, listings) or run.rows_taken < rows:
        raise RuntimeError(f"The import did not do its work: {counts}, {listings} listings.")


# ---------------------------------------------------------------- the floor


def _written() -> tuple[list[tuple[str, str]], int]:
    """Return the tables that the import filled, with their rows as text, and the number of rows."""
    from django.db import connection

    found, rows = [], 0
    with connection.cursor() as cursor:
        for table in _tables():
            buffer = io.StringIO()
            cursor.copy_expert(f"COPY {table} TO STDOUT", buffer)
            if table not in KEPT and buffer.tell():
                found.append((table, buffer.getvalue()))
                rows += cursor.rowcount
    return found, rows


def _copy_again(tables: list[tuple[str, str]]) -> None:
    from django.db import connection, transaction

    _empty(tables)
    with transaction.atomic(), connection.cursor() as cursor:
        for table, text in tables:
            cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(text))


def _empty(tables: list[tuple[str, str]]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(table for table, _ in tables)} CASCADE")


KEPT: set[str] = set()  # tables that hold something before the import


def _tables() -> list[str]:
    from django.apps import apps

    return sorted(
        model._meta.db_table
        for label in ("catalog", "compliance", "kernel")
        for model in apps.get_app_config(label).get_models()
        if model._meta.managed
    )


# ---------------------------------------------------------------- the shop


def _set_up() -> None:
    """Make an empty shop of a database of its own: taxonomy, rates, a merchant who ships everywhere."""
    base, _, name = os.environ["DATABASE_URL"].rpartition("/")
    os.environ["DATABASE_URL"] = f"{base}/{name}_bench_imports"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from catalog.management.commands import make_listings

    make_listings._ensure_database()
    call_command("flush", interactive=False, verbosity=0)
    _open_shop()
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")
            if cursor.fetchone()[0]:
                KEPT.add(table)


def _open_shop() -> None:
    from catalog import operations
    from catalog.domain.drafts import RateDraft
    from compliance.rulebook.markets import selling_markets
    from marketplace.accounts.operations import create_merchant
    from marketplace.kernel import clock, outbox

    now = clock.now()
    operations.ensure_categories()
    operations.load_rates(today=now.date())
    merchant = create_merchant(
        owner=None, slug="bench-imports", name="Bench", legal_name="Bench GmbH", country="DE", street="Straße 1",
        postcode="10115", city="Berlin", email="bench@example.com", currency="EUR", status="active",
    )  # fmt: skip
    rates = [RateDraft(market, 690, "EUR", 3, 9) for market in selling_markets()]
    operations.set_shipping_rates(merchant_id=merchant.pk, rates=rates, now=now)
    outbox.relay()


# ---------------------------------------------------------------- the files


def table(rows: int) -> bytes:
    """Return our own CSV: every row a product of its own."""
    lines = []
    for number, good in _goods(rows):
        lines.append(
            {
                "code": good["code"], "title": good["title"], "title.de": f"{good['title']} (deutsch)",
                "description": good["text"], "description.de": good["text"], "brand": good["brand"],
                "category": good["category"], "sku": good["code"], "gtin": good["gtin"], "price": good["price"],
                "stock": good["stock"], "weight": good["weight"], "net_quantity": good["quantity"],
                "origin": "DE" if number % 3 else "CN", "material": good["material"],
                "manufacturer.name": good["brand"] if number % 2 else "",
                "manufacturer.address": "Werkstraße 4, 10115 Berlin" if number % 2 else "",
                "manufacturer.email": "post@maker.example" if number % 4 == 1 else "",
            }
        )  # fmt: skip
    return _csv(lines)


def shopify(rows: int) -> bytes:
    """Return Shopify's CSV: products of two sizes each."""
    lines = []
    for number, good in _goods(rows):
        first = number % 2 == 0
        lines.append(
            {
                "Handle": f"product-{number // 2:06}", "Title": good["title"] if first else "",
                "Body (HTML)": f"<p>{good['text']}</p>" if first else "", "Vendor": good["brand"] if first else "",
                "Product Category": good["category"] if first else "", "Tags": "new" if first else "",
                "Published": "true" if first else "", "Option1 Name": "Size" if first else "",
                "Option1 Value": "S" if first else "L", "Variant SKU": good["code"],
                "Variant Grams": good["weight"], "Variant Inventory Qty": good["stock"],
                "Variant Price": good["price"], "Variant Barcode": good["gtin"],
            }
        )  # fmt: skip
    return _csv(lines)


def _goods(rows: int) -> Iterator[tuple[int, dict[str, Any]]]:
    dice = random.Random(7)
    for number in range(rows):
        kind, category, material, weight, quantity = GOODS[number // 2 % len(GOODS)]
        brand, style = dice.choice(MAKERS), dice.choice(STYLES)
        yield (
            number,
            {
                "code": f"b{number:06}", "title": f"{brand} {kind}, {style} {number % 997}", "brand": brand,
                "category": category, "material": material, "weight": weight + number % 40, "quantity": quantity,
                "text": f"{kind} by {brand}. {TEXT}", "gtin": _gtin(number),
                "price": f"{dice.randint(400, 30_000) / 100:.2f}", "stock": dice.randint(0, 90),
            },
        )  # fmt: skip


def _gtin(number: int) -> str:
    digits = f"40{number:010}"
    odd, even = (sum(int(digit) for digit in digits[start::2]) for start in (0, 1))
    return f"{digits}{-(odd + 3 * even) % 10}"


def _csv(lines: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().encode()


# ---------------------------------------------------------------- time


def _timed(work: Any) -> tuple[Any, Took]:
    started, python, database = time.perf_counter(), time.process_time(), _database_seconds()
    done = work()
    return done, Took(
        time.perf_counter() - started, time.process_time() - python, _database_seconds() - database
    )


def _database_seconds() -> float:
    """Return what the database's process of this session has used so far; 0 if it is on another machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--formats", default="table,shopify")
    options = parser.parse_args()
    _set_up()
    for form in options.formats.split(","):
        press(form, options)


if __name__ == "__main__":
    main()
