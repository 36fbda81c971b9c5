"""Reviews, questions and what is decided about them: written, changed, reported, hidden, shown again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog import operations
from catalog.domain.errors import BadVoice, NotReceived, SpokenAlready, WrongState
from catalog.models import Listing, ListingIndex, Moderation, Report, Review, ReviewPhoto, ReviewVersion
from catalog.operations import reviews as review_operations
from marketplace.accounts.models import User
from marketplace.kernel import uploads
from marketplace.kernel.files import private_folder
from marketplace.kernel.uploads import BadUpload
from tests.catalog.factories import NOW, make_listing
from tests.kernel.test_uploads import picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("taxonomy")]


def said(**more: Any) -> operations.Said:
    values = {
        "stars": 4,
        "title": "Good light",
        "text": "I read by it.\n\nEvery day.",
        "shown_name": "Ada",
        "language": "en",
    }
    return operations.Said(**values | more)


def received(listing: Listing, line: str = "LN-1", user: User | None = None) -> str:
    one = operations.ReceivedLine(
        line, listing.public_id, user.pk if user else None, "ada@example.com", "de", NOW
    )
    operations.invite_reviewers(received=[one], now=NOW)
    return line


def stars_of(listing: Listing) -> tuple[Any, int]:
    listing.refresh_from_db()
    return listing.rating_average, listing.rating_count


def test_a_review_needs_goods_that_were_received_and_is_written_once():
    listing = make_listing()
    with pytest.raises(NotReceived):
        operations.write_review(line="LN-1", said=said(), now=NOW)
    line = received(listing)
    operations.write_review(line=line, said=said(), now=NOW)
    with pytest.raises(SpokenAlready):
        operations.write_review(line=line, said=said(), now=NOW)
    assert stars_of(listing) == (Decimal("4.00"), 1)


def test_an_invitation_is_given_once_for_a_line():
    listing = make_listing()
    one = operations.ReceivedLine("LN-1", listing.public_id, None, "a@example.com", "en", NOW)
    gone = operations.ReceivedLine("LN-2", "L-GONE", None, "a@example.com", "en", NOW)
    assert operations.invite_reviewers(received=[one, gone], now=NOW) == ["LN-1"]
    assert operations.invite_reviewers(received=[one], now=NOW) == []


def test_stars_reach_the_order_of_lists_and_a_page_that_is_kept_is_drawn_afresh():
    listing = make_listing()
    version = listing.version
    for n in range(8):
        operations.write_review(line=received(listing, f"LN-{n}"), said=said(stars=5), now=NOW)
    listing.refresh_from_db()
    assert listing.version > version
    assert ListingIndex.objects.get(listing=listing).rating == round(1000 * (8 * 5 + 3.8 * 5) / 13)


def test_what_something_was_given_for_is_shown_and_does_not_count():
    listing = make_listing()
    operations.write_review(line=received(listing), said=said(stars=5, is_rewarded=True), now=NOW)
    operations.write_review(line=received(listing, "LN-2"), said=said(stars=2), now=NOW)
    assert stars_of(listing) == (Decimal("2.00"), 1)


def test_a_change_keeps_what_was_said_before():
    line = received(make_listing())
    operations.write_review(line=line, said=said(), now=NOW)
    review = operations.edit_review(
        line=line, said=said(stars=1, text="It broke."), now=NOW + timedelta(days=9)
    )
    kept = ReviewVersion.objects.get()
    assert (review.stars, review.text, kept.stars, kept.text) == (
        1, "It broke.", 4, "I read by it.\n\nEvery day.",
    )  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        kept.delete()


def test_its_writer_takes_it_back_and_nobody_writes_in_its_place():
    listing = make_listing()
    line = received(listing)
    operations.write_review(line=line, said=said(), now=NOW)
    operations.withdraw_review(line=line, now=NOW)
    assert stars_of(listing) == (None, 0)
    with pytest.raises(WrongState):
        operations.edit_review(line=line, said=said(), now=NOW)
    with pytest.raises(SpokenAlready):
        operations.write_review(line=line, said=said(), now=NOW)


def reported(subject: str) -> None:
    operations.report_content(subject=subject, ground="fake", text="", email="", language="en", now=NOW)


def test_what_is_taken_back_is_not_left_for_a_person_to_decide():
    line = received(make_listing())
    review = operations.write_review(line=line, said=said(), now=NOW)
    reported(review.public_id)
    operations.withdraw_review(line=line, now=NOW + timedelta(days=1))
    assert [one.settled_at for one in Report.objects.all()] == [NOW + timedelta(days=1)]


def test_a_change_in_another_language_is_shown_as_such():
    line = received(make_listing())
    operations.write_review(line=line, said=said(), now=NOW)
    changed = said(text="Es ist hell.", language="de")
    assert operations.edit_review(line=line, said=changed, now=NOW).language == "de"


def test_a_merchant_answers_only_what_is_shown():
    line = received(make_listing())
    review = operations.write_review(line=line, said=said(), now=NOW)
    reported(review.public_id)
    operations.reply_to_review(review_id=review.pk, text="We are real.", now=NOW)
    decided(review.public_id, "hide", "fake")
    with pytest.raises(WrongState):
        operations.reply_to_review(review_id=review.pk, text="Good riddance.", now=NOW)
    review.refresh_from_db()
    assert review.reply == "We are real."


def kept_photos() -> list[str]:
    return sorted(path.name for path in (private_folder() / "reviews").glob("*"))


def test_photos_are_drawn_before_anything_is_locked(monkeypatch: pytest.MonkeyPatch):
    line, locked = received(make_listing()), []
    draw = uploads.redrawn

    def noting(data: bytes) -> bytes:
        locked.append([one["sql"] for one in asked.captured_queries if "FOR UPDATE" in one["sql"]])
        return draw(data)

    monkeypatch.setattr(uploads, "redrawn", noting)
    with CaptureQueriesContext(connection) as asked:
        operations.write_review(line=line, said=said(photos=(picture(),)), now=NOW)
        operations.edit_review(line=line, said=said(photos=(picture(),)), now=NOW)
    assert (locked[0], len(locked), ReviewPhoto.objects.count()) == ([], 2, 2)


def test_no_file_is_left_of_a_review_that_failed(monkeypatch: pytest.MonkeyPatch):
    line, before = received(make_listing()), kept_photos()

    def fail(**what: Any) -> None:
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr(review_operations, "recount", fail)
        with pytest.raises(DatabaseError):
            operations.write_review(line=line, said=said(photos=(picture(), picture())), now=NOW)
    assert (kept_photos(), Review.objects.count()) == (before, 0)
    operations.write_review(line=line, said=said(photos=(picture(), picture())), now=NOW)
    assert len(kept_photos()) == len(before) + 2


def test_photos_are_drawn_anew_and_others_refused():
    line = received(make_listing())
    with pytest.raises(BadUpload):
        operations.write_review(line=line, said=said(photos=(b"<svg onload=alert(1)>",)), now=NOW)
    review = operations.write_review(line=line, said=said(photos=(picture(),)), now=NOW)
    kept = review.photos.get().file.read()
    assert (kept[:2], b"Camera" in kept) == (b"\xff\xd8", False)
    with pytest.raises(BadVoice):
        operations.edit_review(line=line, said=said(photos=(picture(),) * 4), now=NOW)


def test_markup_is_taken_out_of_what_is_said():
    review = operations.write_review(
        line=received(make_listing()), said=said(title="<b>Oh</b>", text="<script>x</script>\nwell"), now=NOW
    )
    assert (review.title, review.text) == ("Oh", "well")


@pytest.mark.parametrize(
    "wrong", [{"stars": 0}, {"stars": 6}, {"title": " "}, {"text": "\n"}, {"shown_name": ""}]
)
def test_an_incomplete_review_is_refused(wrong: dict[str, Any]):
    line = received(make_listing())
    with pytest.raises(BadVoice) as refused:
        operations.write_review(line=line, said=said(**wrong), now=NOW)
    assert refused.value.field == next(iter(wrong))


def test_the_database_knows_the_states_and_the_stars():
    review = operations.write_review(line=received(make_listing()), said=said(), now=NOW)
    for wrong in ({"state": "deleted"}, {"stars": 9}, {"reply": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.filter(pk=review.pk).update(**wrong)


def decided(subject: str, action: str, ground: str = "") -> Moderation:
    officer, _ = User.objects.get_or_create(email="officer@example.com")
    return operations.decide(
        subject=subject, action=action, ground=ground, reasons="It names a neighbour.",
        decided_by=officer.pk, decided_name="O.", now=NOW,
    )  # fmt: skip


def test_a_report_hides_nothing_until_a_person_has_decided_with_reasons():
    listing = make_listing()
    review = operations.write_review(line=received(listing), said=said(), now=NOW)
    operations.report_content(
        subject=review.public_id, ground="personal_data", text="", email="", language="en", now=NOW
    )
    assert stars_of(listing) == (Decimal("4.00"), 1)
    with pytest.raises(BadVoice):
        decided(review.public_id, "hide")
    row = decided(review.public_id, "hide", "personal_data")
    assert stars_of(listing) == (None, 0)
    assert [one.settled_at for one in Report.objects.all()] == [NOW]
    with pytest.raises(DatabaseError), transaction.atomic():
        Moderation.objects.filter(pk=row.pk).update(reasons="other")
    decided(review.public_id, "restore")
    assert stars_of(listing) == (Decimal("4.00"), 1)


def test_a_reply_stands_below_and_changes_no_state():
    review = operations.write_review(line=received(make_listing()), said=said(), now=NOW)
    review = operations.reply_to_review(review_id=review.pk, text="Thank you.", now=NOW)
    assert (review.reply, review.state) == ("Thank you.", "published")


def test_goods_that_were_sent_back_are_marked_once():
    line = received(make_listing())
    assert [operations.mark_sent_back(lines=[line], now=NOW) for _ in range(2)] == [1, 0]


def ask(listing: Listing, user: User | None = None):
    return operations.ask_question(
        listing=listing.public_id, text="Is it dimmable?", shown_name="Bo", email="bo@example.com", language="en",
        user_id=user.pk if user else None, now=NOW,
    )  # fmt: skip


def test_a_guests_question_waits_for_its_address():
    question = ask(make_listing())
    assert question.state == "unconfirmed"
    states = [operations.confirm_question(token=question.token, now=NOW).state for _ in range(2)]
    assert states == ["published", "published"]


def test_the_merchant_or_somebody_who_received_it_answers():
    listing, asker, buyer = (
        make_listing(),
        User.objects.create(email="q@e.com"),
        User.objects.create(email="b@e.com"),
    )
    question = ask(listing, asker)
    answer = {"question": question.public_id, "text": "Yes.", "shown_name": "B", "language": "en", "now": NOW}
    with pytest.raises(NotReceived):
        operations.answer_question(**answer, by="buyer", user_id=buyer.pk)
    received(listing, user=buyer)
    operations.answer_question(**answer, by="buyer", user_id=buyer.pk)
    operations.answer_question(**answer, by="merchant", user_id=asker.pk)
    assert list(question.answers.order_by("pk").values_list("by", flat=True)) == ["buyer", "merchant"]


def test_one_address_asks_so_many_questions_a_day():
    listing = make_listing()
    for _ in range(10):
        ask(listing)
    with pytest.raises(BadVoice):
        ask(listing)
