"""What goes back: returns, their lines and units, their parcels, and what carriers said."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q
from django.utils import timezone

from marketplace.kernel.ids import new_public_id, new_token
from orders.models.storage import private_files
from returns.domain.states import (
    ACCEPTANCE_STATES,
    GRADES,
    PARCEL_STATES,
    RECEPTION_STATES,
    RESELLABLE_GRADES,
    RETURN_OPEN,
    RETURN_STATES,
)

REASONS = ("withdrawal", "claim", "exchange", "unannounced")
PAYERS = ("consumer", "merchant", "marketplace")
METHODS = ("drop_off", "pick_up", "own")


class Return(models.Model):
    """Goods on their way back to one merchant, whatever the reason. Counted and inspected per unit."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "RT"), editable=False
    )
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="returns")
    merchant = models.ForeignKey(
        "accounts.Merchant", on_delete=models.PROTECT, related_name="returns"
    )  # the order's, kept here so that an inbox is one index
    market = models.CharField(max_length=6)
    reason = models.CharField(max_length=12)
    subject = models.CharField(max_length=20, blank=True)  # what it belongs to: "W-7Q2K9F3M", a claim, …
    state = models.CharField(max_length=12, default="announced")
    paid_by = models.CharField(max_length=12)
    rulings = models.JSONField(default=list)  # why this one pays, and by when it goes back
    send_back_by = models.DateField(null=True)
    due_on = models.DateField(null=True)  # what the merchant has to do next is due on this day
    opened_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    inspected_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(RETURN_STATES)), name="returns_return_state"),
            models.CheckConstraint(condition=Q(reason__in=list(REASONS)), name="returns_return_reason"),
            models.CheckConstraint(condition=Q(paid_by__in=list(PAYERS)), name="returns_return_payer"),
            models.CheckConstraint(
                condition=~Q(state__in=["received", "inspected"]) | Q(received_at__isnull=False),
                name="returns_return_received_at",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "-opened_at", "-id"], name="returns_inbox_all"),
            models.Index(fields=["merchant", "state", "-opened_at", "-id"], name="returns_inbox_state"),
            models.Index(fields=["merchant", "reason", "-opened_at", "-id"], name="returns_inbox_reason"),
            models.Index(fields=["merchant", "market", "-opened_at", "-id"], name="returns_inbox_market"),
            models.Index(
                fields=["merchant", "due_on", "id"],
                condition=Q(state__in=list(RETURN_OPEN)),
                name="returns_inbox_due",
            ),
            models.Index(
                fields=["due_on", "id"], condition=Q(state__in=list(RETURN_OPEN)), name="returns_return_due"
            ),
            models.Index(fields=["subject"], name="returns_return_subject"),
            models.Index(fields=["merchant", "order"], name="returns_inbox_order"),
        ]

    def __str__(self) -> str:
        return self.public_id


class ReturnLine(models.Model):
    """So many pieces of an order line that were announced, and how many arrived."""

    ret = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="return_lines")
    announced = models.PositiveIntegerField()  # 0 for what nobody announced
    received = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ret", "line"], name="returns_returnline_once")]

    def __str__(self) -> str:
        return f"{self.received}/{self.announced} of {self.line_id}"


class ReturnUnit(models.Model):
    """One piece on two axes: what became of it on the way, and what the inspection says."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "RU"), editable=False
    )
    return_line = models.ForeignKey(ReturnLine, on_delete=models.PROTECT, related_name="units")
    variant = models.ForeignKey(
        "catalog.Variant", on_delete=models.SET_NULL, null=True, related_name="+"
    )  # of a piece that came in exchange; else it is the order line's
    reception = models.CharField(max_length=12, default="awaiting")
    acceptance = models.CharField(max_length=10, default="pending")
    grade = models.CharField(max_length=1, blank=True)
    resellable = models.BooleanField(default=False)
    restocked_at = models.DateTimeField(null=True)
    serial = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=500, blank=True)
    inspected_at = models.DateTimeField(null=True)
    inspected_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reception__in=list(RECEPTION_STATES)), name="returns_unit_reception"
            ),
            models.CheckConstraint(
                condition=Q(acceptance__in=list(ACCEPTANCE_STATES)), name="returns_unit_acceptance"
            ),
            models.CheckConstraint(condition=Q(grade__in=["", *GRADES]), name="returns_unit_grade"),
            models.CheckConstraint(
                condition=Q(resellable=False)
                | Q(reception="received", acceptance="accepted", grade__in=list(RESELLABLE_GRADES)),
                name="returns_unit_resellable",
            ),
            models.CheckConstraint(
                condition=Q(restocked_at__isnull=True) | Q(resellable=True), name="returns_unit_restocked"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class ReturnParcel(models.Model):
    """One parcel of a return: by a label of ours, fetched at the door, or by the shopper's own means."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "RP"), editable=False
    )
    ret = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="parcels")
    method = models.CharField(max_length=10)
    carrier = models.CharField(max_length=60, blank=True)
    tracking_number = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, default="booked")
    price_minor = models.BigIntegerField(
        default=0
    )  # what the shopper chose to have taken off for the label, in the order's currency
    pick_up_on = models.DateField(null=True)
    pick_up_address = models.JSONField(default=dict)
    proof = models.FileField(upload_to="returns/%Y/%m", storage=private_files, blank=True)
    proof_name = models.CharField(max_length=120, blank=True)
    booked_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(method__in=list(METHODS)), name="returns_parcel_method"),
            models.CheckConstraint(condition=Q(state__in=list(PARCEL_STATES)), name="returns_parcel_state"),
            models.CheckConstraint(
                condition=Q(price_minor=0) | (Q(price_minor__gt=0) & ~Q(method="own")),
                name="returns_parcel_price",
            ),
            models.UniqueConstraint(
                fields=["carrier", "tracking_number"],
                condition=~Q(tracking_number="") & ~Q(method="own"),  # two returns may travel in one parcel
                name="returns_parcel_number_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tracking_number"], condition=~Q(tracking_number=""), name="returns_parcel_by_number"
            )  # a scanner knows the number alone
        ]

    def __str__(self) -> str:
        return self.public_id


class ReturnEvent(models.Model):
    """What a carrier said about a parcel, as it came; the same news is kept once."""

    carrier = models.CharField(max_length=60)
    tracking_number = models.CharField(max_length=60)
    code = models.CharField(max_length=30)
    at = models.DateTimeField()
    place = models.CharField(max_length=120, blank=True)
    payload = models.JSONField(default=dict)
    parcel = models.ForeignKey(ReturnParcel, on_delete=models.PROTECT, null=True, related_name="events")
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["carrier", "tracking_number", "code", "at", "place"], name="returns_event_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.tracking_number} {self.code}"


class OfflineShipment(models.Model):
    """The books of the offline carrier: what a real one would know, in a table of our own."""

    number = models.CharField(max_length=30, unique=True)
    key = models.CharField(max_length=120, unique=True)  # a booking under a known key is not booked again
    serial = models.PositiveIntegerField(unique=True)
    method = models.CharField(max_length=10)
    booked_at = models.DateTimeField()
    handed_over_at = models.DateTimeField(null=True)
    is_lost = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.number
