"""Edges of calculators that a small mistake would move: worked from the citations, one story each."""

from __future__ import annotations

from typing import Any

import pytest

from compliance import rulebook
from compliance.rulebook.calculators.facts_in import EARLIEST, LATEST
from marketplace.kernel.errors import Invalid


def told(ask: str, **facts: Any) -> dict[str, Any]:
    return rulebook.answer(ask, facts).answer


def test_on_the_last_day_a_delivery_is_due_and_on_the_next_it_is_late() -> None:
    """Directive 2011/83/EU Art. 18(1): the trader delivers not later than the day."""
    facts = {"market": "FR", "concluded_on": "2026-11-02", "promised_on": "2026-11-12"}
    days = ("2026-11-11", "2026-11-12", "2026-11-13")
    assert [told("delivery", **facts, today=day)["status"] for day in days] == ["due", "due", "late"]


def test_a_first_delay_without_a_day_is_not_agreed_to_by_silence() -> None:
    """16 CFR 435.2(b)(1): an open delay calls the order off thirty days after the day it was to be shipped."""
    found = told(
        "delivery", market="US", concluded_on="2026-11-02", ship_promise_on="2026-11-20",
        notices=[{"sent_on": "2026-11-18"}], today="2026-11-30",
    )  # fmt: skip
    assert (found["ship_by"], found["deemed_cancelled_on"]) == ("2026-11-20", "2026-12-20")


def test_a_window_that_ends_as_it_begins_is_refused() -> None:
    facts = {
        "calendar": {"tz": "Europe/Berlin", "weekly": {"mon": [["08:00", "08:00"]]}}, "policy": {}, "events": [],
        "created_at": "2026-11-23T09:00:00+01:00", "as_of": "2026-11-23T10:00:00+01:00",
    }  # fmt: skip
    with pytest.raises(Invalid):
        rulebook.answer("clock", facts)


def test_the_days_of_a_deadline_run_from_the_event_to_the_end_and_say_why() -> None:
    """GDPR Art. 12(3), Regulation 1182/71 Art. 3(1): the day of the event does not count; 28 February 2026 is a Saturday."""
    days = told("deadline", rule="eu.privacy.request_period", market="FR", happened_on="2026-01-31")[
        "counted"
    ]
    assert [days[0], days[1], days[-1]] == [
        {"day": "2026-01-31", "counts": False, "number": None, "why": "the day of the event"},
        {"day": "2026-02-01", "counts": True, "number": 1, "why": "counts"},
        {"day": "2026-03-02", "counts": False, "number": None, "why": "the end moved to this day"},
    ]
    assert [one["number"] for one in days if one["counts"]] == list(range(1, 29))


@pytest.mark.parametrize("day", [EARLIEST, LATEST])
def test_the_first_and_the_last_day_that_can_be_asked_about_can_be_asked_about(day: Any) -> None:
    assert told("delivery", market="FR", concluded_on=day.isoformat(), promised_on=day.isoformat())[
        "deliver_by"
    ]


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        ({"pause_states": 5}, "policy.pause_states"),
        ({"pause_states": "waiting"}, "policy.pause_states"),
        ({"pause_states": [["waiting"]]}, "policy.pause_states"),
        ({"pause_applies_to": [{}]}, "policy.pause_applies_to"),
        ({"pause_applies_to": ["lunch"]}, "policy.pause_applies_to"),
    ],
)
def test_what_pauses_a_clock_is_a_list_of_names(policy: dict[str, Any], field: str) -> None:
    facts = {
        "calendar": {"tz": "Europe/Berlin", "weekly": {"mon": [["08:00", "18:00"]]}}, "policy": policy,
        "created_at": "2026-11-23T09:00:00+01:00", "as_of": "2026-11-23T10:00:00+01:00",
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        rulebook.answer("clock", facts)
    assert refused.value.field == field


@pytest.mark.parametrize("currency", [[], {}, None, "", "EURO", 978])
def test_what_is_no_currency_is_refused_by_its_name(currency: Any) -> None:
    facts = {
        "market": "DE", "ship_from": "CN", "on": "2026-11-23", "currency": currency,
        "lines": [{"hs": "610910", "origin": "CN", "value": "12.00"}],
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        rulebook.answer("landed_price", facts)
    assert refused.value.field == "currency"


def test_what_was_sent_in_time_is_shipped_and_a_day_later_is_late() -> None:
    """16 CFR 435.2(a): the time to ship decides, not the day of arrival."""
    facts = {
        "market": "US",
        "concluded_on": "2026-11-02",
        "ship_promise_on": "2026-11-20",
        "today": "2026-11-25",
    }
    days = ("2026-11-20", "2026-11-21")
    assert [told("delivery", **facts, shipped_on=day)["status"] for day in days] == [
        "shipped",
        "shipped_late",
    ]
    assert told("delivery", **facts, delivered_on="2026-11-20")["status"] == "delivered"


def test_a_repair_asked_for_on_the_last_day_lengthens_the_guarantee_and_a_day_later_does_not() -> None:
    """Code de la consommation L217-13, in its version until July 2026: six months for a repair within the guarantee."""
    facts = {"market": "FR", "concluded_on": "2026-06-01", "delivered_on": "2026-06-05"}
    ends = [
        told("guarantee", **facts, repairs=[{"chosen_on": day}])["liable_until"]
        for day in ("2028-06-05", "2028-06-06")
    ]
    assert ends == ["2028-12-05", "2028-06-05"]


def test_a_longer_time_for_second_hand_goods_is_kept_as_agreed() -> None:
    """Directive (EU) 2019/771 Art. 10(6) lets a time be shortened; a longer promise is a promise."""
    facts = {
        "market": "DE",
        "concluded_on": "2026-06-01",
        "delivered_on": "2026-06-05",
        "condition": "second_hand",
    }
    ends = [
        told("guarantee", **facts, agreed_period_months=months)["liable_until"] for months in (11, 12, 24, 36)
    ]
    assert ends == ["2027-06-05", "2027-06-05", "2028-06-05", "2029-06-05"]


@pytest.mark.parametrize("rule", ["eu.withdrawal.right", "de.price.unit_price_from", "eu.information.g"])
def test_what_is_no_length_of_time_has_no_deadline(rule: str) -> None:
    with pytest.raises(Invalid, match="not a length of time"):
        rulebook.answer("deadline", {"rule": rule, "market": "DE", "happened_on": "2026-11-02"})


def test_the_day_of_an_event_is_that_of_the_time_zone_which_is_named() -> None:
    facts = {"rule": "eu.privacy.request_period", "market": "FR", "happened_at": "2026-11-02T20:00:00Z"}
    zones = ("Europe/Paris", "Asia/Tokyo", None)
    assert [told("deadline", **facts, time_zone=zone)["due_on"] for zone in zones] == [
        "2026-12-02",
        "2026-12-03",
        "2026-12-02",
    ]
    with pytest.raises(Invalid) as refused:
        rulebook.answer("deadline", {**facts, "time_zone": 5})
    assert refused.value.field == "time_zone"


@pytest.mark.parametrize("instant", ["1971-07-01T12:00:00Z", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_an_instant_stays_a_day_within_the_days_that_can_be_asked_about(instant: str) -> None:
    """So that its day is one of them in every time zone."""
    with pytest.raises(Invalid) as refused:
        rulebook.answer(
            "deadline", {"rule": "eu.privacy.request_period", "market": "FR", "happened_at": instant}
        )
    assert refused.value.field == "happened_at"


def test_as_many_new_as_used_pieces_are_sales_all_the_same() -> None:
    facts = {"market": "DE", "on": "2026-11-23"}
    sold, nothing = (
        rulebook.answer(
            "trader_status", facts | {"sales": [{"new": count, "used": count, "gross": "100"}]}
        ).explain
        for count in (3, 0)
    )
    assert len(sold) == len(nothing) + 1


def test_personal_articles_above_their_limit_are_taxed_as_general_trade() -> None:
    """China: within CNY 1,000 the personal rate, waived up to CNY 50; above it duty and import VAT."""

    def tax(value: str, quantity: int) -> tuple[str, str]:
        found = told(
            "landed_price", market="CN", ship_from="DE", on="2026-07-15", currency="CNY", importer_scheme="none",
            lines=[{"hs": "610910", "value": value, "quantity": quantity, "category": "tex.clothing"}],
        )  # fmt: skip
        return found["duty"], found["tax"]

    assert [tax("250.00", 1), tax("1000.00", 1), tax("5000.00", 2)] == [
        ("0.00", "0.00"),
        ("0.00", "200.00"),
        ("300.00", "689.00"),
    ]


def test_a_pause_that_ends_as_it_begins_divides_nothing() -> None:
    facts = {
        "calendar": {"tz": "Europe/Berlin", "weekly": {"mon": [["08:00", "18:00"]]}},
        "policy": {"resolution_min": 60, "pause_states": ["waiting"]}, "created_at": "2026-11-23T09:00:00+01:00",
        "as_of": "2026-11-23T10:00:00+01:00",
        "events": [{"at": "2026-11-23T09:30:00+01:00", "type": "state", "state": state} for state in ("waiting", "open")],
    }  # fmt: skip
    assert told("clock", **facts)["clocks"]["resolution"]["windows"] == [
        ["2026-11-23T09:00:00+01:00", "2026-11-23T10:00:00+01:00"]
    ]


@pytest.mark.parametrize(("value", "is_due"), [("9.999", False), ("10", True), ("10.001", True)])
def test_ten_grams_are_the_first_that_are_not_too_small(value: str, is_due: bool) -> None:
    """PAngV s. 4(3): nothing below ten grams or millilitres."""
    from compliance.rulebook.calculators.unit_price import answer

    facts = {
        "market": "DE", "on": "2026-11-23", "price": "2.49", "currency": "EUR", "category": "food.honey",
        "net_quantity": {"value": value, "unit": "g"},
    }  # fmt: skip
    assert answer(facts, rulebook.default()).answer["required"] is is_due


def test_the_last_days_of_a_national_fee_are_told_where_there_is_one() -> None:
    facts = {
        "ship_from": "CN", "on": "2026-11-23", "currency": "EUR", "importer_scheme": "IOSS", "rates": {"EUR/RON": "5.00"},
        "lines": [{"hs": "610910", "value": "25.00", "quantity": 2, "category": "tex.clothing"}],
    }  # fmt: skip
    said = "Whether the national fee is still collected is not known."
    markets = ("FR", "IT", "RO", "DE")
    assert {
        market: said in told("landed_price", market=market, **facts)["reasons"] for market in markets
    } == {
        "FR": True,
        "IT": True,
        "RO": True,
        "DE": False,
    }


@pytest.mark.parametrize("text", ["08:60", "08:75", "24:01", "25:00", "8:00", "08:0", "ab:cd", "0800"])
def test_a_time_that_no_clock_shows_is_refused_and_midnight_is_none(text: str) -> None:
    facts = {
        "policy": {}, "created_at": "2026-11-23T09:00:00+01:00", "as_of": "2026-11-23T10:00:00+01:00",
        "calendar": {"tz": "Europe/Berlin", "weekly": {"mon": [["00:00", "24:00"]], "tue": [["07:59", text]]}},
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        rulebook.answer("clock", facts)
    assert refused.value.field == "calendar.weekly.tue"


@pytest.mark.parametrize(
    ("value", "is_taken"),
    [("1e-9", True), ("9e-10", False), ("1e12", True), ("1000000000001", False), ("0", False)],
)
def test_a_quantity_is_taken_from_a_billionth_to_a_billion_thousands(value: str, is_taken: bool) -> None:
    from compliance.rulebook.calculators.unit_price import answer

    facts = {
        "market": "DE", "on": "2026-11-23", "price": "0.01", "currency": "EUR", "category": "food.honey",
        "net_quantity": {"value": value, "unit": "kg"},
    }  # fmt: skip
    if is_taken:
        assert answer(facts, rulebook.default()).answer["per"] == "1 kg"
    else:
        with pytest.raises(Invalid):
            answer(facts, rulebook.default())
