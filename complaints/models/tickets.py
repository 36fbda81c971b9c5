"""A complaint as a ticket: what was said, by whom, and everything that happened to it."""

from __future__ import annotations

from functools import partial

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from complaints.domain import topics
from complaints.domain.states import LIVE, NEW, OPEN, TICKET_STATES, WAITING
from marketplace.kernel.ids import new_public_id, new_token
from orders.models.storage import private_files


class Ticket(models.Model):
    """One complaint. Its stages are those of ISO 10002, each an instant or not yet."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "C"), editable=False
    )
    token = models.CharField(
        max_length=64, unique=True, default=new_token, editable=False
    )  # the guest's link
    subject = models.CharField(max_length=200)
    topic = models.CharField(max_length=20, default="other")
    remedy = models.CharField(max_length=20, blank=True)  # what the complainant asks for
    about_kind = models.CharField(max_length=10, default="none")
    about = models.CharField(max_length=16, blank=True)  # public id of the thing complained about
    order = models.CharField(max_length=16, blank=True)  # public ids of lower apps, never keys upwards
    listing = models.CharField(max_length=16, blank=True)
    merchant = models.CharField(max_length=16, blank=True)
    user = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="complaints")
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    market = models.CharField(max_length=6)
    language = models.CharField(max_length=10)
    time_zone = models.CharField(max_length=40, default="UTC")
    channel = models.CharField(max_length=8, default="form")
    state = models.CharField(max_length=16, default=NEW)
    priority = models.PositiveSmallIntegerField(default=3)  # 1 urgent … 4 low
    hazards = models.JSONField(default=list)  # kinds of danger that its words speak of
    tags = models.JSONField(default=list)
    agent = models.ForeignKey(
        "complaints.Agent", on_delete=models.SET_NULL, null=True, related_name="tickets"
    )
    policy = models.ForeignKey("complaints.PolicyVersion", on_delete=models.PROTECT, related_name="tickets")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")
    version = models.PositiveIntegerField(
        default=1
    )  # of what people see; sending carries the one that was read
    due_at = models.DateTimeField(null=True)  # the nearest running clock
    is_breached = models.BooleanField(default=False)
    snoozed_until = models.DateTimeField(null=True)
    last_message_at = models.DateTimeField()
    last_speaker = models.CharField(max_length=10, default="customer")
    received_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    assessed_at = models.DateTimeField(null=True)
    investigated_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    communicated_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    searchable = SearchVectorField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=TICKET_STATES), name="complaints_ticket_state"),
            models.CheckConstraint(
                condition=Q(topic__in=list(topics.TOPICS)), name="complaints_ticket_topic"
            ),
            models.CheckConstraint(condition=Q(priority__range=(1, 4)), name="complaints_ticket_priority"),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="complaints_ticket_merged_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | ~Q(state="closed"),
                name="complaints_ticket_closed_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-is_breached", "due_at", "priority", "id"],
                condition=Q(state__in=LIVE),
                name="complaints_ticket_next",
            ),
            models.Index(
                fields=["-is_breached", "due_at", "priority", "id"],
                condition=Q(state__in=(NEW, OPEN), agent__isnull=True),
                name="complaints_ticket_free",
            ),
            models.Index(
                fields=["language", "-is_breached", "due_at", "priority", "id"],
                condition=Q(state__in=(NEW, OPEN), agent__isnull=True),
                name="complaints_ticket_spoken",
            ),
            models.Index(
                fields=["language", "id"],
                condition=Q(state__in=LIVE, priority=1),
                name="complaints_ticket_danger",
            ),
            models.Index(fields=["id"], condition=Q(state__in=WAITING), name="complaints_ticket_waits"),
            models.Index(fields=["agent", "state", "due_at"], name="complaints_ticket_of_agent"),
            models.Index(fields=["merchant", "state", "-received_at"], name="complaints_ticket_of_seller"),
            models.Index(fields=["order"], condition=~Q(order=""), name="complaints_ticket_of_order"),
            models.Index(fields=["user", "-received_at"], name="complaints_ticket_of_user"),
            models.Index(Upper("email"), F("received_at").desc(), name="complaints_ticket_of_person"),
            models.Index(fields=["-received_at", "id"], name="complaints_ticket_newest"),
            models.Index(
                fields=["snoozed_until"],
                condition=Q(snoozed_until__isnull=False),
                name="complaints_ticket_put_off",
            ),
            GinIndex(fields=["searchable"], name="complaints_ticket_words"),
        ]

    def __str__(self) -> str:
        return self.public_id


class Message(models.Model):
    """Something that was said on a ticket; a note is for colleagues only."""

    class Kind(models.TextChoices):
        CUSTOMER = "customer"
        AGENT = "agent"
        MERCHANT = "merchant"
        SYSTEM = "system"
        NOTE = "note"

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "CM"), editable=False
    )
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=8, choices=Kind)
    to_merchant = models.BooleanField(
        default=False
    )  # an agent's question to the seller; the buyer sees it too
    in_room = models.BooleanField(default=False)  # said in the mediation room: all three see it
    author = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(max_length=120, blank=True)
    body = models.TextField()
    language = models.CharField(max_length=10, blank=True)
    channel = models.CharField(max_length=8, default="form")
    message_id = models.CharField(max_length=200, blank=True)  # of the mail it came by or left by
    ingest_key = models.CharField(max_length=200, unique=True)  # the same thing said twice is once
    said_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["customer", "agent", "merchant", "system", "note"]),
                name="complaints_message_kind",
            )
        ]
        indexes = [
            models.Index(fields=["ticket", "said_at"], name="complaints_message_thread"),
            models.Index(fields=["message_id"], condition=~Q(message_id=""), name="complaints_message_mail"),
        ]

    def __str__(self) -> str:
        return self.public_id


class Attachment(models.Model):
    """A file that came with a message: kept privately, handed out only through the ticket's own gate."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "CA"), editable=False
    )
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)  # media type, by content
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    file = models.FileField(upload_to="complaints/%Y/%m", storage=private_files)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "digest"], name="complaints_attachment_once")
        ]

    def __str__(self) -> str:
        return self.name


class TicketEvent(models.Model):
    """What happened, when it happened and when we learnt of it. Append-only; clocks are planned from these rows."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(
        max_length=20
    )  # customer_message, agent_message, state, closed, reopened, assigned, …
    state = models.CharField(max_length=16, blank=True)
    actor = models.CharField(max_length=60, blank=True)  # "agent:U-…", "customer", "merchant:M-…", "clock"
    data = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    ingest_key = models.CharField(max_length=200, unique=True)

    class Meta:
        indexes = [models.Index(fields=["ticket", "occurred_at", "id"], name="complaints_event_history")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.kind}"


class TicketLink(models.Model):
    """Two complaints that belong together: split off, alike, or of one common cause."""

    first = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links_from")
    second = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links_to")
    kind = models.CharField(max_length=10)  # split, related, duplicate
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second", "kind"], name="complaints_link_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["split", "related", "duplicate"]), name="complaints_link_kind"
            ),
            models.CheckConstraint(condition=~Q(first=models.F("second")), name="complaints_link_two"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.kind} {self.second_id}"
