"""Offers, the append-only price history, shipping and exchange rates."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.models.listings import Variant


class Offer(models.Model):
    """The price of a variant in one currency. Other currencies are converted at a dated ECB rate."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="offers")
    currency = models.CharField(max_length=3)
    price_minor = models.BigIntegerField()
    # An announced reduction: the prior price is computed from PriceRecord, never typed in. `regular_minor`
    # is what the price returns to when the reduction ends.
    regular_minor = models.BigIntegerField(null=True, blank=True)
    reduced_from = models.DateTimeField(null=True, blank=True)
    reduced_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["variant", "currency"], name="catalog_offer_once"),
            models.CheckConstraint(condition=Q(price_minor__gt=0), name="catalog_offer_price"),
            models.CheckConstraint(
                condition=Q(reduced_from=None, regular_minor=None)
                | Q(reduced_from__isnull=False, regular_minor__gt=F("price_minor")),
                name="catalog_offer_reduction",
            ),
        ]
        indexes = [
            models.Index(
                fields=["reduced_until"],
                condition=Q(reduced_until__isnull=False),
                name="catalog_offer_reduction_end",
            )
        ]

    def __str__(self) -> str:
        return f"{self.price_minor} {self.currency}"


class PlannedReduction(models.Model):
    """A reduction that a merchant announced for later. It begins by itself, if the law still lets it."""

    offer = models.OneToOneField(Offer, on_delete=models.CASCADE, related_name="planned")
    price_minor = models.BigIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    planned_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    planned_at = models.DateTimeField(default=timezone.now)
    refused_at = models.DateTimeField(null=True, blank=True)  # when its time came, it was not lawful

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price_minor__gt=0), name="catalog_planned_price"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="catalog_planned_end"
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at"], condition=Q(refused_at=None), name="catalog_planned_due")
        ]

    def __str__(self) -> str:
        return f"{self.price_minor} from {self.starts_at:%Y-%m-%d %H:%M}"


class PriceRecord(models.Model):
    """A price that was in force from an instant on. Append-only, kept for ever; a trigger refuses changes."""

    class Kind(models.TextChoices):
        REGULAR = "regular"
        REDUCED = "reduced"

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="price_records")
    currency = models.CharField(max_length=3)
    price_minor = models.BigIntegerField(null=True)  # null: not offered from then on
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.REGULAR)
    valid_from = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["variant", "currency", "valid_from"], name="catalog_pricerecord_history")
        ]

    def __str__(self) -> str:
        return f"{self.price_minor} {self.currency} from {self.valid_from:%Y-%m-%d}"


class ShippingRate(models.Model):
    """What a merchant charges to bring a basket to a market, and how long it takes."""

    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.CASCADE, related_name="shipping_rates")
    market = models.CharField(max_length=6)
    service = models.CharField(max_length=40, default="standard")
    price_minor = models.BigIntegerField()
    extra_item_minor = models.BigIntegerField(default=0)
    free_from_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    min_days = models.PositiveSmallIntegerField()
    max_days = models.PositiveSmallIntegerField()
    carrier = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "market", "service"], name="catalog_shipping_once"),
            models.CheckConstraint(condition=Q(price_minor__gte=0), name="catalog_shipping_price"),
            models.CheckConstraint(condition=Q(max_days__gte=F("min_days")), name="catalog_shipping_days"),
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id} → {self.market} {self.service}"


class ExchangeRate(models.Model):
    """What one euro costs in a currency on a day, by the European Central Bank."""

    currency = models.CharField(max_length=3)
    on = models.DateField()
    rate = models.DecimalField(max_digits=18, decimal_places=8)
    source = models.CharField(max_length=60, default="ECB")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["currency", "on"], name="catalog_rate_once")]

    def __str__(self) -> str:
        return f"1 EUR = {self.rate} {self.currency} on {self.on}"
