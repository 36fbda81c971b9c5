"""Questions from seeds: worked ones, bent a little, so that edges are met.

A question starts as one that a worked case, the table of the open interface or the measure of speed asks. Then a few
of its facts are bent: a day before or after, a leap day, the turn of the year, a change of the clocks, one cent more,
another of the values met in that place, a market of fifty, nothing, or nonsense. What is kept is what is answered in a
new way: other rulings, other sentences, another error.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from bench.rights import MAKERS, MARKETS
from compliance.rulebook import calculators
from compliance.rulebook.book import Rulebook
from compliance.rulebook.loader import COUNTINGS
from compliance.rulebook.strict_yaml import load_plain
from compliance.rulebook.worked_cases import load_cases
from tests.compliance.rulebook.characterisation import Question, as_json, line_of, says
from tests.compliance.rulebook.test_vocabulary import TABLE

HERE = Path(__file__).parent.parent
MOST: dict[str, int] = {  # questions kept of each kind
    "landed_price": 780, "withdrawal": 420, "withdrawal_declaration": 200, "prior_price": 420, "clock": 340,
    "deadline": 340, "trader_status": 380, "guarantee": 360, "delivery": 420, "refund_amount": 280,
    "refund_deadline": 320, "return_deadline": 60, "return_cost": 60, "clearance": 24, "unit_price": 220,
    "count": 420, "hours": 120, "governs": 80, "in_force": 30,
}  # fmt: skip
ALIKE = (3, 12)  # questions kept of those answered in one way: at first, and when nothing new is found
REFUSED = 0.2  # at most, of the questions of a kind
LONGEST = 6000  # characters of a line
EDGES = (
    *("2024-02-29", "2026-02-28", "2027-02-28", "2028-02-29", "2028-02-28", "2026-12-23", "2026-12-24", "2026-12-31"),
    *("2027-01-01", "2026-04-02", "2026-04-03", "2026-04-05", "2026-10-25", "2026-03-29", "2026-05-01", "2026-10-01"),
    *("2026-06-18", "2026-06-19", "2026-06-30", "2026-07-01", "2026-10-31", "2026-11-01", "2028-07-01", "2014-06-12"),
    *("2014-06-13", "2021-12-31", "2022-01-01", "2022-05-27", "2022-05-28", "2026-11-21", "2026-11-22", "2026-11-23"),
)  # fmt: skip
INSTANTS = (
    "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z",
    "2026-11-23T00:00:00+01:00", "2026-11-22T23:00:00Z", "2026-11-22T22:59:59Z", "2026-12-31T23:59:59-05:00",
)  # fmt: skip
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
    "UTC",
    "Mars/Base",
)
AMOUNTS = ("0", "0.00", "0.01", "21.99", "22.00", "22.01", "40", "40.01", "44.99", "45.00", "45.01", "100", "100.01",
           "134.99", "135.00", "135.01", "149.99", "150.00", "150.01", "600", "800", "800.01", "999.99", "1000", "1000.01",
           "2000", "2500", "2500.01", "5000", "4999.99", "19999.99", "20000", "100000")  # fmt: skip
ODD: tuple[Any, ...] = (None, "", "x", -1, 0, True, [], {}, ["x"], 3.5, "2026-02-30", "NaN", "-0.01", 10**9)
MORE: dict[str, tuple[str, ...]] = {  # facts of a question that few of the known ones tell
    "withdrawal": ("concluded_at", "time_zone", "information_given_on", "voluntary_days"),
    "withdrawal_declaration": ("concluded_at", "time_zone", "information_given", "information_given_on", "voluntary_days",
                               "told_of_return_cost", "posted_on", "received_on", "declared_on", "collected_by_consumer_on"),
    "return_deadline": ("concluded_on", "holidays", "offered_to_collect"), "return_cost": ("concluded_on", "reason"),
    "refund_deadline": ("cancelled_on", "concluded_on", "holidays", "right_vested_on", "goods_back_on", "dispatch_proof_on"),
    "refund_amount": ("declared_on", "information_given"), "guarantee": ("holidays", "defect_on", "agreed_period_months"),
    "delivery": ("shipped_on", "delivery_refused", "credit_applied_for", "delivered_on", "additional_period_until", "holidays"),
    "trader_status": ("details_given_on", "verified_on", "holidays", "registered", "notices"), "deadline": ("time_zone", "holidays"),
    "prior_price": ("campaign_until", "first_offered_on"), "landed_price": ("prices_include_tax", "insurance"),
}  # fmt: skip
SAID: dict[str, tuple[Any, ...]] = {  # what such a fact may say, if it is no day
    "voluntary_days": (0, 14, 30, 60), "agreed_period_months": (0, 6, 11, 12, 13, 24, 36), "insurance": ("0.00", "1.00"),
    "reason": ("no_reason", "non_conforming", "late_delivery", "cancelled", "faulty"),
    "notices": ([{"sent_on": "2026-11-01"}], [{"sent_on": "2026-11-01", "answered_on": "2026-11-05"}]),
}  # fmt: skip
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT")
_MONTH = re.compile(r"\d{4}-\d\d")
At = tuple[str | int, ...]


def grown(seed: int, tries: int, book: Rulebook, held: list[str]) -> list[str]:
    """Return lines of new questions with their answers, beyond those that are held."""
    dice, kept, of_ask = random.Random(seed), Counter[Any](), Counter[tuple[str, bool]]()
    for ask, facts, said in map(_read, held):
        of_ask[ask, "error" in said] += 1
        kept[way_of(ask, facts, said, book)] += 1
    lines, seen = [], set(held)
    pools = _Pools([(ask, facts) for ask, facts in bases()])
    for i in range(tries):
        alike = ALIKE[i * len(ALIKE) // tries]
        for ask in MOST:
            if of_ask[ask, False] >= MOST[ask]:
                continue
            facts = pools.question(ask, dice)
            said = as_json(says(ask, facts, book))
            way, line = way_of(ask, facts, said, book), line_of(ask, facts, said)
            refused = "error" in said
            if refused and (of_ask[ask, True] >= MOST[ask] * REFUSED or kept[way] >= ALIKE[0] - 1):
                continue
            if kept[way] < alike and len(line) <= LONGEST and line not in seen:
                kept[way] += 1
                of_ask[ask, refused] += 1
                seen.add(line)
                lines.append(line)
    return lines


def _read(line: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    held = json.loads(line)
    return held["ask"], held["facts"], held["says"]


def way_of(ask: str, facts: dict[str, Any], said: dict[str, Any], book: Rulebook) -> Any:
    """Return in which way a question is answered: alike in this, alike in reasoning."""
    if "error" in said:
        return (
            ask,
            said["error"],
            re.sub(r"\d+", "#", str(said["field"])),
            re.sub(r"[\d'].*", "", said["detail"]),
        )
    if "rulings" not in said:
        return ask, _shape(said["answer"]), *(facts.get(name) for name in ("unit", "counting", "hours"))
    market = facts.get("market", "")
    rules = tuple(sorted(rule.partition(".")[2].partition("@")[0] for rule in said["rulings"]))
    sentences: tuple[str, ...] = ()
    if ask != "unit_price":
        sentences = tuple(step.sentence for step in calculators.answer(ask, facts, book).steps)
    own = {place.code for place in book.chain(market)} if market in MARKETS else set()
    return ask, rules, sentences, _shape(said["answer"]), "EU" in own


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((name, _shape(item)) for name, item in value.items())
    if isinstance(value, list):
        return ("list", _shape(value[0]) if value else None, min(len(value), 2))
    if isinstance(value, str) and (_DAY.match(value) or value[:1].isdigit() or len(value) > 24):
        return "0" if value.strip("0.") == "" else "…"
    return value if isinstance(value, str | bool) or value is None else "#"


def bases() -> Iterator[Question]:
    """Yield the questions that everything starts from."""
    for case in load_cases():
        if case.ask in MOST:
            yield case.ask, dict(case.facts)
    for ask, (facts, _) in TABLE.items():
        yield ask, as_json(facts)
    for ask in ("landed_price", "prior_price"):
        for case in load_plain(HERE / f"{ask}_cases.yaml"):
            yield ask, as_json(case["facts"])
    dice = random.Random(1)
    for ask, make in MAKERS.items():
        for market in MARKETS:
            yield ask, make(dice, market, date(2026, 1, 1) + timedelta(days=dice.randint(0, 700)))
    yield from _clocks()
    yield "unit_price", {
        "market": "DE", "on": "2026-11-23", "price": "2.49", "currency": "EUR", "category": "food.honey",
        "net_quantity": {"value": "200", "unit": "g"}, "base": "",
    }  # fmt: skip


def _clocks() -> Iterator[Question]:
    """A ticket that is answered, waits, is closed, opened again and closed, under every promise at once."""
    dice = random.Random(2)
    kinds = ("customer_message", "agent_message", "first_response", "state", "closed", "reopened")
    for _i in range(60):
        now, events = datetime(2026, dice.choice((3, 10, 11)), dice.randint(20, 29), dice.randint(0, 23)), []
        created = now
        for _j in range(dice.randint(0, 9)):
            now += timedelta(minutes=dice.choice((0, 1, 30, 60, 300, 1440)))
            event = {"at": f"{now.isoformat()}Z", "type": dice.choice(kinds)}
            events.append(
                event | ({"state": dice.choice(("open", "waiting"))} if event["type"] == "state" else {})
            )
        as_of = now + timedelta(minutes=dice.choice((0, 1, 59, 60, 61, 3000)))
        windows = ([["08:00", "18:00"]], [["00:00", "24:00"]], [["09:00", "12:00"], ["13:00", "17:00"]], [])
        weekly = {day: dice.choice(windows) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
        yield "clock", {
            "calendar": {"tz": dice.choice(ZONES[:4]), "weekly": weekly, "holidays": [dice.choice(EDGES)],
                         "date_overrides": {dice.choice(EDGES): dice.choice(windows)}},
            "created_at": f"{created.isoformat()}Z", "as_of": f"{as_of.isoformat()}Z", "events": events,
            "policy": {"first_response_min": 60, "next_response_min": 60, "agent_update_every_min": 60,
                       "resolution_min": dice.choice((1, 60, 600)), "pause_states": ["waiting"],
                       "pause_applies_to": dice.choice((["resolution"], ["resolution", "next_response"], []))},
        }  # fmt: skip


class _Pools:
    """The questions of each kind, and the values met in each place of their facts."""

    def __init__(self, known: list[Question]) -> None:
        self.of_ask: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.met: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for ask, facts in known:
            self.of_ask[ask].append(facts)
            for at, value in _places(facts):
                place = self.met[ask, _place(at)]
                if value not in place:
                    place.append(value)

    def question(self, ask: str, dice: random.Random) -> dict[str, Any]:
        own = _MADE.get(ask)
        if own is not None:
            return own(dice)
        facts = copy.deepcopy(dice.choice(self.of_ask[ask]))
        if "market" in facts and dice.random() < 0.6:
            facts["market"] = dice.choice(MARKETS)
        for _i in range(dice.choice((0, 1, 1, 2, 2, 3, 5))):
            self._bend(ask, facts, dice)
        return facts

    def _bend(self, ask: str, facts: dict[str, Any], dice: random.Random) -> None:
        kind = dice.random()
        if kind < 0.12 and ask in MORE:
            name = dice.choice(MORE[ask])
            facts[name] = _told(name, facts, dice)
            return
        if kind < 0.2:  # a fact of another question
            name, value = dice.choice(list(dice.choice(self.of_ask[ask]).items()) or [("market", "DE")])
            facts[name] = copy.deepcopy(value)
            return
        at, value = dice.choice(list(_places(facts)) or [(("market",), "DE")])
        holder: Any = facts
        for step in at[:-1]:
            holder = holder[step]
        if kind < 0.27 and isinstance(holder, dict):
            holder.pop(at[-1], None)
        elif kind < 0.32:
            holder[at[-1]] = copy.deepcopy(dice.choice(ODD))
        elif kind < 0.36 and isinstance(holder, dict):
            holder[dice.choice(("shoe_size", "a_fact"))] = 42
        elif kind < 0.42 and isinstance(value, list) and value:
            value.append(copy.deepcopy(dice.choice(value)))
        elif kind < 0.62:
            holder[at[-1]] = copy.deepcopy(dice.choice(self.met[ask, _place(at)] or [value]))
        else:
            holder[at[-1]] = _near(value, dice)


def _told(name: str, facts: dict[str, Any], dice: random.Random) -> Any:
    """Return what a fact may say: a day near one that is told already, an instant, a zone, holidays, yes or no."""
    if name in SAID:
        return copy.deepcopy(dice.choice(SAID[name]))
    if name == "time_zone":
        return dice.choice(ZONES)
    days = [value for _, value in _places(facts) if isinstance(value, str) and _DAY.fullmatch(value)]
    near = _day_later(dice.choice(days or EDGES), dice)
    if name == "holidays":
        return sorted({near, dice.choice(EDGES)})
    if name.endswith("_at"):
        return f"{near}T{dice.choice(('00:30:00', '23:30:00', '12:00:00'))}{dice.choice(('Z', '+02:00', '-05:00'))}"
    return near if name.endswith(("_on", "_until")) else dice.random() < 0.5


def _place(at: At) -> str:
    return ".".join("[]" if isinstance(step, int) else step for step in at)


def _places(facts: Any, at: At = ()) -> Iterator[tuple[At, Any]]:
    items = facts.items() if isinstance(facts, dict) else enumerate(facts) if isinstance(facts, list) else ()
    for step, value in items:
        yield (*at, step), value
        yield from _places(value, (*at, step))


def _near(value: Any, dice: random.Random) -> Any:
    """Return a value of the same kind that lies near, or on an edge."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return dice.choice((value - 1, value + 1, 0, 1, 2, 200, 199, 201, value * 2))
    if not isinstance(value, str):
        return value
    if _INSTANT.match(value):
        return dice.choice(INSTANTS) if dice.random() < 0.4 else _later(value, dice)
    if _DAY.fullmatch(value):
        return dice.choice(EDGES) if dice.random() < 0.5 else _day_later(value, dice)
    if _MONTH.fullmatch(value):
        return dice.choice(("2026-10", "2026-11", "2025-12", "2026-01", "2026-02", "2024-02"))
    if "/" in value:
        return dice.choice(ZONES)
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return value
    return dice.choice((str(amount + Decimal("0.01")), str(amount - Decimal("0.01")), dice.choice(AMOUNTS)))


def _later(value: str, dice: random.Random) -> str:
    try:
        found = datetime.fromisoformat(value)
        return (
            found + timedelta(seconds=dice.choice((-86400, -3600, -60, -1, 1, 60, 3600, 86400)))
        ).isoformat()
    except (ValueError, OverflowError):
        return value


def _day_later(value: str, dice: random.Random) -> str:
    try:
        found = date.fromisoformat(value)
        return (
            found + timedelta(days=dice.choice((-366, -365, -30, -7, -2, -1, 1, 2, 7, 14, 30, 365)))
        ).isoformat()
    except (ValueError, OverflowError):
        return value


# -- questions that no worked case asks


def _a_day(dice: random.Random) -> str:
    return _day_later(dice.choice(EDGES), dice) if dice.random() < 0.7 else dice.choice(EDGES)


def _where(dice: random.Random) -> dict[str, Any]:
    if dice.random() < 0.3:
        return {"free": sorted({_a_day(dice) for _i in range(dice.randint(0, 6))}),
                "weekend": dice.choice(([5, 6], [4, 5], [6], [], [0, 1, 2, 3, 4, 5, 6]))}  # fmt: skip
    return {
        "place": dice.choice(("DE", "FR", "US-CA", "CN", "SA", "IN", "JP", "IL", "DE-BY", "GB", "BR", "PT"))
    }


def _counting(dice: random.Random) -> dict[str, Any]:
    return {
        "start": _a_day(dice), "length": dice.choice((0, 1, 2, 3, 5, 7, 10, 14, 30, 365)),
        "unit": dice.choice(("calendar_days", "working_days", "weeks", "months", "years")),
        "counting": dice.choice([name for name in COUNTINGS if not name.startswith("clock")]), **_where(dice),
    }  # fmt: skip


def _by_the_clock(dice: random.Random) -> dict[str, Any]:
    start = _later(dice.choice(INSTANTS), dice)
    return {
        "start": start, "hours": dice.choice((0, 1, 2, 23, 24, 25, 48, 72, 240)), "zone": dice.choice(ZONES[:6]),
        "counting": dice.choice(("clock", "clock_working", "clock_working")), **_where(dice),
    }  # fmt: skip


def _which_law(dice: random.Random) -> dict[str, Any]:
    names = ("withdrawal.period", "withdrawal.right", "refund.period", "guarantee.period", "price.unit_price",
             "withdrawal.exception.sealed_hygiene", "privacy.request_period", "delivery.default_period", "nothing.such")  # fmt: skip
    market = dice.choice([*MARKETS, "US-TX", "XX", "DE-BY"])
    return {"market": market, "name": dice.choice(names), "on": dice.choice(EDGES)}


def _what_binds(dice: random.Random) -> dict[str, Any]:
    on = date.fromisoformat(_a_day(dice))
    return {
        "market": dice.choice(MARKETS), "on": on.isoformat(), "until": (on + timedelta(days=dice.choice((0, 1, 90)))).isoformat(),
        "about": dice.choice(("merchant", "order", "site", "contract")),
        "where": dice.choice(("product", "basket", "checkout", "confirmation", "order", "account", "site")),
    }  # fmt: skip


_MADE = {"count": _counting, "hours": _by_the_clock, "governs": _which_law, "in_force": _what_binds}
