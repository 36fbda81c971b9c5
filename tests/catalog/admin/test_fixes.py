"""The merchant's radar: in order of worth, for a market, and mended on many listings at once."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.domain.drafts import ListingDraft, TextDraft, VariantDraft
from catalog.models import Listing
from catalog.operations import create_listing, publish_listing
from catalog.queries.score_records import score_of_merchant
from compliance.checks.models import Finding
from marketplace.accounts.models import Merchant
from tests.catalog.admin.conftest import NOW

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/catalog/fixes"


@pytest.fixture
def lamps(merchant: Merchant) -> list[Listing]:
    """Return three lamps that say nothing of themselves."""
    made = []
    for n in range(3):
        draft = ListingDraft(
            f"lamp-{n}", "el.luminaire", {"en": TextDraft(f"Lamp {n}")},
            [VariantDraft(f"L{n}", prices={"EUR": 4900}, on_hand=3)], "en",
        )  # fmt: skip
        listing = create_listing(merchant_id=merchant.pk, draft=draft, now=NOW)
        made.append(publish_listing(listing_id=listing.pk, now=NOW))
    return made


def a_fix(merchant: Merchant, field: str) -> Finding:
    return Finding.objects.open().filter(owner=merchant.public_id, field=field).order_by("pk")[0]


def test_everything_to_mend_is_one_list(client: Client, lamps: list[Listing]):
    page = client.get(ADDRESS).content.decode()
    assert page.count("/admin/catalog/fixes/one?") == len(
        set(Finding.objects.open().filter(due_on=None).exclude(severity="info").values_list("rule", "field"))
    )


def test_a_market_asks_only_what_it_asks(client: Client, lamps: list[Listing]):
    page = client.get(f"{ADDRESS}?market=JP").content.decode()
    wanted = Finding.objects.open().filter(due_on=None, markets__contains=["JP"]).exclude(severity="info")
    assert page.count("/admin/catalog/fixes/one?") == len(set(wanted.values_list("rule", "field")))


def test_one_value_is_written_on_all_and_judged(client: Client, merchant: Merchant, lamps: list[Listing]):
    one = a_fix(merchant, "model_number")
    answer = client.post(f"{ADDRESS}/one?rule={one.rule}&field=model_number", {"value": "LX-1"})
    values = list(Listing.objects.order_by("pk").values_list("disclosures__model_number", flat=True))
    assert (answer.status_code, values) == (302, ["LX-1"] * 3)
    assert not Finding.objects.open().filter(rule=one.rule, field="model_number").exists()


def test_a_value_that_does_not_fit_is_refused_and_nothing_is_written(
    client: Client, merchant: Merchant, lamps: list[Listing]
):
    one = a_fix(merchant, "model_number")
    answer = client.post(f"{ADDRESS}/one?rule={one.rule}&field=model_number", {"value": " "})
    values = set(Listing.objects.values_list("disclosures__model_number", flat=True))
    assert (answer.status_code, values) == (422, {None})


def test_others_see_nothing_of_it_and_write_nothing(
    stranger: Client, merchant: Merchant, lamps: list[Listing]
):
    one = a_fix(merchant, "model_number")
    page = stranger.get(ADDRESS).content.decode()
    stranger.post(f"{ADDRESS}/one?rule={one.rule}&field=model_number", {"value": "LX-1"})
    assert page.count("/admin/catalog/fixes/one?") == 0
    assert set(Listing.objects.values_list("disclosures__model_number", flat=True)) == {None}


def test_the_score_has_its_reasons(client: Client, merchant: Merchant, lamps: list[Listing]):
    score = score_of_merchant(merchant, now=NOW)
    page = client.get(ADDRESS).content.decode()
    assert f"{score.points} of 100 points" in page
    assert 0 <= score.points < 100
