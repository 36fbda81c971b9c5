"""The open interface: every question, every fact and every field of every answer, by exactly these names."""

from __future__ import annotations

from typing import Any

import pytest

from compliance.rulebook import answer, asks
from marketplace.kernel.errors import Invalid

OFFICE = {
    "tz": "Europe/Berlin",
    "weekly": {"mon": [["08:00", "18:00"]]},
    "holidays": [],
    "date_overrides": {},
}
PURCHASE: dict[str, Any] = {
    "market": "DE", "contract_type": "goods", "sales_channel": "online", "concluded_on": "2026-11-16",
    "concluded_at": "2026-11-16T10:00:00+01:00",
    "deliveries": [
        {"received_on": "2026-11-20", "received_at": "2026-11-20T10:00:00+01:00", "part": "item", "received_by": "consumer"}
    ],
    "collected_by_consumer_on": "2026-11-20", "time_zone": "Europe/Berlin", "information_given": True,
    "information_given_on": "2026-11-16", "made_to_specification": False, "perishable": False, "sealed_hygiene": False,
    "unsealed": False, "activated": False, "digital_started": False, "express_consent": False,
    "acknowledged_loss": False, "confirmed_on_durable_medium": False, "exclusion_confirmed_per_line": False,
    "return_clause_in_ad": False, "return_clause_on_final_screen": False, "disclosures_missing": False,
    "voluntary_days": 30, "price": "20.00", "holidays": ["2026-12-25"],
}  # fmt: skip
WITHDRAWAL = {
    "right_exists", "ground", "nth_day", "last_day", "ends_at", "extended_because", "function_visible_from",
    "function_visible_until", "return_paid_by", "proof_needed",
}  # fmt: skip
RETURN = {
    "market": "DE", "declared_on": "2026-11-23", "told_of_return_cost": True, "cost": "4.90",
    "offered_to_collect": False, "reason": "no_reason",
}  # fmt: skip
# ask -> (all facts of the table, all fields of the answer)
TABLE: dict[str, tuple[dict[str, Any], set[str]]] = {
    "withdrawal": (PURCHASE, WITHDRAWAL),
    "withdrawal_declaration": (
        PURCHASE | {"declared_at": "2026-11-23T09:00:00+01:00", "means": "post", "posted_on": "2026-11-23", "received_on": "2026-11-25"},
        WITHDRAWAL | {"in_time", "effective_on", "acknowledgement_due_at"},
    ),
    "return_deadline": (RETURN, {"send_back_by"}),
    "return_cost": (RETURN, {"paid_by", "amount"}),
    "refund_deadline": (
        {"market": "KR", "contract_type": "goods", "reason": "no_reason", "declared_on": "2026-11-23",
         "goods_back_on": "2026-11-25", "dispatch_proof_on": "2026-11-24", "offered_to_collect": False,
         "payment_means": "third_party_card", "cancelled_on": "2026-11-23", "right_vested_on": "2026-11-23",
         "holidays": ["2026-12-25"]},
        {"nth_day", "due_on", "may_withhold", "may_withhold_until", "overdue_from", "interest_per_year"},
    ),
    "refund_amount": (
        {"market": "DE", "currency": "EUR",
         "lines": [{"price": "20.00", "quantity": 2, "withdrawn_quantity": 2, "returned_value_loss": "1.00", "loss_evidence": True}],
         "delivery_paid": "9.90", "cheapest_standard_delivery": "4.90", "whole_order": True, "duty_paid": "3.00",
         "import_tax_paid": "7.60",
         "service": {"price": "90.00", "period_days": 30, "days_used": 10, "started_on_express_request": True, "informed": True}},
        {"refund", "parts", "consumer_owes"},
    ),
    "delivery": (
        {"market": "US", "concluded_on": "2026-10-01", "promised_on": "2026-10-20", "ship_promise_on": "2026-10-10",
         "date_essential": False, "additional_period_until": "2026-11-01", "delivered_on": "2026-11-20",
         "notices": [{"sent_on": "2026-10-09", "revised_on": "2026-10-20", "buyer_reply": "none"}], "today": "2026-11-23",
         "holidays": []},
        {"deliver_by", "ship_by", "status", "may_terminate_at_once", "deemed_cancelled_on", "refund_due_on", "next_step"},
    ),
    "guarantee": (
        {"market": "GB", "concluded_on": "2026-11-01", "delivered_on": "2026-11-05", "condition": "second_hand",
         "agreed_period_months": 12, "durable": False, "defect_on": "2026-11-20",
         "repairs": [{"chosen_on": "2026-11-21", "returned_on": "2026-11-23"}],
         "remedy_history": [{"remedy": "repair", "outcome": "failed"}]},
        {"liable_until", "burden_on_seller_until", "reject_until", "extended_because", "remedies_open"},
    ),
    "prior_price": (
        {"market": "DE", "channel": "online", "seller": "M-1",
         "history": [{"from": "2026-09-01", "until": "2026-11-10", "price": "80.00", "kind": "regular"},
                     {"from": "2026-11-10", "until": "2026-11-23", "price": "100.00", "kind": "regular"}],
         "reduction_from": "2026-11-23", "new_price": "75.00", "announced_percent": 25, "progressive": False,
         "uninterrupted": False, "perishable": False, "first_offered_on": "2026-09-01", "campaign_until": "2026-12-01",
         "first_reduction_on": "2026-11-23"},
        {"prior_price", "window", "true_percent", "largest_percent_to_show", "lawful", "prior_price_must_be_shown", "because"},
    ),
    "deadline": (
        {"rule": "eu.privacy.request_period", "market": "DE", "happened_at": "2026-11-23T10:00:00+01:00",
         "happened_on": "2026-11-23", "extended": True, "holidays": []},
        {"due_at", "due_on", "unit", "counted", "next_stage"},
    ),
    "clock": (
        {"calendar": OFFICE, "created_at": "2026-11-23T08:00:00Z",
         "policy": {"first_response_min": 60, "next_response_min": 60, "agent_update_every_min": 60, "resolution_min": 600,
                    "pause_applies_to": ["resolution"], "pause_states": ["waiting"]},
         "events": [{"at": "2026-11-23T09:00:00Z", "type": "customer_message"}], "as_of": "2026-11-23T09:30:00Z"},
        {"clocks"},
    ),
    "landed_price": (
        {"market": "DE", "ship_from": "CN", "on": "2026-11-23", "currency": "EUR", "importer_scheme": "IOSS",
         "lines": [{"hs": "610910", "origin": "CN", "value": "12.00", "quantity": 5, "category": "tex.clothing"}],
         "shipping": "4.90", "insurance": "0.00"},
        {"goods", "shipping", "duty", "tax", "fees", "total", "per_line", "threshold_applied", "who_collects"},
    ),
    "trader_status": (
        {"market": "US", "window": [{"new": 250, "used": 3, "gross": "6000"}], "registered": True,
         "verified_on": "2026-11-20", "notices": [{"sent_on": "2026-11-20"}]},
        {"obligations"},
    ),
    "clearance": (
        {"market": "DE", "on": "2026-11-23", "category": "gen.other", "channel": "online"},
        {"verdict", "findings"},
    ),
}  # fmt: skip


def test_every_question_of_the_table_can_be_asked_and_no_other() -> None:
    assert set(asks()) == set(TABLE)


@pytest.mark.parametrize("ask", TABLE)
def test_every_fact_is_taken_and_every_field_is_answered(ask: str) -> None:
    facts, fields = TABLE[ask]
    found = answer(ask, facts)
    assert fields - set(found.answer) == set()
    assert isinstance(found.as_json()["explain"], list)


@pytest.mark.parametrize("ask", TABLE)
def test_a_fact_beyond_the_table_is_refused_by_name(ask: str) -> None:
    facts, _ = TABLE[ask]
    with pytest.raises(Invalid) as refused:
        answer(ask, facts | {"shoe_size": 42})
    assert refused.value.field == "shoe_size"


def test_parts_of_an_answer_have_their_names() -> None:
    refund = answer("refund_amount", TABLE["refund_amount"][0]).answer
    deadline = answer("deadline", TABLE["deadline"][0]).answer
    trader = answer("trader_status", TABLE["trader_status"][0]).answer
    clock = answer("clock", TABLE["clock"][0]).answer["clocks"]["next_response"]
    listing = answer("clearance", TABLE["clearance"][0]).answer["findings"][0]
    assert {"what", "amount", "because"} <= set(refund["parts"][0])
    assert {"day", "counts", "why"} <= set(deadline["counted"][0])
    assert {"identify", "verify", "suspend"} <= {item["what"] for item in trader["obligations"]}
    assert {"due_at", "state", "windows"} <= set(clock)
    assert {"rule", "severity", "what", "fix", "cites"} <= set(listing)
