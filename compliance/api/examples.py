"""One question of each kind with the facts of a real case: examples of the schema, held by a test to be answered."""

from __future__ import annotations

from typing import Any

WHAT = {
    "withdrawal": "Until when a buyer may change their mind",
    "withdrawal_declaration": "Whether a statement of withdrawal came in time",
    "return_deadline": "By when the goods go back",
    "return_cost": "Who pays for sending them back",
    "refund_deadline": "By when the seller pays back",
    "refund_amount": "How much comes back",
    "delivery": "When a delivery is late, and what then",
    "guarantee": "How long the seller answers for faults",
    "landed_price": "What goods cost when they arrive",
    "trader_status": "What a seller's sales make of it",
    "prior_price": "The prior price of a reduction",
    "deadline": "When any deadline of the rulebook ends",
    "clearance": "Whether a listing may be sold somewhere",
    "clock": "When an answer is due by a service promise",
}
_PURCHASE: dict[str, Any] = {
    "market": "DE",
    "contract_type": "goods",
    "sales_channel": "online",
    "concluded_on": "2026-11-20",
    "deliveries": [{"received_on": "2026-11-24", "part": "single", "received_by": "consumer"}],
    "information_given": True,
}
_OFFICE = {name: [["08:00", "18:00"]] for name in ("mon", "tue", "wed", "thu", "fri")}
EXAMPLES: dict[str, dict[str, Any]] = {
    "withdrawal": _PURCHASE,
    "withdrawal_declaration": _PURCHASE | {"declared_at": "2026-12-08T22:10:00+01:00", "means": "function"},
    "return_deadline": {"market": "DE", "declared_on": "2026-11-30"},
    "return_cost": {
        "market": "DE",
        "declared_on": "2026-11-30",
        "told_of_return_cost": False,
        "cost": "6.90",
    },
    "refund_deadline": {"market": "GB", "declared_on": "2026-11-30", "goods_back_on": "2026-12-04"},
    "refund_amount": {
        "market": "DE",
        "currency": "EUR",
        "concluded_on": "2026-11-20",
        "lines": [
            {
                "price": "25.00",
                "quantity": 2,
                "withdrawn_quantity": 2,
                "returned_value_loss": "5.00",
                "loss_evidence": True,
            }
        ],
        "delivery_paid": "9.90",
        "cheapest_standard_delivery": "4.90",
        "whole_order": True,
    },
    "delivery": {
        "market": "US",
        "concluded_on": "2026-10-01",
        "notices": [{"sent_on": "2026-10-29", "revised_on": "2026-12-20"}],
        "today": "2026-12-02",
    },
    "guarantee": {
        "market": "ES",
        "delivered_on": "2026-11-24",
        "condition": "new",
        "defect_on": "2027-10-01",
        "repairs": [{"chosen_on": "2027-10-05", "returned_on": "2027-10-19"}],
    },
    "landed_price": {
        "market": "DE",
        "ship_from": "CN",
        "on": "2026-11-23",
        "currency": "EUR",
        "importer_scheme": "IOSS",
        "lines": [
            {"hs": "610910", "origin": "CN", "value": "12.00", "quantity": 5, "category": "tex.clothing"}
        ],
        "shipping": "4.90",
    },
    "trader_status": {
        "market": "US",
        "on": "2026-11-23",
        "sales": [
            {"month": "2026-09", "new": 120, "used": 4, "gross": "3100.00"},
            {"month": "2026-10", "new": 95, "used": 0, "gross": "2400.00"},
        ],
        "notices": [{"sent_on": "2026-11-15"}],
    },
    "prior_price": {
        "market": "DE",
        "history": [
            {"from": "2026-09-01", "until": "2026-11-10", "price": "80.00", "kind": "regular"},
            {"from": "2026-11-10", "price": "100.00", "kind": "regular"},
        ],
        "reduction_from": "2026-11-23",
        "new_price": "75.00",
        "announced_percent": 25,
    },
    "deadline": {
        "rule": "eu.privacy.request_period",
        "market": "DE",
        "happened_on": "2026-11-30",
        "extended": True,
    },
    "clearance": {
        "market": "DE",
        "on": "2026-11-23",
        "category": "cos.skin_care",
        "title_languages": ["en"],
        "description_languages": ["en"],
    },
    "clock": {
        "calendar": {"tz": "Europe/Berlin", "weekly": _OFFICE, "holidays": ["2026-12-25"]},
        "created_at": "2026-11-23T15:30:00Z",
        "policy": {
            "first_response_min": 240,
            "resolution_min": 2400,
            "pause_applies_to": ["resolution"],
            "pause_states": ["waiting"],
        },
        "events": [
            {"at": "2026-11-24T08:10:00Z", "type": "agent_message"},
            {"at": "2026-11-24T08:10:00Z", "type": "state", "state": "waiting"},
        ],
        "as_of": "2026-11-24T12:00:00Z",
    },
}
