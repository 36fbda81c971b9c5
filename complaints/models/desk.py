"""The agents and what their desk remembers for them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Agent(models.Model):
    """Somebody who works complaints: what they can do and how much at once."""

    class Presence(models.TextChoices):
        AVAILABLE = "available"
        AWAY = "away"

    user = models.OneToOneField("accounts.User", on_delete=models.CASCADE, related_name="agent")
    languages = models.JSONField(default=list)  # ["de", "en"]
    topics = models.JSONField(default=list)  # empty: all
    markets = models.JSONField(default=list)  # empty: all
    capacity = models.PositiveSmallIntegerField(default=40)  # open tickets at most
    presence = models.CharField(max_length=10, choices=Presence, default=Presence.AVAILABLE)
    is_supervisor = models.BooleanField(default=False)
    last_given_at = models.DateTimeField(null=True)  # round robin
    letters_failed = models.PositiveSmallIntegerField(default=0)  # in a row, of news to this agent
    letters_after = models.DateTimeField(null=True)  # not tried again before
    letters_error = models.CharField(max_length=300, blank=True)  # why the last one did not go

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(presence__in=["available", "away"]), name="complaints_agent_presence"
            )
        ]

    def __str__(self) -> str:
        return str(self.user)


class Draft(models.Model):
    """An unsent text of one agent on one ticket. Nothing that anybody else does removes it."""

    ticket = models.ForeignKey("complaints.Ticket", on_delete=models.CASCADE, related_name="drafts")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=8, default="agent")  # agent, note
    body = models.TextField()
    base_version = models.PositiveIntegerField()  # of the ticket that the writer had read
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "agent", "kind"], name="complaints_draft_once")
        ]

    def __str__(self) -> str:
        return f"draft of {self.agent_id} on {self.ticket_id}"


class Presence(models.Model):
    """Who looks at a ticket at the moment, and who writes. Soft: it blocks nobody."""

    ticket = models.ForeignKey("complaints.Ticket", on_delete=models.CASCADE, related_name="present")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="looking_at")
    is_writing = models.BooleanField(default=False)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "agent"], name="complaints_presence_once")]

    def __str__(self) -> str:
        return f"{self.agent_id} at {self.ticket_id}"


class Undo(models.Model):
    """What a ticket was like before the latest step on it, so that whoever took the step can take it back."""

    ticket = models.OneToOneField("complaints.Ticket", on_delete=models.CASCADE, related_name="undo")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=20)  # the step, as the desk names it
    before = models.JSONField()  # {"state": …, "agent": …}: fields that the step changed
    version = (
        models.PositiveIntegerField()
    )  # of the ticket after the step; another one cannot be undone any more
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.what} on {self.ticket_id}"


class Macro(models.Model):
    """A prepared reply or step, by language, with placeholders in double braces."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    bodies = models.JSONField(default=dict)  # {"en": "…", "de": "…"}
    topics = models.JSONField(default=list)  # empty: all
    then = models.CharField(max_length=20, blank=True)  # an action of the state table
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class SavedView(models.Model):
    """A list that an agent keeps: its name and its filters, as in the page's address."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)
    is_shared = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "name"], name="complaints_view_once")]

    def __str__(self) -> str:
        return self.name
