"""Letters that come in: an answer goes to its complaint, a new one becomes a complaint, a machine's is kept aside.

The same letter twice is once (its Message-ID). A letter to a complaint from an address that is not its complainant's is
kept as a note for the desk, so that nobody speaks in another's name and nothing is lost.
"""

from __future__ import annotations

import imaplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from django.conf import settings
from django.db import transaction

from complaints.domain.errors import Incomplete
from complaints.domain.languages import detect_language
from complaints.domain.letters_in import LetterIn, read_letter
from complaints.models import IncomingLetter, Letter, Message, Ticket
from complaints.operations import tickets, undelivered
from complaints.operations.files import Checked, Given, attach, check_files
from compliance.rulebook.words import noop as _
from marketplace.accounts.models import User
from marketplace.accounts.place import time_zone_of

log = structlog.get_logger(__name__)
LARGEST = 30 * 1024 * 1024
FUTURE = timedelta(minutes=5)  # a sender's clock may be wrong; nothing is said in the future


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a letter: opened, answered, noted, machine, known."""

    what: str
    ticket: str = ""


def take_letter(*, raw: bytes, now: datetime) -> Taken:
    """Take one raw e-mail in. Never raises for what is in it; the letter itself is kept whatever it is."""
    letter = read_letter(raw[:LARGEST])
    if len(raw) > LARGEST:
        raw, said = raw[:LARGEST], _("[This letter was larger than 30 MB; its end was cut off.]")
        letter = replace(letter, text=f"{letter.text or letter.subject}\n\n{said}")
    with transaction.atomic():
        kept, is_new = IncomingLetter.objects.get_or_create(
            message_id=letter.message_id[:300],
            defaults={
                "sender": letter.sender[:254],
                "subject": letter.subject,
                "raw": raw,
                "received_at": now,
            },
        )
        if not is_new:
            return Taken("known", kept.ticket.public_id if kept.ticket else "")
        taken, row = _place(letter, now)
        IncomingLetter.objects.filter(pk=kept.pk).update(what=taken, ticket=row)
    return Taken(taken, row.public_id if row else "")


def _place(letter: LetterIn, now: datetime) -> tuple[str, Ticket | None]:
    row = _ticket_of(letter)
    if letter.machine:
        if row is not None:
            _say(row, Message.Kind.NOTE, f"[{letter.machine}] {letter.text}", letter, now)
            if letter.machine == "bounce":
                undelivered.tell(row, key=f"bounce:{letter.message_id}"[:70], now=now)
        return "machine", row
    if row is None:
        return "opened", _open(letter, now)
    if letter.sender != row.email.lower():
        _say(row, Message.Kind.NOTE, f"{letter.sender}:\n\n{letter.text}", letter, now)
        return "noted", row
    _say(row, Message.Kind.CUSTOMER, letter.text, letter, now)
    return "answered", row


def _ticket_of(letter: LetterIn) -> Ticket | None:
    if letter.answers:
        sent = Letter.objects.filter(message_id__in=letter.answers).select_related("ticket").first()
        if sent is not None:
            return sent.ticket
        said = Message.objects.filter(message_id__in=letter.answers).select_related("ticket").first()
        if said is not None:
            return said.ticket
    return Ticket.objects.filter(public_id=letter.number).first() if letter.number else None


def _said_at(letter: LetterIn, now: datetime) -> datetime:
    return min(letter.sent_at or now, now)


def _open(letter: LetterIn, now: datetime) -> Ticket:
    user = User.objects.filter(email__iexact=letter.sender).first()
    market = (user.market if user else "") or settings.DEFAULT_MARKET
    language = detect_language(
        letter.text, otherwise=(user.language if user else "") or settings.LANGUAGE_CODE
    )
    files, refused = _files_of(letter)
    complaint = tickets.Complaint(
        subject=letter.subject or letter.text.split("\n", 1)[0][:120] or letter.sender,
        body=_body(letter, refused),
        market=market,
        language=language,
        email=letter.sender,
        name=letter.sender_name,
        time_zone=time_zone_of(market),
        channel="email",
    )
    row = tickets.open_complaint(
        complaint=complaint, now=now, user_id=user.pk if user else None, key=f"mail:{letter.message_id}"[:190]
    )
    attach(row.messages.get(), files)
    return row


def _say(row: Ticket, kind: str, body: str, letter: LetterIn, now: datetime) -> None:
    files, refused = _files_of(letter)
    message = tickets.say(
        ticket=row.public_id, kind=kind, body=_with(body, refused)[: tickets.LONGEST], now=now,
        said_at=max(_said_at(letter, now), row.received_at), key=f"mail:{letter.message_id}"[:190],
        author_name=letter.sender_name or letter.sender, channel="email", message_id=letter.message_id[:200],
    )  # fmt: skip
    attach(message, files)


def _body(letter: LetterIn, refused: list[str]) -> str:
    return _with(letter.text or letter.whole or letter.subject or _("(an empty letter)"), refused)[
        : tickets.LONGEST
    ]


def _with(body: str, refused: list[str]) -> str:
    return "\n\n".join([body, *(f"[{reason}]" for reason in refused)])


def _files_of(letter: LetterIn) -> tuple[list[Checked], list[str]]:
    """Return the enclosures that may be kept, and for each other one why not; the raw letter keeps them all."""
    taken: list[Checked] = []
    refused: list[str] = []
    for file in letter.files[:20]:
        try:
            taken += check_files([Given(file.name, file.content)])
        except Incomplete as error:
            refused.append(str(error.detail))
    return taken, refused


# -- where letters come from


class Mailbox(Protocol):
    """A place where letters wait. Each is handed out until it is said to be done."""

    def waiting(self) -> Iterator[tuple[str, bytes]]: ...

    def done(self, key: str) -> None: ...


class ImapMailbox:
    """A folder of an IMAP server; a letter is done when it is marked as read."""

    def __init__(self, connection: imaplib.IMAP4) -> None:
        self.connection = connection

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        _status, found = self.connection.uid("SEARCH", "UNSEEN")
        for key in (found[0] or b"").split():
            _status, parts = self.connection.uid("FETCH", key.decode(), "(BODY.PEEK[])")
            body = next((part[1] for part in parts if isinstance(part, tuple)), None)
            if body is not None:
                yield key.decode(), body

    def done(self, key: str) -> None:
        self.connection.uid("STORE", key, "+FLAGS.SILENT", r"(\Seen)")


@contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    """Open the mailbox that the settings name. Raises OSError or imaplib.IMAP4.error if it does not answer."""
    kind: Any = imaplib.IMAP4_SSL if settings.MAILBOX_TLS else imaplib.IMAP4
    connection = kind(settings.MAILBOX_HOST, settings.MAILBOX_PORT, timeout=20)
    try:
        connection.login(settings.MAILBOX_USER, settings.MAILBOX_PASSWORD)
        connection.select(settings.MAILBOX_FOLDER)
        yield ImapMailbox(connection)
    finally:
        try:
            connection.logout()
        except (OSError, imaplib.IMAP4.error):
            log.info("The mailbox went away before we had said good-bye.")


def fetch_letters(*, mailbox: Mailbox, now: datetime) -> dict[str, int]:
    """Take every waiting letter in; return how many became what. One that fails stays waiting and stops no other."""
    counts: dict[str, int] = {}
    for key, raw in mailbox.waiting():
        try:
            what = take_letter(raw=raw, now=now).what
        except Exception as error:
            log.error("A letter could not be taken in; it stays where it is.", error=type(error).__name__)
            what = "failed"
        else:
            mailbox.done(key)
        counts[what] = counts.get(what, 0) + 1
    return counts
