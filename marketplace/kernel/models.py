"""The engine room's tables: news to deliver, commands already carried out, runs of scheduled jobs."""

from django.db import models
from django.db.models import Q


class Event(models.Model):
    """One piece of news, written in the transaction that made it true. Never changed."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=120)  # "catalog.ListingChanged"
    payload = models.JSONField()
    request_id = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(db_index=True)
    fanned_out_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["recorded_at"], condition=Q(fanned_out_at=None), name="kernel_event_waiting")
        ]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One event on its way to one subscriber: done once, retried with backoff, parked in the end."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        PARKED = "parked"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="kernel_delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "done", "parked"]), name="kernel_delivery_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before", "id"], condition=Q(state="waiting"), name="kernel_delivery_due"
            ),
            models.Index(fields=["id"], condition=Q(state="parked"), name="kernel_delivery_parked"),
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.subscriber}"


class Command(models.Model):
    """A command that was carried out under a caller's key, with what it answered."""

    scope = models.CharField(max_length=80)  # "orders.place:B-7Q2K"
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    started_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="kernel_command_once")]
        indexes = [models.Index(fields=["started_at"], name="kernel_command_started")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class JobRun(models.Model):
    """One run of a scheduled job: claimed by its slot, so that two schedulers make one run."""

    class Outcome(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    name = models.CharField(max_length=80)
    slot = models.DateTimeField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.RUNNING)
    detail = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "slot"], name="kernel_jobrun_slot"),
            models.CheckConstraint(
                condition=Q(outcome__in=["running", "done", "failed"]), name="kernel_jobrun_outcome"
            ),
        ]
        indexes = [models.Index(fields=["name", "-started_at"], name="kernel_jobrun_latest")]

    def __str__(self) -> str:
        return f"{self.name} {self.slot:%Y-%m-%d %H:%M:%S}"
