"""What was promised: the content of a contract, as plain JSON, and its digest. Pure.

Shape (all amounts in minor units, all texts as they were shown)::

    version, order {number, public_id, group, concluded_at, market, language, currency, time_zone, button}
    seller {public_id, name, legal_name, kind, address, country, email, phone, register…, vat_id, …}
    buyer {email, address}
    lines [{position, title, options, sku, gtin, quantity, unit_minor, …, promised, rights, consent, prior_price}]
        promised {title, description, disclosures, manufacturer, responsible_person, local_contacts, …}: as it was
        described; local_contacts are those who answer for it in the order's market [{role, market, name, …}]
    totals {goods_minor, shipping_minor, duty_minor, tax_minor, fees_minor, total_minor, border_minor}
    delivery {service, carrier, from, by, ship_from}
    landed: the landed-price answer with its rulings
    payment {provider}
    final_screen {quantities, total_minor, payment {means, time}, delivered_by, held_until, returns}: what the last
        page before the order showed beside the button; returns are the days that the seller promises, by position
    law {rulebook, wordings {key: text}, withdrawal {form, instructions}}
    terms_version
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

VERSION = 1


def canonical(content: dict[str, Any]) -> bytes:
    """Return the one way to write a content: sorted keys, no spaces, UTF-8."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(content: dict[str, Any]) -> str:
    """Return the SHA-256 of the canonical JSON, as hex."""
    return hashlib.sha256(canonical(content)).hexdigest()


def difference(old: Any, new: Any, path: str = "") -> list[dict[str, Any]]:
    """Return what differs between two contents: [{path, old, new}], in the order of paths."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = sorted(old.keys() | new.keys())
        return [
            one for key in keys for one in difference(old.get(key), new.get(key), f"{path}.{key}".strip("."))
        ]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [one for i, (a, b) in pairs for one in difference(a, b, f"{path}[{i}]")]
    return [] if old == new else [{"path": path, "old": old, "new": new}]
