"""Simulations and what they found, and the notices that go to merchants before law begins to bind."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.kernel.ids import new_public_id

MARKET = 6


def _public_id() -> str:
    return new_public_id("SIM")


class Simulation(models.Model):
    """The catalogue judged by the law of a day, with drafts if there are any; goes on where it stopped."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")

    public_id = models.CharField(max_length=20, unique=True, default=_public_id, editable=False)
    on = models.DateField()  # the day whose law is tried
    compared_with = models.DateField()  # the day whose law binds now
    drafts = models.JSONField(default=dict)  # rule id → text of the rule file
    rulebook_version = models.CharField(max_length=16)
    rules = ArrayField(models.CharField(max_length=120), default=list)  # whose duties differ
    groups = ArrayField(models.CharField(max_length=40), default=list)  # whom they can concern
    state = models.CharField(max_length=9, choices=State, default=State.RUNNING)
    cursor = models.CharField(max_length=60, blank=True)  # the last subject that was looked at
    looked_at = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    broken = models.PositiveIntegerField(default=0)  # subjects that lose a market
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running", finished_at=None)
                | Q(~Q(state="running"), finished_at__isnull=False),
                name="compliance_simulation_finished",
            )
        ]

    def __str__(self) -> str:
        return f"{self.public_id}: {self.on}"


class Effect(models.Model):
    """One subject that would be sold elsewhere than now: markets it loses or gains, and the rules that decide."""

    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="effects")
    subject = models.CharField(max_length=40)
    owner = models.CharField(max_length=20, blank=True)
    lost = ArrayField(models.CharField(max_length=MARKET), default=list)
    gained = ArrayField(models.CharField(max_length=MARKET), default=list)
    rules = ArrayField(models.CharField(max_length=120), default=list)
    sales_minor = models.BigIntegerField(
        default=0
    )  # of the last 90 days in the markets it loses, in EUR cents

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["simulation", "subject"], name="compliance_effect_once")
        ]
        indexes = [models.Index(fields=["simulation", "owner"], name="compliance_effect_owner")]

    def __str__(self) -> str:
        return f"{self.subject}: -{len(self.lost)} +{len(self.gained)}"


class LawNotice(models.Model):
    """A merchant is told once of a change of law that concerns its listings, and reminded before it binds."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")

    owner = models.CharField(max_length=20)  # the merchant's public id
    rule = models.CharField(max_length=120)
    since = models.DateField()  # the day the duty begins to bind
    subjects = models.PositiveIntegerField()  # how many listings, when it was queued
    markets = ArrayField(models.CharField(max_length=MARKET), default=list)
    state = models.CharField(max_length=6, choices=State, default=State.QUEUED)
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    reminders = ArrayField(models.PositiveSmallIntegerField(), default=list)  # days before, already sent

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "rule", "since"], name="compliance_lawnotice_once"),
            models.CheckConstraint(
                condition=Q(state="queued", sent_at=None) | Q(state="sent", sent_at__isnull=False),
                name="compliance_lawnotice_sent",
            ),
        ]
        indexes = [models.Index(fields=["state", "since"], name="compliance_lawnotice_due")]

    def __str__(self) -> str:
        return f"{self.owner}: {self.rule} from {self.since}"


class SalesShare(models.Model):
    """What a subject sold in a market in the last 90 days, in EUR cents: kept by the orders, read by the radar."""

    pk = models.CompositePrimaryKey("subject", "market")
    subject = models.CharField(max_length=40)
    market = models.CharField(max_length=MARKET)
    sales_minor = models.BigIntegerField()
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.subject} in {self.market}: {self.sales_minor}"
