"""What is owed to shoppers, and the losses of value that merchants claim. The orders move the money."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q

from marketplace.kernel.ids import new_public_id
from orders.models.storage import private_files
from returns.domain.states import LOSS_KINDS, LOSS_STATES, OWED_STATES


class OwedRefund(models.Model):
    """Money owed to a shopper: its parts, its reasons, its day. Written once per key; a trigger refuses changes."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "RO"), editable=False
    )
    key = models.CharField(max_length=120, unique=True)  # "W-…:R-…:1"
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="owed_refunds")
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="+")
    market = models.CharField(max_length=6)
    subject = models.CharField(max_length=20)
    state = models.CharField(max_length=10)
    parts = models.JSONField()  # [{line, quantity, kind, amount_minor, because}]
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    rulings = models.JSONField(default=list)
    answer = models.JSONField(default=dict)  # what the calculators said: amount and deadline, with steps
    due_on = models.DateField(null=True)  # null: the law's clock starts when the goods are back
    owed_at = models.DateTimeField()
    payment = models.CharField(max_length=16, blank=True)  # the payment it must go back by, if not any
    refund = models.CharField(max_length=16, blank=True)  # the public id of the orders' refund
    attempts = models.PositiveSmallIntegerField(default=0)  # that failed
    failure = models.CharField(max_length=200, blank=True)
    requested_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="returns_owed_amount"),
            models.CheckConstraint(condition=Q(state__in=list(OWED_STATES)), name="returns_owed_state"),
            models.CheckConstraint(
                condition=~Q(state__in=["requested", "paid"]) | ~Q(refund=""), name="returns_owed_refund"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on", "id"],
                condition=Q(state__in=["held", "due", "requested"]),
                name="returns_owed_due",
            ),
            models.Index(
                fields=["merchant", "due_on", "id"],
                condition=Q(state__in=["waiting", "held", "due", "requested"]),
                name="returns_owed_of_merchant",
            ),
            models.Index(fields=["subject"], name="returns_owed_subject"),
            models.Index(fields=["refund"], condition=~Q(refund=""), name="returns_owed_by_refund"),
        ]

    def __str__(self) -> str:
        return self.public_id


class ValueLoss(models.Model):
    """A loss of value, or a broken seal, that the merchant claims, with evidence, and what the shopper says to it."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "VL"), editable=False
    )
    return_line = models.ForeignKey("returns.ReturnLine", on_delete=models.PROTECT, related_name="losses")
    kind = models.CharField(max_length=4, default="worn")
    state = models.CharField(max_length=10, default="claimed")
    answer = models.JSONField(default=dict)  # of a seal: what the law says once it is broken, with rulings
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    why = models.TextField()
    evidence = models.FileField(upload_to="returns/%Y/%m", storage=private_files, blank=True)
    evidence_name = models.CharField(max_length=120, blank=True)
    claimed_at = models.DateTimeField()
    claimed_by = models.CharField(max_length=60)
    answer_by = models.DateField()
    reply = models.TextField(blank=True)
    replied_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=60, blank=True)
    held = models.OneToOneField(OwedRefund, on_delete=models.PROTECT, null=True, related_name="loss")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="returns_loss_amount"),
            models.CheckConstraint(condition=Q(state__in=list(LOSS_STATES)), name="returns_loss_state"),
            models.CheckConstraint(condition=Q(kind__in=list(LOSS_KINDS)), name="returns_loss_kind"),
            models.UniqueConstraint(
                fields=["return_line"],
                condition=~Q(state="dropped"),
                name="returns_loss_one_per_line",
            ),
        ]
        indexes = [
            models.Index(fields=["answer_by"], condition=Q(state="claimed"), name="returns_loss_waiting")
        ]

    def __str__(self) -> str:
        return self.public_id
