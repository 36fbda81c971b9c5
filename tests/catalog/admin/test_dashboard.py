"""The admin's first page says what needs attention today, of one's own things alone, each with its list."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.domain.drafts import ListingDraft, RateDraft, TextDraft, VariantDraft
from catalog.models import ImportRun, Listing, PlannedReduction
from catalog.operations import create_listing, publish_listing, save_shipping_rates, set_document
from marketplace.accounts.models import Merchant
from tests.catalog.admin.conftest import NOW

INDEX = reverse("admin:index")


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def needs(client: Client) -> dict[str, dict]:
    return {row["label"]: row for row in client.get(INDEX).context["today"]}


def counts(client: Client) -> dict[str, int]:
    return {label: row["count"] for label, row in needs(client).items()}


def publish(merchant: Merchant, code: str, *, stock: int = 40, price: int = 1000) -> Listing:
    variants = [VariantDraft(f"{code}-1", prices={"EUR": price}, on_hand=stock)]
    made = ListingDraft(code, "food.honey", {"en": TextDraft(code.title())}, variants)
    listing = create_listing(merchant_id=merchant.pk, draft=made, now=NOW)
    return publish_listing(listing_id=listing.pk, now=NOW)


@pytest.fixture
def busy(merchant: Merchant) -> Listing:
    """A merchant with one of everything to do."""
    save_shipping_rates(merchant_id=merchant.pk, rates=[RateDraft("DE", 490, "EUR", 2, 5)], now=NOW)
    listing = publish(merchant, "heather", stock=3)
    publish(merchant, "clover", stock=0)
    set_document(
        listing_id=listing.pk,
        kind="organic_certificate",
        expires_on=(NOW + timedelta(days=20)).date(),
        now=NOW,
    )
    for state, refused in (("done", 4), ("done", 0), ("failed", 0)):
        ImportRun.objects.create(
            merchant=merchant,
            file_name="a.csv",
            format="x",
            state=state,
            rows_refused=refused,
            finished_at=NOW,
        )
    ImportRun.objects.create(
        merchant=merchant,
        file_name="old.csv",
        format="x",
        state="done",
        rows_refused=9,
        finished_at=NOW - timedelta(days=30),
    )
    offer = listing.variants.get().offers.get()
    PlannedReduction.objects.create(offer=offer, price_minor=1, starts_at=NOW, refused_at=NOW)
    return listing


def test_nothing_to_do_says_so(client: Client) -> None:
    page = client.get(INDEX).content.decode()
    assert "Nothing needs you today." in page
    assert "No rule stops any of your active listings" in page


def test_everything_to_do_is_counted_of_ones_own_alone(
    client: Client, stranger: Client, busy: Listing, listing: Listing
) -> None:
    assert counts(client) == {
        "listings that cannot be sold everywhere you ship": 2,
        "listings with few left": 1,
        "listings sold out": 1,
        "listings whose documents run out": 1,
        "imports with refused rows": 1,
        "imports that stopped": 1,
        "reductions that could not begin": 1,
        "drafts": 1,
    }
    assert counts(stranger) == {}


def test_every_count_leads_to_a_list_of_as_many(client: Client, busy: Listing, listing: Listing) -> None:
    found = {label: client.get(row["url"]).context["cl"].result_count for label, row in needs(client).items()}
    assert found == counts(client)


def test_the_reasons_name_their_listings_and_their_worth(
    client: Client, merchant: Merchant, busy: Listing
) -> None:
    publish(merchant, "acacia", stock=50, price=2000)
    reasons = client.get(INDEX).context["reasons"]
    assert reasons
    assert reasons[0]["worth"] == "€1,030.00"  # 3 × 10 and 50 × 20; the sold out one is worth nothing
    shown = [client.get(reason["url"]).context["cl"].result_count for reason in reasons]
    assert shown == [reason["listings"] for reason in reasons]


def test_it_takes_as_many_queries_for_many_as_for_one(
    client: Client, merchant: Merchant, busy: Listing
) -> None:
    client.get(INDEX)
    taken = []
    for more in (0, 4):
        for at in range(more):
            publish(merchant, f"more-{at}", stock=2)
        with CaptureQueriesContext(connection) as seen:
            client.get(INDEX)
        taken.append(len(seen))
    assert taken[0] == taken[1]
