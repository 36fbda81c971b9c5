"""Fault 24: letters that come twice, at once, late or in another order."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import permutations

import pytest
from django.db import connection

from complaints import operations
from complaints.models import Message, Ticket
from complaints.operations import incoming
from complaints.operations.incoming import take_letter
from tests.complaints.factories import NOW, make_ticket

pytestmark = pytest.mark.django_db(transaction=True)


def letter(number: str, text: str, sent: datetime, message_id: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ada@example.com", "post@rightful.example", f"Re: {number}"
    mail["Date"], mail["Message-ID"] = format_datetime(sent), message_id
    mail.set_content(text)
    return mail.as_bytes()


@pytest.mark.concurrency
def test_a_letter_that_comes_six_times_at_once_is_one():
    raw = letter("my lamp", "It is broken.", NOW, "<one@example.com>")
    said: list[str] = []

    def take() -> None:
        try:
            said.append(take_letter(raw=raw, now=NOW).what)
        except Exception as error:
            said.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(said), Ticket.objects.count(), Message.objects.count()) == (
        ["known"] * 5 + ["opened"],
        1,
        1,
    )


def test_letters_in_any_order_and_twice_give_the_same_clocks():
    found = set()
    now = NOW + timedelta(days=1)
    for order in permutations(range(3)):
        ticket = make_ticket()
        for n in (*order, *order):
            sent = NOW + timedelta(hours=1 + n)
            take_letter(
                raw=letter(ticket.public_id, f"More {n}", sent, f"<{n}.{ticket.public_id}@e.com>"), now=now
            )
        clocks = ticket.clocks.order_by("kind", "generation")
        found.add(
            tuple(clocks.values_list("kind", "generation", "state", "started_at", "due_at", "next_action_at"))
        )
    assert len(found) == 1


def test_a_letter_sent_in_time_that_comes_late_counts_from_when_it_was_sent():
    ticket = make_ticket()
    take_letter(
        raw=letter(ticket.public_id, "More", NOW + timedelta(hours=1), "<a@e.com>"),
        now=NOW + timedelta(days=3),
    )
    message = Message.objects.get(message_id="<a@e.com>")
    assert (message.said_at, message.recorded_at) == (NOW + timedelta(hours=1), NOW + timedelta(days=3))


@pytest.mark.concurrency
def test_without_the_letters_own_id_the_same_letter_is_six_complaints(monkeypatch):
    """The negative control: each time it comes it counts as another."""
    read, count = incoming.read_letter, itertools.count()
    monkeypatch.setattr(
        incoming, "read_letter", lambda raw: replace(read(raw), message_id=f"<{next(count)}@came.example>")
    )
    raw = letter("my lamp", "It is broken.", NOW, "<one@example.com>")
    for _ in range(6):
        take_letter(raw=raw, now=NOW)
    assert (Ticket.objects.count(), Message.objects.count()) == (6, 6)


def clocks_of_a_letter_that_comes_after(late: timedelta) -> list[tuple]:
    """Return the clocks of an answered complaint to which a letter was sent in time, by when it comes."""
    ticket = make_ticket()
    operations.say(ticket=ticket.public_id, kind="agent", body="Yes.", now=NOW + timedelta(minutes=30))
    raw = letter(ticket.public_id, "More", NOW + timedelta(hours=1), f"<a.{ticket.public_id}@e.com>")
    take_letter(raw=raw, now=NOW + late)
    clocks = ticket.clocks.order_by("kind", "generation")
    return list(clocks.values_list("kind", "generation", "started_at", "due_at"))


def test_a_letter_gives_the_same_clocks_whenever_it_comes():
    soon, late = (clocks_of_a_letter_that_comes_after(one) for one in (timedelta(hours=1), timedelta(days=3)))
    assert soon == late


def test_counted_from_when_it_came_the_same_letter_gives_other_clocks(monkeypatch):
    """The negative control: the hour of coming in the place of the hour of sending."""
    monkeypatch.setattr(incoming, "_said_at", lambda letter, now: now)
    soon, late = (clocks_of_a_letter_that_comes_after(one) for one in (timedelta(hours=1), timedelta(days=3)))
    assert soon != late
