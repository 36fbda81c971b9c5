"""Letters about complaints leave once: the row is written in the transaction that hands the letter over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from complaints.domain import topics
from complaints.models import Decision, Letter, Message, Rating, Ticket
from complaints.operations.tickets import acknowledge
from compliance.presentation import locale_of
from marketplace.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Words:
    """One letter: title, lead, paragraphs, links with their labels."""

    subject: str
    title: str
    lead: str
    rows: tuple[str, ...]
    quote: str = ""
    links: tuple[tuple[str, str], ...] = ()


@transaction.atomic
def send_acknowledgement(*, ticket: str, now: datetime) -> bool:
    """Tell the complainant that we have it: number, content, clocks, what happens next. Once."""
    row = Ticket.objects.get(public_id=ticket)
    with translation.override(row.language):
        first = row.messages.order_by("said_at", "pk").first()
        rows = [
            _("Your number is %(number)s. Keep it; it is in the subject of every letter.")
            % {"number": row.public_id},
            _("We received this on %(when)s.") % {"when": moment(row, row.received_at)},
            *_promised(row),
            _(
                "A person reads it and answers you. You can add to it at any time: answer this letter or open the page."
            ),
        ]
        words = Words(
            subject=_("We have your complaint %(number)s") % {"number": row.public_id},
            title=_("We have your complaint"),
            lead=row.subject,
            rows=tuple(rows),
            quote=first.body if first else "",
            links=((_("See your complaint"), address(row)),),
        )
        left = _send(f"acknowledgement:{row.public_id}", row, words, now)
    acknowledge(ticket=ticket, now=now)
    return left


def _promised(row: Ticket) -> list[str]:
    said = {
        "first_response": _("We answer by %(when)s."),
        "resolution": _("We decide by %(when)s."),
        "law:acknowledgement": _("The law where you live gives us until %(when)s to acknowledge it."),
        "law:decision": _("The law where you live gives us until %(when)s to settle it."),
    }
    clocks = row.clocks.filter(state="running", kind__in=said).order_by("due_at")
    return [said[clock.kind] % {"when": moment(row, clock.due_at)} for clock in clocks if clock.due_at]


@transaction.atomic
def send_message(*, message: str, now: datetime) -> bool:
    """Send what the desk wrote to the complainant. Once."""
    said = Message.objects.select_related("ticket").get(public_id=message)
    row = said.ticket
    with translation.override(row.language):
        words = Words(
            subject=_("Your complaint %(number)s: %(subject)s")
            % {"number": row.public_id, "subject": row.subject},
            title=_("An answer to your complaint"),
            lead=row.subject,
            rows=tuple(said.body.split("\n\n")),
            links=((_("Answer or see everything"), address(row)),),
        )
        left = _send(f"message:{said.public_id}", row, words, now)
    if left:
        Message.objects.filter(pk=said.pk).update(sent_at=now)
    return left


@transaction.atomic
def send_decision(*, decision: str, now: datetime) -> bool:
    """Tell the complainant what was decided, why, and where to turn next. Once."""
    one = Decision.objects.select_related("ticket").get(public_id=decision)
    row = one.ticket
    with translation.override(row.language):
        rows = [*one.reason.split("\n\n")]
        if one.amount_minor:
            amount = Money(one.amount_minor, one.currency).display(row.language)
            rows.append(_("%(amount)s goes back the way you paid.") % {"amount": amount})
        rows += [_("If you do not agree, you can turn to:")] if one.way_out else []
        rows += [
            ", ".join(part for part in (body["name"], body.get("url", "")) if part) for body in one.way_out
        ]
        words = Words(
            subject=_("Decided: your complaint %(number)s") % {"number": row.public_id},
            title=_(topics.OUTCOMES[one.outcome]),
            lead=row.subject,
            rows=tuple(rows),
            links=((_("See the decision"), address(row)),),
        )
        left = _send(f"decision:{one.public_id}", row, words, now)
    Ticket.objects.filter(pk=row.pk, communicated_at=None).update(communicated_at=now)
    return left


@transaction.atomic
def ask_rating(*, ticket: str, now: datetime) -> bool:
    """Ask once, after closing, what the complainant thought of it: one click, no sign-in."""
    row = Ticket.objects.get(public_id=ticket)
    rating, _is_new = Rating.objects.get_or_create(ticket=row, defaults={"asked_at": now})
    if rating.given_at is not None:
        return False
    with translation.override(row.language):
        page = settings.SITE_URL + reverse("complaint-rating", args=[rating.token])
        labels = (_("very bad"), _("bad"), _("so-so"), _("good"), _("very good"))
        words = Words(
            subject=_("How did we do with %(number)s?") % {"number": row.public_id},
            title=_("How did we do?"),
            lead=_("One click says it. You need not sign in, and we ask only once."),
            rows=(),
            links=tuple((f"{n} – {label}", f"{page}?score={n}") for n, label in enumerate(labels, 1)),
        )
        return _send(f"rating:{row.public_id}", row, words, now)


def address(row: Ticket) -> str:
    """Return the whole address of the complainant's page."""
    return settings.SITE_URL + reverse("complaint", args=[row.token])


def moment(row: Ticket, at: datetime) -> str:
    """Return an instant in the complainant's own time and words."""
    locale = locale_of("en-GB" if row.language == "en" else row.language)
    local = at.astimezone(ZoneInfo(row.time_zone))
    return f"{format_date(local, 'full', locale)}, {format_time(local, 'short', locale=locale)}"


def reply_address(row: Ticket) -> str:
    """Return the address to which an answer goes; it names the ticket."""
    name, _at, domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")
    return f"{name}+{row.public_id.lower()}@{domain}"


def _send(key: str, row: Ticket, words: Words, now: datetime) -> bool:
    if not row.email:
        return False
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message_id = f"<{sha256(f'{key}:{row.token}'.encode()).hexdigest()[:32]}@{domain}>"
    before = list(row.letters.order_by("pk").values_list("message_id", flat=True))
    try:
        with transaction.atomic():
            Letter.objects.create(key=key, ticket=row, to=row.email, message_id=message_id, sent_at=now)
    except IntegrityError:
        return False
    context: dict[str, Any] = {
        "letter": words,
        "site_url": settings.SITE_URL,
        "language": row.language,
        "reason": _("You get this letter because you complained to us with this address."),
    }
    message = EmailMultiAlternatives(
        subject=words.subject,
        body=render_to_string("email/complaints/letter.txt", context),
        to=[row.email],
        reply_to=[reply_address(row)],
        headers={
            "Message-ID": message_id,
            "Content-Language": row.language,
            "Auto-Submitted": "auto-replied",
            **({"References": " ".join(before[-10:]), "In-Reply-To": before[-1]} if before else {}),
        },
    )
    message.attach_alternative(render_to_string("email/complaints/letter.html", context), "text/html")
    message.send()
    return True
