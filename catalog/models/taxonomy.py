"""Where listings stand in the shop: categories and brands."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower


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
    # Without a merchant it is a record that officers keep for everybody who sells the brand.
    merchant = models.ForeignKey(
        "accounts.Merchant", on_delete=models.CASCADE, null=True, blank=True, related_name="brands"
    )
    shared = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="sold_by"
    )  # the officers' record of the same name; its values fill in last
    manufacturer = models.JSONField(default=dict, blank=True)  # {name, address, email, country}
    responsible_person = models.JSONField(default=dict, blank=True)  # {name, address, email, country}
    local_contacts = models.JSONField(default=list, blank=True)  # [{market, role, name, address, email}]
    safety_contact = models.JSONField(default=dict, blank=True)  # {email, phone, url}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "name"], name="catalog_brand_once"),
            models.UniqueConstraint(
                Lower("name"), condition=Q(merchant=None), name="catalog_brand_shared_once"
            ),
            models.CheckConstraint(
                condition=Q(merchant__isnull=False) | Q(shared=None), name="catalog_brand_shares_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BrandCertificate(models.Model):
    """A certificate of a brand that counts for its products, or for some of them, until it expires."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="certificates")
    kind = models.CharField(max_length=60)  # a document type of the rulebook's facts
    number = models.CharField(max_length=80, blank=True)
    issuer = models.CharField(max_length=160, blank=True)
    url = models.URLField(max_length=1000, blank=True)
    market = models.CharField(max_length=6, blank=True)  # where it counts; empty: everywhere
    # What it counts for: categories or groups of them, and merchants' codes of listings; empty: all.
    categories = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    products = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)  # the last day it is valid
    told = ArrayField(models.IntegerField(), default=list, editable=False)  # notices sent, in days before

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(issued_on=None) | Q(expires_on=None) | Q(issued_on__lte=F("expires_on")),
                name="catalog_certificate_days",
            )
        ]
        indexes = [
            models.Index(
                fields=["expires_on"],
                condition=Q(expires_on__isnull=False),
                name="catalog_certificate_expiry",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}".strip()
