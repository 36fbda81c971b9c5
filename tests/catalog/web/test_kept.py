"""Pages drawn once: the same for everybody who would see the same, fresh after every change."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog import operations
from catalog.domain.drafts import TextDraft
from catalog.models import Listing
from catalog.web.kept import TOKEN
from marketplace.accounts.models import User
from marketplace.accounts.operations import update_merchant
from marketplace.kernel import clock, outbox
from tests.catalog.factories import allow, make_listing, variant_of

pytestmark = pytest.mark.usefixtures("taxonomy")


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


def visitor(market: str = "DE", language: str = "en", currency: str = "EUR") -> Client:
    client = Client()
    client.cookies.load({"market": market, "language": language, "currency": currency})
    return client


def addresses(listing) -> dict[str, str]:
    return {
        "home": reverse("home"),
        "search": f"{reverse('search')}?q=lamp",
        "category": reverse("category", args=[listing.category.slug]),
        "merchant": reverse("merchant", args=[listing.merchant.slug]),
        "product": reverse("product", args=[listing.slug, listing.public_id]),
    }


PAGES = ["home", "search", "category", "merchant", "product"]


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def without_tokens(html: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", html)


@pytest.mark.parametrize("name", PAGES)
def test_a_kept_page_is_the_drawn_page(name: str) -> None:
    address = addresses(make_listing())[name]
    drawn, twice, kept = (read(visitor(), address) for _ in range(3))
    assert without_tokens(drawn) == without_tokens(twice) == without_tokens(kept)


@pytest.mark.parametrize("name", PAGES)
def test_a_kept_page_costs_one_query(name: str) -> None:
    address, client = addresses(make_listing())[name], visitor()
    for _ in range(2):
        read(client, address)
    with CaptureQueriesContext(connection) as captured:
        read(client, address)
    assert len(captured) == 1


@pytest.mark.parametrize("name", PAGES)
def test_a_fresh_page_costs_no_more_queries_with_more_things(name: str) -> None:
    listing = make_listing()
    numbers = []
    for count in (0, 3):
        for _ in range(count):
            make_listing(listing.merchant)
        read(visitor(), addresses(listing)[name])
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            read(visitor(), addresses(listing)[name])
        numbers.append(len(captured))
    assert numbers[1] <= max(numbers[0], 26)


@pytest.mark.parametrize("name", PAGES)
def test_a_change_is_seen_at_once(name: str) -> None:
    listing = make_listing(title="Oak lamp")
    make_listing(listing.merchant, title="Something else")  # the home page's first place
    address = addresses(listing)[name]
    for _ in range(3):
        assert "Oak lamp" in read(visitor(), address)
    operations.update_listing(listing_id=listing.pk, now=clock.now(), texts={"en": TextDraft("Elm lamp")})
    allow(listing)
    html = read(visitor(), address)
    assert ("Elm lamp" in html, "Oak lamp" in html) == (True, False)


def test_the_last_one_being_held_is_seen_at_once() -> None:
    listing = make_listing(on_hand=1)
    address = addresses(listing)["product"]
    before = [read(visitor(), address) for _ in range(3)][-1]
    now = clock.now()
    operations.reserve_stock(holder="c:1", items=[(variant_of(listing).pk, 1)], until=now, now=now)
    assert ("1 left." in before, "1 left." in read(visitor(), address)) == (True, False)


def test_a_merchants_new_name_is_seen_when_the_news_is_delivered(settings) -> None:
    listing = make_listing()
    address = addresses(listing)["product"]
    for _ in range(3):
        read(visitor(), address)
    update_merchant(merchant_id=listing.merchant_id, name="Renamed & Sons")
    outbox.relay()
    assert "Renamed &amp; Sons" in read(visitor(), address)


VERBS = {  # what is done, and what the page then says or says no more
    "write": "It is bright.",
    "edit": "It is dim.",
    "reply": "We are glad.",
    "hide a review": "It is bright.",
    "withdraw": "It is bright.",
    "send back": "Sent it back",
    "confirm": "Is it loud?",
    "answer": "Not at all.",
    "hide a question": "Is it loud?",
    "hide an answer": "Not at all.",
}


class _Talk:
    """A review and a question of a listing, brought as far as a verb needs them."""

    def __init__(self, listing: Listing, now: datetime) -> None:
        self.listing, self.now = listing, now
        one = operations.ReceivedLine("LN-1", listing.public_id, None, "ada@example.com", "en", now)
        operations.invite_reviewers(received=[one], now=now)
        self.officer = User.objects.create(email="officer@example.com")

    def said(self, text: str) -> operations.Said:
        return operations.Said(5, "Good", text, "Ada", "en")

    def write(self) -> Any:
        return operations.write_review(line="LN-1", said=self.said(VERBS["write"]), now=self.now)

    def ask(self) -> Any:
        return operations.ask_question(
            listing=self.listing.public_id, text=VERBS["confirm"], shown_name="Bo", email="bo@example.com",
            language="en", user_id=None, now=self.now,
        )  # fmt: skip

    def confirm(self) -> Any:
        return operations.confirm_question(token=self.ask().token, now=self.now)

    def answer(self, question: Any) -> Any:
        return operations.answer_question(
            question=question.public_id, text=VERBS["answer"], by="merchant", shown_name="Lamps", language="en",
            user_id=self.officer.pk, now=self.now,
        )  # fmt: skip

    def hide(self, said: Any) -> Any:
        return operations.decide(
            subject=said.public_id, action="hide", ground="fake", reasons="Nobody said it.",
            decided_by=self.officer.pk, decided_name="O.", now=self.now,
        )  # fmt: skip

    def prepared(self, verb: str) -> Callable[[], Any]:
        """Return what does the verb, once everything before it is done."""
        if verb == "write":
            return self.write
        if verb == "confirm":
            question = self.ask()
            return lambda: operations.confirm_question(token=question.token, now=self.now)
        if verb in ("answer", "hide a question", "hide an answer"):
            question = self.confirm()
            if verb == "answer":
                return lambda: self.answer(question)
            said = question if verb == "hide a question" else self.answer(question)
            return lambda: self.hide(said)
        review = self.write()
        return {
            "edit": lambda: operations.edit_review(line="LN-1", said=self.said(VERBS["edit"]), now=self.now),
            "reply": lambda: operations.reply_to_review(
                review_id=review.pk, text=VERBS["reply"], now=self.now
            ),
            "hide a review": lambda: self.hide(review),
            "withdraw": lambda: operations.withdraw_review(line="LN-1", now=self.now),
            "send back": lambda: operations.mark_sent_back(lines=["LN-1"], now=self.now),
        }[verb]


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_said_or_taken_away_is_seen_at_once(verb: str) -> None:
    listing, now = make_listing(), clock.now()
    do = _Talk(listing, now).prepared(verb)
    address, words = addresses(listing)["product"], VERBS[verb]
    before = [words in read(visitor(), address) for _ in range(3)]
    do()
    assert (set(before), words in read(visitor(), address)) in (({False}, True), ({True}, False))


def test_every_visitor_has_a_token_of_their_own() -> None:
    address = addresses(make_listing())["product"]
    pages = [read(visitor(), address) for _ in range(4)]
    tokens = [re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html) for html in pages]
    found = {token.group(1) for token in tokens if token}
    assert (len(found), any(TOKEN in html for html in pages)) == (4, False)


@pytest.mark.parametrize(
    "other",
    [visitor("FR"), visitor(language="de"), visitor(currency="USD")],
    ids=["market", "language", "currency"],
)
def test_another_place_sees_another_page(other: Client) -> None:
    address = addresses(make_listing())["product"]
    ours = [read(visitor(), address) for _ in range(3)][-1]
    assert without_tokens(read(other, address)) != without_tokens(ours)


def test_a_message_is_shown_once_and_to_nobody_else() -> None:
    listing = make_listing()
    address = addresses(listing)["product"]
    for _ in range(3):
        read(visitor(), address)
    client = visitor()
    client.post(reverse("wish-toggle", args=[listing.public_id]))
    assert (
        "on your wish list" in read(client, address),
        "on your wish list" in read(visitor(), address),
    ) == (
        True,
        False,
    )


@pytest.mark.parametrize("address", ["/c/no-such", "/p/x/L-NOSUCHID", "/m/no-such"])
def test_nothing_at_an_address_is_said(address: str) -> None:
    assert visitor().get(address).status_code == 404


def test_a_page_that_sells_well_is_kept_and_tells_what_is_left() -> None:
    listing = make_listing(on_hand=50)
    address, client, now = addresses(listing)["product"], visitor(), clock.now()
    before = [read(client, address) for _ in range(3)][-1]
    operations.reserve_stock(holder="c:1", items=[(variant_of(listing).pk, 10)], until=now, now=now)
    with CaptureQueriesContext(connection) as captured:
        after = read(client, address)
    assert ('max="50"' in before, 'max="40"' in after, "how-many" in after, len(captured)) == (
        True,
        True,
        False,
        1,
    )
