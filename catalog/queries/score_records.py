"""What a merchant's compliance score is made of."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Func, IntegerField, Sum
from django.db.models.functions import Coalesce

from catalog.models import Listing
from compliance.checks.models import Finding
from compliance.checks.registry import subject_of
from compliance.radar.score import Record, Score, score_of
from marketplace.accounts.models import Merchant


def score_of_merchant(merchant: Merchant, *, now: datetime) -> Score:
    """Return a merchant's score of this moment. Three queries."""
    listings = Listing.objects.filter(merchant=merchant, state=Listing.State.ACTIVE)
    counted = listings.aggregate(
        pairs=Coalesce(Sum(_length("offered_in")), 0),
        open_pairs=Coalesce(Sum(_common("offered_in", "sellable_in")), 0),
    )
    own = Finding.objects.open().filter(owner=merchant.public_id, due_on=None)
    stopped = own.filter(severity=Finding.Severity.BLOCK).values_list("first_seen_at", flat=True)
    serious = own.filter(severity=Finding.Severity.HIGH).exclude(category="")
    me = subject_of("merchant", merchant.public_id)
    return score_of(
        Record(
            pairs=counted["pairs"],
            open_pairs=counted["open_pairs"],
            listings=listings.count(),
            serious=serious.values("subject").distinct().count(),
            stopped_days=[(now - since).days for since in stopped],
            is_verified=merchant.verified_at is not None,
            is_complete=not own.filter(subject=me).exclude(severity=Finding.Severity.INFO).exists(),
        )
    )


def _length(column: str) -> Func:
    return Coalesce(Func(column, function="cardinality", output_field=IntegerField()), 0)


def _common(one: str, other: str) -> Func:
    """How many markets two lists share."""
    return Func(
        one, other,
        template="cardinality(ARRAY(SELECT unnest(%(expressions)s)))",
        arg_joiner=") INTERSECT SELECT unnest(",
        output_field=IntegerField(),
    )  # fmt: skip
