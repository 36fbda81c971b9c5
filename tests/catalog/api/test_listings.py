"""Reading the catalogue over HTTP."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.orders import factories as make

LISTINGS, PLACE = "/api/v1/listings", {"market": "DE", "language": "de", "currency": "EUR"}


def test_a_list_holds_titles_in_the_language_and_prices_whose_parts_add_up(client, shelf):
    shelf(1)

    [card] = client.get(LISTINGS, PLACE).json()["results"]

    parts = sum(Decimal(part["amount"]) for part in card["price"]["parts"].values())
    assert (card["title"][:4], card["language"], Decimal(card["price"]["total"]["amount"])) == (
        "Ding",
        "de",
        parts,
    )


@pytest.mark.parametrize("sort", ["relevance", "price", "dearest", "newest"])
def test_pages_follow_each_other_without_gap_or_repetition(client, shelf, sort):
    expected = {listing.public_id for listing in shelf(5)}
    seen, address = [], f"{LISTINGS}?market=DE&limit=2&sort={sort}"

    while address:
        page = client.get(address).json()
        seen += [card["public_id"] for card in page["results"]]
        address = page["next"]

    assert (len(seen), set(seen)) == (5, expected)


def test_a_list_is_narrowed_by_category_and_price(client, shelf):
    shelf(2)
    [wanted] = shelf(1, category="food.honey", hs_code="040900")

    found = client.get(LISTINGS, PLACE | {"category": "food.honey", "price_max": "99.00"}).json()["results"]

    assert [card["public_id"] for card in found] == [wanted.public_id]


def test_what_may_not_be_sold_to_a_market_is_not_in_its_list(client, shelf):
    shelf(1, sellable_in=["FR"])

    assert client.get(LISTINGS, PLACE).json()["results"] == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"market": "XX"}, "market"),
        ({"currency": "XYZ"}, "currency"),
        ({"language": "tlh"}, "language"),
        ({"colour": "blue"}, "colour"),
        ({"limit": "101"}, "limit"),
        ({"sort": "luck"}, "sort"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(client, given, field):
    answer = client.get(LISTINGS, given)

    assert (answer.status_code, answer["Content-Type"], [e["field"] for e in answer.json()["errors"]]) == (
        400,
        "application/problem+json",
        [field],
    )


@pytest.mark.parametrize("after", ["nonsense", "WyJwcmljZSIsMSwxXQ", "bnVsbA", "WzFd"])
def test_a_cursor_that_is_not_of_this_list_is_refused(client, after):
    answer = client.get(LISTINGS, {"after": after})

    assert (answer.status_code, answer.json()["field"]) == (400, "after")


def test_a_listing_tells_its_landed_price_and_rights_with_the_law_behind_them(client, shelf):
    [listing] = shelf(1, disclosures={"material": {"en": "Cotton", "de": "Baumwolle"}})

    found = client.get(f"{LISTINGS}/{listing.public_id}", PLACE).json()

    rules = {ruling["rule"] for right in found["rights"] for ruling in right["rulings"]}
    assert (
        found["may_buy"],
        [row["value"] for row in found["disclosures"]],
        found["variants"][0]["price"]["total"] == found["price"]["total"],
        "eu.withdrawal.period" in rules,
        found["rights"][0]["key"],
        bool(found["price"]["rulings"]),
    ) == (True, ["Baumwolle"], True, True, "withdrawal", True)


def test_a_listing_that_is_not_brought_to_a_market_says_so(client, shelf):
    [listing] = shelf(1, sellable_in=["FR"])

    found = client.get(f"{LISTINGS}/{listing.public_id}", PLACE).json()

    assert (found["may_buy"], found["price"], found["rights"]) == (False, None, [])


def test_a_forged_id_and_a_draft_are_not_found(client, shelf):
    [draft] = shelf(1, state="draft")

    answers = [client.get(f"{LISTINGS}/{public_id}") for public_id in ("L-FORGED22", draft.public_id)]

    assert [(a.status_code, a["Content-Type"]) for a in answers] == [(404, "application/problem+json")] * 2


def test_the_categories_are_named_in_the_language(client, shelf):
    [listing] = shelf(1)
    listing.category.names = {"en": "Clothes", "de": "Kleidung"}
    listing.category.save()

    found = client.get("/api/v1/categories", {"language": "de"}).json()["results"]

    assert [row["name"] for row in found if row["code"] == listing.category.code] == ["Kleidung"]


def test_a_merchant_is_told_as_the_law_asks_and_a_suspended_one_is_not_there(client):
    seller, gone = make.make_merchant("FR", vat_id="FR40303265045"), make.make_merchant(status="suspended")

    found = client.get(f"/api/v1/merchants/{seller.public_id}")
    missing = client.get(f"/api/v1/merchants/{gone.public_id}")

    assert (found.json()["legal_name"], found.json()["vat_id"], missing.status_code) == (
        seller.legal_name,
        "FR40303265045",
        404,
    )
