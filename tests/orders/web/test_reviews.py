"""A review is written by whoever received the goods: through the order's link, and by nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog import operations as catalog
from catalog.models import Listing, Moderation, Review
from marketplace.accounts import operations as accounts
from marketplace.accounts.models import User
from marketplace.kernel import outbox
from tests.kernel.test_uploads import picture
from tests.returns import factories
from tests.returns.factories import LATER

pytestmark = pytest.mark.django_db
REVIEW = {"stars": "4", "title": "Good", "text": "It holds.", "shown_name": "Ada"}


@pytest.fixture
def group(rates: None) -> Any:
    cache.clear()
    found = factories.delivered()
    outbox.relay()
    return found


def address(group: Any) -> str:
    line = group.orders.get().lines.get()
    return reverse("review-write", args=[group.token, line.public_id])


def listing_of(group: Any) -> Listing:
    return Listing.objects.get(public_id=group.orders.get().lines.get().listing_public_id)


def test_a_delivery_invites_once_with_a_link_that_works(client: Client, group: Any):
    letters = [one for one in mail.outbox if address(group) in one.body]
    assert [one.to for one in letters] == [["ada@example.com"]]
    assert client.get(address(group)).status_code == 200
    assert address(group) in client.get(reverse("order", args=[group.token])).content.decode()


def test_a_guest_writes_changes_and_takes_back(client: Client, group: Any):
    photo = SimpleUploadedFile("me.jpg", picture(), "image/jpeg")
    done = client.post(address(group), REVIEW | {"photos": photo})
    assert done.status_code == 302, done.context["form"].errors
    review = Review.objects.get()
    where = [listing_of(group).slug, listing_of(group).public_id]
    page = client.get(reverse("reviews", args=where)).content.decode()
    assert ("It holds." in page, "Directive 2005/29/EC" in page) == (True, True)
    seen = client.get(reverse("review-photo", args=[review.public_id, review.photos.get().pk]))
    assert b"".join(seen.streaming_content)[:2] == b"\xff\xd8"
    client.post(address(group), REVIEW | {"stars": "1", "text": "It fell."})
    assert [one.stars for one in review.versions.all()] == [4]
    client.post(address(group), {"withdraw": "1"})
    assert "It fell." not in client.get(reverse("reviews", args=where)).content.decode()
    assert "You took your review back" in client.get(address(group)).content.decode()


def test_what_has_not_arrived_cannot_be_reviewed(client: Client, rates: None):
    bought = factories.buy([(factories.make_variant(factories.make_merchant()), 1)])
    assert "It has not arrived yet" in client.get(address(bought)).content.decode()
    assert client.post(address(bought), REVIEW).status_code == 422
    assert Review.objects.count() == 0


def test_another_account_is_refused_clearly_and_an_unknown_link_finds_nothing(client: Client, group: Any):
    group.user = User.objects.create_user("ada@example.com", "correct horse battery")
    group.save()
    other = User.objects.create_user("eve@example.com", "correct horse battery")
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    refused = client.post(address(group), REVIEW)
    assert (refused.status_code, Review.objects.count()) == (403, 0)
    assert "Only the account that bought this can review it" in refused.content.decode()
    line = group.orders.get().lines.get().public_id
    assert client.get(reverse("review-write", args=["nothing", line])).status_code == 404


def test_the_product_page_shows_stars_at_once_and_keeps_within_its_queries(
    client: Client, group: Any, django_assert_max_num_queries: Any
):
    listing = listing_of(group)
    page = reverse("product", args=[listing.slug, listing.public_id])
    client.cookies["market"] = "DE"
    catalog.refresh_listings(listing_ids=[listing.pk], now=LATER)
    assert "aggregateRating" not in client.get(page).content.decode()
    client.get(page)
    client.post(address(group), REVIEW)
    with django_assert_max_num_queries(12):
        html = client.get(page).content.decode()
    assert ('"ratingValue": "4.00"' in html, "It holds." in html) == (True, True)
    for _ in range(2):  # a drawing is kept when it is asked for the second time
        client.get(page)
    with django_assert_max_num_queries(8):
        assert "It holds." in client.get(page).content.decode()


def test_reviews_are_read_a_page_at_a_time(client: Client, group: Any):
    listing = listing_of(group)
    for n in range(12):
        one = catalog.ReceivedLine(f"LN-{n}", listing.public_id, None, "a@example.com", "en", LATER)
        catalog.invite_reviewers(received=[one], now=LATER)
        said = catalog.Said(5, f"Number {n}", "Fine.", "A", "en")
        catalog.write_review(line=f"LN-{n}", said=said, now=LATER + timedelta(minutes=n))
    first = client.get(reverse("reviews", args=[listing.slug, listing.public_id]))
    seen = [one["title"] for one in first.context["page"]["voice"]["reviews"]]
    rest = client.get(
        reverse("reviews", args=[listing.slug, listing.public_id]) + first.context["page"]["next_url"]
    )
    seen += [one["title"] for one in rest.context["page"]["voice"]["reviews"]]
    assert (seen, rest.context["page"]["next_url"]) == ([f"Number {n}" for n in reversed(range(12))], "")


def test_a_report_is_decided_by_a_person_with_reasons_that_are_sent(client: Client, group: Any):
    client.post(address(group), REVIEW)
    review = Review.objects.get()
    report = {"ground": "insult", "text": "Look.", "email": "bo@example.com"}
    assert client.post(reverse("content-report", args=[review.public_id]), report).status_code == 302
    agent = User.objects.create_user("ines@example.com", "correct horse battery", name="Ines")
    accounts.give_role(user=agent, kind="agent")
    desk = Client()
    desk.force_login(agent, backend="django.contrib.auth.backends.ModelBackend")
    assert review.public_id in desk.get(reverse("moderation")).content.decode()
    case = reverse("moderation-case", args=[review.public_id])
    assert desk.post(case, {"action": "hide", "reasons": "x"}).status_code == 422
    desk.post(case, {"action": "hide", "ground": "insult", "reasons": "It calls the seller names."})
    mail.outbox.clear()
    outbox.relay()
    assert sorted(one.to[0] for one in mail.outbox) == ["ada@example.com", "bo@example.com"]
    assert all("It calls the seller names." in one.body for one in mail.outbox)
    assert Moderation.objects.get().decided_name == "Ines"
    assert "Complain about this decision" in client.get(address(group)).content.decode()


def test_a_merchant_answers_its_own_reviews_and_has_no_way_to_delete(client: Client, group: Any):
    client.post(address(group), REVIEW)
    review, merchant = Review.objects.get(), group.orders.get().merchant
    people = {}
    for name, owned in (("own", merchant), ("other", factories.make_merchant())):
        user = User.objects.create_user(f"{name}@example.com", "correct horse battery", is_staff=True)
        owned.members.create(user=user, role="owner")
        people[name] = Client()
        people[name].force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    reply = reverse("merchant-voice-reply", args=[review.public_id])
    assert people["other"].post(reply, {"text": "No."}).status_code == 404
    assert people["own"].post(reply, {"text": "Thank you."}).status_code == 302
    assert "Thank you." in people["own"].get(reverse("merchant-voice")).content.decode()
    assert people["own"].get(reverse("moderation")).status_code == 403
    assert Review.objects.get().reply == "Thank you."


def test_goods_off_sale_are_marked_beside_their_reviews(client: Client, group: Any):
    listing = listing_of(group)
    Listing.objects.filter(pk=listing.pk).update(state="archived")
    page = client.get(reverse("reviews", args=[listing.slug, listing.public_id])).content.decode()
    assert "These goods are not sold here any more" in page


def test_a_guests_question_is_shown_once_its_address_is_confirmed_and_the_seller_answers(
    client: Client, group: Any
):
    listing = listing_of(group)
    page = reverse("questions", args=[listing.slug, listing.public_id])
    client.post(page, {"text": "Is it loud?", "shown_name": "Bo", "email": "bo@example.com"})
    assert "Is it loud?" not in client.get(page).content.decode()
    outbox.relay()
    question = listing.questions.get()
    confirm = reverse("question-confirm", args=[question.token])
    assert confirm in mail.outbox[-1].body
    client.get(confirm)
    assert "Is it loud?" not in client.get(page).content.decode()
    client.post(confirm)
    user = User.objects.create_user("own@example.com", "correct horse battery", is_staff=True)
    listing.merchant.members.create(user=user, role="owner")
    staff = Client()
    staff.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    staff.post(reverse("merchant-voice-answer", args=[question.public_id]), {"text": "Not at all."})
    html = client.get(page).content.decode()
    assert ("Is it loud?" in html, "Not at all." in html, "The seller" in html) == (True, True, True)


def _asked(listing: Listing) -> Any:
    user, _ = User.objects.get_or_create(email="bo@example.com")
    return catalog.ask_question(
        listing=listing.public_id, text="Is it loud?", shown_name="Bo", email=user.email, language="en",
        user_id=user.pk, now=LATER,
    )  # fmt: skip


def test_a_guest_who_received_it_answers_through_the_link_of_the_order(client: Client, group: Any):
    listing, line = listing_of(group), group.orders.get().lines.get().public_id
    question = _asked(listing)
    page = reverse("order-question", args=[group.token, line, question.public_id])
    assert page in client.get(address(group)).content.decode()
    assert client.get(page).status_code == 200
    assert client.post(page, {"text": "Not at all.", "shown_name": "Ada"}).status_code == 302
    html = client.get(reverse("questions", args=[listing.slug, listing.public_id])).content.decode()
    assert ("Not at all." in html, "Somebody who received it" in html) == (True, True)
    said = question.answers.get()
    agent = User.objects.create_user("ines@example.com", "correct horse battery")
    catalog.decide(
        subject=said.public_id, action="hide", ground="fake", reasons="It is loud.", decided_by=agent.pk,
        decided_name="Ines", now=LATER,
    )  # fmt: skip
    mail.outbox.clear()
    outbox.relay()
    assert [one.to for one in mail.outbox if "It is loud." in one.body] == [["ada@example.com"]]


def test_the_link_of_an_order_answers_questions_about_its_own_goods_alone(client: Client, group: Any):
    line = group.orders.get().lines.get().public_id
    other = _asked(factories.make_variant(factories.make_merchant()).listing)
    own = _asked(listing_of(group))
    said = {"text": "Yes.", "shown_name": "Ada"}
    tries = [
        (group.token, line, other.public_id),
        ("nothing", line, own.public_id),
        (group.token, "LN-0", own.public_id),
    ]
    answers = [client.post(reverse("order-question", args=one), said).status_code for one in tries]
    assert (answers, own.answers.count() + other.answers.count()) == ([404, 404, 404], 0)


def test_who_has_not_received_it_yet_can_not_answer(client: Client, rates: None):
    bought = factories.buy([(factories.make_variant(factories.make_merchant()), 1)])
    line = bought.orders.get().lines.get()
    question = _asked(Listing.objects.get(public_id=line.listing_public_id))
    page = reverse("order-question", args=[bought.token, line.public_id, question.public_id])
    answered = client.post(page, {"text": "Yes.", "shown_name": "Ada"})
    assert (answered.status_code, question.answers.count()) == (403, 0)
