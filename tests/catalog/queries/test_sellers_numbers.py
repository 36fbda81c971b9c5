"""A seller's registrations stand once on the seller and count for every listing they concern."""

from __future__ import annotations

import pytest

from catalog.models import Listing
from catalog.operations import ensure_categories
from catalog.queries.facts import facts_of_many
from marketplace.accounts.models import Merchant
from tests.catalog.factories import make_listing, make_merchant

pytestmark = pytest.mark.django_db
WEEE, PACKAGING = "WEEE-Reg.-Nr. DE 12345678", "DE1234567890123"


def disclosed(listing: Listing) -> dict[str, object]:
    record = facts_of_many([listing.pk])[listing.public_id]["disclosures"]
    return {key: record[key] for key in ("epr_de_weee", "epr_de_packaging") if key in record}


@pytest.fixture
def seller() -> Merchant:
    ensure_categories()
    merchant = make_merchant()
    Merchant.objects.filter(pk=merchant.pk).update(
        numbers={"epr_de_weee": WEEE, "epr_de_packaging": PACKAGING, "nonsense": "1", "colour": "red"}
    )
    merchant.refresh_from_db()
    return merchant


def test_each_counts_where_it_can(seller: Merchant):
    lamp = make_listing(seller, category="el.lamp", offered=False)
    cup = make_listing(seller, category="kit.tableware", offered=False)
    assert disclosed(lamp) == {"epr_de_weee": WEEE, "epr_de_packaging": PACKAGING}
    assert disclosed(cup) == {"epr_de_packaging": PACKAGING}


def test_what_the_listing_says_itself_comes_first(seller: Merchant):
    own = make_listing(
        seller, category="el.lamp", offered=False, disclosures={"epr_de_packaging": "DE9999999999999"}
    )
    assert disclosed(own)["epr_de_packaging"] == "DE9999999999999"
