"""The addresses of the shopper's own pages of returns and claims, for letters of the apps above."""

from __future__ import annotations

from django.urls import reverse

from returns.models import Claim, Exchange, Return


def page_of_return(public_id: str) -> str:
    """Return the path of the page on which a return's label is; raises Return.DoesNotExist."""
    return reverse("return", args=[Return.objects.values_list("token", flat=True).get(public_id=public_id)])


def page_of_claim(public_id: str) -> str:
    """Return the path of a claim's page; raises Claim.DoesNotExist."""
    return reverse("claim", args=[Claim.objects.values_list("token", flat=True).get(public_id=public_id)])


def page_of_exchange(public_id: str) -> str:
    """Return the path of an exchange's page; raises Exchange.DoesNotExist."""
    return reverse(
        "exchange", args=[Exchange.objects.values_list("token", flat=True).get(public_id=public_id)]
    )
