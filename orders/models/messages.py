"""Conversations between a shopper and a merchant, about an order or a listing."""

from __future__ import annotations

from functools import partial

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marketplace.kernel.ids import new_public_id, new_token
from orders.domain.threads import SIDES, STATES
from orders.models.storage import private_files


def file_name(file: MessageFile, name: str) -> str:
    """Return where a file of a message is kept; nothing of the name it came with."""
    return f"messages/{new_token()[:40]}"


class Thread(models.Model):
    """One conversation. The shopper opens it by account or by its secret link; neither side sees the other's address."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "TH"), editable=False
    )
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="threads")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, null=True, related_name="threads")
    listing = models.CharField(max_length=16, blank=True)  # public id, for one about a listing
    subject = models.CharField(max_length=200)  # the title of the listing, the number of the order
    user = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="threads")
    email = models.EmailField()
    shopper_name = models.CharField(max_length=40)
    language = models.CharField(max_length=10)  # the shopper's
    state = models.CharField(max_length=12, choices=[(one, one) for one in STATES])
    blocked_by = models.CharField(max_length=10, blank=True)
    unread_by_merchant = models.PositiveIntegerField(default=0)
    unread_by_shopper = models.PositiveIntegerField(default=0)
    waiting_since = models.DateTimeField(null=True)  # the first message of the shopper that is not answered
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="orders_thread_state"),
            models.CheckConstraint(
                condition=Q(state="blocked", blocked_by__in=SIDES) | (~Q(state="blocked") & Q(blocked_by="")),
                name="orders_thread_blocked_by",
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=False, listing="") | (Q(order=None) & ~Q(listing="")),
                name="orders_thread_about",
            ),
            models.UniqueConstraint(fields=["order"], name="orders_thread_per_order"),
        ]
        indexes = [
            models.Index(
                F("merchant"), F("waiting_since").asc(nulls_last=True), F("id"), name="orders_thread_inbox"
            ),
            models.Index(fields=["user", "-last_at"], name="orders_thread_of_user"),
        ]

    def __str__(self) -> str:
        return self.public_id


class Message(models.Model):
    """What one side said, as it is delivered. Never rewritten; what was taken out is kept for officers alone."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "MS"), editable=False
    )
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    by = models.CharField(max_length=10, choices=[(one, one) for one in SIDES])
    author = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField(max_length=4000)
    template = models.CharField(max_length=20, blank=True)  # a common question, said in the reader's language
    masked = ArrayField(
        models.CharField(max_length=10), default=list
    )  # what was taken out: email, phone, link
    original = models.TextField(blank=True)  # "" where nothing was taken out
    answered_after = models.PositiveIntegerField(null=True)  # seconds the shopper waited for this answer
    said_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(by__in=SIDES), name="orders_message_by")]
        indexes = [models.Index(fields=["thread", "said_at"], name="orders_message_of")]

    def __str__(self) -> str:
        return self.public_id


class MessageFile(models.Model):
    """A file of a message: a picture drawn anew, or a PDF as it came."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "MF"), editable=False
    )
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="files")
    file = models.FileField(upload_to=file_name, storage=private_files, max_length=120)
    name = models.CharField(max_length=60)  # ours: photo-1.jpg
    kind = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name


class ThreadReport(models.Model):
    """One side says that the other's messages are not right; an officer or agent looks."""

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="reports")
    by = models.CharField(max_length=10)
    text = models.TextField(max_length=2000, blank=True)
    reported_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=254, blank=True)
    outcome = models.TextField(max_length=2000, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(by__in=SIDES), name="orders_threadreport_by"),
            models.UniqueConstraint(
                fields=["thread", "by"],
                condition=Q(settled_at=None),
                name="orders_threadreport_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.thread_id} by {self.by}"
