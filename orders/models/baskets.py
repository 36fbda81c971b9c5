"""What shoppers mean to buy, and their attempts to buy it."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q
from django.utils import timezone

from marketplace.kernel.ids import new_public_id, new_token


class Basket(models.Model):
    """What a visitor means to buy, over any number of merchants. Nothing is held for it."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "B"), editable=False
    )
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now, db_index=True)
    closed_at = models.DateTimeField(null=True)  # its lines went over into the account's basket

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(closed_at=None, user__isnull=False),
                name="orders_basket_one_of_user",
            )
        ]

    def __str__(self) -> str:
        return self.public_id


class BasketLine(models.Model):
    """So many of one variant, at the price the shopper last saw (so that a change is shown, never slipped in)."""

    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey("catalog.Variant", on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField()
    seen_price_minor = models.BigIntegerField()
    seen_currency = models.CharField(max_length=3)
    seen_market = models.CharField(max_length=6)  # prices contain the tax of the market they are shown for
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["basket", "variant"], name="orders_basketline_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=999), name="orders_basketline_quantity"
            ),
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

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "C"), editable=False
    )
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    basket = models.ForeignKey(Basket, on_delete=models.PROTECT, related_name="checkouts")
    user = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    market = models.CharField(max_length=6)
    language = models.CharField(max_length=10)
    currency = models.CharField(max_length=3)
    lines = models.JSONField(default=list)  # [{variant public id, quantity}]: the basket as it was taken here
    email = models.EmailField(blank=True)
    address = models.JSONField(
        default=dict
    )  # name, company, street, extra, postcode, city, region, country, phone
    shipping = models.JSONField(
        default=dict
    )  # {merchant public id: service}; the cheapest where none is chosen
    consents = models.JSONField(
        default=dict
    )  # {variant public id: {kind: {text, version, language, ground, given_at}}}, where needed
    quote = models.JSONField(default=dict)  # the landed price as last shown, with its rulings
    quote_digest = models.CharField(max_length=64, blank=True)  # what the order button commits to
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "paying", "placed", "expired", "abandoned"]),
                name="orders_checkout_state",
            ),
            models.UniqueConstraint(
                fields=["basket"], condition=Q(state__in=["open", "paying"]), name="orders_checkout_one_live"
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(state__in=["open", "paying"]),
                name="orders_checkout_expiry",
            )
        ]

    def __str__(self) -> str:
        return self.public_id
