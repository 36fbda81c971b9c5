"""Letters about complaints leave once: the row is written in the transaction that hands the letter over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
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
from django.utils.translation import gettext

from complaints.domain import letter_words, topics
from complaints.domain.remedies import GIVEN
from complaints.domain.states import CLOSED, UNDO_WITHIN
from complaints.models import (
    Attachment,
    Decision,
    Gesture,
    Letter,
    Message,
    Offer,
    Rating,
    Referral,
    Room,
    Settlement,
    Ticket,
)
from complaints.operations.referring import bodies_for
from complaints.operations.tickets import acknowledge
from compliance.presentation import locale_of
from marketplace.accounts.models import Merchant, MerchantMember
from marketplace.kernel.money import Money
from returns.queries import addresses


def _(sentence: str) -> str:
    """Return a sentence in the letter's language: by the product's words, or by those that only letters have."""
    return letter_words.in_language(sentence, translation.get_language() or "") or gettext(sentence)


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
            rows=(*said.body.split("\n\n"), *_named(said)),
            links=((_("Answer or see everything"), address(row)),),
        )
        left = _send(f"message:{said.public_id}", row, words, now, files=_enclosed(said))
    if left:
        Message.objects.filter(pk=said.pk).update(sent_at=now)
    return left


MOST_ENCLOSED = 10 * 1024 * 1024  # of all files of a letter; what is larger lies on the page


def _enclosed(said: Message) -> list[Attachment]:
    """Return the files of a message that go with its letter: all of them, or none where they are too large."""
    files = list(said.attachments.order_by("pk"))
    return files if sum(file.size for file in files) <= MOST_ENCLOSED else []


def _named(said: Message) -> list[str]:
    """Return which files belong to a message whose letter cannot carry them."""
    names = [file.name for file in said.attachments.order_by("pk")]
    return (
        [_("On the page: %(files)s") % {"files": ", ".join(names)}] if names and not _enclosed(said) else []
    )


@transaction.atomic
def send_question(*, ticket: str, message: str, now: datetime) -> bool:
    """Tell the seller in its staff's language that we ask something, what, by when, and where to answer. Once."""
    row = Ticket.objects.get(public_id=ticket)
    said = Message.objects.filter(public_id=message).first()
    seller = Merchant.objects.filter(public_id=row.merchant).first()
    if seller is None:
        return False
    clock = row.clocks.filter(kind="merchant_answer").order_by("-generation").first()
    language = _language_of(seller)
    with translation.override(language):
        page = settings.SITE_URL + reverse("merchant-complaint", args=[row.public_id])
        rows = said.body.split("\n\n") if said else [_("We cannot go on without your answer. The page shows what it is about.")]  # fmt: skip
        if clock is not None and clock.due_at is not None:
            until = moment_of(clock.due_at, language, seller.time_zone)
            rows += [_("Please answer by %(when)s. If you do not, we go on by what the buyer says.") % {"when": until}]  # fmt: skip
        words = Words(
            subject=_("A question about complaint %(number)s") % {"number": row.public_id},
            title=_("We need your answer to a complaint"),
            lead=" · ".join(part for part in (row.subject, row.order) if part),
            rows=tuple(rows),
            links=((_("Answer on this page"), page),),
        )
        key = (
            f"question:{message}" if said else f"question:{row.public_id}:{clock.generation if clock else 0}"
        )
        reason = gettext("You get this letter because somebody complained about one of your orders.")
        return _send(key, row, words, now, to=seller.email, language=language, reason=reason)


@transaction.atomic
def send_decision(*, decision: str, now: datetime) -> bool:
    """Tell the complainant what was decided, why, and where to turn next. Once."""
    one = Decision.objects.select_related("ticket").get(public_id=decision)
    row = one.ticket
    with translation.override(row.language):
        rows = [*one.reason.split("\n\n"), *_asked_for(one, one.agreed_at or one.decided_at)]
        rows += _opened(Settlement.objects.filter(decision=one).first())
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


def _opened(done: Settlement | None) -> list[str]:
    """Return where the label, the claim or the choice that was brought about is found."""
    if done is None or done.state not in ("done", "choosing"):
        return []
    if done.state == "choosing":
        said = _("Choose on this page what you would like to have instead: %(page)s")
        page = reverse("complaint-exchange", args=[done.ticket.token, done.public_id])
    elif done.remedy == "return_label":
        said, page = (
            _("Your label to send it back is on this page: %(page)s"),
            addresses.page_of_return(done.ref),
        )
    elif done.remedy == "exchange":
        return []  # chosen already; its own letters tell how it goes on
    else:
        said, page = (
            _("We opened a claim with the seller for you: %(page)s"),
            addresses.page_of_claim(done.ref),
        )
    return [said % {"page": settings.SITE_URL + page}]


@transaction.atomic
def send_gesture(*, gesture: str, now: datetime) -> bool:
    """Tell the complainant what we give in passing, with our words. Once."""
    one = Gesture.objects.select_related("ticket", "settlement").get(public_id=gesture)
    row = one.ticket
    with translation.override(row.language):
        rows = [
            *one.words.split("\n\n"),
            *_asked_for(one, one.agreed_at or one.given_at),
            *_opened(one.settlement),
        ]
        words = Words(
            subject=_("Your complaint %(number)s: %(subject)s")
            % {"number": row.public_id, "subject": _(GIVEN[one.kind])},
            title=_(GIVEN[one.kind]),
            lead=row.subject,
            rows=tuple(rows),
            links=((_("See your complaint"), address(row)),),
        )
        return _send(f"gesture:{one.public_id}", row, words, now)


def _asked_for(one: Decision | Gesture, at: datetime) -> list[str]:
    """Return that money is on its way, how much and since when; nothing where there is none."""
    if not one.amount_minor:
        return []
    amount = Money(one.amount_minor, one.currency).display(one.ticket.language)
    said = _(
        "%(amount)s goes back the way you paid. We asked for it on %(when)s and write to you when it is paid."
    )
    return [said % {"amount": amount, "when": day(one.ticket, at)}]


@transaction.atomic
def send_settlement(*, settlement: str, now: datetime) -> bool:
    """Tell the complainant that the money of a decision was paid: how much, and when. Once per payment."""
    one = Settlement.objects.select_related("ticket").get(public_id=settlement)
    if one.state != "paid" or one.done_at is None:
        return False
    row = one.ticket
    with translation.override(row.language):
        told = {
            "amount": Money(one.amount_minor or 0, one.currency).display(row.language),
            "when": day(row, one.done_at),
        }
        words = Words(
            subject=_("Your complaint %(number)s: %(subject)s")
            % {"number": row.public_id, "subject": _("Paid back: %(amount)s") % told},
            title=_("Paid back: %(amount)s") % told,
            lead=row.subject,
            rows=(
                _("%(amount)s was paid back on %(when)s, the way you paid.") % told,
                _("Banks show it within a few days. If it does not come, answer this letter."),
            ),
            links=((_("See your complaint"), address(row)),),
        )
        return _send(f"settlement:{one.ref}", row, words, now)


# -- the mediation room: to the shopper and to the seller, never to whoever acted


@transaction.atomic
def tell_room_message(*, message: str, side: str, now: datetime) -> bool:
    """Tell a side that another one wrote in the room. Once."""
    said = Message.objects.select_related("ticket").get(public_id=message)
    row = said.ticket

    def words(language: str, zone: str, page: str) -> Words:
        return Words(
            subject=_("Mediation: complaint %(number)s") % {"number": row.public_id},
            title=_("Somebody wrote in the mediation room"),
            lead=row.subject,
            rows=tuple(said.body.split("\n\n")),
            links=((_("Open the room"), page),),
        )

    return _to_side(side, f"room-message:{said.public_id}", row, said.kind, words, now)


@transaction.atomic
def tell_room(*, ticket: str, what: str, offer: str, by: str, side: str, now: datetime) -> bool:
    """Tell a side what another one did in the room. Once."""
    row = Ticket.objects.get(public_id=ticket)
    room = Room.objects.get(ticket=row)
    one = Offer.objects.filter(public_id=offer).first()

    def words(language: str, zone: str, page: str) -> Words:
        titles = {
            "opened": _("A room to find an agreement"), "offered": _("There is an offer"),
            "agreed": _("One side said yes"), "declined": _("The offer was declined"),
            "expired": _("The time of the offer is over"), "closed": _("The room is closed"),
            "ended": _("The room is closed"), "joined": _("The room is closed"),
            "accepted": _("You agreed"),
        }  # fmt: skip
        return Words(
            subject=_("Mediation: complaint %(number)s") % {"number": row.public_id},
            title=titles[what],
            lead=row.subject,
            rows=tuple(_in_room(room, one, what, language, zone)),
            links=((_("Open the room"), page),),
        )

    return _to_side(side, f"room:{what}:{offer or room.opened_at.isoformat()}:{by}", row, by, words, now)


def _in_room(room: Room, one: Offer | None, what: str, language: str, zone: str) -> list[str]:
    if what == "opened":
        return [
            _(
                "Buyer, seller and we see one page. Anybody may offer something; what both sides accept is carried out at once. It is open until %(when)s."
            )
            % {"when": moment_of(room.until, language, zone)}
        ]
    if what == "closed":
        return [_("Nobody agreed in time. The complaint goes on: we decide it.")]
    if what == "ended":
        return [_("The complaint is over, and the room with it. Nothing lies on the table any more.")]
    if what == "joined":
        return [
            _("The complaint was joined with another and goes on there. Nothing lies on the table any more.")
        ]
    if one is None or one.valid_until is None:
        return []
    amount = Money(one.amount_minor, one.currency).display(language) if one.amount_minor else ""
    remedy = ", ".join(part for part in (_(GIVEN[one.remedy]), amount) if part)
    said = {"remedy": remedy, "when": moment_of(one.valid_until, language, zone)}
    return [_("An offer: %(remedy)s. It stands until %(when)s.") % said, *([one.words] if one.words else [])]


def _to_side(
    side: str, key: str, row: Ticket, author: str, words: Callable[[str, str, str], Words], now: datetime
) -> bool:
    """Send a letter of the room to one side, unless it did this itself; each side has a delivery of its own."""
    if author == side:
        return False
    if side == "customer":
        with translation.override(row.language):
            page = settings.SITE_URL + reverse("complaint-room", args=[row.token])
            told = words(row.language, row.time_zone, page)
            return _send(f"{key}:customer"[:120], row, told, now)
    seller = Merchant.objects.filter(public_id=row.merchant).first()
    if seller is None or not seller.email:
        return False
    language = _language_of(seller)
    with translation.override(language):
        page = settings.SITE_URL + reverse("merchant-complaint-room", args=[row.public_id])
        reason = gettext("You get this letter because a complaint about one of your orders is being mediated.")  # fmt: skip
        told = words(language, seller.time_zone, page)
        return _send(f"{key}:merchant"[:120], row, told, now, to=seller.email, language=language, reason=reason)  # fmt: skip


def _language_of(seller: Merchant) -> str:
    """Return the language of a seller's letters: its owner's, or of whoever else works there and has one."""
    known = [one for one in seller.members.select_related("user").order_by("pk") if one.user.language]
    known.sort(key=lambda one: one.role != MerchantMember.Role.OWNER)
    return known[0].user.language if known else settings.LANGUAGE_CODE


@transaction.atomic
def send_way_out(*, ticket: str, now: datetime) -> bool:
    """Tell the complainant that we did not settle it in time, who outside can look at it, and where to say yes. Once."""
    row = Ticket.objects.get(public_id=ticket)
    with translation.override(row.language):
        bodies = [", ".join(part for part in (body["name"], body.get("url") or "") if part) for body in bodies_for(row)[:4]]  # fmt: skip
        words = Words(
            subject=_("Your complaint %(number)s: who outside can look at it") % {"number": row.public_id},
            title=_("We are too slow with your complaint"),
            lead=row.subject,
            rows=(
                _("We should have settled it by now. We go on with it, and you need not wait for us: you can turn to:"),
                *bodies,
                _("If you want, we hand it over with all its papers. Without your yes nothing leaves this house."),
            ),
            links=(
                (_("Choose and say yes"), settings.SITE_URL + reverse("complaint-outside", args=[row.token])),
                (_("See your complaint"), address(row)),
            ),
        )  # fmt: skip
        return _send(f"way-out:{row.public_id}", row, words, now)


@transaction.atomic
def send_referral(*, referral: str, state: str, now: datetime) -> bool:
    """Tell the complainant what became of their case at a body outside. Once per state."""
    one = Referral.objects.select_related("ticket").get(public_id=referral)
    row = one.ticket
    with translation.override(row.language):
        said = {
            "prepared": _("Your complaint and its dossier are ready for %(body)s."),
            "sent": _("Your dossier went to %(body)s on %(when)s."),
            "accepted": _("%(body)s took your case on."),
            "refused": _("%(body)s did not take your case on."),
            "decided": _("%(body)s decided."),
            "withdrawn": _("You took your consent back. Nothing more goes to %(body)s."),
        }[state] % {"body": one.body["name"], "when": day(row, one.sent_at or now)}
        rows = [said, *_by_law(row, one, state)]
        rows += [one.result] if one.result and state in ("refused", "decided") else []
        words = Words(
            subject=_("With your consent: your complaint %(number)s outside") % {"number": row.public_id},
            title=said,
            lead=row.subject,
            rows=tuple(rows[1:]),
            links=((_("See how it stands"), address(row)),),
        )
        return _send(f"referral:{one.public_id}:{state}", row, words, now)


_LAWS = {  # of a case outside: state → the rule by which the next day is set, and what happens by then
    "sent": ("complaint.adr_refuses", "They say whether they take it on by %(day)s."),
    "accepted": ("complaint.adr_decides", "They decide by %(day)s."),
}


def _by_law(row: Ticket, one: Referral, state: str) -> list[str]:
    """Return by when the body has to do what comes next, with the law that says so.

    Nothing where the law sets no day, or where the case has moved on since and its day is another step's.
    """
    rule, said = _LAWS.get(state, ("", ""))
    ruling = next((known for known in one.rulings if rule and known["rule"].endswith(rule)), None)
    if ruling is None or one.due_on is None:
        return []
    law = "; ".join(f"{cite['act']}, {cite['at']}" for cite in ruling["cites"])
    return [f"{_(said) % {'day': _on(row, one.due_on)}} ({law})"]


def ask_rating_at(*, ticket: str) -> datetime:
    """Return when to ask about a closed complaint: not while closing it can be undone."""
    closed = Ticket.objects.values_list("closed_at", flat=True).get(public_id=ticket)
    return closed + UNDO_WITHIN if closed else datetime.min.replace(tzinfo=UTC)


@transaction.atomic
def ask_rating(*, ticket: str, now: datetime) -> bool:
    """Ask once, after closing, what the complainant thought of it: one click, no sign-in. Not where it goes on."""
    row = Ticket.objects.get(public_id=ticket)
    if row.state != CLOSED:
        return False
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
    return moment_of(at, row.language, row.time_zone)


def moment_of(at: datetime, language: str, zone: str) -> str:
    """Return an instant in a reader's own time and words."""
    locale = locale_of("en-GB" if language == "en" else language)
    local = at.astimezone(ZoneInfo(zone))
    return f"{format_date(local, 'full', locale)}, {format_time(local, 'short', locale=locale)}"


def day(row: Ticket, at: datetime) -> str:
    """Return the day of an instant in the complainant's own time and words."""
    return _on(row, at.astimezone(ZoneInfo(row.time_zone)).date())


def _on(row: Ticket, on: date) -> str:
    return format_date(on, "long", locale_of("en-GB" if row.language == "en" else row.language))


def reply_address(row: Ticket) -> str:
    """Return the address to which an answer goes; it names the ticket."""
    name, _at, domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")
    return f"{name}+{row.public_id.lower()}@{domain}"


def _send(
    key: str,
    row: Ticket,
    words: Words,
    now: datetime,
    *,
    to: str = "",
    language: str = "",
    reason: str = "",
    files: Iterable[Attachment] = (),
) -> bool:
    """Send a letter once per key: to the complainant, or to another party in its own language."""
    address_to, language = to or row.email, language or row.language
    if not address_to:
        return False
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message_id = f"<{sha256(f'{key}:{row.token}'.encode()).hexdigest()[:32]}@{domain}>"
    before = list(row.letters.filter(to=address_to).order_by("pk").values_list("message_id", flat=True))
    try:
        with transaction.atomic():
            Letter.objects.create(key=key, ticket=row, to=address_to, message_id=message_id, sent_at=now)
    except IntegrityError:
        return False
    pages = (
        ("/withdraw", _("Withdraw from a contract")),
        ("/contact", _("Contact")),
        ("/imprint", _("Imprint")),
    )
    context: dict[str, Any] = {
        "letter": words,
        "site_url": settings.SITE_URL,
        "language": language,
        "reason": reason or _("You get this letter because you complained to us with this address."),
        "pages": [(settings.SITE_URL + path, label) for path, label in pages],
    }
    message = EmailMultiAlternatives(
        subject=words.subject,
        body=render_to_string("email/complaints/letter.txt", context),
        to=[address_to],
        reply_to=[reply_address(row)],
        headers={
            "Message-ID": message_id,
            "Content-Language": language,
            "Auto-Submitted": "auto-replied",
            **({"References": " ".join(before[-10:]), "In-Reply-To": before[-1]} if before else {}),
        },
    )
    message.attach_alternative(render_to_string("email/complaints/letter.html", context), "text/html")
    for file in files:
        with file.file.open("rb") as content:
            message.attach(file.name, content.read(), file.kind)
    message.send()
    return True
