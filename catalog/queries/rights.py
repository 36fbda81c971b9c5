"""The rights on a purchase: the one place where what a listing and its seller say becomes facts for the law.

Product page, API, checkout and order all ask here, so that the same purchase has the same rights
wherever it is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from catalog.models import Listing, Variant
from compliance import rulebook
from compliance.rulebook import exemptions
from compliance.rulebook.exemptions import Consent
from compliance.rulebook.types import RightLine
from marketplace.kernel.prepared import prepared

CONDITIONS = {"new": "new", "used": "second_hand", "refurbished": "refurbished"}
TRADER = "trader"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a listing and its seller bring to every contract about it."""

    condition: str
    exemptions: Mapping[str, Any]  # facts on which exceptions from withdrawal rest
    seller_kind: str
    voluntary_days: int | None  # the seller's promise to take it back
    voluntary_months: int | None  # the seller's own guarantee
    free_returns: bool
    service_days: int | None = None  # how long a service runs; None for goods and digital content


def terms_of(listing: Listing) -> Terms:
    """Return the terms of a listing; its category and its merchant should be fetched with it."""
    merchant = listing.merchant
    return _terms(
        listing.condition, listing.traits, listing.disclosures, listing.category.code,
        merchant.kind, merchant.voluntary_days, merchant.free_returns,
    )  # fmt: skip


TERMS = (
    "listing__condition", "listing__traits", "listing__disclosures", "listing__category__code",
    "listing__merchant__kind", "listing__merchant__voluntary_days", "listing__merchant__free_returns",
)  # fmt: skip


def terms_of_variants(variants: Iterable[str]) -> dict[str, Terms]:
    """Return the terms by public id of variants. One query."""
    return {variant: _terms(*said) for variant, *said in _terms_rows(list(variants))}


@prepared
def _terms_rows(variants: list[str]) -> QuerySet[Any]:
    return Variant.objects.filter(public_id__in=variants).values_list("public_id", *TERMS)


def _terms(
    condition: str, traits: Any, said: Mapping[str, Any], category: str,
    kind: str, voluntary_days: int | None, free_returns: bool,
) -> Terms:  # fmt: skip
    return Terms(
        condition=CONDITIONS[condition],
        exemptions=exemptions.facts_of_listing(category, traits, said),
        seller_kind=kind,
        voluntary_days=voluntary_days,
        voluntary_months=_months(said.get("guarantee_months")),
        free_returns=free_returns,
        service_days=exemptions.service_days_of(category, traits, said),
    )


def consents_needed(terms: Terms, *, market: str, on: date) -> tuple[Consent, ...]:
    """Return the consents that a purchase needs here by law; a private seller's buyer has no right to lose."""
    if terms.seller_kind != TRADER:
        return ()
    return exemptions.consents_needed(terms.exemptions, market=market, on=on)


def contract_facts(
    terms: Terms, *, market: str, time_zone: str, confirmed: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the facts of a contract as the calculators take them; `confirmed` are the consents that were given."""
    stated = terms.voluntary_days is not None
    facts: dict[str, Any] = {
        "market": market,
        "time_zone": time_zone,
        "contract_type": "goods",
        "sales_channel": "online",
        "condition": terms.condition,
        # The right card stands on the product page and beside the order button, and it says the promise
        # if there is one: a seller who promised nothing has shown no return terms in either place.
        "return_clause_in_ad": stated,
        "return_clause_on_final_screen": stated,
        **terms.exemptions,
        **exemptions.facts_confirmed(confirmed),
    }
    if stated and not exemptions.FROM_THE_START & terms.exemptions.keys():
        facts["voluntary_days"] = terms.voluntary_days
    return facts


def seller_facts(terms: Terms) -> dict[str, Any]:
    """Return what the right card asks beyond the facts of a contract: who sells and what they promise."""
    facts: dict[str, Any] = {"seller_kind": terms.seller_kind, "free_returns": terms.free_returns}
    return facts | ({"voluntary_months": terms.voluntary_months} if terms.voluntary_months else {})


def facts_beside(terms: Terms) -> dict[str, Any]:
    """Return what is frozen with the facts of a contract and what calculators of other questions are told."""
    return seller_facts(terms) | ({"service_days": terms.service_days} if terms.service_days else {})


def rights_on(
    terms: Terms,
    *,
    market: str,
    time_zone: str,
    on: date,
    confirmed: Iterable[str] | None = None,
    delivery_days: tuple[int, int] | None = None,
    delivered_by: date | None = None,
) -> tuple[RightLine, ...]:
    """Return the right card of a purchase on a day.

    `confirmed` None means that it is not made yet: the consents that the checkout will ask for count as
    given, for without them it cannot be bought.
    """
    if confirmed is None:
        confirmed = [one.kind for one in consents_needed(terms, market=market, on=on)]
    facts = contract_facts(terms, market=market, time_zone=time_zone, confirmed=confirmed)
    facts |= seller_facts(terms) | {"on": on.isoformat()}
    if delivery_days is not None:
        facts["delivery_days"] = list(delivery_days)
    if delivered_by is not None:
        facts["delivered_by"] = delivered_by.isoformat()
    return rulebook.rights_on_purchase(facts)


def _months(value: Any) -> int | None:
    return value if type(value) is int and 0 < value <= 600 else None
