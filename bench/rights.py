"""Questions of rights on one core: ten thousand mixed lines through `manage.py rights`.

    bin/bench rights [--lines 10000] [--seed 1]

Every question of the open interface, over every market that the rulebook knows; one line in fifty is wrong
in a way that must be answered on its own line. Prints the seconds with and without the start of Python,
lines a second, and how many lines were refused.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from bench.load import ROOT

MARKETS = [
    *(
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
    ),
    *(
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
        "NO",
        "IS",
        "CH",
        "GB",
        "US",
        "US-CA",
        "CA",
        "CA-QC",
    ),
    *("CN", "JP", "KR", "AU", "NZ", "IN", "BR", "MX", "SG", "TR", "AE", "SA", "ZA", "VN", "TH", "ID"),
]
RATES = {"EUR/GBP": "0.86", "EUR/USD": "1.09", "EUR/CHF": "0.95", "EUR/NOK": "11.6", "EUR/CAD": "1.5"}
WRONG: tuple[dict[str, Any], ...] = (
    {"ask": "withdrawal", "facts": {"market": "XX", "concluded_on": "2026-11-23"}},
    {"ask": "withdrawal", "facts": {"market": "DE", "concluded_on": "2026-02-30"}},
    {"ask": "withdrawal", "facts": {"market": "DE", "concluded_on": "2026-11-23", "shoe_size": 42}},
    {"ask": "deadline", "facts": {"market": "DE", "rule": "eu.no.such_rule", "happened_on": "2026-11-23"}},
    {"ask": "fortune", "facts": {}},
)
Maker = Callable[[random.Random, str, date], dict[str, Any]]


def _deliveries(day: date) -> list[dict[str, str]]:
    return [{"received_on": (day + timedelta(days=4)).isoformat()}]


MAKERS: dict[str, Maker] = {
    "withdrawal": lambda dice, market, day: {
        "market": market, "concluded_on": day.isoformat(), "deliveries": _deliveries(day),
        "information_given": dice.random() < 0.8,
    },
    "withdrawal_declaration": lambda dice, market, day: {
        "market": market, "concluded_on": day.isoformat(), "deliveries": _deliveries(day),
        "declared_at": f"{day + timedelta(days=dice.randint(5, 30))}T12:00:00Z", "means": "function",
    },
    "return_deadline": lambda dice, market, day: {"market": market, "declared_on": day.isoformat()},
    "return_cost": lambda dice, market, day: {
        "market": market, "declared_on": day.isoformat(), "told_of_return_cost": dice.random() < 0.5, "cost": "4.90",
    },
    "refund_deadline": lambda dice, market, day: {
        "market": market, "declared_on": day.isoformat(), "goods_back_on": (day + timedelta(days=9)).isoformat(),
    },
    "refund_amount": lambda dice, market, day: {
        "market": market, "currency": "EUR", "concluded_on": day.isoformat(), "delivery_paid": "9.90",
        "lines": [{"price": "19.90", "quantity": 3, "withdrawn_quantity": dice.randint(0, 3)}],
    },
    "delivery": lambda dice, market, day: {
        "market": market, "concluded_on": day.isoformat(), "today": (day + timedelta(days=40)).isoformat(),
    },
    "guarantee": lambda dice, market, day: {
        "market": market, "delivered_on": day.isoformat(), "condition": dice.choice(["new", "second_hand"]),
        "defect_on": (day + timedelta(days=90)).isoformat(),
    },
    "prior_price": lambda dice, market, day: {
        "market": market, "reduction_from": day.isoformat(), "new_price": "75.00", "announced_percent": 25,
        "history": [{"from": (day - timedelta(days=90)).isoformat(), "price": "100.00"}],
    },
    "deadline": lambda dice, market, day: {
        "market": dice.choice(MARKETS[:27]), "happened_on": day.isoformat(),
        "rule": dice.choice(["eu.privacy.request_period", "eu.safety.order_response", "eu.terms.change_notice"]),
    },
    "clock": lambda dice, market, day: {
        "calendar": {"tz": "Europe/Berlin", "weekly": {name: [["08:00", "18:00"]] for name in ("mon", "tue", "wed", "thu", "fri")}},
        "created_at": f"{day}T08:00:00Z", "as_of": f"{day + timedelta(days=2)}T12:00:00Z",
        "policy": {"first_response_min": 60, "resolution_min": 1200, "pause_states": ["waiting"]},
        "events": [{"at": f"{day}T09:30:00Z", "type": "agent_message"}, {"at": f"{day}T10:00:00Z", "type": "state", "state": "waiting"}],
    },
    "landed_price": lambda dice, market, day: {
        "market": market, "ship_from": "CN", "on": day.isoformat(), "currency": "EUR", "importer_scheme": "none",
        "lines": [{"hs": "610910", "origin": "CN", "value": "60.00", "quantity": 5, "category": "tex.clothing"}],
        "shipping": "4.90", "rates": RATES,
    },
    "trader_status": lambda dice, market, day: {
        "market": market, "on": day.isoformat(), "sales": [{"new": dice.randint(0, 60), "used": 1, "gross": "900"}] * 6,
    },
    "clearance": lambda dice, market, day: {
        "market": market, "on": day.isoformat(), "category": dice.choice(["tex.clothing", "cos.skin_care", "food.honey"]),
    },
}  # fmt: skip


def questions(count: int, seed: int) -> list[str]:
    """Return that many JSON lines: all questions, all markets, days of two years, some lines wrong."""
    dice, lines = random.Random(seed), []
    for number in range(count):
        if number % 50 == 49:
            asked = dict(dice.choice(WRONG))
        else:
            ask = dice.choice(list(MAKERS))
            day = date(2026, 1, 1) + timedelta(days=dice.randint(0, 700))
            asked = {"ask": ask, "facts": MAKERS[ask](dice, dice.choice(MARKETS), day)}
        lines.append(json.dumps({"id": number, **asked}))
    return lines


def run(lines: list[str]) -> tuple[float, float, list[dict[str, Any]]]:
    """Return the seconds of the whole command by the clock and of the processor, and its replies."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "manage.py", "rights"], input="".join(line + "\n" for line in lines), cwd=ROOT,
        check=True, capture_output=True, text=True, env=os.environ | {"LOG_LEVEL": "ERROR"},
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, worked, [json.loads(line) for line in done.stdout.splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core, for the command too
    lines = questions(options.lines, options.seed)
    _, empty, _ = run([])
    seconds, worked, replies = run(lines)
    refused = Counter(reply["error"]["type"] for reply in replies if "error" in reply)
    assert [reply["id"] for reply in replies] == list(range(options.lines))
    markets = {json.loads(line)["facts"].get("market") for line in lines} - {None, "XX"}
    print(f"{options.lines} lines, {len(MAKERS)} questions, {len(markets)} markets, one core")
    print(f"  {seconds:.1f} s by the clock, {worked:.1f} s of the processor, of which {empty:.1f} s to start")
    print(f"  {options.lines / (worked - empty):.0f} lines a second once started; refused: {dict(refused)}")


if __name__ == "__main__":
    main()
