"""Withdrawing: before the goods are there, and when the day of sending is missing."""

from __future__ import annotations

from typing import Any

import pytest

from compliance import rulebook
from marketplace.kernel.errors import Invalid

FACTS = {"concluded_on": "2026-11-02"}


@pytest.mark.parametrize(("market", "may_already"), [("DE", True), ("MX", False), ("JP", False)])
def test_only_some_law_says_that_the_buyer_may_withdraw_before_the_goods_are_there(
    market: str, may_already: bool
):
    told = rulebook.answer("withdrawal", FACTS | {"market": market})
    assert ("The buyer can withdraw already now." in told.explain) is may_already


@pytest.mark.parametrize(
    ("means", "field"), [("post", "posted_on"), ("e-mail", "declared_at"), ("function", "declared_at")]
)
def test_the_day_that_is_missing_is_named_by_the_means(means: str, field: str):
    facts: dict[str, Any] = {"market": "DE", "deliveries": [{"received_on": "2026-11-05"}], "means": means}
    with pytest.raises(Invalid) as refused:
        rulebook.answer("withdrawal_declaration", FACTS | facts)
    assert refused.value.field == field
