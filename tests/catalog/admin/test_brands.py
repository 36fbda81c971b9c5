"""The records of brands in the admin, and the fixes of one click."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.domain.drafts import ListingDraft, RateDraft, TextDraft, VariantDraft
from catalog.models import Brand, BrandCertificate, Listing
from catalog.operations import create_listing, publish_listing, set_shipping_rates
from catalog.operations.brands import BrandRecord, save_brand
from compliance.checks.models import Finding
from marketplace.accounts.models import Merchant
from tests.catalog.admin.conftest import NOW

pytestmark = pytest.mark.django_db
MAKER = {"name": "Moor Works", "address": "1 Mill Lane, York", "email": "safe@moor.example", "country": "GB"}
BRANDS = "/admin/catalog/brand/"
FIX = "/admin/catalog/fixes/one"


def entered(**changes: str) -> dict[str, str]:
    maker = {f"manufacturer_{part}": value for part, value in MAKER.items()}
    certificates = {
        "certificates-TOTAL_FORMS": "1", "certificates-INITIAL_FORMS": "0",
        "certificates-0-kind": "declaration_of_conformity", "certificates-0-number": "DoC 7",
        "certificates-0-categories": "el", "certificates-0-issued_on": "2026-01-01",
        "certificates-0-expires_on": "2027-01-01",
    }  # fmt: skip
    return maker | certificates | {"name": "Moor"} | changes


@pytest.fixture
def lamp(merchant: Merchant) -> Listing:
    rates = [RateDraft(market, 490, "EUR", 2, 5) for market in ("DE", "FR")]
    set_shipping_rates(merchant_id=merchant.pk, rates=rates, now=NOW)
    draft = ListingDraft(
        "lamp", "el.luminaire", {"en": TextDraft("Lamp")}, [VariantDraft("L", prices={"EUR": 4900}, on_hand=3)], "en",
        brand="Moor", manufacturer={"name": "Half a maker"},
    )  # fmt: skip
    listing = create_listing(merchant_id=merchant.pk, draft=draft, now=NOW)
    return publish_listing(listing_id=listing.pk, now=NOW)


def fix_of(field: str) -> str:
    one = Finding.objects.open().filter(field=field).exclude(severity="info").order_by("pk")[0]
    return f"{FIX}?rule={one.rule}&field={field}"


def test_a_record_is_written_with_its_certificates(client: Client, merchant: Merchant) -> None:
    answer = client.post(
        f"{BRANDS}add/",
        entered(merchant=str(merchant.pk), contacts="GB; importer; Moor Ltd; 1 High St, York; a@b.uk"),
    )
    brand = Brand.objects.get(name="Moor")
    paper = BrandCertificate.objects.get(brand=brand)
    assert (answer.status_code, brand.merchant, brand.manufacturer) == (302, merchant, MAKER)
    assert (brand.local_contacts[0]["market"], paper.number, paper.categories) == ("GB", "DoC 7", ["el"])


def test_a_record_is_changed_and_its_name_stays(client: Client, merchant: Merchant, lamp: Listing) -> None:
    brand = Brand.objects.get(name="Moor")
    page = client.get(f"{BRANDS}{brand.pk}/change/")
    answer = client.post(f"{BRANDS}{brand.pk}/change/", entered(name="Other", safety_contact_phone="+44 1"))
    brand.refresh_from_db()
    assert (page.status_code, answer.status_code) == (200, 302)
    assert (brand.name, brand.manufacturer, brand.safety_contact) == ("Moor", MAKER, {"phone": "+44 1"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"contacts": "XX; importer; Moor Ltd; 1 High St"},
        {"certificates-0-categories": "no.such"},
        {"certificates-0-expires_on": "2025-01-01"},
    ],
)
def test_what_cannot_be_taken_is_told_and_nothing_is_written(
    client: Client, merchant: Merchant, wrong: dict[str, str]
) -> None:
    answer = client.post(f"{BRANDS}add/", entered(merchant=str(merchant.pk), **wrong))
    assert (answer.status_code, Brand.objects.count(), BrandCertificate.objects.count()) == (200, 0, 0)


def test_nobody_sees_or_writes_records_of_others(
    client: Client, stranger: Client, merchant: Merchant, lamp: Listing
) -> None:
    mine = Brand.objects.get(name="Moor")
    everybodys = save_brand(merchant_id=None, name="Moor", record=BrandRecord(manufacturer=MAKER))
    answers = [
        stranger.post(f"{BRANDS}{mine.pk}/change/", entered()).status_code,
        client.post(f"{BRANDS}{everybodys.pk}/change/", entered()).status_code,
    ]
    mine.refresh_from_db()
    assert (answers, mine.manufacturer) == ([302, 302], {})  # as for what does not exist
    client.post(f"{BRANDS}add/", entered())  # without a merchant
    assert Brand.objects.filter(merchant=None).count() == 1


def test_the_makers_details_are_taken_from_the_record(
    client: Client, merchant: Merchant, lamp: Listing
) -> None:
    where = fix_of("manufacturer.address")
    save_brand(merchant_id=merchant.pk, name="Moor", record=BrandRecord(manufacturer=MAKER))
    assert 'value="brand"' in client.get(where).content.decode()
    answer = client.post(where, {"do": "brand"})
    lamp.refresh_from_db()
    assert (answer.status_code, lamp.manufacturer) == (302, {})
    assert not Finding.objects.open().filter(field="manufacturer.address").exists()


def test_a_record_that_is_silent_takes_nothing_away(client: Client, lamp: Listing) -> None:
    answer = client.post(fix_of("manufacturer.address"), {"do": "brand"}, follow=True)
    lamp.refresh_from_db()
    assert (lamp.manufacturer, "does not say it" in answer.content.decode()) == (
        {"name": "Half a maker"},
        True,
    )


def test_a_listing_is_withdrawn_from_the_markets_of_a_finding(client: Client, lamp: Listing) -> None:
    german = (
        Finding.objects.open()
        .filter(jurisdiction="DE", subject=f"listing:{lamp.public_id}")
        .exclude(severity="info")[0]
    )
    client.post(f"{FIX}?rule={german.rule}&field={german.field}", {"do": "withdraw"})
    lamp.refresh_from_db()
    assert lamp.ships_to == ["FR"]
    said = client.post(fix_of("manufacturer.address"), {"do": "withdraw"}, follow=True).content.decode()
    lamp.refresh_from_db()
    assert (lamp.ships_to, "archive it instead" in said) == (["FR"], True)


def test_the_official_warning_is_shown_in_the_markets_language(client: Client, merchant: Merchant) -> None:
    draft = ListingDraft(
        "dye",
        "cos.hair_dye",
        {"en": TextDraft("Dye")},
        [VariantDraft("D", prices={"EUR": 900}, on_hand=3)],
        "en",
    )
    dye = create_listing(merchant_id=merchant.pk, draft=draft, now=NOW)
    rule = "eu.listing.cosmetics.hair_dye"
    one = Finding.objects.open().get(rule=rule)
    client.post(f"{FIX}?rule={rule}&field={one.field}", {"do": "warning"})
    dye.refresh_from_db()
    assert dye.disclosures["warning_codes"] == ["W-EU-HAIRDYE"]
    assert not Finding.objects.open().filter(rule=rule).exists()


def test_a_stranger_or_an_unknown_click_changes_nothing(
    client: Client, stranger: Client, lamp: Listing
) -> None:
    where = fix_of("manufacturer.address")
    stranger.post(where, {"do": "withdraw"})
    answers: list[Any] = [client.post(where, {"do": "launch"}).status_code]
    lamp.refresh_from_db()
    assert (answers, lamp.ships_to) == ([404], [])
