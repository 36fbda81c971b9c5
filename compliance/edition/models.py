"""Changes of law that officers propose and others of them accept. Nothing is overwritten: the rows are the history."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.kernel.ids import new_public_id


def _public_id() -> str:
    return new_public_id("RC")


class RuleChange(models.Model):
    """One rule as it is to read from its acceptance on, as the text of a whole rule file."""

    class Kind(models.TextChoices):
        CONFIRM = "confirm", _("confirmed at the source")
        CORRECT = "correct", _("corrected")
        SWITCH_OFF = "switch_off", _("switched off")
        ADD = "add", _("new rule")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("waiting for a second pair of eyes")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")

    public_id = models.CharField(max_length=20, unique=True, default=_public_id, editable=False)
    rule = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind)
    before = models.TextField(blank=True)  # what the rule read when this was proposed; "" for a new one
    content = models.TextField()
    note = models.TextField()
    state = models.CharField(max_length=9, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule"], condition=Q(state="proposed"), name="compliance_rulechange_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "rejected"]) | ~Q(decided_by=F("proposed_by")),
                name="compliance_rulechange_second_eyes",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at=None)
                | Q(~Q(state="proposed"), decided_at__isnull=False),
                name="compliance_rulechange_decided",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "accepted", "rejected", "withdrawn"]),
                name="compliance_rulechange_state",
            ),
        ]
        indexes = [models.Index(fields=["rule", "decided_at"], name="compliance_rulechange_rule")]

    def __str__(self) -> str:
        return f"{self.rule}: {self.get_kind_display()}"
