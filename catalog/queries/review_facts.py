"""Reviews as subjects of duties of their own: the facts of facts_review.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F
from django.urls import reverse

from catalog.models import Moderation, Review
from compliance.checks.registry import Described
from compliance.checks.subjects import Record
from marketplace.accounts.models import MerchantMember

REVIEW = "review"


def review_ids_after(last: str, limit: int) -> Sequence[str]:
    """Return the next reviews that were not taken back, by public id."""
    rows = Review.objects.filter(public_id__gt=last).exclude(state="withdrawn").order_by("public_id")
    return list(rows.values_list("public_id", flat=True)[:limit])


def review_records(public_ids: Sequence[str], now: datetime) -> Mapping[str, Record]:
    """Return reviews in the markets where their goods are on offer. Three queries."""
    rows = list(
        Review.objects.filter(public_id__in=public_ids)
        .exclude(state="withdrawn")
        .select_related("invitation", "listing__merchant")
    )
    reasoned = set(
        Moderation.objects.filter(
            subject__in=[row.public_id for row in rows], action=Moderation.Action.HIDE
        ).values_list("subject", flat=True)
    )
    staff = set(
        MerchantMember.objects.filter(merchant__in={row.listing.merchant_id for row in rows}).values_list(
            F("merchant"), F("user")
        )
    )
    return {
        row.public_id: Record(
            _facts(row, row.public_id in reasoned, staff),
            tuple(row.listing.offered_in),
            row.listing.merchant.public_id,
        )
        for row in rows
    }


def _facts(row: Review, has_reasons: bool, staff: set[tuple[int, int]]) -> dict[str, Any]:
    seller = row.listing.merchant
    return {
        "from_buyer": True,  # a review hangs on an invitation of a delivered line, by constraint
        "check_stated": True,  # every list of reviews leads to how they are checked
        "rewarded": row.is_rewarded,
        "reward_stated": row.is_rewarded,  # the component of a review says it
        "by_seller": (seller.pk, row.invitation.user_id) in staff or row.invitation.email == seller.email,
        "hidden": row.state == "hidden",
        "hidden_reasons": has_reasons,
    }


def describe_reviews(public_ids: Sequence[str]) -> Mapping[str, Described]:
    """Return who reviews are, for officers' lists. One query."""
    rows = Review.objects.filter(public_id__in=public_ids).select_related("listing__merchant")
    return {
        row.public_id: Described(
            title=f"{row.title or row.public_id} ({row.stars}/5)",
            owner=row.listing.merchant.public_id,
            owner_name=row.listing.merchant.name,
            url=reverse("merchant-voice"),
            officers_url=reverse("law-listing", args=[row.listing.public_id]),
            language=row.language,
            is_trader=row.listing.merchant.kind == "trader",
        )
        for row in rows
    }
