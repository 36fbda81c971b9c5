"""Deadlines that live in the database: policies and calendars by version, clocks, and what was done when they ran out."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from complaints.domain.states import CLOCK_STATES, LIVE_CLOCKS


class CalendarVersion(models.Model):
    """When somebody is there, as `clock` in the rulebook reads it. Never changed: an edit is a new version."""

    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    content = models.JSONField()  # {tz, weekly, holidays, date_overrides}
    digest = models.CharField(max_length=64)
    valid_from = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="complaints_calendar_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class PolicyVersion(models.Model):
    """What we promise for some complaints, and what happens when time runs out. Never changed: an edit is a new version."""

    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    rank = models.PositiveSmallIntegerField(default=100)  # the first that fits counts
    fits = models.JSONField(
        default=dict
    )  # {"priorities": [1], "topics": […], "markets": […]}: empty fits all
    targets = (
        models.JSONField()
    )  # {first_response_min, next_response_min, agent_update_every_min, resolution_min}
    pauses = models.JSONField(default=dict)  # {"states": […], "applies_to": […]}
    ladder = models.JSONField(default=list)  # [{clock, at: "-60"|"0"|"+120", do: notify|raise|…, to}]
    calendar = models.ForeignKey(CalendarVersion, on_delete=models.PROTECT, related_name="policies")
    digest = models.CharField(max_length=64)
    valid_from = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="complaints_policy_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Clock(models.Model):
    """One running deadline. `next_action_at` is the one column a sweep looks at."""

    ticket = models.ForeignKey("complaints.Ticket", on_delete=models.PROTECT, related_name="clocks")
    kind = models.CharField(max_length=30)  # first_response, next_response, agent_update, resolution, law:…
    generation = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, default="running")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # none while it is paused
    done_at = models.DateTimeField(null=True)
    next_action_at = models.DateTimeField(null=True)
    next_level = models.PositiveSmallIntegerField(default=0)  # step of the ladder
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, null=True, related_name="clocks")
    told = models.JSONField(default=dict)  # what the plan says of it: windows counted, rulings, the reason
    is_law = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)  # of a sweep that failed on it
    is_quarantined = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "kind", "generation"], name="complaints_clock_once"),
            models.CheckConstraint(condition=Q(state__in=CLOCK_STATES), name="complaints_clock_state"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(done_at__gte=F("started_at")),
                name="complaints_clock_ends_later",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_action_at", "id"],
                condition=Q(state__in=LIVE_CLOCKS, next_action_at__isnull=False, is_quarantined=False),
                name="complaints_clock_due",
            ),
            models.Index(fields=["id"], condition=Q(is_quarantined=True), name="complaints_clock_aside"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.kind}"


class Escalation(models.Model):
    """One step of the ladder, taken once: written in the statement that found the clock due."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="escalations")
    generation = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()  # when the step was due, not when it was seen
    detected_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clock", "generation", "level"], name="complaints_escalation_once"
            )
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(done_at__isnull=True), name="complaints_escalation_open")
        ]

    def __str__(self) -> str:
        return f"{self.clock_id} level {self.level}"


class Sweep(models.Model):
    """When a sweep last came to its end and what it did. One row: who watches asks for no more."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    finished_at = models.DateTimeField()
    clocks = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="complaints_sweep_one_row")]

    def __str__(self) -> str:
        return f"swept {self.finished_at:%Y-%m-%d %H:%M:%S}"
