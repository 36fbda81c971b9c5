"""Measures, what is appealed, and what stands although a rule says otherwise."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.kernel.ids import new_public_id

MARKET = 6


def _measure_id() -> str:
    return new_public_id("SR")


def _appeal_id() -> str:
    return new_public_id("AP")


def _suspension_id() -> str:
    return new_public_id("SU")


class Measure(models.Model):
    """What was done against a listing or merchant, and why: the statement is frozen on the day it was taken."""

    class Step(models.TextChoices):
        LIMIT = "limit", _("not recommended")
        BLOCK = "block", _("not sold in some markets")
        SUSPEND = "suspend", _("suspended")

    step = models.CharField(max_length=8, choices=Step, default=Step.BLOCK, db_default=Step.BLOCK)
    public_id = models.CharField(max_length=20, unique=True, default=_measure_id, editable=False)
    subject = models.CharField(max_length=40)
    owner = models.CharField(max_length=20, blank=True)  # the merchant's public id
    category = models.CharField(max_length=40, blank=True)
    taken_in = ArrayField(models.CharField(max_length=MARKET))  # when it was taken
    still_in = ArrayField(models.CharField(max_length=MARKET), default=list)  # what is left of it
    rules = ArrayField(models.CharField(max_length=120))
    facts = models.JSONField()  # [{rule, field, what, fix, params, cites}]; English msgids
    rulebook_version = models.CharField(max_length=16)
    taken_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    appeal_until = models.DateField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_at=None) | Q(still_in=[]), name="compliance_measure_lifted_everywhere"
            ),
            models.CheckConstraint(
                condition=Q(step__in=["limit", "block", "suspend"]), name="compliance_measure_step"
            ),
        ]
        indexes = [
            models.Index(fields=["subject"], condition=Q(lifted_at=None), name="compliance_measure_open"),
            models.Index(fields=["owner", "-id"], name="compliance_measure_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.public_id}: {self.subject}"

    @property
    def is_suspension(self) -> bool:
        """Whether it is against a merchant as a whole, decided by people."""
        return self.step == self.Step.SUSPEND

    @property
    def is_limit(self) -> bool:
        """Whether the listing is sold on, but not recommended."""
        return self.step == self.Step.LIMIT


class Appeal(models.Model):
    """A merchant says that a measure is wrong. A person decides, in time."""

    class State(models.TextChoices):
        OPEN = "open", _("waiting for a decision")
        UPHELD = "upheld", _("the merchant is right")
        REJECTED = "rejected", _("the measure stands")

    public_id = models.CharField(max_length=20, unique=True, default=_appeal_id, editable=False)
    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="appeals")
    text = models.TextField()
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()
    due_on = models.DateField()  # this marketplace's own promise
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    decision = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["measure"], condition=Q(state="open"), name="compliance_appeal_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None) | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="compliance_appeal_decided",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="compliance_appeal_due")]

    def __str__(self) -> str:
        return f"{self.public_id}: {self.state}"


class Exemption(models.Model):
    """A rule does not count against a subject, because an appeal was upheld."""

    subject = models.CharField(max_length=40)
    rule = models.CharField(max_length=120)
    field = models.CharField(max_length=80, blank=True)
    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="exemptions")
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "rule", "field"],
                condition=Q(ended_at=None),
                name="compliance_exemption_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.rule}"


class Suspension(models.Model):
    """A merchant sells nothing while the cause lasts: one officer proposes it, another puts it into force."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("waiting for a second pair of eyes")
        IN_FORCE = "in_force", _("in force")
        REJECTED = "rejected", _("rejected")
        LIFTED = "lifted", _("lifted")

    public_id = models.CharField(max_length=20, unique=True, default=_suspension_id, editable=False)
    owner = models.CharField(max_length=20)  # the merchant's public id
    rules = ArrayField(models.CharField(max_length=120))  # the cause: what the merchant itself misses
    note = models.TextField()
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)
    measure = models.OneToOneField(Measure, on_delete=models.PROTECT, related_name="suspension", null=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner"],
                condition=Q(state__in=["proposed", "in_force"]),
                name="compliance_suspension_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at=None)
                | (~Q(state="proposed") & Q(decided_at__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="compliance_suspension_second_eyes",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "rejected"], measure=None)
                | Q(state__in=["in_force", "lifted"], measure__isnull=False),
                name="compliance_suspension_has_reasons",
            ),
        ]
        indexes = [models.Index(fields=["owner", "state"], name="compliance_suspension_owner")]

    def __str__(self) -> str:
        return f"{self.public_id}: {self.owner}"
