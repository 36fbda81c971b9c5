"""Exchanges of pieces for another variant, and what each merchant promises about them."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q

from marketplace.kernel.ids import new_public_id, new_token
from returns.domain.exchanges import EXCHANGE_OPEN, EXCHANGE_STATES, SHIP_ON


class ExchangePolicy(models.Model):
    """What a merchant promises about exchanges; without a row the marketplace's own rule holds."""

    merchant = models.OneToOneField(
        "accounts.Merchant", on_delete=models.PROTECT, related_name="exchange_policy"
    )
    is_offered = models.BooleanField(default=True)
    days = models.PositiveSmallIntegerField()  # after delivery
    ship_on = models.CharField(max_length=8, default="receipt")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ship_on__in=list(SHIP_ON)), name="returns_policy_ship_on")
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id}: {self.ship_on}"


class Exchange(models.Model):
    """So many pieces of an order line for another variant of the same listing: stock held, difference settled."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "EX"), editable=False
    )
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    key = models.CharField(max_length=120, unique=True)  # the same wish sent twice is one
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="exchanges")
    line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="exchanges")
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="exchanges")
    claim = models.ForeignKey("returns.Claim", on_delete=models.PROTECT, null=True, related_name="exchanges")
    quantity = models.PositiveIntegerField()
    variant = models.ForeignKey("catalog.Variant", on_delete=models.SET_NULL, null=True, related_name="+")
    sku = models.CharField(max_length=120)
    title = models.CharField(max_length=200)
    options = models.JSONField(default=list)  # of the new variant, as the shopper saw them
    state = models.CharField(max_length=10)
    ship_on = models.CharField(max_length=8)  # the merchant's promise, as it was when this was agreed
    old_unit_minor = models.BigIntegerField()
    new_unit_minor = models.BigIntegerField()
    difference_minor = models.BigIntegerField()  # for all pieces; below nothing it comes back
    currency = models.CharField(max_length=3)
    supplement = models.CharField(max_length=16, blank=True)  # the public id of what is paid for it
    is_paid = models.BooleanField(default=False)
    ret = models.ForeignKey(
        "returns.Return", on_delete=models.PROTECT, null=True, related_name="exchanges"
    )  # a claim's own return, where it belongs to one
    agreed_at = models.DateTimeField()
    pay_by = models.DateTimeField(null=True)
    held_until = models.DateTimeField()
    due_on = models.DateField(null=True)  # by when the merchant sends it
    carrier = models.CharField(max_length=60, blank=True)
    tracking_number = models.CharField(max_length=60, blank=True)
    shipped_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    because = models.CharField(max_length=300, blank=True)  # an English msgid, or the merchant's words
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(EXCHANGE_STATES)), name="returns_exchange_state"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="returns_exchange_quantity"),
            models.CheckConstraint(
                condition=~Q(state="to_pay") | Q(pay_by__isnull=False, difference_minor__gt=0),
                name="returns_exchange_to_pay",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["waiting", "ready", "shipped"])
                | Q(difference_minor__lte=0)
                | Q(is_paid=True),
                name="returns_exchange_paid_first",
            ),
            models.CheckConstraint(
                condition=~Q(state="shipped")
                | (Q(shipped_at__isnull=False) & ~Q(carrier="") & ~Q(tracking_number="")),
                name="returns_exchange_shipped",
            ),
            models.UniqueConstraint(
                fields=["claim"],
                condition=Q(state__in=list(EXCHANGE_OPEN)),
                name="returns_exchange_one_of_claim",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "-agreed_at", "-id"], name="returns_exchanges_all"),
            models.Index(
                fields=["held_until"],
                condition=Q(state__in=list(EXCHANGE_OPEN)),
                name="returns_exchanges_held",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
