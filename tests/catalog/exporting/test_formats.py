"""What is exported comes back the same; the feed for Google holds what it asks for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from catalog.domain.drafts import ListingDraft, TextDraft, VariantDraft
from catalog.exporting import formats
from catalog.importing import operations
from catalog.operations import ensure_categories, publish_listing, save_listings
from marketplace.accounts.models import Merchant
from marketplace.accounts.operations import create_merchant

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def make(slug: str) -> Merchant:
    return create_merchant(
        owner=None, slug=slug, name=slug, legal_name=slug, country="FR", street="Rue 1", city="Lyon",
        email=f"{slug}@a.example", currency="EUR", status="active",
    )  # fmt: skip


@pytest.fixture
def full(db: None) -> Merchant:
    """Return a merchant with two listings that use every column."""
    ensure_categories()
    merchant = make("from")
    shirt = ListingDraft(
        "shirt", "tex.clothing", {"en": TextDraft("=Shirt", "soft", "<p>Cotton</p>"), "de": TextDraft("Hemd")},
        [
            VariantDraft("s-1", ("Blue", "M"), "4006381333931", "MPN1", 200, {}, {"EUR": 1999}, 4),
            VariantDraft("s-2", ("Red", "M"), "", "", 210, {}, {"EUR": 2099}, 0),
        ],
        option_names=("Color", "Size"), brand="Weber", origin="PT", hs_code="610910",
        disclosures={"material": {"en": "Cotton", "de": "Baumwolle"}, "fibre_composition": [{"fibre": "cotton", "percent": "100"}]},
        manufacturer={"name": "Weber", "address": "Weg 1"},
    )  # fmt: skip
    honey = ListingDraft(
        "honey", "food.honey", {"en": TextDraft("Honey")},
        [VariantDraft("h", net_quantity={"value": "250", "unit": "g"}, prices={"EUR": 500}, on_hand=3)],
        disclosures={"allergens": ["milk"], "warnings": {"en": ["Not for infants"]}},
    )  # fmt: skip
    for saved in save_listings(merchant_id=merchant.pk, items=[shirt, honey], now=NOW):
        assert saved.error is None
        publish_listing(listing_id=saved.listing_id, now=NOW)
    return merchant


@pytest.mark.parametrize("name", ["csv", "json"])
def test_our_own_formats_come_back_the_same(full: Merchant, name: str) -> None:
    text = formats.FORMATS[name].write(full)
    other = make("to")
    run = operations.upload(merchant=other, name=f"x.{name}", data=text.encode(), by=None, now=NOW)
    operations.start(run_id=run.pk, now=NOW)
    done = operations.carry_on(run_id=run.pk, now=NOW)
    assert done.rows_refused == 0
    assert formats.records_of(other) == formats.records_of(full)


def test_the_feed_holds_an_item_for_every_variant(full: Merchant) -> None:
    root = ElementTree.fromstring(formats.write_google(full))
    prices = [item.findtext(f"{{{formats.GOOGLE}}}price") for item in root.iter("item")]
    assert prices == ["5.00 EUR", "19.99 EUR", "20.99 EUR"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_a_formula_is_written_as_text(cell: str) -> None:
    assert formats.as_csv([[cell]]).lstrip('"').startswith("'")


def test_an_empty_catalogue_is_a_proper_file(db: None) -> None:
    merchant = make("empty")
    assert json.loads(formats.write_json(merchant))["listings"] == []
    assert formats.write_csv(merchant) == "code,title,price\r\n"
