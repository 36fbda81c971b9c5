"""The product and a calculator written from the citations agree on random deadlines.

    DEADLINES=20000 .venv/bin/pytest tests/compliance/rulebook/test_independent.py

runs the full number; the daily run asks fewer.
"""

from __future__ import annotations

import ast
import os
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.rulebook import answer
from tests.compliance.rulebook import independent as second

COUNT = int(os.environ.get("DEADLINES", "1500"))
SEED = int(os.environ.get("SEED", "20261124"))
Question = tuple[str, dict[str, Any], str, str]  # ask, facts, field, what the second calculator says


def _day(dice: random.Random, first: date = date(2026, 6, 19), last: date = date(2031, 12, 31)) -> date:
    """A day; half of them close to the turn of the year, Easter, a leap day or the first of May."""
    if dice.random() < 0.5:
        near = dice.choice(
            [(12, 11), (12, 18), (3, 20), (4, 1), (4, 17), (2, 14), (2, 28), (9, 24), (11, 12)]
        )
        day = date(dice.randint(2026, 2031), *near) + timedelta(days=dice.randint(-3, 10))
        return max(first, min(day, last))
    return first + timedelta(days=dice.randint(0, (last - first).days))


def withdrawal(dice: random.Random) -> Question:
    market, received, told = dice.choice(list(second.REGRET)), _day(dice), dice.random() < 0.7
    facts = {
        "market": market, "concluded_on": (received - timedelta(days=dice.randint(0, 20))).isoformat(),
        "deliveries": [{"received_on": received.isoformat()}], "information_given": told,
    }  # fmt: skip
    return "withdrawal", facts, "last_day", second.withdrawal(market, received, told=told).isoformat()


def withdrawal_elsewhere(dice: random.Random) -> Question:
    received = _day(dice)
    facts = {"concluded_on": received.isoformat(), "deliveries": [{"received_on": received.isoformat()}]}
    if dice.random() < 0.5:
        return "withdrawal", facts | {"market": "MX"}, "last_day", second.withdrawal_mx(received).isoformat()
    return "withdrawal", facts | {"market": "JP"}, "last_day", second.withdrawal_jp(received).isoformat()


def refund(dice: random.Random) -> Question:
    market, start = dice.choice(list(second.REFUND)), _day(dice)
    begins = second.REFUND[market][0]
    facts = {"market": market, "declared_on": start.isoformat(), begins: start.isoformat()}
    return "refund_deadline", facts, "due_on", second.refund(market, start).isoformat()


def send_back(dice: random.Random) -> Question:
    market, day = dice.choice([*second.UNION, "GB", "TR"]), _day(dice)
    facts = {"market": market, "declared_on": day.isoformat()}
    return "return_deadline", facts, "send_back_by", second.send_back(market, day).isoformat()


def delivery(dice: random.Random) -> Question:
    market, day = dice.choice([*second.UNION, "GB", "TR", "ZA", "SA"]), _day(dice)
    facts = {"market": market, "concluded_on": day.isoformat()}
    return "delivery", facts, "deliver_by", second.deliver_by(market, day).isoformat()


def guarantee(dice: random.Random) -> Question:
    market, day = dice.choice(list(second.LIABLE)), _day(dice)
    facts = {"market": market, "delivered_on": day.isoformat(), "condition": "new"}
    return "guarantee", facts, "liable_until", second.liable_until(market, day).isoformat()


def deadline(dice: random.Random) -> Question:
    day = _day(dice)
    if dice.random() < 0.5:
        rule, market = dice.choice(list(second.DEADLINES)), dice.choice(second.UNION)
        due = second.DEADLINES[rule](market, day)
    else:
        market, rule = dice.choice(list(second.NATIONAL))
        due = second.NATIONAL[market, rule](day)
    return (
        "deadline",
        {"rule": rule, "market": market, "happened_on": day.isoformat()},
        "due_on",
        due.isoformat(),
    )


def hours(dice: random.Random) -> Question:
    day = _day(dice)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=dice.randint(0, 1439))
    facts = {"happened_at": start.isoformat()}
    if dice.random() < 0.2:
        due = second.us_hours_later(start, 24)
        return "deadline", facts | {"rule": "us.cpsa.15b", "market": "US"}, "due_at", due.isoformat()
    market = dice.choice(list(second.HOURS))
    rule, length = second.HOURS[market]
    due = second.hours_later(start, length)
    return "deadline", facts | {"rule": rule, "market": market}, "due_at", due.isoformat()


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def promise(dice: random.Random) -> Question:
    """A service promise in open hours, with a pause, often over a change of the clocks."""
    day = dice.choice([_day(dice), date(2026, 10, 24), date(2027, 3, 27), date(2027, 11, 6)])
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=dice.randint(0, 1439))
    zone = dice.choice(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
    # windows keep clear of two to four at night: what a local time means that comes twice is a convention
    weekly = {
        i: dice.choice([[(480, 1080)], [(540, 720), (780, 1020)], [(0, 60), (300, 1440)], [(600, 601)]])
        for i in range(7) if i == 0 or dice.random() < 0.8
    }  # fmt: skip
    minutes = dice.randint(1, 600 if any((600, 601) not in windows for windows in weekly.values()) else 5)
    waits = start + timedelta(minutes=dice.randint(0, 300))
    goes_on = waits + timedelta(minutes=dice.randint(1, 2000))
    facts = {
        "calendar": {"tz": zone, "weekly": {DAYS[i]: [[_clock(b), _clock(e)] for b, e in w] for i, w in weekly.items()}},
        "created_at": start.isoformat(), "as_of": (goes_on + timedelta(days=1)).isoformat(),
        "policy": {"resolution_min": minutes, "pause_states": ["waiting"]},
        "events": [{"at": goes_on.isoformat(), "type": "state", "state": "open"},
                   {"at": waits.isoformat(), "type": "state", "state": "waiting"}],
    }  # fmt: skip
    due = second.clock_due(zone, weekly, start, minutes, [(waits, goes_on)])
    return "clock", facts, "clocks.resolution.due_at", due.isoformat()


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


KINDS: dict[Callable[[random.Random], Question], int] = {
    withdrawal: 30, withdrawal_elsewhere: 5, refund: 15, send_back: 8, delivery: 8, guarantee: 8, deadline: 20,
    hours: 4, promise: 2,
}  # fmt: skip


def _said(ask: str, facts: dict[str, Any], field: str) -> str:
    found: Any = answer(ask, facts).answer
    for name in field.split("."):
        found = found[name]
    return str(found) if "due_at" not in field else datetime.fromisoformat(found).astimezone(UTC).isoformat()


def test_two_calculators_agree() -> None:
    dice = random.Random(SEED)
    makers = dice.choices(list(KINDS), weights=list(KINDS.values()), k=COUNT)
    different = []
    for make in makers:
        ask, facts, field, due = make(dice)
        said = _said(ask, facts, field)
        if said != due:
            different.append((ask, facts, said, due))
    assert different[:5] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_of_question_is_asked(kind: Callable[[random.Random], Question]) -> None:
    ask, facts, field, due = kind(random.Random(SEED))
    assert _said(ask, facts, field) == due


def test_the_second_calculator_shares_no_code_with_the_product() -> None:
    tree = ast.parse(Path(second.__file__).read_text(encoding="utf-8"))
    imported = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else name.name.split(".")[0]
        for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for name in node.names
    }  # fmt: skip
    assert imported == {
        "__future__",
        "calendar",
        "collections",
        "dataclasses",
        "datetime",
        "functools",
        "holidays",
        "typing",
        "zoneinfo",
    }


def test_a_fault_in_the_counting_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: without the roll off free days the two calculators differ."""
    monkeypatch.setattr(second, "next_working", lambda country, day: day)
    dice = random.Random(SEED)
    asked = [withdrawal(dice) for _ in range(100)]
    assert any(_said(ask, facts, field) != due for ask, facts, field, due in asked)
