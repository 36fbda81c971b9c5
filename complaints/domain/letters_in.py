"""A letter that came by e-mail, read: who wrote, what is new in it, what it answers, and whether a machine wrote it.

Pure: bytes in, facts out. Nothing in a letter is believed but what is checked later; its size is the caller's affair.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from html.parser import HTMLParser

NUMBER = re.compile(r"\bC-[2-9A-HJ-NP-Z]{8}\b", re.IGNORECASE)
_QUOTED_FROM = re.compile(
    r"^\s*(?:"
    r"(?:on|am|le|el|il|op|em|den|w dniu|dnia)\b.{0,200}(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|skrev|napisał(?:\(?a\)?)?)\b.{0,120}:?\s*$"
    r"|-{2,}\s*(?:original message|ursprüngliche nachricht|message d'origine|mensaje original|messaggio originale|oorspronkelijk bericht|wiadomość oryginalna)\b.*"
    r"|_{10,}\s*$"
    r"|(?:from|von|de|da|van|od|från)\s?:\s.*@.*$"
    r")",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^(?:-- ?|—|sent from my .*|von meinem .* gesendet|envoyé de mon .*|enviado desde mi .*|inviato da .*)$",
    re.IGNORECASE,
)
_MACHINE_SENDERS = re.compile(
    r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply)(?:[+@]|$)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Enclosed:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class LetterIn:
    """What an e-mail says. `number` is the complaint it names, `answers` the Message-IDs it refers to."""

    message_id: str
    sender: str
    sender_name: str
    subject: str
    text: str  # what is new: without quotes and signature
    whole: str
    number: str
    answers: tuple[str, ...]
    sent_at: datetime | None
    files: tuple[Enclosed, ...]
    machine: str  # why it was not written by a person; empty if it was


def read_letter(raw: bytes) -> LetterIn:
    """Read a raw message (RFC 5322). Broken parts are read as far as they go; nothing raises for bad input."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    name, sender = next(iter(getaddresses([_header(message, "From")])), ("", ""))
    recipients = " ".join(_header(message, field) for field in ("To", "Cc", "Delivered-To", "X-Envelope-To"))
    subject, whole = _header(message, "Subject"), _text(message)
    found = NUMBER.search(recipients) or NUMBER.search(subject)
    return LetterIn(
        message_id=_header(message, "Message-ID") or f"<{sha256(raw).hexdigest()[:32]}@without-id>",
        sender=sender.lower(),
        sender_name=name[:120],
        subject=subject[:200],
        text=new_in(whole),
        whole=whole,
        number=found.group().upper() if found else "",
        answers=tuple(
            re.findall(r"<[^<>\s]+>", f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}")
        ),
        sent_at=_date(_header(message, "Date")),
        files=tuple(_files(message)),
        machine=_machine(message, sender),
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        value = str(message.get(name, ""))
    except (ValueError, IndexError, AttributeError):  # a header too broken for the standard library
        return ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in value).split())


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _machine(message: EmailMessage, sender: str) -> str:
    """Return why a letter needs no answer: bounces, absence notes, lists and our own letters would make loops."""
    if message.get_content_type() == "multipart/report" or _header(message, "Return-Path") == "<>":
        return "bounce"
    auto = _header(message, "Auto-Submitted").lower()
    if auto and not auto.startswith("no"):
        return "auto-submitted"
    if (
        _header(message, "X-Autoreply")
        or _header(message, "X-Autorespond")
        or _header(message, "X-Auto-Response-Suppress")
    ):
        return "auto-reply"
    if _header(message, "Precedence").lower() in ("bulk", "list", "junk", "auto_reply") or _header(
        message, "List-Id"
    ):
        return "list"
    return "machine sender" if _MACHINE_SENDERS.match(sender) or not sender else ""


def _text(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    text = _content(part)
    return as_text(text) if part.get_content_type() == "text/html" else text.replace("\r\n", "\n")


def _content(part: EmailMessage) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # an unknown charset
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)


def _files(message: EmailMessage) -> list[Enclosed]:
    found = []
    for part in message.iter_attachments():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and payload:
            found.append(Enclosed(part.get_filename() or "file", payload))
    return found


def new_in(text: str) -> str:
    """Return what a person wrote now: quotes of earlier letters and the signature cut away.

    If nothing would be left (somebody answered inside the quote), the whole text is kept.
    """
    kept: list[str] = []
    lines = text.replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines):
        joined = f"{line} {lines[number + 1]}" if number + 1 < len(lines) else line
        if _QUOTED_FROM.match(line) or (_QUOTED_FROM.match(joined) and joined.rstrip().endswith(":")):
            break
        if _SIGNATURE.match(line.rstrip("\r")):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line.rstrip())
    new = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    return new or text.strip()


class _Text(HTMLParser):
    """The text of an HTML letter: no scripts, no styles, quotes marked as in plain letters."""

    BREAKS = ("p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = self.quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = dict(attrs).get("class") or ""
        self.silent += tag in ("script", "style", "head", "title")
        self.quoted += tag == "blockquote" or "gmail_quote" in classes
        if tag in self.BREAKS:
            self.parts.append("\n" + "> " * bool(self.quoted))

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style", "head", "title") and self.silent > 0
        self.quoted -= tag == "blockquote" and self.quoted > 0
        if tag in self.BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def as_text(html: str) -> str:
    """Return the readable text of an HTML letter."""
    parser = _Text()
    parser.feed(html)
    return re.sub(r"\n\s*\n+", "\n\n", "".join(parser.parts)).strip()
