"""Complaints as the seller they concern sees them: what was asked and said, no contact data, no notes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from complaints.domain.states import LIVE, WAITING_MERCHANT
from complaints.models import Message, Room, Ticket
from complaints.queries.tickets import FileView, view_message
from marketplace.accounts.models import Merchant
from marketplace.kernel.errors import NotFound

PAGE = 50


@dataclass(frozen=True, slots=True)
class SaidView:
    """A message as a seller sees it: who is a role, never a name."""

    kind: str
    body: str
    said_at: datetime
    files: tuple[FileView, ...]


@dataclass(frozen=True, slots=True)
class SellerView:
    """A complaint as its seller sees it."""

    public_id: str
    merchant: str
    subject: str
    topic: str
    remedy: str
    order: str
    state: str
    received_at: datetime
    answer_by: datetime | None
    said: tuple[SaidView, ...]
    has_room: bool


def of_sellers(merchant_ids: Collection[int], *, only_waiting: bool, after: str = "") -> list[Ticket]:
    """Return complaints about sellers, those that wait for their answer first, then the newest."""
    public_ids = list(Merchant.objects.filter(pk__in=merchant_ids).values_list("public_id", flat=True))
    rows = Ticket.objects.filter(merchant__in=public_ids)
    if only_waiting:
        return list(
            rows.filter(state=WAITING_MERCHANT).order_by(F("due_at").asc(nulls_last=True), "pk")[:PAGE]
        )
    if after and (last := rows.filter(public_id=after).first()):
        rows = rows.filter(received_at__lte=last.received_at).exclude(pk=last.pk)
    return list(rows.order_by("-received_at", "pk")[: PAGE + 1])


def waiting_for(merchant_ids: Collection[int]) -> int:
    """Return how many complaints wait for these sellers."""
    return len(of_sellers(merchant_ids, only_waiting=True))


def view_for_seller(number: str, merchant_ids: Collection[int]) -> SellerView:
    """Return one complaint for its seller.

    :raises NotFound: for a complaint that is not about these sellers.
    """
    public_ids = Merchant.objects.filter(pk__in=merchant_ids).values("public_id")
    row = Ticket.objects.filter(public_id=number, merchant__in=public_ids).first()
    if row is None:
        raise NotFound(field="complaint")
    shown = (Message.Kind.CUSTOMER, Message.Kind.MERCHANT)
    messages = row.messages.prefetch_related("attachments").order_by("said_at", "pk")
    said = [
        SaidView(one.kind, one.body, one.said_at, view_message(one).files)
        for one in messages
        if one.kind in shown or one.to_merchant or one.in_room
    ]
    clock = row.clocks.filter(kind="merchant_answer", state="running").order_by("-generation").first()
    return SellerView(
        row.public_id, row.merchant, row.subject, row.topic, row.remedy, row.order, row.state if row.state in LIVE else "closed",
        row.received_at, clock.due_at if clock else None, tuple(said),
        Room.objects.filter(ticket=row).exists(),
    )  # fmt: skip
