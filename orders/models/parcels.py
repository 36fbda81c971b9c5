"""What travels, and the papers that go with it."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q
from django.utils import timezone

from marketplace.kernel.ids import new_public_id
from orders.models.storage import private_files


class Parcel(models.Model):
    """What travels together. Each has its own delivery day, on which rights may depend."""

    class State(models.TextChoices):
        SHIPPED = "shipped"
        DELIVERED = "delivered"
        LOST = "lost"

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "P"), editable=False
    )
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="parcels")
    state = models.CharField(max_length=10, choices=State, default=State.SHIPPED)
    carrier = models.CharField(max_length=60)
    tracking_number = models.CharField(max_length=60, blank=True)
    shipped_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    received_by = models.CharField(
        max_length=20, default="consumer"
    )  # consumer, named_third_party, carrier, other
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
    line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="parcel_lines")
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


PREFIX = {"invoice": "", "credit_note": "CN-", "supplement": "SI-"}


class Invoice(models.Model):
    """An invoice, a credit note or the invoice of a supplement of one merchant, numbered without gaps in its series."""

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="invoices")
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="+")
    series = models.CharField(max_length=20)  # "2026"
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, default="invoice")  # or credit_note, supplement
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="credit_notes")
    refund = models.OneToOneField(
        "orders.Refund", on_delete=models.PROTECT, null=True, related_name="credit_note"
    )
    supplement = models.OneToOneField(
        "orders.Supplement", on_delete=models.PROTECT, null=True, related_name="invoice"
    )
    content = models.JSONField()
    total_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    pdf = models.FileField(
        upload_to="invoices/%Y/%m", storage=private_files, blank=True
    )  # set once, when made
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "kind", "series", "number"], name="orders_invoice_number_once"
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(kind="invoice"), name="orders_invoice_per_order"
            ),
            models.CheckConstraint(
                condition=Q(kind="invoice", corrects=None, refund=None, supplement=None)
                | Q(kind="supplement", corrects=None, refund=None, supplement__isnull=False)
                | Q(kind="credit_note", corrects__isnull=False, refund__isnull=False, supplement=None),
                name="orders_invoice_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the number as it is printed: "2026-000001", "CN-2026-000001", "SI-2026-000001"."""
        return f"{PREFIX[self.kind]}{self.series}-{self.number:06d}"


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
    group = models.ForeignKey("orders.OrderGroup", on_delete=models.PROTECT, null=True, related_name="mails")
    sent_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key
