"""The merchant finds, mends and prices listings; somebody else's do not exist for them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from catalog.models import Listing, ListingText, Offer, Stock
from compliance.checks.models import Finding
from compliance.checks.queries import panel_of
from marketplace.accounts.models import Merchant


def url(name: str, *args: object) -> str:
    return reverse(f"admin:catalog_listing_{name}", args=args)


def entered(client: Client, listing: Listing) -> dict[str, Any]:
    """Return what the editor's form would post unchanged."""
    editor = client.get(url("change", listing.pk)).context["editor"]
    found = {"v-TOTAL_FORMS": "3", "v-INITIAL_FORMS": "2"}
    for field in [*editor.form, *(field for row in editor.variants for field in row)]:
        value = field.value()
        if (isinstance(value, list | str | int) and value not in ("", False)) or value not in (
            None,
            "",
            False,
        ):
            found[field.html_name] = "on" if value is True else value
    return found


def test_the_list_shows_where_each_may_be_sold(client: Client, listing: Listing) -> None:
    page = client.get(url("changelist")).content.decode()
    assert "Chestnut honey" in page
    assert "of 35 markets" in page


@pytest.mark.parametrize(
    "query",
    [
        "state__exact=draft",
        "category=food.honey",
        "market=-DE",
        "findings=blocked",
        "q=chestnut",
        "q=honey-l",
    ],
)
def test_the_list_can_be_narrowed(client: Client, listing: Listing, query: str) -> None:
    assert "Chestnut honey" in client.get(f"{url('changelist')}?{query}").content.decode()


def test_the_editor_shows_the_panel_and_the_fields_of_the_category(client: Client, listing: Listing) -> None:
    page = client.get(url("change", listing.pk)).content.decode()
    assert "of 35 markets" in page
    assert 'name="d.net_quantity.value"' in page
    assert "Why?" in page
    assert "The rulebook has no list of restricted substances for Switzerland, Norway." in page


def test_saving_unchanged_changes_nothing_that_is_sold(client: Client, listing: Listing) -> None:
    answer = client.post(url("change", listing.pk), entered(client, listing))
    assert answer.status_code == 302
    listing.refresh_from_db()
    assert (listing.category.code, listing.option_names, listing.price_from_minor) == (
        "food.honey",
        ["Size"],
        500,
    )
    assert list(Stock.objects.order_by("pk").values_list("on_hand", flat=True)) == [3, 4]


def test_what_is_entered_is_saved_and_judged(client: Client, listing: Listing) -> None:
    data = entered(client, listing) | {
        "t.en.title": "Forest honey", "d.food_name.en": "Honey", "origin": "FR", "v-0-price": "6.50", "v-1-on_hand": "9",
        "manufacturer.name": "Apiary", "manufacturer.address": "Rue 2, Lyon",
    }  # fmt: skip
    assert client.post(url("change", listing.pk), data).status_code == 302
    listing.refresh_from_db()
    assert ListingText.objects.get(listing=listing).title == "Forest honey"
    assert listing.disclosures["food_name"] == {"en": "Honey"}
    assert listing.manufacturer == {"name": "Apiary", "address": "Rue 2, Lyon"}
    assert Offer.objects.get(variant__sku="honey-s").price_minor == 650
    assert Stock.objects.get(variant__sku="honey-l").on_hand == 9


def test_a_wrong_value_stands_at_its_field_and_nothing_is_saved(client: Client, listing: Listing) -> None:
    data = entered(client, listing) | {
        "t.en.title": "Changed",
        "d.net_quantity.value": "much",
        "d.net_quantity.unit": "g",
    }
    page = client.post(url("change", listing.pk), data)
    assert page.status_code == 200
    assert "d.net_quantity.value" in page.context["editor"].form.errors
    assert ListingText.objects.get(listing=listing).title == "Chestnut honey"


def test_a_preview_judges_without_saving(client: Client, listing: Listing) -> None:
    before = Finding.objects.count()
    data = entered(client, listing) | {"d.food_name.en": "Honey", "d.ingredients.en": "honey"}
    stored = client.get(url("change", listing.pk)).context["panel"]
    seen = client.post(url("preview", listing.pk), data).context["panel"]
    assert seen["findings"] != stored["findings"]
    listing.refresh_from_db()
    assert (listing.disclosures, Finding.objects.count()) == ({}, before)


def test_a_preview_of_half_typed_words_is_no_error(client: Client, listing: Listing) -> None:
    data = entered(client, listing) | {
        "d.net_quantity.value": "x",
        "v-0-sku": "",
        "v-0-price": "-",
        "category": "no.such",
    }
    assert client.post(url("preview", listing.pk), data).status_code == 200


def test_others_listings_do_not_exist(stranger: Client, listing: Listing) -> None:
    assert stranger.get(url("change", listing.pk)).status_code == 404
    assert stranger.post(url("preview", listing.pk), {}).status_code == 404
    assert stranger.post(url("state", listing.pk), {"action": "archive"}).status_code == 404
    assert "Chestnut honey" not in stranger.get(url("changelist")).content.decode()
    stranger.post(url("changelist"), {"action": "archive", "_selected_action": [listing.pk]})
    listing.refresh_from_db()
    assert listing.state == "draft"


def test_a_listing_is_begun(client: Client, merchant: Merchant) -> None:
    data = {
        "merchant": merchant.pk,
        "code": "new",
        "category": "kit.tableware",
        "language": "en",
        "title": "Bowl",
        "price": "12.00",
        "on_hand": "2",
    }
    assert client.post(url("add"), data).status_code == 302
    assert Listing.objects.get(code="new").price_from_minor == 1200


def test_many_are_published_and_archived(client: Client, listing: Listing) -> None:
    for action, state in (("publish", "active"), ("archive", "archived")):
        client.post(url("changelist"), {"action": action, "_selected_action": [listing.pk]})
        listing.refresh_from_db()
        assert listing.state == state


def test_prices_change_after_a_preview(client: Client, listing: Listing) -> None:
    data = {"action": "change_prices", "_selected_action": [listing.pk], "percent": "10"}
    page = client.post(url("changelist"), data | {"go": "preview"})
    assert [row["new"] for row in page.context["preview"]] == ["5.50 EUR", "9.90 EUR"]
    client.post(url("changelist"), data | {"go": "apply"})
    assert list(Offer.objects.order_by("pk").values_list("price_minor", flat=True)) == [550, 990]


def test_stock_is_set_for_many(client: Client, listing: Listing) -> None:
    data = {"action": "set_stock", "_selected_action": [listing.pk], "on_hand": "7", "go": "apply"}
    client.post(url("changelist"), data)
    assert list(Stock.objects.values_list("on_hand", flat=True)) == [7, 7]


def test_a_picture_is_added_and_what_is_none_is_refused(client: Client, listing: Listing) -> None:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "tan").save(out, "PNG")
    out.seek(0)
    out.name = "honey.png"
    client.post(url("pictures", listing.pk), {"pictures": out, "alt": "A jar"})
    assert [picture.alt for picture in listing.media.all()] == [{"en": "A jar"}]
    bad = io.BytesIO(b"<svg onload=alert(1)>")
    bad.name = "x.svg"
    client.post(url("pictures", listing.pk), {"pictures": bad})
    assert listing.media.count() == 1


def test_a_document_is_put_on_file(client: Client, listing: Listing) -> None:
    client.post(
        url("documents", listing.pk), {"kind": "organic_certificate", "number": "FR-1", "url": "javascript:x"}
    )
    assert list(listing.documents.values_list("kind", "number", "url")) == [
        ("organic_certificate", "FR-1", "")
    ]


def test_the_list_and_the_panel_count_the_same_fixes(client: Client, listing: Listing) -> None:
    told = Finding.objects.filter(subject=f"listing:{listing.public_id}").order_by("pk").first()
    assert told is not None
    Finding.objects.filter(pk=told.pk).update(severity="info")  # what is only told is no fix
    panel = panel_of(f"listing:{listing.public_id}", merchant=f"merchant:{listing.merchant.public_id}")
    rows = client.get(url("changelist")).context["cl"].result_list
    assert panel is not None
    assert [row.fixes_left for row in rows] == [panel.fixes] == [len(panel.findings) - 1]
