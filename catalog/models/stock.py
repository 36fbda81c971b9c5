"""What is on the shelf, what is promised, and why it changed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.models.listings import Variant


class Stock(models.Model):
    """How many are on the shelf and how many are promised. available = on_hand − reserved."""

    variant = models.OneToOneField(Variant, on_delete=models.CASCADE, primary_key=True, related_name="stock")
    on_hand = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)  # sum of live reservations, kept under the row's lock

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reserved__lte=F("on_hand")), name="catalog_stock_not_oversold")
        ]

    def __str__(self) -> str:
        return f"{self.on_hand - self.reserved} of {self.on_hand}"


class StockReservation(models.Model):
    """Goods held for one checkout for a time."""

    class State(models.TextChoices):
        HELD = "held"
        TAKEN = "taken"  # became an order
        RELEASED = "released"

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="reservations")
    holder = models.CharField(max_length=40)  # "checkout:C-7Q2K9F3M"
    quantity = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.HELD)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["holder", "variant"], condition=Q(state="held"), name="catalog_reservation_once"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="catalog_reservation_quantity"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state="held"), name="catalog_reservation_expiry"),
            models.Index(fields=["holder"], name="catalog_reservation_holder"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id} for {self.holder}"


class StockMovement(models.Model):
    """Why the shelf changed. Append-only: the sum of all deltas is on_hand."""

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="movements")
    delta = models.IntegerField()
    reason = models.CharField(max_length=20)  # set, import, sold, cancelled, returned
    reference = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["variant", "at"], name="catalog_movement_history")]

    def __str__(self) -> str:
        return f"{self.delta:+d} {self.reason}"
