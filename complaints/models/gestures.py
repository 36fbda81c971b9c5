"""What the desk gives in passing: a sum as a gesture, or a label to send something back, without deciding anything."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import F, Q

from complaints.domain.remedies import GESTURES
from marketplace.kernel.ids import new_public_id


class Gesture(models.Model):
    """Something that an agent gives on a complaint. Never rewritten; above the agreed sum a colleague agrees first."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "CG"), editable=False
    )
    ticket = models.ForeignKey("complaints.Ticket", on_delete=models.PROTECT, related_name="gestures")
    kind = models.CharField(max_length=20)
    line = models.CharField(max_length=16, blank=True)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    words = models.TextField()  # to the complainant, with it
    key = models.CharField(max_length=120, unique=True, null=True)  # pressing twice gives once
    given_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    needs_agreement = models.BooleanField(default=False)
    agreed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(
        null=True
    )  # a colleague said no, or whoever gave it thought better of it

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=GESTURES), name="complaints_gesture_kind"),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("given_by")),
                name="complaints_gesture_two_people",
            ),
            models.CheckConstraint(
                condition=Q(kind="goodwill", amount_minor__gt=0)
                | (~Q(kind="goodwill") & Q(amount_minor__isnull=True)),
                name="complaints_gesture_amount",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at__isnull=True) | Q(needs_agreement=True, agreed_by__isnull=True),
                name="complaints_gesture_dropped_before",
            ),
        ]
        indexes = [models.Index(fields=["ticket", "given_at"], name="complaints_gesture_of_ticket")]

    def __str__(self) -> str:
        return f"{self.public_id} {self.kind}"
