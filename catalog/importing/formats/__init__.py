"""The formats by name. Each module has LABEL, `recognises(head, name)` and `read(text, options)`."""

from __future__ import annotations

from types import ModuleType

from catalog.importing.formats import (
    django_dump,
    google_merchant,
    json_ld,
    open_food_facts,
    own_json,
    shopify,
    table,
    woocommerce,
)

FORMATS: dict[str, ModuleType] = {
    "shopify": shopify,
    "woocommerce": woocommerce,
    "google_merchant": google_merchant,
    "json_ld": json_ld,
    "open_food_facts": open_food_facts,
    "django_dump": django_dump,
    "own_json": own_json,
    "table": table,  # our own CSV, and any other by mapping its columns; last, because it takes anything
}


def recognise(text: str, name: str) -> str:
    """Return the name of the format that a file seems to be in; ``table`` if none of the others."""
    head = text[:20_000]
    return next((key for key, module in FORMATS.items() if module.recognises(head, name.lower())), "table")
