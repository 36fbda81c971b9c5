"""Complaints as people see them: frozen views; edges put them into words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from complaints.models import Clock, Decision, Gesture, Message, Offer, Ticket
from complaints.queries.decisions import standing_decision
from marketplace.accounts.models import Merchant, User
from marketplace.kernel.errors import NotFound

SHOWN = (Message.Kind.CUSTOMER, Message.Kind.AGENT, Message.Kind.MERCHANT, Message.Kind.SYSTEM)


@dataclass(frozen=True, slots=True)
class FileView:
    public_id: str
    name: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class MessageView:
    public_id: str
    kind: str
    author: str
    body: str
    said_at: datetime
    files: tuple[FileView, ...]


@dataclass(frozen=True, slots=True)
class ClockView:
    """One deadline with what explains it: the windows that counted, or the law's steps."""

    kind: str
    state: str
    started_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    is_law: bool
    told: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TicketView:
    """A complaint as its complainant sees it."""

    public_id: str
    token: str
    subject: str
    topic: str
    remedy: str
    state: str
    language: str
    time_zone: str
    order: str
    merchant: str
    received_at: datetime
    closed_at: datetime | None
    stages: tuple[tuple[str, datetime | None], ...]
    messages: tuple[MessageView, ...]
    clocks: tuple[ClockView, ...]
    decision: Decision | None
    offers: tuple[Offer, ...]


STAGES = ("received", "acknowledged", "assessed", "investigated", "decided", "communicated", "closed")


def find_by_token(token: str, *, user: User | None = None) -> Ticket:
    """Return the complaint behind a secret link; one that an account owns opens for that account alone.

    :raises NotFound: for everybody else.
    """
    found = whole().filter(token=token).first() if token else None
    if found is None or (found.user_id is not None and (user is None or user.pk != found.user_id)):
        raise NotFound(field="complaint")
    return found


def whole() -> QuerySet[Ticket]:
    """Return tickets with what their pages show; five queries whatever their size."""
    return Ticket.objects.prefetch_related(
        Prefetch("messages", Message.objects.order_by("said_at", "pk").prefetch_related("attachments")),
        Prefetch("clocks", Clock.objects.order_by("due_at", "pk")),
        Prefetch("decisions", Decision.objects.select_related("settlement").order_by("-number")),
        Prefetch("gestures", Gesture.objects.select_related("settlement").order_by("-given_at", "-pk")),
        Prefetch("offers", Offer.objects.order_by("-made_at")),
    )


def view_ticket(row: Ticket) -> TicketView:
    """Return a complaint from `whole()` as its complainant sees it: no notes, decisions only once they stand."""
    return TicketView(
        public_id=row.public_id,
        token=row.token,
        subject=row.subject,
        topic=row.topic,
        remedy=row.remedy,
        state=row.state,
        language=row.language,
        time_zone=row.time_zone,
        order=row.order,
        merchant=row.merchant,
        received_at=row.received_at,
        closed_at=row.closed_at,
        stages=tuple((name, getattr(row, f"{name}_at")) for name in STAGES),
        messages=tuple(view_message(one) for one in row.messages.all() if one.kind in SHOWN),
        clocks=tuple(view_clock(one) for one in row.clocks.all()),
        decision=standing_decision(row),
        offers=tuple(row.offers.all()),
    )


def view_message(one: Message) -> MessageView:
    files = tuple(FileView(file.public_id, file.name, file.kind, file.size) for file in one.attachments.all())
    return MessageView(one.public_id, one.kind, one.author_name, one.body, one.said_at, files)


def view_clock(one: Clock) -> ClockView:
    return ClockView(one.kind, one.state, one.started_at, one.due_at, one.done_at, one.is_law, one.told)


def tickets_of(user: User, *, limit: int = 50) -> list[Ticket]:
    """Return a person's complaints, newest first."""
    return list(Ticket.objects.filter(user=user).order_by("-received_at", "-pk")[:limit])


def merchant_named(public_id: str) -> str:
    """Return a seller's name; empty for one that is gone."""
    return Merchant.objects.filter(public_id=public_id).values_list("name", flat=True).first() or ""


def merchants_named(public_ids: Collection[str]) -> dict[str, str]:
    """Return sellers' names by their public ids, in one query."""
    rows = Merchant.objects.filter(public_id__in=public_ids) if public_ids else Merchant.objects.none()
    return dict(rows.values_list("public_id", "name"))


def many_lately(*, email: str, since: datetime) -> int:
    """Return how many complaints came from an address since an instant."""
    return Ticket.objects.filter(email__iexact=email, received_at__gt=since).count() if email else 0
