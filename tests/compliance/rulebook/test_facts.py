"""Any facts at all get an answer or a refusal that names a field; nothing else ever comes out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.rulebook import answer, rights_on_purchase
from compliance.rulebook.calculators import (
    clock,
    deadline,
    delivery,
    guarantee,
    refund,
    refund_amount,
    returning,
    trader_status,
    withdrawal,
)
from compliance.rulebook.cards import _FACTS as CARD_FACTS
from compliance.rulebook.contracts import fact_specs
from compliance.rulebook.types import Answer
from marketplace.kernel.errors import Invalid

FIELDS = {
    "withdrawal": withdrawal._FACTS | fact_specs().keys(),
    "withdrawal_declaration": withdrawal._FACTS | withdrawal._DECLARATION | fact_specs().keys(),
    "return_deadline": returning._FACTS,
    "return_cost": returning._FACTS,
    "refund_deadline": refund._FACTS,
    "delivery": delivery._FACTS,
    "guarantee": guarantee._FACTS,
    "refund_amount": refund_amount._FACTS,
    "deadline": deadline._FACTS,
    "clock": clock._FACTS,
    "trader_status": trader_status._FACTS,
    "card": CARD_FACTS | fact_specs().keys(),
}
MARKETS = st.sampled_from(
    ["DE", "FR", "NL", "GB", "CH", "NO", "IS", "US", "US-CA", "CN", "JP", "AU", "IN", "XX", "", 7]
)
DAYS = st.one_of(
    st.dates().map(str),
    st.sampled_from(
        ["2026-11-23", "2026-12-11", "2024-02-29", "9999-12-31", "0001-01-01", "2026-02-30", "soon"]
    ),
)
INSTANTS = st.sampled_from(
    ["2026-11-23T10:00:00Z", "2026-11-23T10:00:00+14:00", "2026-11-23T10:00:00", "9999-12-31T23:59:59-12:00"]
)
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), st.text(max_size=8),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)  # fmt: skip
ITEMS = st.lists(
    st.dictionaries(
        st.sampled_from(["received_on", "received_at", "part", "received_by", "chosen_on", "returned_on", "sent_on",
                         "revised_on", "buyer_reply", "remedy", "outcome", "on", "price", "quantity", "withdrawn_quantity",
                         "returned_value_loss", "month", "new", "gross", "at", "type"]),
        st.one_of(DAYS, INSTANTS, st.sampled_from(["single", "item", "lot", "recurring", "consumer", "carrier",
                                                   "consent", "cancel", "repair", "failed"]), JUNK),
        max_size=3,
    ),
    max_size=3,
)  # fmt: skip


RULES = st.sampled_from(
    [
        "eu.privacy.request_period",
        "in.ecom.grievance",
        "eu.withdrawal.period",
        "us.cpsa.15b",
        "fi.guarantee.period",
    ]
)


@st.composite
def _facts(draw: st.DrawFn, ask: str) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(sorted(FIELDS[ask])), max_size=8, unique=True))
    facts = {name: draw(_value_of(name)) for name in names}
    sure = {
        "concluded_on": "2026-11-16",
        "delivered_on": "2026-11-23",
        "declared_on": "2026-11-23",
        "on": "2026-11-16",
        "happened_on": "2026-11-16",
        "rule": draw(RULES),
        "currency": "EUR",
    }
    facts |= {name: day for name, day in sure.items() if name in FIELDS[ask] and draw(st.booleans())}
    return {"market": draw(MARKETS), **facts}


def _value_of(name: str) -> st.SearchStrategy[Any]:
    if name.endswith(("_on", "_until")) or name in ("on", "today", "delivered_by", "ship_by"):
        return st.one_of(DAYS, DAYS, JUNK)
    if name.endswith("_at"):
        return st.one_of(INSTANTS, JUNK)
    if name in ("deliveries", "repairs", "notices", "remedy_history", "lines", "sales", "window", "events"):
        return st.one_of(ITEMS, JUNK)
    return st.one_of(
        st.booleans(), st.sampled_from(["goods", "service", "used", "19.90", "Europe/Berlin"]), JUNK
    )


@pytest.mark.parametrize("ask", FIELDS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_facts_are_answered_or_refused_by_name(ask: str, data: st.DataObject) -> None:
    facts = data.draw(_facts(ask))
    refused: Invalid | None = None
    said: list[Answer] = []
    try:
        said = [line.answer for line in rights_on_purchase(facts)] if ask == "card" else [answer(ask, facts)]
    except Invalid as error:
        refused = error
    assert refused is None or refused.field
    assert all(json.dumps(item.as_json(), allow_nan=False) for item in said)
