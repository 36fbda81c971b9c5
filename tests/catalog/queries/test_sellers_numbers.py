"""A seller's registrations stand once on the seller and count for every listing they concern."""

from __future__ import annotations

import pytest

from catalog import subscribers
from catalog.models import Listing
from catalog.operations import ensure_categories
from catalog.queries.facts import facts_of_many
from catalog.tasks import bulk_settle_listings
from compliance.checks.queries import findings_of, judgement_of
from marketplace.accounts.models import Merchant
from marketplace.accounts.operations import update_merchant, verify_merchant, withdraw_verification
from marketplace.kernel import outbox
from tests.catalog.factories import NOW, make_listing, make_merchant

pytestmark = pytest.mark.django_db
WEEE, PACKAGING = "WEEE-Reg.-Nr. DE 12345678", "DE1234567890123"


def disclosed(listing: Listing) -> dict[str, object]:
    record = facts_of_many([listing.pk])[listing.public_id].get("disclosures", {})
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


def test_what_is_not_written_as_it_must_be_is_left_out(seller: Merchant):
    lamp = make_listing(seller, category="el.lamp", offered=False)
    Merchant.objects.filter(pk=seller.pk).update(numbers={"epr_de_weee": ["x"], "epr_de_packaging": "  "})
    assert disclosed(lamp) == {}


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the worker's task run where it is handed over."""
    monkeypatch.setattr(bulk_settle_listings, "delay", bulk_settle_listings)


def lacks(listing: Listing) -> set[str]:
    subjects = f"listing:{listing.public_id}", f"merchant:{listing.merchant.public_id}"
    return set(findings_of(*subjects).values_list("rule", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_number_given_mends_every_listing_once_the_news_is_delivered(at_once: None):
    ensure_categories()
    seller = make_merchant()
    cups = [make_listing(seller, category="kit.tableware", offered=False) for _ in range(2)]
    rule = "de.listing.packaging_register"
    assert [rule in lacks(cup) for cup in cups] == [True, True]
    update_merchant(merchant_id=seller.pk, numbers={"epr_de_packaging": PACKAGING})
    assert [rule in lacks(cup) for cup in cups] == [True, True]  # nothing happens inside the edit
    outbox.relay()
    assert [rule in lacks(cup) for cup in cups] == [False, False]


@pytest.mark.django_db(transaction=True)
def test_who_is_verified_sells_once_the_news_is_delivered_and_no_longer_once_it_is_withdrawn():
    """Nothing but the news has to arrive: no worker's task, no sweep."""
    ensure_categories()
    seller = make_merchant(verified_at=None, register_number="91310000MA1K")
    scarf = make_listing(seller, category="kit.tableware", offered=False)
    rules = {"cn.merchant.verified", "eu.merchant.verified"}
    lacking = [rules & lacks(scarf)]
    verify_merchant(merchant_id=seller.pk, evidence="register extract", now=NOW)
    outbox.relay()
    lacking.append(rules & lacks(scarf))
    withdraw_verification(merchant_id=seller.pk, reason="the register struck it off", now=NOW)
    outbox.relay()
    lacking.append(rules & lacks(scarf))
    assert lacking == [rules, set(), rules]


@pytest.mark.django_db(transaction=True)
def test_what_is_more_than_one_transaction_takes_is_handed_to_the_workers(monkeypatch: pytest.MonkeyPatch):
    ensure_categories()
    seller = make_merchant()
    cups = [make_listing(seller, category="kit.tableware", offered=False) for _ in range(3)]
    outbox.relay()
    monkeypatch.setattr(subscribers, "CHUNK", 2)
    handed: list[list[int]] = []
    monkeypatch.setattr(bulk_settle_listings, "delay", handed.append)
    update_merchant(merchant_id=seller.pk, country="CN")
    outbox.relay()
    assert handed == [[cups[2].pk]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "change",
    [
        {"country": "CN"},
        {"street": ""},
        {"phone": "+49 30 1234567"},
        {"verified_at": NOW, "verified_by": "extract"},
    ],
)
def test_every_change_of_the_seller_is_judged_at_once(at_once: None, change: dict[str, object]):
    ensure_categories()
    seller = make_merchant()
    cup = make_listing(seller, category="kit.tableware", offered=False)
    outbox.relay()
    before = judgement_of(f"listing:{cup.public_id}")
    update_merchant(merchant_id=seller.pk, **change)
    outbox.relay()
    after = judgement_of(f"listing:{cup.public_id}")
    assert before is not None
    assert after is not None
    assert before.facts_digest != after.facts_digest
