"""Who answers for a product in the visitor's market, and the product page that says so."""

from __future__ import annotations

import pytest
from django.utils import translation

from catalog.models import Listing
from catalog.queries.contacts import contacts_in, role_in_words
from catalog.web import product_page
from marketplace.accounts.place import Place
from tests.catalog.factories import NOW, make_listing

LONDON = {
    "market": "GB",
    "role": "importer",
    "name": "Tidewater Ltd",
    "address": "1 Quay, Hull",
    "email": "a@t.example",
}
PERSON = {"market": "GB", "role": "responsible_person", "name": "Ann Low", "address": "2 Quay, Hull"}
BERNE = {"market": "CH", "role": "importer", "name": "Alpenhof AG", "address": "Gasse 1, Bern"}
FSVP = {"market": "US", "role": "fsvp_importer", "name": "Harbor LLC", "address": "3 Pier, Boston"}


def test_only_those_of_the_market_in_the_order_of_their_roles():
    assert contacts_in("GB", [PERSON, BERNE, LONDON]) == [LONDON, PERSON]


def test_who_answers_for_a_country_answers_for_its_parts():
    assert contacts_in("US-CA", [FSVP, BERNE]) == [FSVP]


def test_what_they_are_is_said_in_the_readers_language():
    with translation.override("de"):
        assert role_in_words("importer") == "Importeur"


@pytest.mark.usefixtures("taxonomy")
@pytest.mark.parametrize(
    ("market", "told"),
    [
        ("GB", [("Importer (United Kingdom)", "Tidewater Ltd\n1 Quay, Hull\na@t.example")]),
        ("CH", [("Importer (Switzerland)", "Alpenhof AG\nGasse 1, Bern")]),
        ("DE", []),
    ],
)
def test_the_product_page_names_who_answers_in_the_visitors_market(market, told):
    listing = make_listing()
    Listing.objects.filter(pk=listing.pk).update(local_contacts=[LONDON, BERNE])
    listing.refresh_from_db()
    place = Place(market=market, language="en", currency="EUR", time_zone="Europe/Berlin")

    page = product_page.build(listing, place, chosen="", now=NOW, state="")

    rows = page["disclosures"][-1]["rows"]
    assert [(row["label"], row["value"]) for row in rows if row["label"].startswith("Importer")] == told
