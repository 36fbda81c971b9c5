"""What agents decide about cases after the sale (claims, withdrawals, losses of value) in the platform's place."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import F, Q

from marketplace.kernel.ids import new_public_id


class CaseDecision(models.Model):
    """One answer to one open question of a case. Never rewritten; above the agreed sum a colleague agrees first."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "CC"), editable=False
    )
    case = models.CharField(max_length=16)  # "CL-…", "W-…", "RT-…"
    part = models.CharField(max_length=16, blank=True)  # of a withdrawal its order line, of a return its loss
    order = models.CharField(max_length=16)
    grants = models.BooleanField()  # the shopper gets it; else what was said against it stands
    remedy = models.CharField(max_length=20, blank=True)  # of a claim
    amount_minor = models.BigIntegerField(null=True)  # of a lower price or a compensation
    worth_minor = models.BigIntegerField()  # the money that the shopper gets by it, in all
    currency = models.CharField(max_length=3)
    reason = models.TextField()  # both sides read it
    key = models.CharField(max_length=120, unique=True, null=True)  # pressing twice decides once
    decided_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    needs_agreement = models.BooleanField(default=False)
    agreed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(
        null=True
    )  # a colleague said no, or whoever decided thought better of it

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("decided_by")),
                name="complaints_case_two_people",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at__isnull=True) | Q(needs_agreement=True, agreed_by__isnull=True),
                name="complaints_case_dropped_before",
            ),
            models.CheckConstraint(condition=Q(worth_minor__gte=0), name="complaints_case_worth"),
            models.CheckConstraint(condition=~Q(reason=""), name="complaints_case_reason"),
            models.UniqueConstraint(
                fields=["case", "part"],
                condition=Q(needs_agreement=True, agreed_by=None, dropped_at=None),
                name="complaints_case_waits_once",
            ),
        ]
        indexes = [models.Index(fields=["case", "decided_at"], name="complaints_case_of")]

    def __str__(self) -> str:
        return f"{self.public_id} {self.case}"
