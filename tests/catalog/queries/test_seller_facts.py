"""A merchant and its running reductions are judged when they change, with findings where the merchant sees them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from catalog import subscribers
from catalog.demo import loading
from catalog.models import Offer
from catalog.queries.seller_facts import merchant_records, offer_records
from compliance.checks import subjects
from compliance.checks.models import Finding
from marketplace.accounts.models import Merchant, User
from marketplace.accounts.operations import update_merchant
from marketplace.kernel import clock
from marketplace.kernel.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def garance() -> Merchant:
    loading.load(now=clock.now(), only=("olive-soap",), pictures=1)
    return Merchant.objects.get(slug="garance")


def rules_of(merchant: Merchant) -> set[str]:
    rows = Finding.objects.open().filter(subject=f"merchant:{merchant.public_id}", rule__contains=".seller.")
    return set(rows.values_list("rule", flat=True))


def test_a_merchant_is_described_by_what_it_says_and_where_it_sends(garance: Merchant):
    record = merchant_records([garance.public_id], clock.now())[garance.public_id]
    assert (record.facts["in_eu"], record.owner, "FR" in record.markets) == (True, garance.public_id, True)
    assert record.facts["vat_id_readable"]
    assert record.facts["address"].endswith("FR")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"vat_id": ""}, "eu.seller.vat_id"),
        ({"vat_id": "DE136695976"}, "eu.seller.numbers_plausible"),
        ({"ioss_number": "12"}, "eu.seller.numbers_plausible"),
        ({"register_name": "", "register_number": "RCS 1"}, "eu.seller.trade_register"),
    ],
)
def test_a_change_of_the_merchant_is_judged_by_its_news(garance: Merchant, change: dict[str, str], rule: str):
    subjects.judge(about="merchant", ids=[garance.public_id], now=clock.now())
    before = rules_of(garance)
    update_merchant(merchant_id=garance.pk, **change)
    news = Event.objects.filter(name__endswith="MerchantChanged", payload__merchant_id=garance.pk).first()
    subscribers.settle_merchant(news.payload, news.id)
    assert (rule in before, rule in rules_of(garance)) == (False, True)


def test_the_merchant_sees_what_it_misses_itself(garance: Merchant):
    update_merchant(merchant_id=garance.pk, vat_id="")
    subjects.judge(about="merchant", ids=[garance.public_id], now=clock.now())
    client = Client()
    client.force_login(
        User.objects.get(email="garance@merchants.example"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    listed = client.get("/admin/catalog/fixes").content.decode()
    one = client.get("/admin/catalog/fixes/one?rule=eu.seller.vat_id&field=vat_id").content.decode()
    assert (
        "The VAT number is missing." in listed,
        f"/admin/accounts/merchant/{garance.pk}/change/" in one,
    ) == (True, True)


def test_a_running_reduction_stays_under_watch(garance: Merchant):
    offer = Offer.objects.filter(variant__listing__merchant=garance).first()
    now = clock.now()
    Offer.objects.filter(pk=offer.pk).update(
        regular_minor=offer.price_minor + 100, reduced_from=now - timedelta(hours=1)
    )
    key = f"{offer.pk:012d}"
    record = offer_records([key], now)[key]
    subjects.judge(about="offer", ids=[key], now=now)
    found = set(Finding.objects.open().filter(subject=f"offer:{key}").values_list("rule", "owner"))
    assert record.in_market
    assert record.facts["is_reduced"]
    assert found
    assert {owner for _, owner in found} == {garance.public_id}
    Offer.objects.filter(pk=offer.pk).update(regular_minor=None, reduced_from=None)
    subjects.judge(about="offer", ids=[key], now=now)
    assert not Finding.objects.open().filter(subject=f"offer:{key}", rule__contains="reduction").exists()
