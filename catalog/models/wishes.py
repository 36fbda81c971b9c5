"""What shoppers want to remember."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from catalog.models.listings import Listing


class WishItem(models.Model):
    """Something a visitor wants to remember; by account, or by the token in a guest's cookie."""

    owner = models.CharField(max_length=60)  # "user:12" or "guest:<token>"
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "listing"], name="catalog_wish_once")
        ]

    def __str__(self) -> str:
        return f"{self.owner}: {self.listing_id}"
