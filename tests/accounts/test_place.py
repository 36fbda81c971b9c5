from __future__ import annotations

import pytest
from django.test import Client, RequestFactory

from marketplace.accounts.place import market_choices, read_place

pytestmark = pytest.mark.django_db


def place(**cookies: str):
    request = RequestFactory().get("/", headers={"accept-language": "fr,en;q=0.5"})
    request.COOKIES.update(cookies)
    return read_place(request)


def test_the_three_choices_are_apart_from_each_other():
    chosen = place(market="JP", language="de", currency="USD")

    assert (chosen.market, chosen.language, chosen.currency, chosen.time_zone) == (
        "JP",
        "de",
        "USD",
        "Asia/Tokyo",
    )


def test_the_first_guess_of_a_language_is_the_browser_s_and_nothing_else_follows_from_it():
    assert (place().language, place().market, place().currency) == ("fr", "DE", "EUR")


@pytest.mark.parametrize("cookie", ["market", "language", "currency", "theme"])
def test_a_value_nobody_knows_is_left_aside(cookie: str):
    assert place(**{cookie: "<script>"}) == place()


def test_one_choice_is_remembered_without_touching_the_others(client: Client):
    client.cookies["language"] = "de"

    answer = client.post("/place", {"market": "FR", "next": "/basket"})

    assert (answer.headers["Location"], {name: cookie.value for name, cookie in answer.cookies.items()}) == (
        "/basket",
        {"market": "FR"},
    )


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_way_back_never_leads_to_another_site(client: Client, target: str):
    assert client.post("/place", {"market": "FR", "next": target}).headers["Location"] == "/"


def test_a_market_we_do_not_sell_to_is_refused_in_words(client: Client):
    answer = client.post("/place", {"market": "KP", "next": "/basket"}, follow=True)

    assert [str(message) for message in answer.context["messages"]] == ["We do not ship to this place."]


def test_a_subdivision_is_named_with_its_country():
    assert dict(market_choices("en"))["US-CA"] == "California, United States"
