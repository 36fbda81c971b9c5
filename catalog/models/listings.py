"""Listings, their words and their variants."""

from __future__ import annotations

from functools import partial

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.utils import timezone

from catalog.models.taxonomy import Brand, Category
from marketplace.kernel.ids import new_public_id


class Listing(models.Model):
    """One merchant's product page: what it is, what must be disclosed, where it may be sold."""

    class State(models.TextChoices):
        DRAFT = "draft"
        ACTIVE = "active"
        ARCHIVED = "archived"

    class Condition(models.TextChoices):
        NEW = "new"
        USED = "used"
        REFURBISHED = "refurbished"

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "L"), editable=False
    )
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="listings")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="listings")
    brand = models.ForeignKey(
        Brand, on_delete=models.SET_NULL, null=True, blank=True, related_name="listings"
    )
    code = models.CharField(max_length=120)  # the merchant's own handle; unique per merchant
    slug = models.SlugField(max_length=160, allow_unicode=True)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    condition = models.CharField(max_length=12, choices=Condition, default=Condition.NEW)
    language = models.CharField(max_length=10, default="en")  # of the original text
    disclosures = models.JSONField(default=dict, blank=True)  # {field of the registry: value}
    manufacturer = models.JSONField(default=dict, blank=True)  # overrides the brand's
    responsible_person = models.JSONField(default=dict, blank=True)
    local_contacts = models.JSONField(default=list, blank=True)  # [{market, role, name, address, email}]
    traits = models.JSONField(
        default=list, blank=True
    )  # what it has beyond its category, as the facts record names it
    attestations = models.JSONField(
        default=list, blank=True
    )  # what the merchant declares, as the facts record names it
    model = models.CharField(max_length=80, blank=True)  # model or type designation
    option_names = models.JSONField(default=list, blank=True)  # ["Colour", "Size"]
    hs_code = models.CharField(max_length=10, blank=True)
    hs_confirmed = models.BooleanField(default=False)
    origin = models.CharField(max_length=2, blank=True)  # country of origin
    # Markets it is sent to, among those the merchant has a shipping rate for; empty means all of them.
    ships_to = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    # Judged, never edited: refreshed with every judgement in the same transaction.
    sellable_in = ArrayField(models.CharField(max_length=6), default=list, blank=True, editable=False)
    offered_in = ArrayField(models.CharField(max_length=6), default=list, blank=True, editable=False)
    # What pages and the admin show of its variants, set by refresh_listings; lists read ListingIndex.
    price_from_minor = models.BigIntegerField(null=True, editable=False)
    price_currency = models.CharField(max_length=3, blank=True, editable=False)
    is_reduced = models.BooleanField(default=False, editable=False)
    in_stock = models.BooleanField(default=False, editable=False)
    rating_average = models.DecimalField(max_digits=3, decimal_places=2, null=True, editable=False)
    rating_count = models.PositiveIntegerField(default=0, editable=False)
    # Paid placement would have to be labelled; the label exists, nothing sets this.
    is_promoted = models.BooleanField(default=False, editable=False)
    # Markets where a measure of the ladder holds: sold on, but neither recommended nor promoted.
    limited_in = ArrayField(
        models.CharField(max_length=6),
        default=list,
        db_default=Value([], ArrayField(models.CharField(max_length=6))),
        editable=False,
    )
    version = models.PositiveIntegerField(default=1)  # grows with every change that a page may show
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "code"], name="catalog_listing_code_once"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "active", "archived"]), name="catalog_listing_state"
            ),
            models.CheckConstraint(
                condition=Q(condition__in=["new", "used", "refurbished"]), name="catalog_listing_condition"
            ),
            models.CheckConstraint(
                condition=Q(limited_in=[]) | Q(is_promoted=False), name="catalog_listing_limited_not_promoted"
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "state", "-changed_at"], name="catalog_listing_of_merchant"),
            models.Index(fields=["category", "state"], name="catalog_listing_of_category"),
            # Who is to be judged, without reading the rows.
            models.Index(
                fields=["created_at"],
                include=["public_id"],
                condition=~Q(state="archived"),
                name="catalog_listing_not_archived",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.code}"


class Declaration(models.Model):
    """Who declared, and when, what the law asks a merchant to confirm. A declaration is withdrawn, never changed.

    What stands now is `Listing.attestations`; a file may set it too, with nobody's name.
    """

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="declarations")
    key = models.CharField(max_length=60)  # as the facts record names it: no_animal_testing
    statement = models.CharField(max_length=500)  # as it was read, in English
    declared_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    declared_name = models.CharField(max_length=254)  # stays when the account goes
    declared_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_name = models.CharField(max_length=254, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "key"], condition=Q(withdrawn_at=None), name="catalog_declaration_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} by {self.declared_name}"


class ListingText(models.Model):
    """A listing's words in one language, cleaned of everything a browser could run."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    subtitle = models.CharField(max_length=300, blank=True)
    description = models.TextField(blank=True)  # sanitised HTML
    seo_title = models.CharField(max_length=200, blank=True)
    seo_description = models.CharField(max_length=320, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["listing", "language"], name="catalog_text_once")]

    def __str__(self) -> str:
        return self.title


class Variant(models.Model):
    """What is actually bought: one combination of options."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "V"), editable=False
    )
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=120)
    merchant = models.ForeignKey(
        "accounts.Merchant", on_delete=models.PROTECT, related_name="+"
    )  # for sku's sake
    options = models.JSONField(default=list, blank=True)  # ["Blue", "M"], in the order of option_names
    gtin = models.CharField(max_length=14, blank=True)
    mpn = models.CharField(max_length=80, blank=True)
    weight_grams = models.PositiveIntegerField(null=True, blank=True)
    net_quantity = models.JSONField(default=dict, blank=True)  # {"value": "250", "unit": "g"}
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "sku"], name="catalog_variant_sku_once")]
        indexes = [models.Index(fields=["gtin"], condition=~Q(gtin=""), name="catalog_variant_gtin")]

    def __str__(self) -> str:
        return self.sku
