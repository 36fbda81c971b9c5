"""What happens to a ticket. Every write locks the ticket first, records an event, and lets the clocks follow."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Value

from complaints.domain import topics
from complaints.domain.errors import Incomplete, NewerMessages
from complaints.domain.safety import hazards_in
from complaints.domain.states import LIVE, MERGED, TICKET, WAITING, WAITING_CUSTOMER, may, next_state
from complaints.events import ComplaintClosed, ComplaintReceived, MessageWritten, RoomChanged, SellerAsked
from complaints.models import Draft, Message, Ticket, TicketEvent, TicketLink
from complaints.operations.clocks import settle_clocks
from complaints.operations.files import Given, attach, check_files
from complaints.operations.policies import policy_for
from complaints.operations.rooms import end_room, open_room_of
from complaints.queries.fitting import search_config
from compliance.rulebook.words import noop as _
from marketplace.kernel import outbox
from marketplace.kernel.errors import NotFound

LONGEST = 20_000  # characters of one message
WAIT = {"customer": "wait_for_customer", "merchant": "wait_for_merchant", "outside": "wait_outside"}


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody complains about, as an edge understood it. Ids are public ids of things that exist."""

    subject: str
    body: str
    market: str
    language: str
    topic: str = "other"
    remedy: str = ""
    about_kind: str = "none"
    about: str = ""
    order: str = ""
    listing: str = ""
    merchant: str = ""
    email: str = ""
    name: str = ""
    time_zone: str = "UTC"
    channel: str = "form"
    tags: tuple[str, ...] = field(default=())


def lock_ticket(public_id: str) -> Ticket:
    """Return a ticket under lock.

    :raises NotFound: if there is none.
    """
    found = Ticket.objects.select_for_update(of=("self",)).select_related("policy__calendar")
    ticket = found.filter(public_id=public_id).first()
    if ticket is None:
        raise NotFound(field="ticket")
    return ticket


def lock_current(public_id: str) -> Ticket:
    """Return a ticket under lock, or in its place the one that it was merged into; never the lock of both.

    Tickets are locked together only in the order of their keys, and a merged one may come after its target.

    :raises NotFound: if there is none.
    """
    while True:
        into = (
            Ticket.objects.filter(public_id=public_id)
            .values_list("merged_into__public_id", flat=True)
            .first()
        )
        with transaction.atomic():
            row = lock_ticket(into or public_id)
            if row.merged_into_id is None:
                return row
            transaction.set_rollback(True)  # merged while we waited: let go of it, and look again


@transaction.atomic
def open_complaint(
    *,
    complaint: Complaint,
    now: datetime,
    user_id: int | None = None,
    key: str = "",
    received_at: datetime | None = None,
    files: Sequence[Given] = (),
) -> Ticket:
    """Take a complaint in: a ticket with its first message, its clocks running. The same `key` is the same complaint.

    :raises Incomplete: naming the field that is missing or unknown.
    """
    _check(complaint)
    checked = check_files(files)
    ingest_key = f"open:{key or uuid.uuid4()}"
    known = Message.objects.filter(ingest_key=ingest_key).select_related("ticket").first()
    if known is not None:
        return known.ticket
    at = received_at or now
    hazards = hazards_in(f"{complaint.subject}\n{complaint.body}")
    is_dangerous = bool(hazards) or complaint.topic == "unsafe"
    policy = policy_for(topic=complaint.topic, market=complaint.market, is_dangerous=is_dangerous, now=now)
    ticket = Ticket.objects.create(
        **{name: getattr(complaint, name) for name in _KEPT},
        tags=list(complaint.tags),
        user_id=user_id,
        priority=1 if is_dangerous else 3,
        hazards=list(hazards),
        policy=policy,
        received_at=at,
        last_message_at=at,
    )
    first = _write(ticket, Message.Kind.CUSTOMER, complaint.body, at, now, ingest_key=ingest_key, channel=complaint.channel,
           language=complaint.language, author_id=user_id, author_name=complaint.name)  # fmt: skip
    attach(first, checked)
    record(ticket, "received", actor="customer", at=at, now=now, key=f"received:{ticket.public_id}")
    record(ticket, "customer_message", actor="customer", at=at, now=now, key=f"asked:{ticket.public_id}")
    finish(ticket, now)
    outbox.publish(
        ComplaintReceived(
            ticket.public_id, ticket.merchant, ticket.market, ticket.topic, tuple(hazards), ticket.received_at
        )
    )
    return ticket


_KEPT = (
    "subject", "topic", "remedy", "about_kind", "about", "order", "listing", "merchant", "email", "name", "market",
    "language", "time_zone", "channel",
)  # fmt: skip


def _check(complaint: Complaint) -> None:
    if not complaint.body.strip():
        raise Incomplete(_("Say in a few words what went wrong."), field="body")
    if len(complaint.body) > LONGEST:
        raise Incomplete(_("This text is longer than %(most)s characters."), field="body", most=LONGEST)
    if not complaint.subject.strip():
        raise Incomplete(_("Give it a short title."), field="subject")
    known = {
        "topic": topics.TOPICS, "about_kind": topics.SUBJECTS, "channel": topics.CHANNELS,
        "remedy": ("", *topics.REMEDIES),
    }  # fmt: skip
    for name, choices in known.items():
        if getattr(complaint, name) not in choices:
            raise Incomplete(_("This is not one of the choices."), field=name)


@transaction.atomic
def say(
    *, ticket: str, kind: str, body: str, now: datetime, said_at: datetime | None = None, key: str = "",
    author_id: int | None = None, author_name: str = "", channel: str = "form", language: str = "",
    message_id: str = "", read_version: int | None = None, to_merchant: bool = False, actor: str = "",
    files: Sequence[Given] = (), in_room: bool = False,
) -> Message:  # fmt: skip
    """Write a message of the complainant, seller or desk on a ticket, or a note among colleagues. Once per `key`.

    `read_version` is the ticket's version that the writer had read; a closed ticket opens again when its
    complainant writes. What is said `in_room` is for shopper, seller and desk alike and keeps the ticket where it is.

    :raises NewerMessages: if somebody wrote in between; nothing is sent.
    :raises Incomplete: for an empty or endless text.
    :raises RoomClosed: for a room that is not open, of a complaint that was merged away for example.
    """
    if not body.strip():
        raise Incomplete(_("There is nothing written yet."), field="body")
    if len(body) > LONGEST:
        raise Incomplete(_("This text is longer than %(most)s characters."), field="body", most=LONGEST)
    checked = check_files(files)
    row = lock_ticket(ticket) if in_room else lock_current(ticket)
    ingest_key = key or f"said:{uuid.uuid4()}"
    known = Message.objects.filter(ingest_key=ingest_key).first()
    if known is not None:
        return known
    if read_version is not None and read_version != row.version:
        raise NewerMessages(read=read_version, version=row.version)
    if in_room:
        open_room_of(row, now)
    at = said_at or now
    message = _write(
        row, kind, body, at, now, ingest_key=ingest_key, channel=channel, language=language, author_id=author_id,
        author_name=author_name, message_id=message_id, to_merchant=to_merchant, in_room=in_room,
    )  # fmt: skip
    attach(message, checked)
    if kind == Message.Kind.NOTE:
        outbox.publish(MessageWritten(row.public_id, message.public_id, "colleagues"))
    else:
        _said(row, message, actor or kind, now)
    finish(row, now)
    return message


@transaction.atomic
def say_and_wait(*, ticket: str, whom: str, reason: str, actor: str, now: datetime, **said: Any) -> Message:
    """Say something (as `say` takes it) and wait for `whom` in one step: both happen or neither. "" waits for nobody.

    The same `key` is the same message, and what follows it is not done again.

    :raises WrongState: if the ticket cannot wait for them; nothing is said then.
    """
    row, key = lock_current(ticket), said.get("key", "")
    known = Message.objects.filter(ingest_key=key).first() if key else None
    if known is not None:
        return known
    message = say(ticket=row.public_id, actor=actor, now=now, **said)
    if whom:
        wait(ticket=row.public_id, whom=whom, actor=actor, now=now, reason=reason, is_told=True)
    return message


def _said(row: Ticket, message: Message, actor: str, now: datetime) -> None:
    """Let what was said move the ticket on and tell those whom it concerns."""
    at, kind = message.said_at, message.kind
    event = {"customer": "customer_message", "agent": "agent_message", "merchant": "merchant_message"}.get(
        kind
    )
    if event and not message.to_merchant:
        record(row, event, actor=actor, at=at, now=now, key=f"{event}:{message.public_id}")
    if kind == Message.Kind.AGENT:
        row.assessed_at = row.assessed_at or at
    if at >= row.last_message_at:
        row.last_message_at, row.last_speaker = at, kind
    if message.in_room:
        outbox.publish(MessageWritten(row.public_id, message.public_id, "room"))
        return
    if kind == Message.Kind.CUSTOMER and row.state in ("closed", "decided"):
        move(row, "reopen", actor=actor, at=at, now=now)
        row.reopened += 1
    elif (kind == Message.Kind.CUSTOMER and row.state == WAITING_CUSTOMER) or (
        kind == Message.Kind.MERCHANT and row.state in WAITING
    ):
        move(row, "resume", actor=actor, at=at, now=now)
    if kind in (Message.Kind.AGENT, Message.Kind.SYSTEM):
        outbox.publish(
            MessageWritten(
                row.public_id, message.public_id, "merchant" if message.to_merchant else "customer"
            )
        )
    else:
        outbox.publish(MessageWritten(row.public_id, message.public_id, "desk"))


def _write(row: Ticket, kind: str, body: str, at: datetime, now: datetime, **fields: Any) -> Message:
    return Message.objects.create(ticket=row, kind=kind, body=body, said_at=at, recorded_at=now, **fields)


def record(
    row: Ticket,
    kind: str,
    *,
    actor: str,
    at: datetime,
    now: datetime,
    key: str = "",
    state: str = "",
    **data: Any,
) -> TicketEvent:
    """Write down that something happened; the same `key` is the same event."""
    content = {
        "ticket": row, "kind": kind, "state": state, "actor": actor, "occurred_at": at, "recorded_at": now, "data": data,
    }  # fmt: skip
    if not key:
        return TicketEvent.objects.create(ingest_key=f"{kind}:{uuid.uuid4()}", **content)
    return TicketEvent.objects.get_or_create(ingest_key=key, defaults=content)[0]


def move(row: Ticket, action: str, *, actor: str, at: datetime, now: datetime, **data: Any) -> None:
    """Take a locked ticket to its next state and record it; the caller finishes the ticket.

    A ticket that is over takes its mediation room with it.

    :raises WrongState: if the table has no such step.
    """
    row.state = next_state(TICKET, row.state, action)
    kind = {"close": "closed", "reopen": "reopened", "decide": "decided"}.get(action, "state")
    record(row, kind, actor=actor, at=at, now=now, state=row.state, **data)
    if kind != "state":  # clocks that pause by state see every state
        record(row, "state", actor=actor, at=at, now=now, state=row.state)
    if action in WAIT.values():  # who asks somebody looks into it
        row.assessed_at, row.investigated_at = row.assessed_at or at, row.investigated_at or at
    row.snoozed_until = None  # whatever moves it ends what it was put off for; `wait` sets the next
    row.closed_at = at if action == "close" else None if action == "reopen" else row.closed_at
    row.decided_at = at if action == "decide" else None if action == "reopen" else row.decided_at
    if row.state not in LIVE and end_room(row, agreed=False, now=now) is not None:
        what = "joined" if row.state == MERGED else "ended"
        record(row, "room", actor=actor, at=at, now=now, what=what, offer="")
        outbox.publish(RoomChanged(row.public_id, what, "", ""))


def finish(row: Ticket, now: datetime) -> None:
    """Write a locked ticket back: a version on, its clocks and its words in line with what happened."""
    row.version += 1
    settle_clocks(ticket=row, now=now)
    row.save()
    index_words(row)


def index_words(row: Ticket) -> None:
    """Make what was said findable, each text by its language's own rules as far as the database has them."""
    texts = row.messages.order_by("pk").values_list("body", flat=True)
    whole = "\n".join(texts)[:200_000]
    config = Value(search_config(row.language))
    head = f"{row.public_id} {row.name} {row.email} {row.order} {row.subject}"
    vector = (
        SearchVector(Value(head), weight="A", config="simple")
        + SearchVector(Value(f"{row.subject}\n{whole}"), weight="B", config=config)
        + SearchVector(Value(whole), weight="C", config="simple")
    )
    Ticket.objects.filter(pk=row.pk).update(searchable=vector)


@transaction.atomic
def acknowledge(*, ticket: str, now: datetime) -> bool:
    """Write down that the complainant was told we have it; tell whether this was news."""
    row = lock_ticket(ticket)
    if row.acknowledged_at is not None:
        return False
    row.acknowledged_at = now
    record(row, "acknowledged", actor="clock", at=now, now=now, key=f"acknowledged:{row.public_id}")
    settle_clocks(ticket=row, now=now)
    row.save()
    return True


@transaction.atomic
def take_step(
    *, ticket: str, action: str, actor: str, now: datetime, reason: str = "", read_version: int | None = None
) -> Ticket:
    """Move a ticket on by an action of the state table that needs nothing else.

    :raises WrongState: if it is not possible; :raises NewerMessages: if the actor had read an older ticket.
    """
    row = lock_ticket(ticket)
    if read_version is not None and read_version != row.version:
        raise NewerMessages(read=read_version, version=row.version)
    move(row, action, actor=actor, at=now, now=now, reason=reason)
    if action == "close":
        outbox.publish(ComplaintClosed(row.public_id))
    finish(row, now)
    return row


def wait(
    *,
    ticket: str,
    whom: str,
    actor: str,
    now: datetime,
    reason: str,
    until: datetime | None = None,
    is_told: bool = False,
) -> Ticket:
    """Wait for the customer, the merchant or somebody outside, with the reason; `until` snoozes it.

    A merchant that was not written to with it (`is_told`) gets a letter that we need its answer.

    :raises Incomplete: for an unknown party or no reason.
    """
    if whom not in WAIT:
        raise Incomplete(_("This is not one of the choices."), field="whom")
    if not reason.strip():
        raise Incomplete(_("Say what we wait for."), field="reason")
    with transaction.atomic():
        row = take_step(ticket=ticket, action=WAIT[whom], actor=actor, now=now, reason=reason)
        if until is not None:
            Ticket.objects.filter(pk=row.pk).update(snoozed_until=until)
            row.snoozed_until = until
        if whom == "merchant" and not is_told:
            outbox.publish(SellerAsked(row.public_id))
    return row


def check_address(text: str) -> None:
    """Refuse what is no address of e-mail.

    :raises Incomplete: for anything else.
    """
    try:
        validate_email(text)
    except ValidationError:
        raise Incomplete(_("This is not an e-mail address."), field="email") from None


_SHORT = {"subject": 200, "language": 10}  # letters that fit


@transaction.atomic
def change_ticket(*, ticket: str, changes: Mapping[str, Any], actor: str, now: datetime) -> Ticket:
    """Change topic, priority, language, remedy, subject, tags or address of a ticket; each change is in its history.

    :raises Incomplete: naming the field, for a value that is none of the choices.
    """
    row = lock_ticket(ticket)
    allowed = {"topic": topics.TOPICS, "priority": topics.PRIORITIES, "remedy": ("", *topics.REMEDIES)}
    for name, value in changes.items():
        if name in allowed and value not in allowed[name]:
            raise Incomplete(_("This is not one of the choices."), field=name)
        if name in _SHORT and not 0 < len(value.strip()) <= _SHORT[name]:
            raise Incomplete(
                _("This is empty or longer than %(most)s characters."), field=name, most=_SHORT[name]
            )
        before = getattr(row, name)
        if name == "email" and value:
            check_address(value)
        if name in (*allowed, "language", "subject", "tags", "email") and before != value:
            setattr(row, name, value)
            record(row, "changed", actor=actor, at=now, now=now, field=name, before=before, after=value)
    if row.assessed_at is None:
        row.assessed_at = now
    finish(row, now)
    return row


@transaction.atomic
def merge(*, ticket: str, into: str, actor: str, now: datetime) -> Ticket:
    """Merge a ticket into another; what is said on it later goes there, and the stricter deadline with it.

    :raises Incomplete: for itself or one that was merged away itself.
    """
    if ticket == into:
        raise Incomplete(_("A complaint cannot be merged into itself."), field="into")
    rows = {row.public_id: row for row in _locked_in_order([ticket, into])}
    source, target = rows[ticket], rows[into]
    if target.merged_into_id is not None:
        raise Incomplete(_("That complaint was merged away itself."), field="into")
    source.merged_into = target
    move(source, "merge", actor=actor, at=now, now=now, into=into)
    stricter = min(source, target, key=lambda row: (row.policy.rank, row.received_at))
    if stricter is source:
        target.policy = source.policy
    target.priority = min(target.priority, source.priority)
    target.received_at = min(target.received_at, source.received_at)
    target.hazards = list(dict.fromkeys([*target.hazards, *source.hazards]))
    record(target, "merged_here", actor=actor, at=now, now=now, source=ticket)
    Ticket.objects.filter(merged_into=source).update(merged_into=target)
    for row in (source, target):
        finish(row, now)
    return target


@transaction.atomic
def split(*, ticket: str, messages: Sequence[str], subject: str, actor: str, now: datetime) -> Ticket:
    """Make a complaint of its own out of some of the complainant's messages; both are linked.

    :raises Incomplete: if none of the messages is the complainant's.
    """
    row = lock_ticket(ticket)
    chosen = list(row.messages.filter(public_id__in=messages, kind=Message.Kind.CUSTOMER).order_by("said_at"))
    if not chosen:
        raise Incomplete(_("Choose at least one message of the complainant."), field="messages")
    fresh = open_complaint(
        complaint=Complaint(
            **{name: getattr(row, name) for name in _KEPT if name != "subject"},
            subject=subject or row.subject,
            body="\n\n".join(message.body for message in chosen),
        ),
        now=now, user_id=row.user_id, key=f"split:{ticket}:{chosen[0].public_id}",
        received_at=chosen[0].said_at,
    )  # fmt: skip
    TicketLink.objects.get_or_create(first=row, second=fresh, kind="split", defaults={"made_at": now})
    record(row, "split", actor=actor, at=now, now=now, into=fresh.public_id)
    finish(row, now)
    return fresh


@transaction.atomic
def link(*, first: str, second: str, kind: str, actor: str, now: datetime) -> TicketLink:
    """Say that two complaints belong together. Twice is once."""
    one, two = sorted(_locked_in_order([first, second]), key=lambda row: row.pk)
    found, is_new = TicketLink.objects.get_or_create(
        first=one, second=two, kind=kind, defaults={"made_at": now}
    )
    if is_new:
        for row, other in ((one, two), (two, one)):
            record(row, "linked", actor=actor, at=now, now=now, to=other.public_id, how=kind)
    return found


def _locked_in_order(public_ids: Sequence[str]) -> list[Ticket]:
    """Return tickets under lock, taken in the order of their keys whatever order they were named in."""
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("policy__calendar")
    found = list(rows.filter(public_id__in=public_ids).order_by("pk"))
    if len(found) != len(set(public_ids)):
        raise NotFound(field="ticket")
    return found


@transaction.atomic
def keep_draft(
    *, ticket_id: int, agent_id: int, body: str, read_version: int, now: datetime, kind: str = "agent"
) -> Draft | None:
    """Keep an agent's unsent text; an empty one is forgotten. Nobody else's draft is touched."""
    if not body.strip():
        Draft.objects.filter(ticket_id=ticket_id, agent_id=agent_id, kind=kind).delete()
        return None
    draft, _is_new = Draft.objects.update_or_create(
        ticket_id=ticket_id, agent_id=agent_id, kind=kind,
        defaults={"body": body[: 2 * LONGEST], "base_version": read_version, "changed_at": now},
    )  # fmt: skip
    return draft


@transaction.atomic
def rescue_draft(
    *, ticket_id: int, agent_id: int, body: str, read_version: int, now: datetime, kind: str = "agent"
) -> Draft | None:
    """Keep a text that could not be sent; another text that is kept already stays below it."""
    if not body.strip():
        return None
    row = Draft.objects.select_for_update().filter(ticket_id=ticket_id, agent_id=agent_id, kind=kind).first()
    whole = body
    if row is not None and _plain(row.body) not in _plain(body):
        whole = f"{body}\n\n{row.body}"
    return keep_draft(
        ticket_id=ticket_id, agent_id=agent_id, body=whole, read_version=read_version, now=now, kind=kind
    )


@transaction.atomic
def forget_draft(*, ticket_id: int, agent_id: int, sent: str, kind: str = "agent") -> bool:
    """Forget an agent's draft of what was sent; a text that is not part of it (of another window, say) stays."""
    row = Draft.objects.select_for_update().filter(ticket_id=ticket_id, agent_id=agent_id, kind=kind).first()
    if row is None or not _plain(sent).startswith(_plain(row.body)):
        return False
    row.delete()
    return True


def _plain(text: str) -> str:
    return " ".join(text.split())


def may_step(row: Ticket, action: str) -> bool:
    """Tell whether an action of the state table is possible now."""
    return may(TICKET, row.state, action)
