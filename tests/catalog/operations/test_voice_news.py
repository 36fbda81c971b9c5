"""Merchants read of new reviews and questions: the first at once, then one letter an hour with all that gathered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from catalog import operations
from catalog.models import Listing, VoiceNews
from catalog.operations import voice_news
from marketplace.accounts.models import Merchant, User
from marketplace.kernel import outbox
from tests.catalog.factories import NOW, make_listing, make_merchant
from tests.catalog.operations.test_voice import ask, received, said
from tests.races import end_behind

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("taxonomy")]


@pytest.fixture
def listing() -> Listing:
    found = make_listing(make_merchant("FR"))
    outbox.relay()
    mail.outbox.clear()
    return found


def letters(minutes: int = 0) -> list[tuple[str, str]]:
    """Deliver the news so many minutes later and look what is due; return the letters to the merchant."""
    at = NOW + timedelta(minutes=minutes)
    mail.outbox.clear()
    with time_machine.travel(at, tick=False):
        outbox.relay(now=at)
        voice_news.tell_merchants(now=at)
        outbox.relay(now=at)
    to = Merchant.objects.get().email
    return [(one.subject, one.body) for one in mail.outbox if one.to == [to]]


def review(listing: Listing, line: str, **more: Any) -> Any:
    return operations.write_review(line=received(listing, line), said=said(**more), now=NOW)


def test_the_first_is_told_at_once_and_what_follows_in_one_letter_an_hour_later(listing: Listing) -> None:
    asker = User.objects.create(email="q@example.org")
    review(listing, "LN-1", stars=2, title="It broke")
    first = letters()
    review(listing, "LN-2", title="It shines")
    ask(listing, asker)
    quiet = letters(59)
    second = letters(61)
    assert [subject for subject, _ in first] == [f"Somebody reviewed {listing.code}"]
    assert ("2/5 · It broke" in first[0][1], quiet) == (True, [])
    assert [subject for subject, _ in second] == ["2 new reviews and questions about your goods"]
    assert ("It shines" in second[0][1], "Is it dimmable?" in second[0][1], letters(200)) == (True, True, [])


def test_a_question_alone_is_told_as_such(listing: Listing) -> None:
    ask(listing, User.objects.create(email="q@example.org"))
    assert [subject for subject, _ in letters()] == [f"Somebody asks about {listing.code}"]


def test_a_guests_question_is_told_once_it_is_confirmed(listing: Listing) -> None:
    question = ask(listing)
    before = letters()
    operations.confirm_question(token=question.token, now=NOW)
    assert (before, len(letters(1))) == ([], 1)


def test_a_change_is_no_news_and_neither_is_what_is_gone_again(listing: Listing) -> None:
    review(listing, "LN-1")
    letters()
    operations.edit_review(line="LN-1", said=said(stars=1), now=NOW)
    review(listing, "LN-2")
    letters(30)
    operations.withdraw_review(line="LN-2", now=NOW)
    assert (letters(90), VoiceNews.objects.filter(told_at=None).count()) == ([], 0)


def test_news_that_comes_twice_is_told_once(listing: Listing) -> None:
    found = review(listing, "LN-1")
    letters()
    assert voice_news.gather_voice(subject=found.public_id, now=NOW + timedelta(days=1)) == 0


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_locked", [True, False], ids=["locked", "control"])
def test_two_at_once_write_one_letter(is_locked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the merchant's lock the second does not see that the first has just told."""
    listing = make_listing()
    found = [review(listing, f"LN-{n}") for n in (1, 2)]
    VoiceNews.objects.all().delete()
    if not is_locked:
        monkeypatch.setattr(voice_news, "_lock", lambda merchant_id: None)
    told = end_behind(
        lambda: voice_news.gather_voice(subject=found[0].public_id, now=NOW),
        lambda: voice_news.gather_voice(subject=found[1].public_id, now=NOW),
    )
    assert told == (0 if is_locked else 1)
