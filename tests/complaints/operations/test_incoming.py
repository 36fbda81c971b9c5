"""Letters that come in: answered complaints, new ones, machines, strangers, twice the same."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from django.core import mail

from complaints.models import IncomingLetter, Ticket
from complaints.operations import incoming
from marketplace.kernel import outbox
from tests.complaints.domain.test_letters_in import letter
from tests.complaints.factories import NOW, make_ticket
from tests.fakes.imap_server import ImapFake, running_imap

pytestmark = pytest.mark.django_db(transaction=True)
GERMAN = "Die Lampe ist kaputt und ich habe noch keine Antwort. Bitte helfen Sie mir.\n\nGruß"


@pytest.fixture
def imap(settings) -> Iterator[ImapFake]:
    with running_imap() as fake:
        settings.MAILBOX_HOST, settings.MAILBOX_PORT, settings.MAILBOX_TLS = "127.0.0.1", fake.port, False
        yield fake


def test_a_letter_becomes_a_complaint_in_its_writers_language():
    taken = incoming.take_letter(raw=letter(GERMAN), now=NOW)
    ticket = Ticket.objects.get(public_id=taken.ticket)
    assert (taken.what, ticket.language, ticket.email, ticket.channel, ticket.subject) == (
        "opened", "de", "ada@example.com", "email", "Lamp",
    )  # fmt: skip


def test_the_same_letter_twice_is_once():
    first = incoming.take_letter(raw=letter(GERMAN), now=NOW)
    again = incoming.take_letter(raw=letter(GERMAN), now=NOW)
    assert (again.what, again.ticket, Ticket.objects.count()) == ("known", first.ticket, 1)


def test_an_answer_to_our_letter_finds_its_complaint():
    ticket = make_ticket()
    outbox.relay()
    ours = mail.outbox[0].extra_headers["Message-ID"]
    taken = incoming.take_letter(raw=letter("More news.", Message_ID="<2@x>", In_Reply_To=ours), now=NOW)
    assert (taken.what, taken.ticket, ticket.messages.filter(kind="customer").count()) == (
        "answered",
        ticket.public_id,
        2,
    )


def test_the_number_in_the_subject_finds_it_too():
    ticket = make_ticket()
    taken = incoming.take_letter(
        raw=letter("More news.", Subject=f"Re: complaint {ticket.public_id}"), now=NOW
    )
    assert (taken.what, taken.ticket) == ("answered", ticket.public_id)


def test_a_stranger_does_not_speak_in_anothers_name():
    ticket = make_ticket()
    raw = letter("Send the money to me.", From="eve@example.com", Subject=ticket.public_id)
    taken = incoming.take_letter(raw=raw, now=NOW)
    assert (taken.what, ticket.messages.filter(kind="customer").count(), ticket.messages.filter(kind="note").count()) == (
        "noted", 1, 1,
    )  # fmt: skip


def test_a_machine_opens_nothing_and_is_answered_by_nobody():
    incoming.take_letter(raw=letter("I am away.", Auto_Submitted="auto-replied"), now=NOW)
    outbox.relay()
    assert (Ticket.objects.count(), len(mail.outbox), IncomingLetter.objects.get().what) == (0, 0, "machine")


def test_a_file_that_cannot_be_kept_is_named_and_the_rest_goes_on():
    parts = (
        "--x\r\nContent-Type: text/plain\r\n\r\nSee the files.\r\n"
        "--x\r\nContent-Type: application/x-msdownload; name=\"run.exe\"\r\nContent-Disposition: attachment; filename=\"run.exe\"\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{base64.b64encode(b'MZ' + bytes(400)).decode()}\r\n--x--"
    )  # fmt: skip
    incoming.take_letter(
        raw=letter(parts, MIME_Version="1.0", Content_Type='multipart/mixed; boundary="x"'), now=NOW
    )
    message = Ticket.objects.get().messages.get()
    assert "run.exe" in message.body
    assert message.attachments.count() == 0


def test_letters_are_fetched_from_a_real_mailbox_once(imap: ImapFake):
    imap.put(letter(GERMAN))
    imap.put(letter("Away.", Message_ID="<9@x>", Auto_Submitted="auto-replied"))
    for _ in range(2):
        with incoming.open_mailbox() as box:
            counts = incoming.fetch_letters(mailbox=box, now=NOW)
    assert (counts, imap.seen, Ticket.objects.count()) == ({}, {1, 2}, 1)


def test_a_letter_that_fails_stays_in_the_mailbox_and_stops_no_other(imap: ImapFake, monkeypatch):
    imap.put(letter("poison", Message_ID="<bad@x>"))
    imap.put(letter(GERMAN))
    real = incoming.read_letter

    def poisoned(raw: bytes):
        if b"poison" in raw:
            raise RuntimeError("poison")
        return real(raw)

    monkeypatch.setattr(incoming, "read_letter", poisoned)
    with incoming.open_mailbox() as box:
        counts = incoming.fetch_letters(mailbox=box, now=NOW)
    assert (counts, imap.seen) == ({"failed": 1, "opened": 1}, {2})
