"""Fault 24: letters that come twice, at once, late or in another order."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import permutations

import pytest
from django.db import connection

from complaints.models import Message, Ticket
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
