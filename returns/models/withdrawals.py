"""Declarations of withdrawal: stored as they came, judged line by line, never refused."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from marketplace.kernel.ids import new_public_id, new_token
from returns.domain.states import DECLARED_STATES, WITHDRAWAL_STATES

MEANS = ("function", "e-mail", "post")


class Withdrawal(models.Model):
    """The declaration to leave a contract: who, which contracts, when and how. A trigger refuses changes to it."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "W"), editable=False
    )
    token = models.CharField(
        max_length=64, unique=True, default=new_token, editable=False
    )  # the guest's link
    key = models.CharField(max_length=120, unique=True)  # the same declaration sent twice is one
    group = models.ForeignKey(
        "orders.OrderGroup", on_delete=models.PROTECT, null=True, related_name="withdrawals"
    )  # null while it is not known which order is meant
    state = models.CharField(max_length=10)
    means = models.CharField(max_length=10)
    declared_at = models.DateTimeField()  # when it was sent, as far as known
    received_at = models.DateTimeField()
    language = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)  # where the receipt goes
    content = models.JSONField()  # the declaration, word for word: see returns.domain.declaration
    recorded_by = models.CharField(max_length=60, blank=True)  # staff, for letters and e-mails
    receipt_sent_at = models.DateTimeField(null=True)
    closed_because = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(WITHDRAWAL_STATES)), name="returns_withdrawal_state"
            ),
            models.CheckConstraint(condition=Q(means__in=list(MEANS)), name="returns_withdrawal_means"),
            models.CheckConstraint(
                condition=Q(group__isnull=False) | Q(state__in=["unmatched", "closed"]),
                name="returns_withdrawal_matched",
            ),
            models.CheckConstraint(
                condition=Q(received_at__gte=F("declared_at")), name="returns_withdrawal_sent_first"
            ),
        ]
        indexes = [models.Index(fields=["state", "-received_at"], name="returns_withdrawal_queue")]

    def __str__(self) -> str:
        return self.public_id


class WithdrawalLine(models.Model):
    """So many pieces of an order line, with the judgement of the law of the contract's day and its reasons."""

    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="withdrawal_lines")
    quantity = models.PositiveIntegerField()
    binding = models.PositiveIntegerField(default=0)  # of these, for so many the contract has ended
    state = models.CharField(max_length=12, default="unjudged")
    ground = models.CharField(max_length=80, blank=True)  # a key of returns.domain.judging.GROUNDS
    answer = models.JSONField(default=dict)  # what the calculator said, with rulings and steps
    judged_at = models.DateTimeField(null=True)
    dispute = models.TextField(blank=True)
    disputed_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["withdrawal", "line"], name="returns_declared_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, binding__lte=F("quantity")), name="returns_declared_quantity"
            ),
            models.CheckConstraint(
                condition=Q(binding=0) | Q(state__in=["effective", "granted"]),
                name="returns_declared_binding",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(DECLARED_STATES)), name="returns_declared_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["disputed_at"], condition=Q(state="disputed"), name="returns_declared_disputed"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.line_id}"


class LineTally(models.Model):
    """How many pieces of a line were withdrawn from and are on their way back: never more than were bought."""

    line = models.OneToOneField("orders.OrderLine", on_delete=models.PROTECT, related_name="returns_tally")
    bought = models.PositiveIntegerField()
    withdrawn = models.PositiveIntegerField(default=0)  # by declarations that bind
    ended_after = models.PositiveIntegerField(
        default=0
    )  # of these, by claims and exchanges: they had been sent
    returning = models.PositiveIntegerField(default=0)  # announced, on the way or back, in returns that live
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn__lte=F("bought"), returning__lte=F("bought")),
                name="returns_tally_never_too_many",
            ),
            models.CheckConstraint(
                condition=Q(ended_after__lte=F("withdrawn")), name="returns_tally_ended_after_sending"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.withdrawn}/{self.bought} of {self.line_id}"
