"""Where listings stand in the shop: categories and brands."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Category(models.Model):
    """A place in the taxonomy. Leaves carry the rulebook's category code, which decides the duties."""

    code = models.CharField(max_length=60, unique=True)  # "cos.skin_care"; groups: "cos"
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = ArrayField(models.CharField(max_length=60), default=list)  # codes from the root down to itself
    slug = models.SlugField(max_length=80, unique=True)
    names = models.JSONField(default=dict)  # {"en": "Skin care", "de": "Hautpflege"}
    google_path = models.CharField(max_length=300, blank=True)
    hs_heading = models.CharField(max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "categories"
        indexes = [GinIndex(fields=["path"], name="catalog_category_path")]

    def __str__(self) -> str:
        return self.names.get("en", self.code)


class Brand(models.Model):
    """A brand with what the maker owes to be shown; listings inherit it unless they say otherwise."""

    name = models.CharField(max_length=120)
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.CASCADE, related_name="brands")
    manufacturer = models.JSONField(default=dict, blank=True)  # {name, address, email, country}
    responsible_person = models.JSONField(default=dict, blank=True)  # {name, address, email, country}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "name"], name="catalog_brand_once")]

    def __str__(self) -> str:
        return self.name
