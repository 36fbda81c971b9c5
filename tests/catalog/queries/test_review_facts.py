"""Reviews are judged by the law of reviews: who wrote them, what was given, whether hiding had reasons."""

from __future__ import annotations

import pytest

from catalog import operations
from catalog.models import Review
from catalog.operations.moderation import decide
from catalog.queries.review_facts import describe_reviews, review_ids_after, review_records
from compliance.checks.models import Finding
from marketplace.accounts.models import User
from marketplace.accounts.operations import add_member
from marketplace.kernel import outbox
from tests.catalog.factories import NOW, make_listing
from tests.catalog.operations.test_voice import received, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("taxonomy")]


def written(*, by_seller: bool = False, **more: object) -> Review:
    listing = make_listing()
    user = None
    if by_seller:
        user = User.objects.create_user("staff@seller.example", "correct horse battery")
        add_member(merchant=listing.merchant, user=user, role="editor")
    return operations.write_review(line=received(listing, user=user), said=said(**more), now=NOW)


def test_a_review_is_described_by_who_wrote_it_and_what_was_given():
    review = written(is_rewarded=True)
    record = review_records([review.public_id], NOW)[review.public_id]
    assert (record.facts, record.owner) == (
        {
            "from_buyer": True,
            "check_stated": True,
            "rewarded": True,
            "reward_stated": True,
            "by_seller": False,
            "hidden": False,
            "hidden_reasons": False,
        },
        review.listing.merchant.public_id,
    )


@pytest.mark.django_db(transaction=True)
def test_what_a_seller_says_of_itself_is_found_once_the_news_is_delivered_until_it_is_hidden_with_reasons():
    review = written(by_seller=True)
    subject = f"review:{review.public_id}"
    outbox.relay()
    before = set(Finding.objects.open().filter(subject=subject).values_list("rule", flat=True))
    officer = User.objects.create_user("otto@rightful.example", "correct horse battery")
    decide(
        subject=review.public_id,
        action="hide",
        ground="fake",
        reasons="Its seller wrote it.",
        decided_by=officer.pk,
        decided_name="Otto",
        now=NOW,
    )
    outbox.relay()
    after = set(Finding.objects.open().filter(subject=subject).values_list("rule", flat=True))
    assert ("gb.review.removed" in before, after) == (True, set())


def test_a_review_that_was_taken_back_is_no_subject_any_more():
    review = written()
    shown = review_ids_after("", 9), set(describe_reviews([review.public_id]))
    operations.withdraw_review(line=review.invitation.line, now=NOW)
    assert (shown, review_ids_after("", 9), review_records([review.public_id], NOW)) == (
        ([review.public_id], {review.public_id}),
        [],
        {},
    )


def test_the_number_of_queries_does_not_grow(django_assert_num_queries):
    ids = [written().public_id]
    with django_assert_num_queries(3):
        review_records(ids, NOW)
