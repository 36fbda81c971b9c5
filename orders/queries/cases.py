"""An order as plain facts for a case: what was agreed, paid, sent and given back; no more of a person than it needs."""

from __future__ import annotations

from typing import Any

from orders.models import Order


def order_facts(order: str) -> dict[str, Any]:
    """Return the facts of one order by its public id as JSON values; empty for one that does not exist."""
    found = (
        Order.objects.select_related("group", "merchant", "snapshot")
        .prefetch_related("lines", "parcels", "refunds", "invoices")
        .filter(public_id=order)
        .first()
    )
    if found is None:
        return {}
    return {
        "order": found.public_id,
        "group": found.group.public_id,
        "market": found.group.market,
        "state": found.state,
        "concluded_at": found.concluded_at.isoformat(),
        "promised_by": found.deliver_by.isoformat() if found.deliver_by else None,
        "currency": found.currency,
        "total_minor": found.total_minor,
        "seller": {
            "public_id": found.merchant.public_id,
            "name": found.merchant.legal_name,
            "address": f"{found.merchant.street}, {found.merchant.postcode} {found.merchant.city}, {found.merchant.country}",
            "email": found.merchant.email,
        },
        "contract_digest": found.snapshot.digest if hasattr(found, "snapshot") else "",
        "lines": [
            {
                "line": line.public_id,
                "title": line.title,
                "quantity": line.quantity,
                "total_minor": line.total_minor,
                "listing": line.listing_public_id,
            }
            for line in found.lines.all()
        ],
        "parcels": [
            {
                "parcel": parcel.public_id,
                "state": parcel.state,
                "carrier": parcel.carrier,
                "tracking_number": parcel.tracking_number,
                "shipped_at": parcel.shipped_at.isoformat(),
                "delivered_at": parcel.delivered_at.isoformat() if parcel.delivered_at else None,
            }
            for parcel in found.parcels.all()
        ],
        "refunds": [
            {"refund": refund.public_id, "state": refund.state, "amount_minor": refund.amount_minor, "because": refund.because}
            for refund in found.refunds.all()
        ],
    }  # fmt: skip
