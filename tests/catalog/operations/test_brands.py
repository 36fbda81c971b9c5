"""Records of brands: what they fill in, what is judged again, and how certificates end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from catalog import operations
from catalog.models import Brand, BrandCertificate, Listing
from catalog.operations.brands import (
    BrandRecord,
    remove_certificate,
    save_brand,
    save_certificate,
    watch_certificates,
)
from catalog.queries.facts import facts_of_many
from catalog.tasks import bulk_settle_listings
from compliance.checks.models import Finding, Judgement
from compliance.checks.sweeping import sweep
from marketplace.accounts.models import Merchant
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid
from tests.catalog.factories import NOW, TODAY, make_listing, make_merchant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("taxonomy")]
MOOR = {
    "name": "Moor Works Ltd",
    "address": "1 Mill Lane, York",
    "email": "safe@moor.example",
    "country": "GB",
}
OTHER = {"name": "Other Works", "address": "2 Mill Lane, York", "email": "o@moor.example", "country": "GB"}
AGENT = {
    "name": "Moor EU GmbH",
    "address": "Weg 2, 20095 Hamburg",
    "email": "eu@moor.example",
    "country": "DE",
}


@pytest.fixture
def seller() -> Merchant:
    return make_merchant()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> Any:
    """Deliver news and let the workers' tasks run where they are handed over; return which listings they got."""
    settled: list[int] = []

    def run(ids: list[int]) -> None:
        settled.extend(ids)
        bulk_settle_listings(ids)

    monkeypatch.setattr(bulk_settle_listings, "delay", run)

    def deliver() -> list[int]:
        settled.clear()
        with django_capture_on_commit_callbacks(execute=True):
            outbox.relay()
        return sorted(settled)

    return deliver


def facts(listing: Listing) -> dict[str, Any]:
    return facts_of_many([listing.pk])[listing.public_id]


def record(seller: Merchant | None, **values: Any) -> Brand:
    return save_brand(merchant_id=seller and seller.pk, name="Moor", record=BrandRecord(**values))


def certificate(brand: Brand, **values: Any) -> BrandCertificate:
    given = {"kind": "declaration_of_conformity", "number": "DoC 7", "issued_on": date(2025, 1, 1)}
    return save_certificate(brand_id=brand.pk, **(given | values))


def lacks(listing: Listing) -> set[str]:
    rows = Finding.objects.open().filter(subject=f"listing:{listing.public_id}")
    return set(rows.values_list("field", flat=True))


def test_a_listing_without_its_own_word_has_the_brands_and_says_so(seller: Merchant) -> None:
    listing = make_listing(seller, brand="Moor", offered=False)
    record(seller, manufacturer=MOOR, responsible_person=AGENT)
    said = facts(listing)
    assert (said["manufacturer"], said["responsible_person"]) == (MOOR, AGENT)
    assert said["sources"] == {"manufacturer": "brand", "responsible_person": "brand"}


def test_a_listings_own_word_comes_first_and_the_officers_record_last(seller: Merchant) -> None:
    record(None, manufacturer=MOOR, responsible_person=AGENT)
    own = make_listing(seller, brand="Moor", offered=False, manufacturer=OTHER)
    said = facts(own)
    assert (said["manufacturer"], said["responsible_person"]) == (OTHER, AGENT)
    assert said["sources"] == {"responsible_person": "shared"}


def test_contacts_of_the_record_fill_markets_that_the_listing_leaves_open(seller: Merchant) -> None:
    british = {"market": "GB", "role": "importer", "name": "A", "address": "B"}
    american = {"market": "US", "role": "importer", "name": "C", "address": "D"}
    listing = make_listing(seller, brand="Moor", offered=False, local_contacts=[british])
    record(seller, local_contacts=[{**british, "name": "Z"}, american])
    assert [one["name"] for one in facts(listing)["local_contacts"]] == ["A", "C"]


def test_a_change_of_the_record_judges_the_listings_that_lean_on_it_and_no_other(
    seller: Merchant, at_once: Any
) -> None:
    mine = [make_listing(seller, brand="Moor", offered=False) for _ in range(2)]
    make_listing(seller, brand="Fell", offered=False)
    make_listing(brand="Moor", offered=False)  # another merchant's brand of the same name
    at_once()
    assert "manufacturer.name" in lacks(mine[0])
    record(seller, manufacturer=MOOR, responsible_person=AGENT)
    assert at_once() == sorted(one.pk for one in mine)
    assert "manufacturer.name" not in lacks(mine[0])


def test_the_officers_record_reaches_every_merchant_who_sells_the_brand(
    seller: Merchant, at_once: Any
) -> None:
    before, other = (
        make_listing(seller, brand="Moor", offered=False),
        make_listing(brand="Fell", offered=False),
    )
    record(None, manufacturer=MOOR)
    after = make_listing(brand="MOOR", offered=False)
    assert before.pk in at_once()
    assert [facts(one).get("manufacturer") for one in (before, after, other)] == [MOOR, MOOR, None]


def test_two_records_for_all_of_one_name_cannot_be() -> None:
    record(None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Brand.objects.create(name="moor", merchant=None)


def test_a_contact_nobody_could_reach_is_refused_and_nothing_is_written(seller: Merchant) -> None:
    with pytest.raises(Invalid):
        record(seller, local_contacts=[{"market": "XX", "role": "importer", "name": "A", "address": "B"}])
    assert not Brand.objects.filter(name="Moor").exists()


@pytest.mark.parametrize(
    ("scope", "counts"),
    [
        ({}, True),
        ({"categories": ["kit"]}, True),
        ({"categories": ["kit.tableware"]}, True),
        ({"categories": ["el"]}, False),
        ({"products": ["cup"]}, True),
        ({"products": ["pan"], "categories": ["kit"]}, False),
    ],
)
def test_a_certificate_counts_for_its_scope(seller: Merchant, scope: dict[str, Any], counts: bool) -> None:
    listing = make_listing(seller, code="cup", brand="Moor", offered=False)
    certificate(record(seller), **scope)
    kinds = [one["kind"] for one in facts(listing).get("documents", [])]
    assert kinds == ["declaration_of_conformity"] * counts


def test_a_certificate_is_announced_once_at_each_step_and_then_ends(seller: Merchant, at_once: Any) -> None:
    listing = make_listing(seller, brand="Moor", offered=False)
    ends = TODAY + timedelta(days=100)
    certificate(record(seller), expires_on=ends)
    at_once()
    letters = []
    for left in (61, 60, 59, 30, 8, 7, 1, 0, -1, -2):
        for _twice in range(2):
            watch_certificates(today=ends - timedelta(days=left))
        judged = at_once()
        if mail.outbox:
            letters.append((left, len(mail.outbox), judged))
            mail.outbox.clear()
    assert letters == [(60, 1, []), (30, 1, []), (7, 1, []), (-1, 1, [listing.pk])]


def test_a_late_look_sends_one_letter_and_a_new_day_of_expiry_begins_anew(
    seller: Merchant, at_once: Any
) -> None:
    row = certificate(record(seller), expires_on=TODAY + timedelta(days=5))
    watch_certificates(today=TODAY)
    at_once()
    assert (len(mail.outbox), BrandCertificate.objects.get().told) == (1, [60, 30, 7])
    certificate(row.brand, certificate_id=row.pk, expires_on=TODAY + timedelta(days=400))
    assert BrandCertificate.objects.get().told == []


def test_news_of_a_day_that_was_changed_meanwhile_sends_nothing(seller: Merchant, at_once: Any) -> None:
    row = certificate(record(seller), expires_on=TODAY + timedelta(days=5))
    watch_certificates(today=TODAY)
    certificate(row.brand, certificate_id=row.pk, expires_on=TODAY + timedelta(days=500))
    at_once()
    assert mail.outbox == []


def test_a_finding_stands_from_the_day_after_the_last_valid_one_until_a_new_paper_comes(
    seller: Merchant, at_once: Any
) -> None:
    listing = make_listing(seller, brand="Moor", offered=False)
    brand = record(seller)
    row = certificate(brand, expires_on=TODAY)
    at_once()
    sweep(kind="listing", now=NOW)
    assert "documents.declaration_of_conformity" not in lacks(listing)
    sweep(kind="listing", now=NOW + timedelta(days=1))
    assert "documents.declaration_of_conformity" in lacks(listing)
    said = Finding.objects.open().get(field="documents.declaration_of_conformity")
    assert (said.params["number"], said.params["ended"]) == ("DoC 7", TODAY.isoformat())
    remove_certificate(brand_id=brand.pk, certificate_id=row.pk)
    operations.settle_listings(listing_ids=[listing.pk], now=NOW + timedelta(days=1))
    assert "documents.declaration_of_conformity" not in lacks(listing)
    assert Judgement.objects.filter(subject=f"listing:{listing.public_id}").exists()


def test_facts_take_as_many_queries_for_three_as_for_one(
    seller: Merchant, django_assert_max_num_queries: Any
) -> None:
    record(None, manufacturer=MOOR)
    rows = [make_listing(seller, brand=name, offered=False) for name in ("Moor", "Fell", "Tarn")]
    for brand in Brand.objects.exclude(merchant=None):
        certificate(brand)
    for some in (rows[:1], rows):
        with django_assert_max_num_queries(15):
            facts_of_many([one.pk for one in some])
