"""Which line needs which consent, because without it the law would not take the right of withdrawal away.

Nothing is listed here: a consent is asked for exactly where the ``withdrawal`` calculator answers
"the right exists" without it and "it does not" with it. Nobody is asked to confirm what is so anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from compliance import rulebook

TRAITS = ("made_to_specification", "sealed_hygiene", "perishable", "activated")
# kind → the facts that hold once it is given
KINDS: Mapping[str, tuple[str, ...]] = {
    "exclusion": ("exclusion_confirmed_per_line",),
    "digital_start": ("express_consent", "acknowledged_loss", "confirmed_on_durable_medium"),
}


@dataclass(frozen=True, slots=True)
class ConsentNeeded:
    """A consent that a line needs before its withdrawal right can end."""

    variant: str
    kind: str  # a key of KINDS
    ground: str  # the exception it is for


def consent_needed(
    variant: str, traits: tuple[str, ...], *, market: str, on: date, contract_type: str = "goods"
) -> ConsentNeeded | None:
    """Return the consent a line needs, or None. `traits` are facts of the product, out of TRAITS."""
    found = _needed(tuple(sorted(traits)), market, on, contract_type)
    return ConsentNeeded(variant, *found) if found else None


@lru_cache(maxsize=4096)
def _needed(traits: tuple[str, ...], market: str, on: date, contract_type: str) -> tuple[str, str] | None:
    if not traits and contract_type == "goods":
        return None
    facts = {"market": market, "contract_type": contract_type, "sales_channel": "online"}
    facts |= {"concluded_on": on.isoformat()} | dict.fromkeys(traits, True)
    if not _right_exists(facts)[0]:
        return None
    for kind, given in KINDS.items():
        exists, ground = _right_exists(facts | dict.fromkeys(given, True))
        if not exists:
            return kind, ground
    return None


def _right_exists(facts: Mapping[str, object]) -> tuple[bool, str]:
    answer = rulebook.answer("withdrawal", dict(facts)).answer
    return answer["right_exists"], str(answer.get("ground") or "")
