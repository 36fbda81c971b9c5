"""Conversations: begun, confirmed, written, read, blocked, reported. Contact data is taken out before delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import translation

from marketplace.kernel import outbox, uploads
from marketplace.kernel.errors import NotAllowed
from orders.documents.message_templates import is_template
from orders.domain import threads
from orders.domain.errors import BadMessage, TooManyMessages, WrongState
from orders.domain.masking import mask
from orders.domain.threads import next_state
from orders.events import MessageSent, ThreadToConfirm
from orders.models import Message, MessageFile, Order, Thread, ThreadReport

KINDS = {**uploads.PICTURES, "application/pdf": "pdf"}
__all__ = ["Written", "act", "begin", "mark_read", "report_thread", "settle_report", "write"]


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody writes: words, a template they began with, files."""

    text: str
    template: str = ""
    files: tuple[bytes, ...] = ()
    author_id: int | None = None


@dataclass(frozen=True, slots=True)
class AboutListing:
    """A listing that somebody asks about, as plain references."""

    listing: str
    title: str
    merchant_id: int


@transaction.atomic
def begin(
    *,
    about: Order | AboutListing,
    user_id: int | None,
    email: str,
    name: str,
    language: str,
    written: Written,
    now: datetime,
) -> Thread:
    """Begin a conversation, or go on with the one of the order. A guest's about a listing waits until confirmed.

    :raises TooManyMessages: after too many in a short time. :raises BadMessage: without words.
    """
    if isinstance(about, Order):
        Order.objects.select_for_update().get(pk=about.pk)
        known = Thread.objects.filter(order=about).first()
        if known is not None:
            write(thread_id=known.pk, by="shopper", written=written, now=now)
            return known
    begun = Thread.objects.filter(email__iexact=email, opened_at__gt=now - threads.A_DAY)
    if begun.count() >= threads.MOST_THREADS_A_DAY:
        raise TooManyMessages(field="text")
    is_sure = isinstance(about, Order) or user_id is not None
    thread = Thread.objects.create(
        merchant_id=about.merchant_id,
        order=about if isinstance(about, Order) else None,
        listing="" if isinstance(about, Order) else about.listing,
        subject=about.public_id if isinstance(about, Order) else about.title[:200],
        user_id=user_id, email=email, shopper_name=mask(name).text[:40], language=language[:10],
        state="open" if is_sure else "unconfirmed", opened_at=now, last_at=now,
    )  # fmt: skip
    message = _keep(thread, "shopper", written, now)
    if is_sure:
        _deliver(thread, message, now)
    else:
        outbox.publish(ThreadToConfirm(thread.public_id))
    thread.save()
    return thread


@transaction.atomic
def write(*, thread_id: int, by: str, written: Written, now: datetime) -> Message:
    """Write to the other side.

    :raises WrongState: when it is blocked or not confirmed. :raises TooManyMessages: after too many in an hour.
    """
    thread = Thread.objects.select_for_update().get(pk=thread_id)
    thread.state = next_state(thread.state, "write")
    lately = thread.messages.filter(by=by, said_at__gt=now - threads.AN_HOUR).count()
    if lately >= threads.MOST_AN_HOUR:
        raise TooManyMessages(field="text")
    message = _keep(thread, by, written, now)
    _deliver(thread, message, now)
    thread.save()
    return message


@transaction.atomic
def act(*, thread_id: int, by: str, action: str, now: datetime) -> Thread:
    """Confirm, close, block or unblock a conversation. Only who blocked it unblocks it.

    :raises WrongState: if that is not possible there.
    """
    thread = Thread.objects.select_for_update().get(pk=thread_id)
    if action == "unblock" and thread.blocked_by != by:
        raise NotAllowed("The other side blocked this conversation.")
    before, thread.state = thread.state, next_state(thread.state, action)
    thread.blocked_by = by if action == "block" else ""
    if action == "confirm" and before == "unconfirmed":
        for message in thread.messages.order_by("pk"):
            _deliver(thread, message, now)
    if action in ("close", "block"):
        thread.waiting_since = None
    thread.save()
    return thread


@transaction.atomic
def mark_read(*, thread_id: int, by: str, seen: int) -> None:
    """Write down that one side has seen everything up to a message (its key); what came after it stays unread."""
    thread = Thread.objects.select_for_update().get(pk=thread_id)
    later = thread.messages.filter(pk__gt=seen).exclude(by=by).count()
    name = f"unread_by_{by}"
    setattr(thread, name, min(getattr(thread, name), later))
    thread.save(update_fields=[name])


@transaction.atomic
def report_thread(*, thread_id: int, by: str, text: str, now: datetime) -> ThreadReport:
    """Ask an officer or agent to look at a conversation; while one side's report waits, it is not made anew."""
    thread = Thread.objects.select_for_update().get(pk=thread_id)
    waiting = thread.reports.filter(by=by, settled_at=None).first()
    return waiting or ThreadReport.objects.create(
        thread_id=thread_id, by=by, text=text[:2000].strip(), reported_at=now
    )


@transaction.atomic
def settle_report(*, report_id: int, outcome: str, name: str, now: datetime) -> ThreadReport:
    """Write down what came of a report, once.

    :raises BadMessage: without words. :raises WrongState: if somebody settled it before.
    """
    report = ThreadReport.objects.select_for_update().get(pk=report_id)
    if report.settled_at is not None:
        raise WrongState("Somebody else settled this meanwhile.", state="settled", action="settle")
    if not outcome.strip():
        raise BadMessage(field="outcome")
    report.outcome, report.settled_by, report.settled_at = outcome.strip()[:2000], name[:254], now
    report.save()
    return report


def _keep(thread: Thread, by: str, written: Written, now: datetime) -> Message:
    plain = written.text.replace("\r\n", "\n").strip()[:4000]
    if not plain:
        raise BadMessage(field="text")
    delivered = mask(plain)
    seen_in = translation.get_language() or "en"
    message = Message.objects.create(
        thread=thread, by=by, author_id=written.author_id, text=delivered.text, masked=list(delivered.kinds),
        original=plain if delivered.kinds else "", said_at=now,
        template=written.template if is_template(written.template, plain, seen_in) else "",
    )  # fmt: skip
    _attach(message, written.files)
    return message


def _attach(message: Message, files: Sequence[bytes]) -> None:
    if len(files) > threads.MOST_FILES:
        raise BadMessage("Send at most %(most)s files at a time.", field="files", most=threads.MOST_FILES)
    for n, data in enumerate(files, start=1):
        kind = uploads.media_type(data, kinds=KINDS, most_bytes=threads.FILE_BYTES)
        is_paper = kind == "application/pdf"
        kept = data if is_paper else uploads.redrawn(data)
        row = MessageFile(
            message=message, name=f"paper-{n}.pdf" if is_paper else f"photo-{n}.jpg",
            kind=kind if is_paper else "image/jpeg",
        )  # fmt: skip
        row.file.save(row.name, ContentFile(kept), save=False)
        row.save()


def _deliver(thread: Thread, message: Message, now: datetime) -> None:
    """Count it as unread on the other side, start or stop the clock of the answer, and tell the other side."""
    thread.last_at = now
    if message.by == "shopper":
        thread.unread_by_merchant += 1
        thread.waiting_since = thread.waiting_since or now
    else:
        thread.unread_by_shopper += 1
        if thread.waiting_since is not None:
            waited = int((now - thread.waiting_since).total_seconds())
            Message.objects.filter(pk=message.pk).update(answered_after=max(waited, 0))
        thread.waiting_since = None
    outbox.publish(MessageSent(message.public_id))
