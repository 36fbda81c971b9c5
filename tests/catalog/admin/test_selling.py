"""Beside the editor: reductions, markets, who answers, declarations; each can be taken back where that makes sense."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from catalog.domain.drafts import RateDraft
from catalog.models import Declaration, Listing, Offer, PlannedReduction
from catalog.operations import save_shipping_rates, set_price, update_listing
from compliance.checks.queries import findings_of
from tests.catalog.admin.conftest import NOW

LATER = NOW + timedelta(days=40)


def url(name: str, *args: object) -> str:
    return reverse(f"admin:catalog_listing_{name}", args=args)


@pytest.fixture
def offers(listing: Listing) -> list[Offer]:
    rates = [RateDraft(market, 490, "EUR", 2, 5) for market in ("DE", "FR")]
    save_shipping_rates(merchant_id=listing.merchant_id, rates=rates, now=NOW)
    return list(Offer.objects.order_by("price_minor"))


def said(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


@pytest.fixture(autouse=True)
def _later():
    with time_machine.travel(LATER, tick=False):
        yield


def test_every_page_opens_with_the_panel_and_the_way_to_the_others(client: Client, listing: Listing) -> None:
    for page in ("change", "reductions", "markets", "contacts", "declarations"):
        content = client.get(url(page, listing.pk)).content.decode()
        assert "of 35 markets" in content
        assert content.count('aria-current="page"') >= 1


# -- reductions


def test_the_law_is_seen_first_and_nothing_is_announced(
    client: Client, listing: Listing, offers: list[Offer]
) -> None:
    data = {"action": "preview", "offer": [offers[0].pk], "percent": "20"}
    page = client.post(url("reductions", listing.pk), data)
    [row] = page.context["preview"]
    assert (row["new"], row["is_lawful"], row["law"][0]["markets"]) == ("€4.00", True, "Germany, France")
    assert "Prior price €5.00" in row["law"][0]["text"]
    assert Offer.objects.filter(reduced_from__isnull=False).count() == 0


def test_a_reduction_is_announced_and_ended(client: Client, listing: Listing, offers: list[Offer]) -> None:
    data = {"action": "announce", "offer": [offer.pk for offer in offers], "percent": "20"}
    assert client.post(url("reductions", listing.pk), data).status_code == 302
    assert list(Offer.objects.order_by("pk").values_list("price_minor", "regular_minor")) == [
        (400, 500),
        (720, 900),
    ]
    assert "You may say −20 %" in client.get(url("reductions", listing.pk)).content.decode()
    client.post(url("reductions", listing.pk), {"action": f"end:{offers[0].pk}"})
    assert list(Offer.objects.order_by("pk").values_list("price_minor", flat=True)) == [500, 720]


def test_one_whose_prior_price_is_not_the_laws_is_refused_with_the_laws(
    client: Client, listing: Listing, offers: list[Offer]
) -> None:
    data = {"action": "announce", "offer": [offers[0].pk], "price": "4.00", "prior": "8.00"}
    page = client.post(url("reductions", listing.pk), data)
    [error] = page.context["form"].errors["prior"]
    assert "The prior price there is €5.00. Markets: Germany, France." in error
    set_price(variant_id=offers[0].variant_id, currency="EUR", price_minor=700, now=LATER - timedelta(days=2))
    page = client.post(url("reductions", listing.pk), data | {"price": "6.00", "prior": ""})
    assert "The new price is not below the prior price." in page.content.decode()
    assert Offer.objects.get(pk=offers[0].pk).reduced_from is None


def test_one_is_planned_on_the_merchants_wall_clock_and_called_off(
    client: Client, listing: Listing, offers: list[Offer]
) -> None:
    type(listing.merchant).objects.update(time_zone="Europe/Paris")
    begins = f"{LATER + timedelta(days=2):%Y-%m-%dT}00:00"
    data = {"action": "announce", "offer": [offers[0].pk], "percent": "10", "starts_at": begins}
    client.post(url("reductions", listing.pk), data)
    plan = PlannedReduction.objects.get()
    assert (plan.price_minor, f"{plan.starts_at:%H:%M}", plan.planned_by.email) == (
        450,
        "23:00",
        "lyon@lyon.example",
    )
    client.post(url("reductions", listing.pk), {"action": f"off:{offers[0].pk}"})
    assert PlannedReduction.objects.count() == 0


@pytest.mark.parametrize(
    "data",
    [{"percent": ""}, {"percent": "10", "price": "3"}, {"percent": "99"}, {"percent": "10", "starts_at": "soon"},
     {"percent": "10", "offer": ["999999"]}, {"price": "-1"}],
)  # fmt: skip
def test_what_makes_no_sense_is_said_and_changes_nothing(
    client: Client, listing: Listing, offers: list[Offer], data: dict
) -> None:
    page = client.post(url("reductions", listing.pk), {"action": "announce", "offer": [offers[0].pk]} | data)
    assert (page.status_code, bool(page.context["form"].errors)) == (200, True)
    assert Offer.objects.filter(reduced_from__isnull=False).count() == 0


def test_many_are_reduced_as_far_as_the_law_allows(
    client: Client, listing: Listing, offers: list[Offer]
) -> None:
    set_price(
        variant_id=offers[1].variant_id, currency="EUR", price_minor=2000, now=LATER - timedelta(days=2)
    )
    chosen = {"action": "reduce", "_selected_action": [listing.pk], "percent": "20"}
    page = client.post(url("changelist"), chosen | {"go": "preview"})
    assert [row["is_lawful"] for row in page.context["preview"]] == [True, False]
    answer = client.post(url("changelist"), chosen | {"go": "apply"}, follow=True)
    assert "1 reduction is announced." in said(answer)
    assert "honey-l: The law does not allow this reduction." in said(answer)
    client.post(url("changelist"), {"action": "end_reductions", "_selected_action": [listing.pk]})
    assert Offer.objects.filter(reduced_from__isnull=False).count() == 0


# -- markets


def test_where_it_is_sent_is_chosen_and_undone(client: Client, listing: Listing, offers: list[Offer]) -> None:
    client.post(url("markets", listing.pk), {"how": "only", "markets": ["FR", "DE"]})
    listing.refresh_from_db()
    assert listing.ships_to == ["DE", "FR"]
    assert "Undo" in client.get(url("markets", listing.pk)).content.decode()
    answer = client.post(url("undo"), {"next": url("markets", listing.pk)})
    listing.refresh_from_db()
    assert (listing.ships_to, answer.headers["Location"]) == ([], url("markets", listing.pk))


def test_what_changed_since_is_not_undone(client: Client, listing: Listing) -> None:
    client.post(url("markets", listing.pk), {"how": "only", "markets": ["FR"]})
    update_listing(listing_id=listing.pk, ships_to=["DE"], now=LATER)
    answer = client.post(url("undo"), {"next": "https://evil.example/"}, follow=True)
    listing.refresh_from_db()
    assert (listing.ships_to, answer.redirect_chain[0][0]) == (["DE"], "/admin/")
    assert "nothing was undone" in said(answer)


def test_only_the_chosen_markets_needs_a_choice(client: Client, listing: Listing) -> None:
    page = client.post(url("markets", listing.pk), {"how": "only"})
    assert "Choose at least one market." in page.content.decode()


@pytest.mark.parametrize(
    ("how", "markets", "before", "after"),
    [
        ("more", ["FR"], ["DE"], ["DE", "FR"]),
        ("more", ["FR"], [], []),
        ("fewer", ["FR"], [], ["DE"]),
        ("fewer", ["DE"], ["DE"], ["DE"]),
        ("only", ["GB"], ["DE"], ["GB"]),
        ("all", [], ["DE"], []),
    ],
)
def test_many_are_sent_elsewhere(
    client: Client, listing: Listing, offers: list[Offer], how: str, markets: list, before: list, after: list
) -> None:
    update_listing(listing_id=listing.pk, ships_to=before, now=LATER)
    data = {
        "action": "send_to",
        "_selected_action": [listing.pk],
        "how": how,
        "markets": markets,
        "go": "apply",
    }
    client.post(url("changelist"), data)
    listing.refresh_from_db()
    assert listing.ships_to == after


# -- contacts

IMPORTER = {
    "market": "GB",
    "role": "importer",
    "name": "Tide Ltd",
    "address": "1 Quay, Hull",
    "email": "hi@tide.example",
}


def test_somebody_is_named_changed_removed_and_put_back(client: Client, listing: Listing) -> None:
    client.post(url("contacts", listing.pk), IMPORTER)
    client.post(url("contacts", listing.pk), IMPORTER | {"name": "Ebb Ltd", "email": ""})
    listing.refresh_from_db()
    ebb = {"market": "GB", "role": "importer", "name": "Ebb Ltd", "address": "1 Quay, Hull"}
    assert listing.local_contacts == [ebb]
    form = client.get(url("contacts", listing.pk), {"edit": "GB.importer"}).context["form"]
    assert form["name"].value() == "Ebb Ltd"
    client.post(url("contacts", listing.pk), {"remove": "GB.importer"})
    listing.refresh_from_db()
    assert listing.local_contacts == []
    client.post(url("undo"))
    listing.refresh_from_db()
    assert listing.local_contacts == [ebb]


def test_a_contact_mends_what_the_law_asks(client: Client, listing: Listing) -> None:
    update_listing(listing_id=listing.pk, category="cos.skin_care", now=LATER)
    rows = findings_of(f"listing:{listing.public_id}").filter(rule="us.listing.cosmetics.contact")
    before = rows.count()
    asked = client.get(url("contacts", listing.pk)).context["asked"]
    assert {"United States, California", "United Kingdom"} <= {one["markets"] for one in asked}
    client.post(url("contacts", listing.pk), IMPORTER | {"market": "US"})
    assert (before, rows.count()) == (1, 0)


def test_one_is_named_for_many(client: Client, listing: Listing) -> None:
    chosen = {"action": "name_contact", "_selected_action": [listing.pk], "go": "apply"}
    page = client.post(url("changelist"), chosen | IMPORTER | {"address": ""})
    assert "address" in page.context["form"].errors
    client.post(url("changelist"), chosen | IMPORTER)
    listing.refresh_from_db()
    assert [one["name"] for one in listing.local_contacts] == ["Tide Ltd"]


# -- declarations


def test_a_declaration_needs_its_tick_and_carries_who_and_when(client: Client, listing: Listing) -> None:
    update_listing(listing_id=listing.pk, category="cos.skin_care", now=LATER)
    page = client.get(url("declarations", listing.pk))
    asked = [one["key"] for one in page.context["asked"]]
    assert {"no_animal_testing", "formula_checked"} <= set(asked)
    client.post(url("declarations", listing.pk), {"declare": "formula_checked"})
    assert Declaration.objects.count() == 0
    client.post(url("declarations", listing.pk), {"declare": "formula_checked", "true.formula_checked": "1"})
    [held] = client.get(url("declarations", listing.pk)).context["held"]
    assert (held["who"], held["key"]) == ("lyon@lyon.example", "formula_checked")
    client.post(url("undo"))
    page = client.get(url("declarations", listing.pk))
    assert (page.context["held"], len(page.context["past"])) == ([], 1)


# -- others


@pytest.mark.parametrize("page", ["reductions", "markets", "contacts", "declarations"])
def test_others_cannot_see_or_change_any_of_it(stranger: Client, listing: Listing, page: str) -> None:
    assert stranger.get(url(page, listing.pk)).status_code == 404
    data = IMPORTER | {
        "action": "announce",
        "how": "only",
        "markets": ["FR"],
        "declare": "no_bpa",
        "true.no_bpa": "1",
    }
    assert stranger.post(url(page, listing.pk), data).status_code == 404
    before = Listing.objects.values().get(pk=listing.pk)
    for action in ("reduce", "end_reductions", "send_to", "name_contact"):
        stranger.post(
            url("changelist"),
            data | {"action": action, "_selected_action": [listing.pk], "go": "apply", "percent": "20"},
        )
    assert Listing.objects.values().get(pk=listing.pk) == before
