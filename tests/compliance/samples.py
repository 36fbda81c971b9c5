"""Records of facts that tests start from: each is in order, and tests take something away."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

LANGUAGES = [
    "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "hr", "hu", "it", "lt", "lv", "mt",
    "nl", "pl", "pt", "ro", "sk", "sl", "sv", "nb", "ja", "zh-hans",
]  # fmt: skip


def in_all(text: str) -> dict[str, str]:
    """Return a text in every language that some market asks for."""
    return {code: f"{text} ({code})" for code in LANGUAGES}


MERCHANT: dict[str, Any] = {
    "public_id": "M-IMKER234",
    "kind": "trader",
    "country": "DE",
    "name": "Heidehonig",
    "legal_name": "Heidehonig GmbH",
    "address": "Am Immenhof 3, 29640 Schneverdingen",
    "email": "laden@heidehonig.example",
    "phone": "+49 5193 1234",
    "register_number": "HRB 20417",
    "vat_id": "DE136695976",
    "verified": True,
    "self_certified": True,
    "representative_name": "Ida Harms",
    "return_terms": True,
    "delivery_time_stated": True,
}
MAKER = {
    "name": "Heidehonig GmbH",
    "address": "Am Immenhof 3, 29640 Schneverdingen",
    "email": "laden@heidehonig.example",
    "country": "DE",
}
_OFFER: dict[str, Any] = {
    "title_languages": LANGUAGES,
    "description_languages": LANGUAGES,
    "images": 2,
    "identifiers": {"gtin": "4006381333931"},
    "manufacturer": MAKER,
    "merchant": MERCHANT,
    "price": {"currency": "EUR", "minor": 890, "unit_price": True, "available": True},
}
_HONEY: dict[str, Any] = {
    **_OFFER,
    "category": "food.honey",
    "disclosures": {
        "food_name": in_all("Heather honey"),
        "ingredients_not_required": True,
        "nutrition_not_required": True,
        "allergens": ["none"],
        "net_quantity": {"value": "500", "unit": "g"},
        "storage_use": in_all("Keep dry"),
        "fbo_name_address": "Heidehonig GmbH, Am Immenhof 3, 29640 Schneverdingen",
        "fbo_gb": "Heath Honey Ltd, 1 Moor Lane, York YO1 1AA",
        "origin_country": "DE",
        "honey_origins": [{"country": "DE", "percent": "100"}],
    },
}
_SCARF: dict[str, Any] = {
    **_OFFER,
    "category": "tex.clothing",
    "disclosures": {
        "fibre_composition": [{"component": "scarf", "fibre": "wool", "percent": "100"}],
        "animal_parts_declared": "none",
        "warnings": {code: ["Keep away from fire."] for code in LANGUAGES},
        "pfas": "none_added",
    },
}


def honey(**changes: Any) -> dict[str, Any]:
    """Return a jar of honey that may be sold in the whole Union."""
    return changed(_HONEY, **changes)


def scarf(**changes: Any) -> dict[str, Any]:
    """Return a woollen scarf that may be sold in the whole Union."""
    return changed(_SCARF, **changes)


def listing(category: str, disclosures: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Return an offer of any category, in order in all that does not depend on the category."""
    return changed({**_OFFER, "category": category, "disclosures": disclosures or {}}, **changes)


def changed(record: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a copy with facts replaced; `disclosures__food_name=None` takes one disclosure away."""
    copy = deepcopy(record)
    for name, value in changes.items():
        outer, _, inner = name.partition("__")
        if not inner:
            copy[outer] = value
        elif value is None:
            copy[outer].pop(inner, None)
        else:
            copy[outer][inner] = value
    return copy
