"""Money on its way, and what providers said about it."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from marketplace.kernel.ids import new_public_id, new_token
from orders.domain.states import SUPPLEMENT_STATES


class Payment(models.Model):
    """Money on its way from a shopper: one attempt at one provider. States only move forward."""

    class State(models.TextChoices):
        CREATED = "created"
        NEEDS_ACTION = "needs_action"  # 3-D Secure, a redirect
        AUTHORISED = "authorised"
        CAPTURED = "captured"
        FAILED = "failed"
        CANCELLED = "cancelled"
        REFUNDED = "refunded"  # all of it went back

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "PM"), editable=False
    )
    checkout = models.ForeignKey("orders.Checkout", on_delete=models.PROTECT, related_name="payments")
    group = models.ForeignKey(
        "orders.OrderGroup", on_delete=models.PROTECT, null=True, related_name="payments"
    )
    provider = models.CharField(max_length=20)
    provider_ref = models.CharField(max_length=120, blank=True)
    idempotency_key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=14, choices=State, default=State.CREATED)
    amount_minor = models.BigIntegerField()
    captured_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(
        default=0
    )  # sum of refunds that are not failed, kept under the row's lock
    disputed_minor = models.BigIntegerField(default=0)  # sum of chargebacks that are open or lost
    purpose = models.CharField(max_length=12, default="order")  # or supplement: paid later, for an exchange
    supplement = models.ForeignKey(
        "orders.Supplement", on_delete=models.PROTECT, null=True, related_name="payments"
    )
    is_surplus = models.BooleanField(
        default=False
    )  # money for a supplement that was called off, or that another payment stands for: it goes back
    currency = models.CharField(max_length=3)
    failure = models.CharField(max_length=200, blank=True)
    method = models.JSONField(
        default=dict
    )  # the provider's token for the means of payment, never a card number
    action = models.JSONField(default=dict)  # what the shopper must do next: {"kind": "redirect", "url": …}
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_ref"],
                condition=~Q(provider_ref=""),
                name="orders_payment_ref_once",
            ),
            models.UniqueConstraint(
                fields=["checkout"],
                condition=Q(state__in=["created", "needs_action"], purpose="order"),
                name="orders_payment_one_pending",
            ),
            models.UniqueConstraint(
                fields=["supplement"],
                condition=~Q(state__in=["failed", "cancelled"]) & Q(is_surplus=False),
                name="orders_payment_one_of_supplement",
            ),
            models.CheckConstraint(
                condition=Q(is_surplus=False) | Q(purpose="supplement"), name="orders_payment_surplus"
            ),
            models.CheckConstraint(
                condition=Q(purpose="order", supplement=None)
                | Q(purpose="supplement", supplement__isnull=False, group__isnull=False),
                name="orders_payment_supplement",
            ),
            models.UniqueConstraint(
                fields=["group"],
                condition=Q(group__isnull=False, purpose="order"),
                name="orders_payment_of_group",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=["order", "supplement"]), name="orders_payment_purpose"
            ),
            models.CheckConstraint(condition=Q(disputed_minor__gte=0), name="orders_payment_disputed"),
            models.CheckConstraint(
                condition=Q(captured_minor__lte=F("amount_minor"), refunded_minor__lte=F("captured_minor")),
                name="orders_payment_never_too_much",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "created",
                        "needs_action",
                        "authorised",
                        "captured",
                        "failed",
                        "cancelled",
                        "refunded",
                    ]
                ),
                name="orders_payment_state",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class Supplement(models.Model):
    """What a shopper pays later for an order line, because other goods cost more: one sum, paid once or called off."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "SP"), editable=False
    )
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    key = models.CharField(max_length=120, unique=True)  # what it is for: "exchange:X-7Q2K9F3M"
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="supplements")
    line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="supplements")
    state = models.CharField(max_length=10, default="open")
    goods_minor = models.BigIntegerField()  # without tax
    tax_minor = models.BigIntegerField(default=0)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    commission_minor = models.BigIntegerField(default=0)  # in proportion to the line's
    commission_tax_minor = models.BigIntegerField(default=0)
    title = models.CharField(max_length=300)  # what it is paid for, as the shopper reads it
    back_path = models.CharField(max_length=200)  # where the shopper goes on after paying
    asked_at = models.DateTimeField()
    pay_by = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(SUPPLEMENT_STATES)), name="orders_supplement_state"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, amount_minor=F("goods_minor") + F("tax_minor")),
                name="orders_supplement_sum",
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(paid_at__isnull=False), name="orders_supplement_paid_at"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class PaymentEvent(models.Model):
    """What a provider told us, as it came. Append-only; the provider's event id makes it once."""

    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="events")
    kind = models.CharField(max_length=80)
    payload = models.JSONField()
    received_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="orders_paymentevent_once")
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind}"


class Refund(models.Model):
    """Money on its way back: one sum, sent to the provider once under its own key. Never changed but in state."""

    class State(models.TextChoices):
        REQUESTED = "requested"
        DONE = "done"
        FAILED = "failed"

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "RF"), editable=False
    )
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, null=True, related_name="refunds")
    key = models.CharField(max_length=120, unique=True)  # what it is for: "cancelled:R-7Q2K9F3M"
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    because = models.CharField(max_length=200)
    provider_ref = models.CharField(max_length=120, blank=True)
    failure = models.CharField(max_length=200, blank=True)
    requested_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="orders_refund_amount"),
            models.CheckConstraint(
                condition=Q(state__in=["requested", "done", "failed"]), name="orders_refund_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["requested_at"], condition=Q(state="requested"), name="orders_refund_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"


class RefundLine(models.Model):
    """A part of a refund, or of a chargeback that was lost: so much of one kind of one line. Never changed."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, related_name="parts")
    chargeback = models.ForeignKey(
        "orders.Chargeback", on_delete=models.PROTECT, null=True, related_name="parts"
    )
    line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, null=True, related_name="refunds")
    kind = models.CharField(max_length=10)  # see orders.domain.refunds.KINDS
    quantity = models.PositiveIntegerField(default=0)
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["refund", "line", "kind"],
                condition=Q(refund__isnull=False),
                nulls_distinct=False,
                name="orders_refundline_once",
            ),
            models.CheckConstraint(
                condition=Q(refund=None, chargeback__isnull=False) | Q(refund__isnull=False, chargeback=None),
                name="orders_refundline_of_one",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="orders_refundline_amount"),
            models.CheckConstraint(
                condition=Q(kind__in=["goods", "shipping", "duty", "tax", "fees", "goodwill"]),
                name="orders_refundline_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_minor}"


class OfflineIntent(models.Model):
    """The books of the offline provider: what a bank would know, in a table of our own."""

    ref = models.CharField(max_length=60, unique=True)
    key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=20, default="created")
    amount_minor = models.BigIntegerField()
    captured_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    token = models.CharField(max_length=40, blank=True)
    refund_keys = models.JSONField(
        default=dict
    )  # {key: amount}: a refund under a known key is not paid again
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.ref
