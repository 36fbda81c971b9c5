"""Several hundred real foods for the demo: facts from Open Food Facts, taken in by the importer merchants use.

The file stands apart under its own licence (openfoodfacts/LICENCE.md). It has no prices, so that the
merchant gives one price and a stock for all, as the importer lets merchants do. Loading twice changes nothing.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import CharField, Value
from django.db.models.functions import Concat

from catalog import operations
from catalog.demo.openfoodfacts.select import HERE
from catalog.importing import operations as importing
from catalog.models import ImportRun, Listing, ListingText
from marketplace.accounts.models import Merchant, User

FILE = "products.csv"
MERCHANT = "serra"
CHOICES = {
    "format": "open_food_facts",
    "default_price": "4.90",
    "default_stock": 24,
    "default_category": "food.ambient",
}
SOURCE = (
    "<p>Product facts: Open Food Facts contributors, Open Database License 1.0. Entered by volunteers, shown as a "
    "demonstration: look at the package itself.</p>"
)


def load_food(*, now: datetime) -> int:
    """Take the foods in for one demo merchant, with their source under each; return how many listings came of it."""
    merchant = Merchant.objects.get(slug=MERCHANT)
    if ImportRun.objects.filter(merchant=merchant, file_name=FILE).exists():
        return 0
    owner = User.objects.filter(memberships__merchant=merchant).order_by("pk").first()
    run = importing.upload(
        merchant=merchant, name=FILE, data=(HERE / FILE).read_bytes(), by=owner, now=now, **CHOICES
    )
    importing.start(run_id=run.pk, now=now)
    run = importing.carry_on(run_id=run.pk, now=now)
    foods = Listing.objects.filter(merchant=merchant, code__startswith="off-")
    texts = ListingText.objects.filter(listing__in=foods)
    texts.update(description=Concat("description", Value(SOURCE), output_field=CharField()))
    ids = list(foods.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), 500):
        operations.settle_listings(listing_ids=ids[start : start + 500], now=now)
    return len(ids)
