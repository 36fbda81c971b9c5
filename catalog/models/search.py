"""What lists and search read: a narrow row per listing on offer, and the words people may look for."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from catalog.models.listings import Listing

SORTED = ("rank", "price", "newest", "rating")
SCOPES = ("", "category", "group")


class MarketBits(models.Field):
    """256 bits, one for each market; read with get_bit(). Written by SQL alone."""

    def db_type(self, connection: object) -> str:
        return "bit(256)"


def _order(scope: str, sort: str) -> models.Index:
    """Return the index a page of `scope` in the order of `sort` is read from, forwards or backwards."""
    columns = [*filter(None, [scope]), sort, "listing"]
    return models.Index(*[F(column) for column in columns], name=f"catalog_index_{scope or 'all'}_{sort}")


class ListingIndex(models.Model):
    """A listing that somebody somewhere may buy, as lists and search see it.

    Written only by `operations.refresh_listings`, in the transaction of the change. A page of a list
    is a walk along one b-tree (scope, order, listing) that leaves out what this market may not buy:
    bit `MarketNumber.number` of `markets`.
    """

    listing = models.OneToOneField(Listing, on_delete=models.CASCADE, primary_key=True, related_name="index")
    category = models.ForeignKey(
        "catalog.Category", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    group = models.ForeignKey("catalog.Category", on_delete=models.CASCADE, related_name="+", db_index=False)
    merchant = models.ForeignKey(
        "accounts.Merchant", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    markets = MarketBits()  # Listing.offered_in
    limited = MarketBits(null=True)  # Listing.limited_in; nothing for almost all
    rank = models.IntegerField(default=0)  # the order without a query; see domain.ranking
    price = models.BigIntegerField()  # lowest price in EUR cents, for sorting across currencies
    newest = models.DateTimeField()
    rating = models.IntegerField(default=0)  # thousandths of a star, drawn towards the mean when few
    origin = models.CharField(max_length=2, blank=True)
    seller_country = models.CharField(max_length=2)
    brand = models.CharField(max_length=120, blank=True)
    condition = models.CharField(max_length=12)
    in_stock = models.BooleanField()
    free_returns = models.BooleanField()
    verified = models.BooleanField()
    guarantee = models.BooleanField()  # the producer promises more years than the law
    reduced = models.BooleanField()

    class Meta:
        indexes = [_order(scope, sort) for scope in SCOPES for sort in SORTED] + [
            _order("merchant", "rank"),  # a merchant's few thousand are sorted by the rest as they are read
            models.Index(
                fields=["listing"], condition=Q(limited__isnull=False), name="catalog_index_limited"
            ),
            models.Index(fields=["brand"], name="catalog_index_brand"),
        ]

    def __str__(self) -> str:
        return f"index of {self.listing_id}"


class ListingWords(models.Model):
    """The words by which a listing is found, in all its languages. Beside the index, which stays narrow."""

    listing = models.OneToOneField(Listing, on_delete=models.CASCADE, primary_key=True, related_name="words")
    vector = SearchVectorField()

    class Meta:
        verbose_name_plural = "listing words"
        indexes = [GinIndex(fields=["vector"], name="catalog_words_vector", fastupdate=False)]

    def __str__(self) -> str:
        return f"words of {self.listing_id}"


class MarketNumber(models.Model):
    """Which bit of `ListingIndex.markets` a market is. Given once, never changed."""

    market = models.CharField(max_length=6, primary_key=True)
    number = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(number__lt=256), name="catalog_market_number_fits")
        ]

    def __str__(self) -> str:
        return f"{self.market} = {self.number}"


class SearchWord(models.Model):
    """A word that titles, brands or categories contain: what a mistyped word is corrected to."""

    word = models.CharField(max_length=40, primary_key=True)

    class Meta:
        indexes = [GinIndex(OpClass(F("word"), name="gin_trgm_ops"), name="catalog_word_trigrams")]

    def __str__(self) -> str:
        return self.word


class Generation(models.Model):
    """How often a part of the catalogue has changed: the sum of `changes` over a scope's rows.

    Rows are only inserted (and summed up by a job), so that two writers never wait for each other,
    and a reader who sees the new sum also sees the change that made it.
    """

    scope = models.CharField(max_length=40)  # "category:12", "merchant:7", "rates", "all"
    changes = models.BigIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["scope"], include=["changes"], name="catalog_generation_scope")]

    def __str__(self) -> str:
        return f"{self.scope} +{self.changes}"
