"""What was agreed: order groups, orders, lines, and the frozen snapshot of each contract."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from marketplace.kernel.ids import new_public_id, new_token
from orders.models.storage import private_files


class OrderGroup(models.Model):
    """One checkout's result: one order per merchant, one payment."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "G"), editable=False
    )
    token = models.CharField(
        max_length=64, unique=True, default=new_token, editable=False
    )  # the guest's link
    checkout = models.OneToOneField("orders.Checkout", on_delete=models.PROTECT, related_name="group")
    user = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="order_groups"
    )
    email = models.EmailField()
    market = models.CharField(max_length=6)
    language = models.CharField(max_length=10)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=40)
    address = models.JSONField()
    goods_minor = models.BigIntegerField()
    shipping_minor = models.BigIntegerField()
    duty_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    fees_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField()  # what is paid to us
    border_minor = models.BigIntegerField(
        default=0
    )  # what a carrier will ask for on delivery, as far as known
    placed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    total_minor=F("goods_minor")
                    + F("shipping_minor")
                    + F("duty_minor")
                    + F("tax_minor")
                    + F("fees_minor")
                ),
                name="orders_group_sum",
            ),
            models.CheckConstraint(condition=Q(total_minor__gte=0), name="orders_group_total"),
        ]
        indexes = [models.Index(fields=["user", "-placed_at"], name="orders_group_of_user")]

    def __str__(self) -> str:
        return self.public_id


class Order(models.Model):
    """The contract with one merchant."""

    class State(models.TextChoices):
        AWAITING_PAYMENT = "awaiting_payment"
        CONFIRMED = "confirmed"
        SHIPPED = "shipped"
        DELIVERED = "delivered"
        CANCELLED = "cancelled"

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "R"), editable=False
    )
    group = models.ForeignKey(OrderGroup, on_delete=models.PROTECT, related_name="orders")
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="orders")
    number = models.PositiveIntegerField()  # gapless per merchant
    state = models.CharField(max_length=20, choices=State, default=State.AWAITING_PAYMENT)
    currency = models.CharField(max_length=3)
    goods_minor = models.BigIntegerField()
    shipping_minor = models.BigIntegerField()
    duty_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)  # tax contained in or added to the total; see landed
    fees_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField()
    border_minor = models.BigIntegerField(
        default=0
    )  # duty, tax and fees that a carrier will ask for on delivery
    shipping_service = models.CharField(max_length=40, default="standard")
    standard_shipping_minor = models.BigIntegerField(
        default=0
    )  # the cheapest standard delivery offered: for refunds
    landed = models.JSONField(default=dict)  # the landed-price answer as shown, with rulings
    concluded_at = models.DateTimeField()
    deliver_from = models.DateField(null=True)
    deliver_by = models.DateField(null=True)  # the promise
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)  # the last parcel
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "number"], name="orders_order_number_once"),
            models.UniqueConstraint(fields=["group", "merchant"], name="orders_order_per_merchant"),
            models.CheckConstraint(
                condition=Q(state__in=["awaiting_payment", "confirmed", "shipped", "delivered", "cancelled"]),
                name="orders_order_state",
            ),
            models.CheckConstraint(
                condition=Q(
                    total_minor=F("goods_minor")
                    + F("shipping_minor")
                    + F("duty_minor")
                    + F("tax_minor")
                    + F("fees_minor")
                ),
                name="orders_order_sum",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "state", "-concluded_at"], name="orders_order_of_merchant")
        ]

    def __str__(self) -> str:
        return self.public_id


class OrderLine(models.Model):
    """What was bought, as it was described, at the price that was agreed, with the law of that day."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "LN"), editable=False
    )
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    variant = models.ForeignKey("catalog.Variant", on_delete=models.SET_NULL, null=True, related_name="+")
    listing_public_id = models.CharField(max_length=16)
    sku = models.CharField(max_length=120)
    gtin = models.CharField(max_length=14, blank=True)
    title = models.CharField(max_length=200)
    options = models.JSONField(default=list)
    category = models.CharField(max_length=60)
    condition = models.CharField(max_length=12, default="new")
    hs_code = models.CharField(max_length=10, blank=True)
    origin = models.CharField(max_length=2, blank=True)
    quantity = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    unit_price_minor = (
        models.BigIntegerField()
    )  # as shown for one, with the tax that is collected at checkout
    goods_minor = models.BigIntegerField()  # without tax
    shipping_minor = models.BigIntegerField(default=0)  # this line's share
    duty_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    fees_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField()
    border_minor = models.BigIntegerField(default=0)
    tax_rate = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    prior_price = models.JSONField(default=dict)  # evidence: the answer and the history it rests on
    rulings = models.JSONField(default=list)  # the law of the contract's day for this line
    rights = models.JSONField(default=dict)  # facts the after-sales calculators need, frozen
    consent = models.JSONField(default=dict)  # {kind: {text, version, language, ground, given_at}}
    snapshot = models.JSONField(default=dict)  # disclosures, warnings, texts as shown
    commission_minor = models.BigIntegerField(default=0)  # what the marketplace takes of goods, without tax
    commission_tax_minor = models.BigIntegerField(default=0)
    commission = models.JSONField(default=dict)  # the tariff it follows: percent, tariff, tax, tax_percent

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="orders_line_position"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="orders_line_quantity"),
            models.CheckConstraint(
                condition=Q(
                    total_minor=F("goods_minor")
                    + F("shipping_minor")
                    + F("duty_minor")
                    + F("tax_minor")
                    + F("fees_minor")
                ),
                name="orders_line_sum",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"


class ContractSnapshot(models.Model):
    """What was promised when the order was placed. Written once; a trigger refuses changes."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="snapshot")
    content = models.JSONField()  # see orders.domain.snapshot
    digest = models.CharField(max_length=64)  # sha256 of the canonical JSON
    terms_version = models.CharField(max_length=40)
    rulebook_version = models.CharField(max_length=64)
    pdf = models.FileField(
        upload_to="contracts/%Y/%m", storage=private_files, blank=True
    )  # set once, when made
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"contract of {self.order_id}"
