"""Conversations as they are read: a shopper's, a merchant's inbox, how soon a merchant answers, what is carried on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Case, F, Prefetch, QuerySet, Sum, When

from marketplace.accounts.models import User
from marketplace.kernel.errors import NotFound
from orders.domain.threads import LEAST_ANSWERS, MEDIAN_DAYS
from orders.models import Message, MessageFile, Thread, ThreadReport

PAGE = 50


def find_thread(token: str, *, user: User | None) -> Thread:
    """Return the conversation behind a secret link; one that an account owns opens for that account alone.

    :raises NotFound: for everybody else.
    """
    found = _whole().filter(token=token).first() if token else None
    if found is None or (found.user_id is not None and (user is None or found.user_id != user.pk)):
        raise NotFound(field="thread")
    return found


def thread_of_merchants(public_id: str, merchant_ids: frozenset[int]) -> Thread:
    """Return a conversation of one of these merchants that was delivered.

    :raises NotFound: for others.
    """
    rows = _whole().filter(public_id=public_id, merchant__in=merchant_ids).exclude(state="unconfirmed")
    found = rows.first()
    if found is None:
        raise NotFound(field="thread")
    return found


def thread_for_officers(public_id: str) -> Thread:
    """Return any conversation that somebody reported.

    :raises NotFound: for one that nobody reported: it is read by its two sides alone.
    """
    found = _whole().filter(public_id=public_id, reports__isnull=False).first()
    if found is None:
        raise NotFound(field="thread")
    return found


def threads_of(user: User, *, page: int = 1) -> tuple[list[Thread], bool]:
    """Return a page of a person's conversations, those with something unread first, then the newest; and if more follow."""
    rows = Thread.objects.filter(user=user).select_related("merchant")
    return _page(rows.order_by(_has_unread("unread_by_shopper"), "-last_at", "-pk"), page)


def unread_of(user: User) -> int:
    """Return how many messages a person has not read."""
    return Thread.objects.filter(user=user).aggregate(sum=Sum("unread_by_shopper"))["sum"] or 0


def last_of(thread: Thread) -> int:
    """Return the key of the last message of a conversation that was read whole; 0 without one."""
    return max((message.pk for message in thread.messages.all()), default=0)


def thread_of_order(order_id: int) -> Thread | None:
    return Thread.objects.filter(order_id=order_id).first()


def inbox(merchant_ids: frozenset[int], *, page: int = 1) -> tuple[list[Thread], bool]:
    """Return a page of merchants' conversations, and whether more follow.

    Unread ones first, however many messages they hold; of these and of the others, those that wait longest first.
    """
    rows = Thread.objects.filter(merchant__in=merchant_ids).exclude(state="unconfirmed")
    waiting = F("waiting_since").asc(nulls_last=True)
    ordered = rows.select_related("merchant", "order").order_by(
        _has_unread("unread_by_merchant"), waiting, "-last_at", "-pk"
    )
    return _page(ordered, page)


def _has_unread(name: str) -> Any:
    return Case(When(**{f"{name}__gt": 0}, then=0), default=1).asc()


def _page(rows: QuerySet[Thread], page: int) -> tuple[list[Thread], bool]:
    first = (max(page, 1) - 1) * PAGE
    found = list(rows[first : first + PAGE + 1])
    return found[:PAGE], len(found) > PAGE


def open_reports() -> list[ThreadReport]:
    """Return what was reported and waits, the oldest first."""
    rows = ThreadReport.objects.filter(settled_at=None).select_related("thread__merchant")
    return list(rows.order_by("reported_at")[:100])


def median_answer(merchant_id: int, *, now: datetime) -> timedelta | None:
    """Return how long half of a merchant's answers took at most in the last 90 days; None with too few of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY m.answered_after) FROM orders_message m"
            " JOIN orders_thread t ON t.id = m.thread_id"
            " WHERE t.merchant_id = %s AND m.answered_after IS NOT NULL AND m.said_at > %s",
            [merchant_id, now - timedelta(days=MEDIAN_DAYS)],
        )
        number, seconds = cursor.fetchone()
    return timedelta(seconds=float(seconds)) if number >= LEAST_ANSWERS else None


def carried_text(public_id: str, *, group_id: int | None, user: User | None) -> str:
    """Return what a shopper wrote in a conversation, for a claim or complaint that goes on with it; "" if not theirs."""
    thread = _theirs(public_id, group_id, user)
    if thread is None:
        return ""
    words = [message.text for message in thread.messages.all() if message.by == "shopper"]
    return "\n\n".join([*words, f"({thread.public_id})"])[:4000]


def carried_files(public_id: str, *, group_id: int | None, user: User | None) -> list[MessageFile]:
    """Return the files a shopper sent in a conversation; none if it is not theirs."""
    thread = _theirs(public_id, group_id, user)
    if thread is None:
        return []
    return [
        file for message in thread.messages.all() if message.by == "shopper" for file in message.files.all()
    ]


def _theirs(public_id: str, group_id: int | None, user: User | None) -> Thread | None:
    rows = _whole().filter(public_id=public_id)
    if group_id is not None:
        return rows.filter(order__group_id=group_id).first()
    return rows.filter(user=user).first() if user is not None else None


def _whole() -> QuerySet[Any]:
    said = Message.objects.order_by("pk").prefetch_related("files")
    rows = Thread.objects.select_related("merchant", "order__group")
    return rows.prefetch_related(Prefetch("messages", queryset=said))
