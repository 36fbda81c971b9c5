"""Tables of the catalogue. Amounts are BIGINT minor units beside a currency.

Whether an offer's price contains the merchant's home tax is said by `Merchant.prices_include_tax`.
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from marketplace.kernel.ids import new_public_id


class Category(models.Model):
    """A place in the taxonomy. Leaves carry the rulebook's category code, which decides the duties."""

    code = models.CharField(max_length=60, unique=True)  # "cos.skin_care"; groups: "cos"
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
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

    public_id = models.CharField(max_length=16, unique=True, default=partial(new_public_id, "L"), editable=False)
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="listings")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="listings")
    brand = models.ForeignKey(Brand, on_delete=models.SET_NULL, null=True, blank=True, related_name="listings")
    code = models.CharField(max_length=120)  # the merchant's own handle; unique per merchant
    slug = models.SlugField(max_length=160)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    condition = models.CharField(max_length=12, choices=Condition, default=Condition.NEW)
    language = models.CharField(max_length=10, default="en")  # of the original text
    disclosures = models.JSONField(default=dict, blank=True)  # {field of the registry: value}
    manufacturer = models.JSONField(default=dict, blank=True)  # overrides the brand's
    responsible_person = models.JSONField(default=dict, blank=True)
    option_names = models.JSONField(default=list, blank=True)  # ["Colour", "Size"]
    hs_code = models.CharField(max_length=10, blank=True)
    hs_confirmed = models.BooleanField(default=False)
    origin = models.CharField(max_length=2, blank=True)  # country of origin
    ships_to = ArrayField(models.CharField(max_length=6), default=list, blank=True)  # markets the merchant serves
    # Judged, never edited: refreshed with every judgement in the same transaction.
    sellable_in = ArrayField(models.CharField(max_length=6), default=list, blank=True, editable=False)
    offered_in = ArrayField(models.CharField(max_length=6), default=list, blank=True, editable=False)
    # Read models for lists and search; refreshed by operations.refresh_listing.
    price_from_minor = models.BigIntegerField(null=True, editable=False)
    price_currency = models.CharField(max_length=3, blank=True, editable=False)
    sort_price_minor = models.BigIntegerField(null=True, editable=False)  # in EUR cents, for sorting across currencies
    is_reduced = models.BooleanField(default=False, editable=False)
    in_stock = models.BooleanField(default=False, editable=False)
    rating_average = models.DecimalField(max_digits=3, decimal_places=2, null=True, editable=False)
    rating_count = models.PositiveIntegerField(default=0, editable=False)
    facets = models.JSONField(default=dict, blank=True, editable=False)
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
        ]
        indexes = [GinIndex(fields=["offered_in"], name="catalog_listing_offered")]

    def __str__(self) -> str:
        return f"{self.public_id} {self.code}"


class ListingText(models.Model):
    """A listing's words in one language, with the vector that finds them."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    subtitle = models.CharField(max_length=300, blank=True)
    description = models.TextField(blank=True)  # sanitised HTML
    seo_title = models.CharField(max_length=200, blank=True)
    seo_description = models.CharField(max_length=320, blank=True)
    vector = SearchVectorField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["listing", "language"], name="catalog_text_once")]

    def __str__(self) -> str:
        return self.title


class Variant(models.Model):
    """What is actually bought: one combination of options."""

    public_id = models.CharField(max_length=16, unique=True, default=partial(new_public_id, "V"), editable=False)
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=120)
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="+")  # for sku's sake
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


class Offer(models.Model):
    """The price of a variant in one currency. Other currencies are converted at a dated ECB rate."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="offers")
    currency = models.CharField(max_length=3)
    price_minor = models.BigIntegerField()
    # An announced reduction: the price before it is computed from PriceRecord, never typed in.
    reduced_from = models.DateTimeField(null=True, blank=True)
    reduced_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["variant", "currency"], name="catalog_offer_once"),
            models.CheckConstraint(condition=Q(price_minor__gt=0), name="catalog_offer_price"),
        ]

    def __str__(self) -> str:
        return f"{self.price_minor} {self.currency}"


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
        indexes = [models.Index(fields=["variant", "currency", "valid_from"], name="catalog_pricerecord_history")]

    def __str__(self) -> str:
        return f"{self.price_minor} {self.currency} from {self.valid_from:%Y-%m-%d}"


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

    def __str__(self) -> str:
        return f"{self.delta:+d} {self.reason}"


class Media(models.Model):
    """A picture, re-encoded on arrival, in several widths, with its alternative text."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="media")
    variant = models.ForeignKey(Variant, on_delete=models.SET_NULL, null=True, blank=True, related_name="media")
    name = models.CharField(max_length=120)  # path without width and extension: "ab/abcdef…"
    widths = ArrayField(models.PositiveIntegerField(), default=list)  # ascending
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt = models.JSONField(default=dict, blank=True)  # {"en": "…"}
    digest = models.CharField(max_length=64)
    source_url = models.URLField(max_length=1000, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "media"
        constraints = [models.UniqueConstraint(fields=["listing", "digest"], name="catalog_media_once")]

    def __str__(self) -> str:
        return self.name


class Document(models.Model):
    """A certificate, manual or declaration that belongs to a listing."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=60)  # a document type of the rulebook's facts
    language = models.CharField(max_length=10, blank=True)
    file = models.FileField(upload_to="documents/%Y/%m", blank=True)
    url = models.URLField(max_length=1000, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.kind


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


class ImportRun(models.Model):
    """One file of a merchant on its way into the catalogue: previewed, run, resumed, finished."""

    class State(models.TextChoices):
        UPLOADED = "uploaded"
        PREVIEWED = "previewed"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    public_id = models.CharField(max_length=16, unique=True, default=partial(new_public_id, "I"), editable=False)
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.CASCADE, related_name="imports")
    started_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    file = models.FileField(upload_to="imports/%Y/%m")
    file_name = models.CharField(max_length=200)
    format = models.CharField(max_length=30)  # shopify, woocommerce, google_xml, google_tsv, jsonld, openfoodfacts, own_csv, own_json
    mapping = models.JSONField(default=dict, blank=True)  # column → field, default values, category map
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    rows_total = models.PositiveIntegerField(default=0)
    rows_taken = models.PositiveIntegerField(default=0)
    rows_refused = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)  # the place to resume from
    problem = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.public_id} {self.file_name}"


class ImportRow(models.Model):
    """A row that was refused, or taken with a remark: what, where, and how to fix it."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8)  # refused, remark
    reasons = models.JSONField(default=list)  # [{"field", "what", "fix"}]
    raw = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["run", "line"], name="catalog_importrow_line")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.outcome}"


class WishItem(models.Model):
    """Something a visitor wants to remember; by account, or by the token in a guest's cookie."""

    owner = models.CharField(max_length=60)  # "user:12" or "guest:<token>"
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "listing"], name="catalog_wish_once")]

    def __str__(self) -> str:
        return f"{self.owner}: {self.listing_id}"
