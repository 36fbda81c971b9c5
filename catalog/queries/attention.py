"""What a merchant's listings need today: counted in a fixed number of queries, with the reasons by their worth."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import (
    BigIntegerField,
    Count,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, Concat

from catalog.models import Document, ImportRun, Listing, PlannedReduction, ShippingRate, Stock
from catalog.queries.prices import exchange_rates
from compliance.checks.queries import blocking_findings
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.rates import RateMissing, convert_money
from marketplace.kernel.money import Money

LOW = 5  # pieces left of a variant
EXPIRES_SOON = timedelta(days=60)
RECENT = timedelta(days=14)  # an import that refused rows is no news for longer
REASONS, LOOKED_AT = 5, 10


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that stops the sale of listings where the merchant ships; worth: their goods on the shelf."""

    rule: str
    listings: int
    worth: Money
    sample: int  # a finding of it, for its words


@dataclass(frozen=True, slots=True)
class Attention:
    """How many things need a hand, and why listings cannot be sold."""

    closed: int  # listings that may not be sold in some market they are sent to
    low: int
    sold_out: int
    drafts: int
    papers: int
    imports_stopped: int
    imports_refused: int
    plans_refused: int
    reasons: tuple[Reason, ...]


def attention_of(merchant_ids: Iterable[int], *, now: datetime, currency: str) -> Attention:
    """Return what needs attention among the listings of some merchants; worth is in `currency`. Nine queries."""
    ids = list(merchant_ids)
    rows, markets = Listing.objects.filter(merchant__in=ids), rated(ids)
    active = rows.filter(state=Listing.State.ACTIVE)
    counted = rows.aggregate(
        closed=Count("pk", filter=Q(state="active") & ~Q(sellable_in__contains=markets)),
        sold_out=Count("pk", filter=Q(state="active", in_stock=False)),
        drafts=Count("pk", filter=Q(state="draft")),
    )
    runs = ImportRun.objects.filter(merchant__in=ids).aggregate(
        stopped=Count("pk", filter=Q(state=ImportRun.State.FAILED)),
        refused=Count("pk", filter=with_refusals(now)),
    )
    plans = PlannedReduction.objects.filter(
        offer__variant__listing__merchant__in=ids, refused_at__isnull=False
    )
    return Attention(
        **counted,
        low=low_on_stock(active).count(),
        papers=with_expiring_papers(rows, now).count(),
        imports_stopped=runs["stopped"],
        imports_refused=runs["refused"],
        plans_refused=plans.count(),
        reasons=_reasons(active, markets, now, currency),
    )


def rated(merchant_ids: Collection[int]) -> list[str]:
    """Return the markets that some of these merchants have a shipping rate for."""
    found = set(
        ShippingRate.objects.filter(merchant__in=merchant_ids).values_list("market", flat=True).distinct()
    )
    return [market for market in selling_markets() if market in found or market[:2] in found]


def with_refusals(now: datetime) -> Q:
    """Select the imports that finished lately and refused rows."""
    return Q(state=ImportRun.State.DONE, rows_refused__gt=0, finished_at__gt=now - RECENT)


def low_on_stock(rows: QuerySet[Listing]) -> QuerySet[Listing]:
    """Return the listings with a variant of which few are left."""
    few = Stock.objects.filter(
        variant__is_active=True, on_hand__gt=F("reserved"), on_hand__lte=F("reserved") + LOW
    )
    return rows.filter(pk__in=few.values("variant__listing"))


def with_expiring_papers(rows: QuerySet[Listing], now: datetime) -> QuerySet[Listing]:
    """Return the listings, archived ones left out, with a document that expires soon or has expired."""
    papers = Document.objects.filter(expires_on__lte=now.date() + EXPIRES_SOON)
    return rows.exclude(state=Listing.State.ARCHIVED).filter(pk__in=papers.values("listing"))


def stopped_by(rows: QuerySet[Listing], rule: str, markets: Sequence[str]) -> QuerySet[Listing]:
    """Return the listings that a rule stops in some of the markets."""
    named = rows.annotate(subject=_subject())
    missed = blocking_findings(named.values("subject"), markets).filter(rule=rule)
    return named.filter(subject__in=missed.values("subject"))


def _subject() -> Concat:
    return Concat(Value("listing:"), "public_id")


def _reasons(
    active: QuerySet[Listing], markets: list[str], now: datetime, currency: str
) -> tuple[Reason, ...]:
    missed = blocking_findings(active.annotate(subject=_subject()).values("subject"), markets)
    counted = missed.order_by().values("rule").annotate(n=Count("subject", distinct=True), sample=Min("pk"))
    most = list(counted.order_by("-n", "rule")[:LOOKED_AT])
    worth = _worth(active, missed, [row["rule"] for row in most], now, currency)
    found = [Reason(row["rule"], row["n"], worth[row["rule"]], row["sample"]) for row in most]
    return tuple(
        sorted(found, key=lambda reason: (-reason.worth.minor, -reason.listings, reason.rule))[:REASONS]
    )


def _worth(
    active: QuerySet[Listing], missed: QuerySet, rules: Sequence[str], now: datetime, currency: str
) -> dict[str, Money]:
    """Return what stands on the shelf of the listings that each rule stops, at their lowest price. Two queries."""
    shelf = Stock.objects.filter(variant__listing=OuterRef("pk"), variant__is_active=True).order_by()
    pieces = shelf.values("variant__listing").annotate(n=Sum(F("on_hand") - F("reserved"))).values("n")
    left = Coalesce(Subquery(pieces, output_field=IntegerField()), 0)
    valued = active.exclude(price_from_minor=None).annotate(
        subject=_subject(), value=F("price_from_minor") * left
    )
    sums = {
        f"r{at}": Sum(
            "value",
            filter=Q(subject__in=missed.filter(rule=rule).order_by().values("subject")),
            output_field=BigIntegerField(),
        )
        for at, rule in enumerate(rules)
    }
    found = {rule: Money.zero(currency) for rule in rules}
    fx = exchange_rates(now.date())
    for row in valued.values("price_currency").annotate(**sums).order_by() if rules else ():
        for at, rule in enumerate(rules):
            found[rule] += _converted(Money(row[f"r{at}"] or 0, row["price_currency"]), currency, fx)
    return found


def _converted(amount: Money, currency: str, fx: dict) -> Money:
    try:
        return convert_money(amount, currency, fx)
    except RateMissing:
        return Money.zero(currency)
