"""Who merchants are, for officers' lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from compliance.checks.registry import Described
from marketplace.accounts.models import Merchant


def describe_merchants(public_ids: Sequence[str]) -> Mapping[str, Described]:
    """Return merchants by public id. One query."""
    return {
        row.public_id: Described(
            title=row.name,
            owner=row.public_id,
            owner_name=row.name,
            url=reverse("admin:accounts_merchant_change", args=[row.pk]),
            officers_url=reverse("law-seller", args=[row.public_id]),
        )
        for row in Merchant.objects.filter(public_id__in=public_ids)
    }
