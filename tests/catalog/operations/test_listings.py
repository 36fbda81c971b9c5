"""Listings: written whole or not at all, judged at once."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import operations
from catalog.domain.drafts import TextDraft, VariantDraft
from catalog.domain.errors import BadIdentifier, BadOptions, BadText, CodeTaken, NotPublishable
from catalog.models import Listing, ListingIndex, ListingWords, Variant
from compliance.checks.queries import judgement_of
from marketplace.kernel.errors import Invalid
from marketplace.kernel.models import Event
from tests.catalog.factories import NOW, allow, draft, make_listing, make_merchant

pytestmark = pytest.mark.usefixtures("taxonomy")


def create(**more) -> Listing:
    return operations.create_listing(merchant_id=make_merchant().pk, draft=draft(**more), now=NOW)


def test_a_new_listing_is_a_draft_that_was_judged() -> None:
    listing = create()
    assert (listing.state, judgement_of(f"listing:{listing.public_id}").judged_at) == ("draft", NOW)


def test_words_lose_everything_a_browser_could_run() -> None:
    text = TextDraft("<b>Lamp</b> & shade", description='<p onclick="x()">Oak<script>x()</script></p>')
    saved = create(texts={"en": text}).texts.get()
    assert (saved.title, saved.description) == ("Lamp & shade", "<p>Oak</p>")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"texts": {"en": TextDraft(" ")}}, BadText),
        ({"category": "no.such"}, Invalid),
        ({"category": "home"}, Invalid),
        ({"hs_code": "99"}, BadIdentifier),
        ({"origin": "XX"}, Invalid),
        ({"disclosures": {"no_such": "x"}}, Invalid),
        ({"variants": []}, BadOptions),
        ({"variants": [VariantDraft("a", gtin="4006381333932")]}, BadIdentifier),
        ({"variants": [VariantDraft("a", prices={"EUR": -1})]}, Invalid),
        ({"variants": [VariantDraft("a", prices={"XYZ": 1})]}, Invalid),
        ({"variants": [VariantDraft("a", ("red",))]}, BadOptions),
    ],
)
def test_what_cannot_be_right_is_refused_and_leaves_no_trace(change: dict, error: type[Exception]) -> None:
    with pytest.raises(error):
        create(**change)
    assert (Listing.objects.count(), Variant.objects.count()) == (0, 0)


def test_a_code_is_used_once() -> None:
    listing = create(code="lamp")
    with pytest.raises(CodeTaken):
        operations.create_listing(merchant_id=listing.merchant_id, draft=draft("lamp"), now=NOW)


def test_a_listing_without_a_price_is_not_published() -> None:
    listing = create(variants=[VariantDraft("a")])
    with pytest.raises(NotPublishable) as caught:
        operations.publish_listing(listing_id=listing.pk, now=NOW)
    assert caught.value.data == {"missing": ["price"]}


def test_a_batch_takes_what_is_right_and_reports_the_rest() -> None:
    merchant = make_merchant()
    items = [draft("a"), draft("b", category="no.such"), draft("c"), draft("a")]
    saved = operations.save_listings(merchant_id=merchant.pk, items=items, now=NOW, publish=True)
    assert [(one.code, one.error and one.error.field) for one in saved] == [
        ("a", None),
        ("b", "category"),
        ("c", None),
        ("a", "code"),
    ]


def test_saving_twice_changes_nothing_but_what_changed() -> None:
    merchant = make_merchant()
    variants = [VariantDraft("s-1", prices={"EUR": 100}, on_hand=2), VariantDraft("s-2", prices={"EUR": 100})]
    names = {"option_names": ("Size",)}
    two = [VariantDraft(v.sku, (v.sku,), prices=v.prices, on_hand=v.on_hand) for v in variants]
    for these in (two, two[:1]):
        operations.save_listings(
            merchant_id=merchant.pk, items=[draft("s", variants=these, **names)], now=NOW
        )
    assert list(
        Variant.objects.order_by("sku").values_list("sku", "is_active", "price_records__price_minor")
    ) == [
        ("s-1", True, 100),
        ("s-2", False, 100),
    ]


def test_statements_do_not_grow_with_the_batch() -> None:
    merchant = make_merchant()
    operations.save_listings(merchant_id=merchant.pk, items=[draft()], now=NOW)
    counts = []
    for size in (1, 20):
        with CaptureQueriesContext(connection) as statements:
            operations.save_listings(merchant_id=merchant.pk, items=[draft() for _ in range(size)], now=NOW)
        counts.append(len(statements))
    assert (counts[0], counts[1] <= 82) == (counts[1], True)


def test_an_archived_listing_is_in_no_list() -> None:
    listing = make_listing()
    operations.archive_listing(listing_id=listing.pk, now=NOW)
    assert not ListingIndex.objects.filter(listing=listing).exists()


def test_a_listing_is_offered_where_it_may_be_sold_and_is_sent() -> None:
    listing = make_listing(ships_to=("DE", "JP"))
    assert allow(listing, "DE", "FR", "JP").offered_in == ["DE"]


def test_a_rate_for_a_country_serves_its_subdivisions() -> None:
    listing = make_listing()
    assert allow(listing, "US-CA").offered_in == ["US-CA"]


def test_a_change_makes_pages_out_of_date() -> None:
    listing = make_listing()
    changed = operations.update_listing(listing_id=listing.pk, now=NOW, origin="FR")
    assert changed.version > listing.version


def test_an_edit_is_news() -> None:
    listing = make_listing()
    operations.update_listing(listing_id=listing.pk, now=NOW, model="L-7")
    assert Event.objects.filter(name="catalog.ListingChanged").latest("recorded_at").payload == {
        "listing_ids": [listing.pk],
        "merchant_id": listing.merchant_id,
        "reason": "edited",
    }


def test_words_of_every_language_find_a_listing() -> None:
    listing = make_listing(texts={"en": TextDraft("Lamps"), "zh-hans": TextDraft("有机蜂蜜")})
    vector = ListingWords.objects.get(listing=listing).vector
    assert ("'lamp'" in vector, "'蜂蜜'" in vector) == (True, True)


def test_an_unknown_field_is_refused_by_name() -> None:
    with pytest.raises(Invalid) as caught:
        operations.update_listing(listing_id=make_listing().pk, now=NOW, colour="red")
    assert caught.value.field == "colour"
