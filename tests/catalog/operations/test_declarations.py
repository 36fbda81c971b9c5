"""What a merchant confirms: by whom and when, judged at once, and never wiped from the record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog import operations
from catalog.models import Declaration, Listing
from compliance.checks.queries import findings_of
from marketplace.accounts.models import User
from marketplace.kernel.errors import Invalid
from tests.catalog.factories import NOW, make_listing

pytestmark = pytest.mark.usefixtures("taxonomy")
KEY = "no_animal_testing"


@pytest.fixture
def ana(db: None) -> User:
    return User.objects.create_user("ana@example.org", name="Ana Marín")


def missed(listing: Listing) -> bool:
    rows = findings_of(f"listing:{listing.public_id}")
    return any(row.params.get("attestation") == KEY for row in rows)


def test_a_declaration_mends_the_finding_and_names_who_and_when(ana: User) -> None:
    listing = make_listing(category="cos.skin_care", offered=False)
    before = missed(listing)
    operations.declare(listing_id=listing.pk, key=KEY, by=ana, now=NOW)
    operations.declare(listing_id=listing.pk, key=KEY, by=ana, now=NOW + timedelta(days=1))
    row = Declaration.objects.get()
    assert (before, missed(listing)) == (True, False)
    assert (row.declared_name, row.declared_at, row.declared_by) == ("Ana Marín", NOW, ana)


def test_what_is_taken_back_stays_on_record(ana: User) -> None:
    listing = make_listing(category="cos.skin_care", offered=False)
    operations.declare(listing_id=listing.pk, key=KEY, by=ana, now=NOW)
    operations.take_back_declaration(listing_id=listing.pk, key=KEY, by=ana, now=NOW + timedelta(days=1))
    listing.refresh_from_db()
    row = Declaration.objects.get()
    assert (listing.attestations, missed(listing)) == ([], True)
    assert (row.declared_at, row.withdrawn_at, row.withdrawn_name) == (
        NOW,
        NOW + timedelta(days=1),
        "Ana Marín",
    )


def test_what_came_with_a_file_can_be_taken_back_too(ana: User) -> None:
    listing = make_listing(category="cos.skin_care", offered=False, attestations=(KEY,))
    operations.take_back_declaration(listing_id=listing.pk, key=KEY, by=ana, now=NOW)
    listing.refresh_from_db()
    assert listing.attestations == []


def test_only_what_the_law_may_ask_can_be_declared(ana: User) -> None:
    with pytest.raises(Invalid) as caught:
        operations.declare(listing_id=make_listing().pk, key="best_in_town", by=ana, now=NOW)
    assert caught.value.field == "statement"
