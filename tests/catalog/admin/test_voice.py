"""The merchant's page of reviews and questions: whose it is, what stands first, and a page at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog import admin_voice, operations
from catalog.models import Listing, Question, Review
from marketplace.accounts.models import Merchant, MerchantMember, User
from tests.catalog.admin.conftest import NOW


@pytest.fixture
def listing(listing: Listing) -> Listing:
    """The editor's listing, on sale."""
    Listing.objects.update(state=Listing.State.ACTIVE)
    listing.refresh_from_db()
    return listing


def ask(listing: Listing, n: int) -> Question:
    user, _ = User.objects.get_or_create(email=f"q{n}@example.com")
    return operations.ask_question(
        listing=listing.public_id, text=f"Question {n}?", shown_name="Bo", email=user.email, language="en",
        user_id=user.pk, now=NOW + timedelta(minutes=n),
    )  # fmt: skip


def answer(question: Question) -> None:
    operations.answer_question(
        question=question.public_id, text="Yes.", by="merchant", shown_name="Lyon", language="en",
        user_id=question.user_id, now=NOW,
    )  # fmt: skip


def review(listing: Listing, n: int) -> Review:
    at = NOW + timedelta(minutes=n)
    one = operations.ReceivedLine(f"LN-{n}", listing.public_id, None, "ada@example.com", "en", at)
    operations.invite_reviewers(received=[one], now=at)
    said = operations.Said(4, f"Review {n}", "Good.", "Ada", "en")
    return operations.write_review(line=f"LN-{n}", said=said, now=at)


def shown(client: Client, name: str, page: int) -> list[str]:
    found = client.get(reverse("merchant-voice"), {name: page}).context[name]
    return [one.text if name == "questions" else one.title for one in found]


def test_what_is_not_answered_stands_first_whatever_the_page(
    client: Client, listing: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_voice, "PAGE", 2)
    for n, is_answered in enumerate([False, True, False, True, True]):
        question, said = ask(listing, n), review(listing, n)
        if is_answered:
            answer(question)
            operations.reply_to_review(review_id=said.pk, text="Thank you.", now=NOW)
    expected = [[2, 0], [4, 3], [1]]
    assert [shown(client, "questions", page) for page in (1, 2, 3)] == [
        [f"Question {n}?" for n in page] for page in expected
    ]
    assert [shown(client, "reviews", page) for page in (1, 2, 3)] == [
        [f"Review {n}" for n in page] for page in expected
    ]


def answers_of(client: Client, listing: Listing) -> list[int]:
    """Return how the page and the two ways to answer are answered."""
    said = {"text": "Thank you."}
    return [
        client.get(reverse("merchant-voice")).status_code,
        client.post(reverse("merchant-voice-answer", args=[ask(listing, 1).public_id]), said).status_code,
        client.post(reverse("merchant-voice-reply", args=[review(listing, 1).public_id]), said).status_code,
    ]


def test_who_only_reads_reads_and_answers_nothing(
    client: Client, merchant: Merchant, listing: Listing
) -> None:
    MerchantMember.objects.filter(merchant=merchant).update(role=MerchantMember.Role.VIEWER)
    assert answers_of(client, listing) == [200, 403, 403]
    page = client.get(reverse("merchant-voice")).content.decode()
    assert ("Question 1?" in page, "Your answer, for everybody to read" in page) == (True, False)


def test_another_seller_sees_its_own_page_and_nothing_of_this_one(stranger: Client, listing: Listing) -> None:
    assert answers_of(stranger, listing) == [200, 404, 404]
    assert "Question 1?" not in stranger.get(reverse("merchant-voice")).content.decode()


@pytest.mark.parametrize("kind", [ask, review])
def test_what_is_hidden_can_not_be_answered(client: Client, listing: Listing, kind: Any) -> None:
    said = kind(listing, 1)
    type(said).objects.update(state="hidden")
    name = "merchant-voice-answer" if kind is ask else "merchant-voice-reply"
    assert client.post(reverse(name, args=[said.public_id]), {"text": "Ha."}).status_code == 404
