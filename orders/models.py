"""Tables of the order's life. What was agreed is frozen here; later changes are new rows."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from marketplace.kernel.ids import new_public_id, new_token


class Basket(models.Model):
    """What a visitor means to buy, over any number of merchants. Nothing is held for it."""

    public_id = models.CharField(max_length=16, unique=True, default=partial(new_public_id, "B"), editable=False)
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now, db_index=True)
    closed_at = models.DateTimeField(null=True)  # it became an order group

    def __str__(self) -> str:
        return self.public_id


class BasketLine(models.Model):
    """So many of one variant, at the price the shopper last saw (so that a change is shown, never slipped in)."""

    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey("catalog.Variant", on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField()
    seen_price_minor = models.BigIntegerField()
    seen_currency = models.CharField(max_length=3)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["basket", "variant"], name="orders_basketline_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1, quantity__lte=999), name="orders_basketline_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"


class Checkout(models.Model):
    """One attempt to buy a basket: stock held, address and choices so far, the quote the shopper was shown."""

    class State(models.TextChoices):
        OPEN = "open"
        PAYING = "paying"  # the provider has it; the quote is fixed
        PLACED = "placed"
        EXPIRED = "expired"
        ABANDONED = "abandoned"

    public_id = models.CharField(max_length=16, unique=True, default=partial(new_public_id, "C"), editable=False)
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    basket = models.ForeignKey(Basket, on_delete=models.PROTECT, related_name="checkouts")
    user = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    market = models.CharField(max_length=6)
    language = models.CharField(max_length=10)
    currency = models.CharField(max_length=3)
    email = models.EmailField(blank=True)
    address = models.JSONField(default=dict)  # name, company, street, extra, postcode, city, region, country, phone
    shipping = models.JSONField(default=dict)  # {merchant public id: service}
    consents = models.JSONField(default=dict)  # {line: {what, text, given_at}}: only where a line needs one
    payment_method = models.CharField(max_length=20, blank=True)
    quote = models.JSONField(default=dict)  # the landed price as shown, with its rulings
    quote_digest = models.CharField(max_length=64, blank=True)  # what the order button commits to
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "paying", "placed", "expired", "abandoned"]), name="orders_checkout_state"
            ),
            models.UniqueConstraint(
                fields=["basket"], condition=Q(state__in=["open", "paying"]), name="orders_checkout_one_live"
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(state__in=["open", "paying"]), name="orders_checkout_expiry"
            )
        ]

    def __str__(self) -> str:
        return self.public_id


class OrderGroup(models.Model):
    """One checkout's result: one order per merchant, one payment."""

    public_id = models.CharField(max_length=16, unique=True, default=partial(new_public_id, "G"), editable=False)
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)  # the guest's link
    checkout = models.OneToOneField(Checkout, on_delete=models.PROTECT, related_name="group")
    user = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="order_groups")
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
    total_minor = models.BigIntegerField()
    placed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(total_minor__gte=0), name="orders_group_total")]
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

    public_id = models.CharField(max_length=16, unique=True, default=partial(new_public_id, "R"), editable=False)
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
    shipping_service = models.CharField(max_length=40, default="standard")
    standard_shipping_minor = models.BigIntegerField(default=0)  # the cheapest standard delivery offered: for refunds
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
        ]
        indexes = [models.Index(fields=["merchant", "state", "-concluded_at"], name="orders_order_of_merchant")]

    def __str__(self) -> str:
        return self.public_id


class OrderLine(models.Model):
    """What was bought, as it was described, at the price that was agreed, with the law of that day."""

    public_id = models.CharField(max_length=16, unique=True, default=partial(new_public_id, "LN"), editable=False)
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
    unit_price_minor = models.BigIntegerField()  # what the shopper pays for one, tax included where it is included
    goods_minor = models.BigIntegerField()
    shipping_minor = models.BigIntegerField(default=0)  # this line's share
    duty_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    fees_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField()
    tax_rate = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    prior_price = models.JSONField(default=dict)  # evidence: the answer and the history it rests on
    rulings = models.JSONField(default=list)  # the law of the contract's day for this line
    rights = models.JSONField(default=dict)  # facts the after-sales calculators need, frozen
    consent = models.JSONField(default=dict)  # an exemption consent with its text and instant
    snapshot = models.JSONField(default=dict)  # disclosures, warnings, texts as shown
    commission_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="orders_line_position"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="orders_line_quantity"),
            models.CheckConstraint(
                condition=Q(
                    total_minor=F("goods_minor") + F("shipping_minor") + F("duty_minor") + F("tax_minor") + F("fees_minor")
                ),
                name="orders_line_sum",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"


class Parcel(models.Model):
    """What travels together. Each has its own delivery day, on which rights may depend."""

    class State(models.TextChoices):
        SHIPPED = "shipped"
        DELIVERED = "delivered"
        LOST = "lost"

    public_id = models.CharField(max_length=16, unique=True, default=partial(new_public_id, "P"), editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="parcels")
    state = models.CharField(max_length=10, choices=State, default=State.SHIPPED)
    carrier = models.CharField(max_length=60)
    tracking_number = models.CharField(max_length=60, blank=True)
    shipped_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=20, default="consumer")  # consumer, named_third_party, carrier, other
    recorded_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["shipped", "delivered", "lost"]), name="orders_parcel_state"
            )
        ]

    def __str__(self) -> str:
        return self.public_id


class ParcelLine(models.Model):
    """So many of an order line in a parcel, with batch and serial numbers."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="parcel_lines")
    quantity = models.PositiveIntegerField()
    batch = models.CharField(max_length=80, blank=True)
    serials = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parcel", "line", "batch"], name="orders_parcelline_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="orders_parcelline_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.line_id}"


class Payment(models.Model):
    """Money on its way from a shopper: one attempt at one provider. States only move forward."""

    class State(models.TextChoices):
        CREATED = "created"
        NEEDS_ACTION = "needs_action"  # 3-D Secure, a redirect
        AUTHORISED = "authorised"
        CAPTURED = "captured"
        FAILED = "failed"
        CANCELLED = "cancelled"
        REFUNDED = "refunded"  # all of it went back before an order was confirmed

    public_id = models.CharField(max_length=16, unique=True, default=partial(new_public_id, "PM"), editable=False)
    checkout = models.ForeignKey(Checkout, on_delete=models.PROTECT, related_name="payments")
    group = models.ForeignKey(OrderGroup, on_delete=models.PROTECT, null=True, related_name="payments")
    provider = models.CharField(max_length=20)
    provider_ref = models.CharField(max_length=120, blank=True)
    idempotency_key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=14, choices=State, default=State.CREATED)
    amount_minor = models.BigIntegerField()
    captured_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    failure = models.CharField(max_length=200, blank=True)
    action = models.JSONField(default=dict)  # what the shopper must do next
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_ref"], condition=~Q(provider_ref=""), name="orders_payment_ref_once"
            ),
            models.UniqueConstraint(
                fields=["checkout"],
                condition=Q(state__in=["created", "needs_action", "authorised", "captured"]),
                name="orders_payment_one_live",
            ),
            models.CheckConstraint(
                condition=Q(captured_minor__lte=F("amount_minor"), refunded_minor__lte=F("captured_minor")),
                name="orders_payment_never_too_much",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["created", "needs_action", "authorised", "captured", "failed", "cancelled", "refunded"]
                ),
                name="orders_payment_state",
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
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="orders_paymentevent_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind}"


class ContractSnapshot(models.Model):
    """What was promised when the order was placed. Written once; a trigger refuses changes."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="snapshot")
    content = models.JSONField()  # see orders.domain.snapshot
    digest = models.CharField(max_length=64)  # sha256 of the canonical JSON
    terms_version = models.CharField(max_length=40)
    rulebook_version = models.CharField(max_length=64)
    pdf = models.FileField(upload_to="contracts/%Y/%m", blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"contract of {self.order_id}"


class Invoice(models.Model):
    """An invoice of one merchant, numbered without gaps in its series."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="invoices")
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="+")
    series = models.CharField(max_length=20)  # "2026"
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, default="invoice")  # credit notes come with refunds
    content = models.JSONField()
    total_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    pdf = models.FileField(upload_to="invoices/%Y/%m", blank=True)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "kind", "series", "number"], name="orders_invoice_number_once"),
            models.UniqueConstraint(fields=["order"], condition=Q(kind="invoice"), name="orders_invoice_per_order"),
        ]

    def __str__(self) -> str:
        return f"{self.series}-{self.number}"


class Sequence(models.Model):
    """A counter without gaps: the next number is taken under the row's lock, in the using transaction."""

    name = models.CharField(max_length=80, primary_key=True)  # "order:M-7Q2K9F3M", "invoice:M-…:2026"
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} = {self.last}"


class SentMail(models.Model):
    """A message that left: what it was about and to whom it went, so that it leaves once."""

    key = models.CharField(max_length=120, unique=True)  # "order-confirmation:G-7Q2K9F3M"
    message_id = models.CharField(max_length=200)
    group = models.ForeignKey(OrderGroup, on_delete=models.PROTECT, null=True, related_name="mails")
    sent_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key
