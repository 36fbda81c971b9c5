"""Orders of other shops, taken over as history. They bind nobody; see orders.domain.histories."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class HistorySource(models.Model):
    """One import of another shop's orders: where it came from, under which licence, and what became of its rows."""

    slug = models.SlugField(max_length=60, unique=True)
    format = models.CharField(max_length=10, choices=[("uci", "Online Retail (UCI)"), ("olist", "Olist")])
    attribution = models.CharField(max_length=300)
    zone = models.CharField(max_length=40)
    files = models.JSONField(default=dict)  # {"orders.csv": {"rows": 3, "taken": 2, "refused": 1}}
    imported_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.slug


class HistoricOrder(models.Model):
    """An order or a cancellation as the other shop numbered it."""

    source = models.ForeignKey(HistorySource, on_delete=models.CASCADE, related_name="orders")
    number = models.CharField(max_length=40)
    kind = models.CharField(max_length=12)  # order, cancellation
    buyer = models.CharField(max_length=40, blank=True)  # the other shop's number of the buyer, no name
    market = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=60, blank=True)
    currency = models.CharField(max_length=3)
    total = models.DecimalField(max_digits=14, decimal_places=3)
    state = models.CharField(max_length=20)
    placed_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    promised_on = models.DateField(null=True)
    is_late = models.BooleanField(default=False)
    payments = models.JSONField(default=list)
    reviews = models.JSONField(default=list)

    class Meta:
        ordering = ["placed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="orders_historic_number"),
            models.CheckConstraint(
                condition=Q(kind__in=["order", "cancellation"]), name="orders_historic_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class HistoricLine(models.Model):
    """A line of one, as written: quantities of cancellations and corrections are negative."""

    order = models.ForeignKey(HistoricOrder, on_delete=models.CASCADE, related_name="lines")
    row = models.PositiveIntegerField()
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=10)  # goods, charge, correction
    seller = models.CharField(max_length=40, blank=True)
    quantity = models.IntegerField()
    unit_price = models.DecimalField(max_digits=14, decimal_places=3)
    freight = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    cancels = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["row"]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.code}"


class HistoricOddity(models.Model):
    """Something odd in a file, with its row; "refused" are the rows that could not be read."""

    source = models.ForeignKey(HistorySource, on_delete=models.CASCADE, related_name="oddities")
    file = models.CharField(max_length=80)
    row = models.PositiveIntegerField()
    code = models.CharField(max_length=40)
    order = models.CharField(max_length=40, blank=True)
    said = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["source", "code", "id"], name="orders_oddity_code")]

    def __str__(self) -> str:
        return f"{self.file}:{self.row} {self.code}"
