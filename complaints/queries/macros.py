"""Prepared replies for one complaint: in its language, with what the law says where its complainant lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from complaints.models import Macro, Ticket
from compliance.texts import figure, is_rule, with_law

__all__ = ["SAMPLE", "Prepared", "figure", "is_rule", "macros", "prepared_for", "with_law"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared reply, filled in."""

    slug: str
    name: str
    body: str
    then: str


def macros() -> list[Macro]:
    """Return all prepared replies, those in use first."""
    return list(Macro.objects.order_by("-is_active", "name"))


def prepared_for(row: Ticket, order: Mapping[str, Any]) -> list[Prepared]:
    """Return the prepared replies that fit a complaint; one whose law does not exist there is left out."""
    values = {
        "name": row.name or "",
        "number": row.public_id,
        "order": row.order,
        "product": ", ".join(line["title"] for line in order.get("lines", ())),
        "seller": order.get("seller", {}).get("name", ""),
    }
    found = []
    for macro in Macro.objects.filter(is_active=True).order_by("name"):
        language = row.language if macro.bodies.get(row.language) else "en"
        body = macro.bodies.get(language, "")
        if body and (not macro.topics or row.topic in macro.topics):
            text = with_law(body, values, market=row.market, language=language, on=row.received_at.date())
            if text is not None:
                found.append(Prepared(macro.slug, macro.name, text, macro.then))
    return found


SAMPLE = {
    "name": "Ada Kowalski",
    "number": "C-7Q2K9F3M",
    "order": "R-7Q2K9F3M",
    "product": "Lamp",
    "seller": "Good Lamps",
}
