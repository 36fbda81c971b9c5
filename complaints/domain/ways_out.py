"""Where a complainant can turn outside the shop, from the rulebook's contacts: the right bodies of the right country."""

from __future__ import annotations

from typing import Any

from compliance.rulebook import lookups

# by topic: which roles come first; all others fall back to the general way
_ROLES = {
    "privacy": ("data_protection",),
    "unsafe": ("product_safety", "consumer_authority"),
}
_GENERAL = ("adr_general", "adr_sector", "online_complaint", "consumer_authority", "hotline")
_ABROAD = ("ecc",)


def ways_out(*, market: str, topic: str, seller_country: str = "") -> tuple[dict[str, Any], ...]:
    """Return the bodies for a complaint, best first: `name`, `url`, `phone`, `languages`, `role`, `confidence`.

    Where buyer and seller live in different countries, the consumer centre for cross-border cases comes first.
    """
    roles = _ROLES.get(topic, _GENERAL)
    if seller_country and seller_country != market[:2] and topic not in _ROLES:
        roles = (*_ABROAD, *roles)
    found = [_body(contact, role) for role in roles for contact in lookups.contacts(market, role)]
    return tuple({body["name"]: body for body in reversed(found)}.values())[::-1]


def _body(contact: lookups.Contact, role: str) -> dict[str, Any]:
    return {
        "name": contact.name_local,
        "name_en": contact.name_en,
        "url": contact.url,
        "phone": contact.phone,
        "languages": list(contact.languages),
        "role": role,
        "market": contact.market,
        "rule": contact.ruling.rule,
        "confidence": str(contact.ruling.confidence),
    }
