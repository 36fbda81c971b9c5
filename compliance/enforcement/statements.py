"""A statement of reasons in the shape of the Union's public database (API version 2 of its options). Pure.

Source: documentation of the DSA Transparency Database; Regulation (EU) 2022/2065 Art. 17(3), 24(5). No
personal data: neither the merchant's name nor that of whoever decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

LEGAL_GROUND, EXPLANATION, FACTS = 500, 2000, 5000  # longest texts
EEA = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI",
    "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
# the first that a rule's name starts with: category, keywords
CATEGORIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "merchant.",
        "STATEMENT_CATEGORY_CONSUMER_INFORMATION",
        ("KEYWORD_INSUFFICIENT_INFORMATION_ON_TRADERS",),
    ),
    ("price.", "STATEMENT_CATEGORY_CONSUMER_INFORMATION", ("KEYWORD_NONCOMPLIANCE_PRICING",)),
    (
        "listing.prohibited.",
        "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS",
        ("KEYWORD_PROHIBITED_PRODUCTS",),
    ),
    ("listing.", "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS", ("KEYWORD_UNSAFE_PRODUCTS",)),
)
OTHER = ("STATEMENT_CATEGORY_CONSUMER_INFORMATION", ("KEYWORD_MISLEADING_INFO_GOODS_SERVICES",))

_SUSPENSION: Mapping[str, Any] = {
    "decision_account": "DECISION_ACCOUNT_SUSPENDED",
    "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
}


@dataclass(frozen=True, slots=True)
class Stated:
    """What a statement is made of."""

    puid: str
    markets: tuple[str, ...]
    rules: tuple[str, ...]
    grounds: tuple[str, ...]  # "Regulation (EU) 2023/988, Art. 19"
    explanation: str
    gtin: str
    language: str
    content_on: date
    taken_on: date
    ended_on: date | None
    is_trader: bool
    is_suspension: bool = False  # of the merchant's account, decided by people
    is_limit: bool = False  # sold on, not recommended


def as_submission(stated: Stated) -> dict[str, Any] | None:
    """Return the statement as the API takes it; None if no market of it lies in the Economic Area."""
    territory = sorted({market[:2] for market in stated.markets} & set(EEA))
    if not territory:
        return None
    category, keywords = _category(stated.rules)
    body: dict[str, Any] = {
        "puid": stated.puid,
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_DISABLED"],
        "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
        "illegal_content_legal_ground": _cut(
            "; ".join(stated.grounds) or "; ".join(stated.rules), LEGAL_GROUND
        ),
        "illegal_content_explanation": _cut(stated.explanation, EXPLANATION),
        "content_type": ["CONTENT_TYPE_PRODUCT"],
        "category": category,
        "category_specification": list(keywords),
        "territorial_scope": territory,
        "content_language": stated.language[:2].upper(),
        "content_date": stated.content_on.isoformat(),
        "application_date": stated.taken_on.isoformat(),
        "end_date_visibility_restriction": stated.ended_on.isoformat() if stated.ended_on else None,
        "decision_facts": _cut(stated.explanation, FACTS),
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "Yes",
        "automated_decision": "AUTOMATED_DECISION_FULLY",
        "account_type": "ACCOUNT_TYPE_BUSINESS" if stated.is_trader else "ACCOUNT_TYPE_PRIVATE",
    }
    if stated.is_limit:
        body["decision_visibility"] = ["DECISION_VISIBILITY_CONTENT_DEMOTED"]
    if stated.is_suspension:
        body |= _SUSPENSION
        del body["decision_visibility"], body["end_date_visibility_restriction"]
        body["end_date_account_restriction"] = stated.ended_on.isoformat() if stated.ended_on else None
    if len(stated.gtin) == 13:
        body["content_id"] = {"EAN-13": stated.gtin}
    return body


def _category(rules: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    names = [rule.partition(".")[2] for rule in rules]
    for start, category, keywords in CATEGORIES:
        if any(name.startswith(start) for name in names):
            return category, keywords
    return OTHER


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def problems_of(body: Mapping[str, Any], options: Mapping[str, Any]) -> list[str]:
    """Return where a submission leaves the options that the database allows (its own list of them)."""
    found = []
    for name, allowed in options.items():
        flat = {one for entry in allowed for one in (entry if isinstance(entry, list) else [entry])}
        given = body.get(name)
        values = given if isinstance(given, list) else [given]
        found += [f"{name}: {value}" for value in values if value is not None and value not in flat]
    return found
