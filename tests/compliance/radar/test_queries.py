"""The radar counts each finding once, and each sale at risk once, whatever it is counted by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from compliance.checks.models import Finding
from compliance.radar import operations, queries
from compliance.radar.queries import Filter, Row
from compliance.simulator.operations import record_sales

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def found(subject: str, rule: str, severity: str, markets: list[str], **more: Any) -> Finding:
    fields = {
        "jurisdiction": "EU", "rule_version": "1", "confidence": "official", "what": "“%(label)s” is missing.", "fix": "",
        "owner": "M-1", "category": "toys", "first_seen_at": NOW - timedelta(hours=2), "last_seen_at": NOW,
    }  # fmt: skip
    return Finding.objects.create(
        subject=subject, rule=rule, severity=severity, markets=markets, **fields | more
    )


@pytest.fixture(autouse=True)
def _three_findings() -> None:
    found("listing:L-1", "eu.a", "block", ["DE", "FR"])
    found("listing:L-1", "eu.b", "block", ["DE"], first_seen_at=NOW - timedelta(days=9))
    found(
        "listing:L-2",
        "eu.a",
        "high",
        ["DE"],
        owner="M-2",
        category="food",
        first_seen_at=NOW - timedelta(days=40),
    )
    found("listing:L-3", "eu.c", "info", ["DE"], due_on=NOW.date() + timedelta(days=9))
    found("listing:L-4", "eu.a", "block", ["DE"], state="closed", closed_at=NOW)
    record_sales(sales={("L-1", "DE"): 1000, ("L-1", "FR"): 500, ("L-2", "DE"): 7}, now=NOW)


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        ("rule", [Row("eu.a", 2, 2, 1, 1500), Row("eu.b", 1, 1, 1, 1000)]),
        ("market", [Row("DE", 3, 2, 2, 1000), Row("FR", 1, 1, 1, 500)]),
        ("merchant", [Row("M-1", 2, 1, 2, 1500), Row("M-2", 1, 1, 0, 0)]),
        ("category", [Row("toys", 2, 1, 2, 1500), Row("food", 1, 1, 0, 0)]),
        ("severity", [Row("block", 2, 1, 2, 1500), Row("high", 1, 1, 0, 0)]),
        ("age", [Row("today", 1, 1, 1, 1500), Row("month", 1, 1, 1, 1000), Row("older", 1, 1, 0, 0)]),
    ],
)
def test_by_each_dimension(by: str, rows: list[Row]):
    assert queries.group(by, Filter(), now=NOW) == rows


@pytest.mark.parametrize(
    ("wanted", "rules"),
    [
        (Filter(market="FR"), ["eu.a"]),
        (Filter(merchant="M-2"), ["eu.a"]),
        (Filter(severity="block", age="month"), ["eu.b"]),
        (Filter(category="food", market="FR"), []),
        (Filter(rule="'; DROP TABLE compliance_finding; --"), []),
    ],
)
def test_filters_narrow_the_counts_and_the_list_alike(wanted: Filter, rules: list[str]):
    counted = [row.key for row in queries.group("rule", wanted, now=NOW)]
    listed = [finding.rule for finding in queries.listed(wanted, now=NOW)]
    assert (counted, listed) == (rules, rules)


def test_every_question_is_one_statement(django_assert_num_queries: Any):
    with django_assert_num_queries(1):
        queries.group("market", Filter(), now=NOW)


def test_the_day_is_counted_once():
    operations.count_day(now=NOW)
    Finding.objects.filter(rule="eu.b").update(state="closed", closed_at=NOW)
    again = operations.count_day(now=NOW + timedelta(hours=3))
    (day,) = queries.trend(until=NOW.date())
    assert (again.pk, day.block, day.high, day.medium, day.subjects) == (NOW.date(), 2, 1, 0, 1)


def test_fixes_come_in_order_of_worth_and_tell_what_a_market_takes():
    everything = [
        (fix.rule, fix.subjects, fix.at_risk_minor) for fix in queries.fixes(["M-1", "M-2"], now=NOW)
    ]
    france = [
        (fix.rule, fix.markets, fix.at_risk_minor) for fix in queries.fixes(["M-1"], market="FR", now=NOW)
    ]
    nobody = queries.fixes([], now=NOW)
    assert everything == [("eu.a", 2, 1500), ("eu.b", 1, 1000)]
    assert (france, nobody) == ([("eu.a", ("DE", "FR"), 500)], [])
