"""The card "Your rights on this purchase": its lines, states, dates and speed."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest

from compliance.rulebook import RightLine, default, rights_on_purchase
from marketplace.kernel.errors import Invalid

ISSUE_MARKETS = "DE FR NL PL ES IT SE IE AT BE GB CH NO US US-CA CN JP AU"


def _lines(market: str = "DE", **facts: Any) -> dict[str, RightLine]:
    given = {"market": market, "on": "2026-11-23", "delivery_days": [3, 6], **facts}
    return {line.key: line for line in rights_on_purchase(given)}


def _says(line: RightLine) -> str:
    return line.sentence % line.params


@pytest.mark.parametrize("market", ISSUE_MARKETS.split())
def test_every_market_of_the_shop_has_a_card(market: str) -> None:
    lines = _lines(market)
    assert {"withdrawal", "delivery", "guarantee"} <= set(lines)
    assert all(_says(line) for line in lines.values())


def test_a_buyer_in_germany_sees_the_last_day_if_it_comes_in_time() -> None:
    line = _lines()["withdrawal"]
    assert (line.state, line.on) == ("yes", date(2026, 12, 14))  # 13 December is a Sunday
    assert line.params["delivered_by"] == date(2026, 11, 29)
    assert [ruling.rule for ruling in line.answer.rulings][:2] == [
        "eu.withdrawal.right",
        "eu.withdrawal.period",
    ]


def test_without_a_delivery_estimate_the_length_is_said() -> None:
    lines = {line.key: line for line in rights_on_purchase({"market": "DE", "on": "2026-11-23"})}
    assert lines["withdrawal"].on is None
    assert lines["withdrawal"].params["days"] == 14
    assert lines["guarantee"].params["years"] == 2


def test_where_the_law_gives_no_right_it_says_so() -> None:
    lines = _lines("US")
    assert lines["withdrawal"].state == "no"
    assert set(lines) == {"withdrawal", "delivery", "guarantee"}


def test_a_promise_of_the_seller_is_told_apart_from_the_law() -> None:
    line = _lines("US", voluntary_days=30)["withdrawal"]
    assert (line.state, line.on, line.answer.answer["ground"]) == ("yes", date(2026, 12, 29), "voluntary")


def test_law_that_nobody_has_checked_is_uncertain() -> None:
    lines = _lines("GB")
    assert {key: line.state for key, line in lines.items()}["withdrawal"] == "uncertain"
    assert lines["withdrawal"].answer.answer["certain"] is False


def test_a_sealed_product_keeps_the_right_while_the_seal_is_unbroken() -> None:
    line = _lines(sealed_hygiene=True)["withdrawal"]
    assert (line.state, "seal unbroken" in line.sentence) == ("yes", True)


def test_perishable_goods_have_no_right_and_keep_the_others() -> None:
    lines = _lines(perishable=True)
    assert (lines["exemption"].state, "return_cost" in lines, "guarantee" in lines) == ("no", False, True)


def test_a_private_seller_has_one_honest_line() -> None:
    assert [
        (line.key, line.state)
        for line in rights_on_purchase({"market": "DE", "on": "2026-11-23", "seller_kind": "private"})
    ] == [("private_seller", "no")]


def test_return_cost_is_named_when_known() -> None:
    line = _lines(return_cost="4.90")["return_cost"]
    assert (
        _says(line) == "You pay to send it back, about 4.90. If it is faulty, the return costs you nothing."
    )


def test_a_promise_of_free_returns_is_told_as_a_promise() -> None:
    line = _lines("GB", free_returns=True)["return_cost"]
    assert (line.state, _says(line)) == ("yes", "The seller promises to pay for sending it back.")


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"delivery_days": [6, 3]}, "delivery_days"),
        ({"delivery_days": "soon"}, "delivery_days"),
        ({"on": "yesterday"}, "on"),
        ({"colour": "red"}, "colour"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"perishable": "yes"}, "perishable"),
        ({"voluntary_days": -1}, "voluntary_days"),
    ],
)
def test_bad_facts_are_refused_by_name(facts: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        _lines(**facts)
    assert caught.value.field == field


def test_a_warm_card_takes_less_than_a_millisecond() -> None:
    default()
    _lines()
    best = min(_timed() for _ in range(5))
    assert best < 0.001


def _timed() -> float:
    start = time.perf_counter()
    for most in range(20):
        _lines(delivery_days=[1, 3 + most])
    return (time.perf_counter() - start) / 20
