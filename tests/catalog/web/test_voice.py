"""Who may do what with reviews and questions on the shop's pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from catalog import operations
from catalog.models import Listing, Question, Report, Review
from catalog.web.voice import ReportThrottle
from compliance import rulebook
from compliance.enforcement.models import Measure
from marketplace.accounts.models import User
from tests.catalog.factories import NOW, allow, make_listing
from tests.kernel.test_uploads import picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("taxonomy")]
REPORT = {"ground": "insult", "text": "Look.", "email": ""}
ANSWER = {"text": "Yes, with any dimmer.", "shown_name": "Ada"}


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


@pytest.fixture
def listing() -> Listing:
    return make_listing()


def user(name: str) -> User:
    return User.objects.create_user(f"{name}@example.com", "correct horse battery", name=name.title())


def signed_in(who: User) -> Client:
    client = Client()
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    return client


def invite(listing: Listing, who: User | None = None, line: str = "LN-1") -> str:
    one = operations.ReceivedLine(
        line, listing.public_id, who.pk if who else None, "a@example.com", "en", NOW
    )
    operations.invite_reviewers(received=[one], now=NOW)
    return line


def review(listing: Listing, **more: Any) -> Review:
    said = operations.Said(4, "Good", "It shines.", "Ada", "en", **more)
    return operations.write_review(line=invite(listing, line="LN-R"), said=said, now=NOW)


def ask(listing: Listing) -> Question:
    return operations.ask_question(
        listing=listing.public_id, text="Is it dimmable?", shown_name="Bo", email="bo@example.com",
        language="en", user_id=user("bo").pk, now=NOW,
    )  # fmt: skip


def test_a_photo_goes_with_its_review(listing: Listing) -> None:
    said = review(listing, photos=(picture(),))
    address = reverse("review-photo", args=[said.public_id, said.photos.get().pk])
    answers = []
    for state in ("published", "reported", "hidden", "withdrawn"):
        Review.objects.update(state=state)
        answers.append(Client().get(address).status_code)
    assert answers == [200, 200, 404, 404]


def test_a_photo_is_handed_out_under_its_own_review_alone(listing: Listing) -> None:
    said, other = review(listing, photos=(picture(),)), make_listing(listing.merchant)
    line = invite(other, line="LN-O")
    another = operations.write_review(line=line, said=operations.Said(1, "Bad", "No.", "Eve", "en"), now=NOW)
    address = reverse("review-photo", args=[another.public_id, said.photos.get().pk])
    assert Client().get(address).status_code == 404


SAFETY = "Taken off sale here on Monday, 23 November 2026: a law on safety is not met"
GONE = "These goods are not sold here any more"


def _rule_of(right: str) -> str:
    rules = rulebook.default().rules.values()
    return next(rule.id for rule in rules if rule.kind == "duty" and rule.right == right)


def _stop(listing: Listing, right: str, *markets: str) -> None:
    """Take a measure against a listing, as a judgement does that finds a duty of this right unmet."""
    Measure.objects.create(
        subject=f"listing:{listing.public_id}", taken_in=list(markets), still_in=list(markets), taken_at=NOW,
        rules=[_rule_of(right)], facts=[], rulebook_version="x", appeal_until=NOW.date(),
    )  # fmt: skip
    allow(listing, *[market for market in ("DE", "FR", "GB", "US") if market not in markets])


def marks(listing: Listing, market: str = "DE") -> list[tuple[str, ...]]:
    """Return what stands beside each review about the goods, on the product page (if it is there) and on its own."""
    client = Client()
    client.cookies.load({"market": market, "language": "en", "currency": "EUR"})
    found = []
    for name in ("product", "reviews"):
        answer = client.get(reverse(name, args=[listing.slug, listing.public_id]))
        html = answer.content.decode() if answer.status_code == 200 else ""
        beside = re.findall(r'<p class="review__marks">(.*?)</p>', html, re.DOTALL)
        found.append(tuple(word for words in beside for word in (SAFETY, GONE) if word in words))
    return found


def test_goods_taken_off_sale_for_safety_are_marked_beside_each_review_where_they_were(
    listing: Listing,
) -> None:
    review(listing)
    operations.write_review(line=invite(listing), said=operations.Said(1, "Bad", "No.", "Eve", "en"), now=NOW)
    assert marks(listing) == [(), ()]
    _stop(listing, "safety", "DE")
    assert (marks(listing), marks(listing, "FR")) == ([(SAFETY, SAFETY)] * 2, [(), ()])
    Measure.objects.update(still_in=[], lifted_at=NOW)
    assert marks(allow(listing, "DE")) == [(), ()]


def test_what_is_stopped_for_another_reason_is_not_said_to_be_unsafe(listing: Listing) -> None:
    review(listing)
    _stop(listing, "know", "DE")
    assert marks(listing) == [(), ()]


def test_goods_that_are_archived_are_marked_beside_each_review(listing: Listing) -> None:
    review(listing)
    operations.archive_listing(listing_id=listing.pk, now=NOW)
    assert marks(listing) == [(), (GONE,)]


@pytest.mark.parametrize("state", ["hidden", "withdrawn", "unconfirmed"])
def test_what_is_not_shown_can_not_be_reported(listing: Listing, state: str) -> None:
    question = ask(listing)
    Question.objects.update(state=state)
    address = reverse("content-report", args=[question.public_id])
    assert [Client().get(address).status_code, Client().post(address, REPORT).status_code] == [404, 404]
    assert Report.objects.count() == 0


def test_so_many_reports_an_hour_come_from_one_address(
    listing: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReportThrottle, "rate", "2/hour", raising=False)
    address = reverse("content-report", args=[review(listing).public_id])
    answers = [Client().post(address, REPORT).status_code for _ in range(3)]
    answers.append(Client().post(address, REPORT, REMOTE_ADDR="203.0.113.9").status_code)
    assert (answers, Report.objects.count()) == ([302, 302, 422, 302], 3)


def test_questions_and_reports_share_one_measure(listing: Listing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReportThrottle, "rate", "1/hour", raising=False)
    asked = {"text": "Is it loud?", "shown_name": "Bo", "email": "bo@example.com"}
    page = reverse("questions", args=[listing.slug, listing.public_id])
    report = reverse("content-report", args=[review(listing).public_id])
    assert [Client().post(report, REPORT).status_code, Client().post(page, asked).status_code] == [302, 422]
    assert Question.objects.count() == 0


def test_who_received_the_goods_answers_a_question(listing: Listing) -> None:
    question, ada, eve = ask(listing), user("ada"), user("eve")
    invite(listing, ada)
    address = reverse("question-answer", args=[question.public_id])
    answers = [one.post(address, ANSWER).status_code for one in (signed_in(eve), signed_in(ada))]
    said = [(one.by, one.user_id, one.text) for one in question.answers.all()]
    assert (answers, said) == ([403, 302], [("buyer", ada.pk, ANSWER["text"])])
    page = Client().get(reverse("questions", args=[listing.slug, listing.public_id])).content.decode()
    assert ("Somebody who received it" in page, ANSWER["text"] in page) == (True, True)


def test_a_question_that_is_hidden_is_not_there_to_be_answered(listing: Listing) -> None:
    question, ada = ask(listing), user("ada")
    invite(listing, ada)
    Question.objects.update(state="hidden")
    address = reverse("question-answer", args=[question.public_id])
    assert signed_in(ada).post(address, ANSWER).status_code == 404
    assert question.answers.count() == 0


def test_an_empty_answer_is_asked_for_again(listing: Listing) -> None:
    question, ada = ask(listing), user("ada")
    invite(listing, ada)
    address = reverse("question-answer", args=[question.public_id])
    assert signed_in(ada).post(address, ANSWER | {"text": "<b></b>"}).status_code == 422
    assert question.answers.count() == 0
