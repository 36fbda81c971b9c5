"""Every catalogue of the data folder goes in as a merchant would bring it. Counts stand in docs/imports.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.models import ImportRow, Listing, Variant
from compliance.checks.models import Judgement
from tests.catalog.importing.conftest import TakeFile

BOOKS: dict[str, Any] = {
    "format": "table",
    "currency": "GBP",
    "header": False,
    "columns": {
        "category": "2", "code": "3", "title": "4", "description": "5", "gtin": "3", "sku": "7", "price": "8", "stock": "9",
    },
}  # fmt: skip
FOOD: dict[str, Any] = {"default_price": "4.90", "default_stock": 10, "default_category": "food.ambient"}

SALEOR = {
    **dict.fromkeys(
        ("Beanies", "Polo shirts", "Scarfs", "Sweatshirts", "T-shirts", "Apparel"), "tex.clothing"
    ),
    "Sneakers": "sho.footwear",
    "Juices": "food.soft_energy",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "choices", "counts"),
    [
        (
            "catalog_shopify/apparel.csv",
            {"currency": "USD", "default_category": "tex.clothing"},
            (22, 22, 0, 20, 22),
        ),
        (
            "catalog_shopify/home-and-garden.csv",
            {"currency": "USD", "default_category": "gen.other"},
            (21, 21, 0, 20, 21),
        ),
        (
            "catalog_shopify/jewelery.csv",
            {"currency": "USD", "default_category": "jew.fashion"},
            (41, 41, 0, 20, 23),
        ),
        ("catalog_woocommerce/sample_products.csv", {"currency": "GBP"}, (24, 20, 4, 11, 18)),
        ("catalog_spree/products.csv", {}, (211, 211, 0, 37, 87)),
        (
            "catalog_spree/products_import_fixture.csv",
            {"default_category": "tex.clothing"},
            (17, 17, 0, 2, 15),
        ),
        (
            "catalog_saleor/populatedb_data.json",
            {"currency": "USD", "categories": SALEOR},
            (105, 75, 30, 20, 55),
        ),
        ("catalog_oscar/books.computers-in-fiction.csv", BOOKS, (86, 86, 0, 86, 86)),
        ("catalog_oscar/books.essential.csv", BOOKS, (82, 82, 0, 82, 82)),
        ("catalog_oscar/books.hacking.csv", BOOKS, (33, 33, 0, 33, 33)),
        ("catalog_oscar/child_products.json", {"currency": "GBP"}, (11, 7, 4, 2, 5)),
        ("catalog_oscar/multi-stockrecord-product.json", {"currency": "GBP"}, (2, 1, 1, 1, 1)),
        ("catalog_openfoodfacts/off_2020_world.csv", FOOD, (1470, 1460, 10, 1460, 1460)),
        ("catalog_openfoodfacts/off_2024_france.csv", FOOD | {"language": "fr"}, (1000, 946, 54, 946, 946)),
        (
            "schemaorg_product_examples/examples.json",
            {"currency": "USD", "default_category": "gen.other"},
            (1010, 93, 917, 93, 93),
        ),
    ],
)
def test_a_catalogue_goes_in_whole(
    shared: Path, take_file: TakeFile, path: str, choices: dict[str, Any], counts: tuple[int, ...]
) -> None:
    file = shared / "data" / path
    run = take_file(file.name, file.read_bytes(), **choices)
    got = (run.rows_total, run.rows_taken, run.rows_refused, Listing.objects.count(), Variant.objects.count())
    judged = Judgement.objects.filter(subject__startswith="listing:").exclude(judged_at=None)
    assert got == counts
    assert run.rows_taken + run.rows_refused == run.rows_total == run.rows_done
    assert ImportRow.objects.filter(run=run, outcome="refused").count() == run.rows_refused
    assert judged.count() == Listing.objects.count()
