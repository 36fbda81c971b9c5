"""What a merchant should look at today after the sale: refunds that are late, claims that wait for an answer."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from orders.queries.today import Need
from returns.models import Claim
from returns.queries.oversight import late_refunds_of


def needs_of(merchant_ids: frozenset[int], today: date) -> list[Need]:
    """Return what is late and what waits; two queries."""
    late = late_refunds_of(merchant_ids, today).count()
    claims = Claim.objects.filter(merchant__in=merchant_ids, state="open").count()
    return [
        Need(
            late,
            _("refunds late"),
            reverse("merchant-return-refunds"),
            "blocked",
            _("The law’s last day has passed."),
        ),
        Need(
            claims, _("claims without your answer"), reverse("merchant-return-claims"), "attention",
            _("If you let the day pass, the marketplace decides."),
        ),
    ]  # fmt: skip
