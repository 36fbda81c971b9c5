"""What ends a buyer's change of mind: facts that a listing discloses, and the consents that the law asks for.

A listing says such a fact in a field of fields.yaml of the same name; it counts only for the categories
that the field is for. Which consent a purchase needs is not listed anywhere: it is one without which the
``withdrawal`` calculator answers "the right exists", and with which it does not. Nobody is asked to
confirm what is so anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from compliance.rulebook import default
from compliance.rulebook.calculators import withdrawal
from compliance.rulebook.categories import categories, groups_of
from compliance.rulebook.fields import fields

DIGITAL = "digital_content"
SERVICE, DAYS = "service", "service_days"
FLAGS = (
    "made_to_specification", "perishable", "sealed_hygiene", "sealed_media", "activated", "near_expiry", "periodical",
)  # fmt: skip
# What holds of the goods themselves, before anybody opens or confirms anything: no promise to take back reaches it.
FROM_THE_START = frozenset(
    {"made_to_specification", "perishable", "near_expiry", "periodical", "digital_started"}
)


@dataclass(frozen=True, slots=True)
class Consent:
    """One box to tick: what it says (a key of FACTS), and the exception that rests on it."""

    kind: str
    ground: str


# One box each, the facts that hold once it is ticked. The law asks for consent and acknowledgement apart.
FACTS: Mapping[str, tuple[str, ...]] = {
    "exclusion": ("exclusion_confirmed_per_line",),
    "express_consent": ("express_consent",),
    # Every consent stands in the contract that is sent at once: the shop's own part, done with the last box.
    "acknowledged_loss": ("acknowledged_loss", "confirmed_on_durable_medium"),
    # A service begins at once, and whoever withdraws owes its used part; the right itself stays.
    "service_request": ("express_consent",),
}
SERVICE_VALUE = "return.service_value"  # the rule by which the used part of a service is owed
_SETS = (("exclusion",), ("express_consent", "acknowledged_loss"))


def facts_of_listing(category: str, traits: Iterable[str], disclosures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a contract about this product on which exceptions from withdrawal rest."""
    if category not in categories():
        return {}
    groups, registry = groups_of(category, traits), fields()
    said = {key for key in (*FLAGS, DIGITAL) if disclosures.get(key) is True and registry[key].is_for(groups)}
    found: dict[str, Any] = {key: True for key in FLAGS if key in said}
    if service_days_of(category, traits, disclosures):
        return found | {"contract_type": SERVICE}
    return found | ({"contract_type": DIGITAL, "digital_started": True} if DIGITAL in said else {})


def service_days_of(category: str, traits: Iterable[str], disclosures: Mapping[str, Any]) -> int | None:
    """Return how many days a service runs that a listing sells; None for what is no service."""
    days = disclosures.get(DAYS)
    if category not in categories() or not isinstance(days, int) or isinstance(days, bool) or days < 1:
        return None
    return days if fields()[DAYS].is_for(groups_of(category, traits)) else None


def facts_confirmed(kinds: Iterable[str]) -> dict[str, bool]:
    """Return the facts that hold once these consents are given; kinds we do not know say nothing."""
    return {fact: True for kind in kinds for fact in FACTS.get(kind, ())}


def consents_needed(facts: Mapping[str, Any], *, market: str, on: date) -> tuple[Consent, ...]:
    """Return the consents that a purchase needs; `facts` are facts of a contract about the product."""
    return _needed(tuple(sorted(facts.items())), market, on, default().version)


@lru_cache(maxsize=4096)
def _needed(given: tuple[tuple[str, Any], ...], market: str, on: date, _version: str) -> tuple[Consent, ...]:
    if not given:
        return ()
    facts = {**dict(given), "market": market, "sales_channel": "online", "concluded_on": on.isoformat()}
    if not _right_exists(facts)[0]:
        return ()
    if facts.get("contract_type") == SERVICE:
        owed = default().on(on).find(SERVICE_VALUE, market)
        return (Consent("service_request", owed.id),) if owed and owed.version.value else ()
    for kinds in _SETS:
        exists, ground = _right_exists(facts | facts_confirmed(kinds))
        if not exists:
            return tuple(Consent(kind, ground) for kind in kinds)
    return ()


def _right_exists(facts: Mapping[str, Any]) -> tuple[bool | None, str]:
    told = withdrawal.answer(facts, default()).answer
    return told["right_exists"], str(told["ground"] or "")
