"""What the rulebook answers today to thousands of mixed questions, held fast: a characterisation, no evidence of law.

`answers.jsonl` has one question a line, with its whole answer as the code gave it. That it says so does not make it
right: right is what the worked cases and the second calculator say, which are written from the citations. It is here
so that no answer changes unseen. Who changes law or reasoning on purpose renews it and reads the difference:

    python -m tests.compliance.rulebook.characterisation --renew

The questions were made by `generator.py` from seeds; `--grow` adds new ones where something new is answered.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from compliance.rulebook import calculators
from compliance.rulebook.book import InForce, Rulebook
from compliance.rulebook.calculators import unit_price
from compliance.rulebook.periods import Calendar, add_hours, count, end_of_last_hour, given_calendar
from compliance.rulebook.types import Answer
from marketplace.kernel.errors import RightfulError

ANSWERS = Path(__file__).with_name("answers.jsonl")
Question = tuple[str, dict[str, Any]]  # ask, facts


def questions() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield (ask, facts, the answer held fast), in the order of the file."""
    for line in ANSWERS.read_text(encoding="utf-8").splitlines():
        held = json.loads(line)
        yield held["ask"], held["facts"], held["says"]


def says(ask: str, facts: Mapping[str, Any], book: Rulebook) -> dict[str, Any]:
    """Return what is answered: fields, rulings as `rule@first day`, sentences; or the error with its field."""
    try:
        found = _OWN[ask](facts, book) if ask in _OWN else calculators.answer(ask, facts, book)
    except RightfulError as error:
        return {"error": error.code, "field": error.field, "detail": error.detail}
    if not isinstance(found, Answer):
        return {"answer": found}
    rulings = [f"{ruling.rule}@{ruling.version_from}" for ruling in found.rulings]
    return {"answer": found.answer, "rulings": rulings, "explain": list(found.explain)}


def line_of(ask: str, facts: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    """Return one line of the file."""
    return json.dumps({"ask": ask, "facts": facts, "says": said}, ensure_ascii=False, separators=(",", ":"))


def as_json(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer as it would be read from the file: tuples are lists there, keys are texts."""
    read: dict[str, Any] = json.loads(json.dumps(said))
    return read


# -- what has no question of its own in the open interface: counting, the unit price, which law governs


def _count(facts: Mapping[str, Any], book: Rulebook) -> dict[str, Any]:
    counted = count(
        date.fromisoformat(facts["start"]),
        facts["length"],
        facts["unit"],
        facts["counting"],
        _calendar(facts),
    )
    return {
        "first_day": counted.first_day.isoformat(),
        "nth_day": counted.nth_day.isoformat(),
        "last_day": counted.last_day.isoformat(),
        "rolled": counted.rolled,
        "skipped": [f"{skipped.day} {skipped.why}" for skipped in counted.skipped],
    }


def _hours(facts: Mapping[str, Any], book: Rulebook) -> dict[str, Any]:
    start, hours, zone = datetime.fromisoformat(facts["start"]), facts["hours"], facts["zone"]
    ends = add_hours(start, hours, counting=facts["counting"], calendar=_calendar(facts), zone=zone)
    return {"ends": ends.isoformat(), "at_the_latest": end_of_last_hour(start, hours, zone).isoformat()}


def _calendar(facts: Mapping[str, Any]) -> Calendar:
    if "free" in facts:
        return given_calendar([date.fromisoformat(day) for day in facts["free"]], facts["weekend"])
    return Calendar(facts["place"])


def _governs(facts: Mapping[str, Any], book: Rulebook) -> dict[str, Any]:
    """Which rule of a name governs, which others stand in line, and what its family is."""
    market, name = facts["market"], facts["name"]
    law = book.on(date.fromisoformat(facts["on"]))
    found = law.find(name, market)
    return {
        "chain": [place.code for place in book.chain(market)],
        "governs": _known(found) if found else None,
        "line": [item.id for item in law.line(name, market)],
        "family": [_known(item) for item in law.family(name.rpartition(".")[0] or name, market)],
        "under_the_union": book.is_under(market, "EU"),
    }


def _known(found: InForce) -> dict[str, Any]:
    said = found.ruling.as_json()
    return {name: said[name] for name in ("rule", "value", "version_from", "confidence", "status")}


def _in_force(facts: Mapping[str, Any], book: Rulebook) -> dict[str, Any]:
    """How many duties and which notices bind on a day, and what changes until another."""
    market, on, until = facts["market"], date.fromisoformat(facts["on"]), date.fromisoformat(facts["until"])
    law = book.on(on)
    return {
        "duties": [found.id for found in law.of_kind("duty", market, about=facts["about"])],
        "notices": [found.id for found in law.notices(market, facts["where"])],
        "changes": [f"{day} {rule.id} {version.status}" for day, rule, version in
                    book.changes_between(on, until, market)],
    }  # fmt: skip


_OWN: Mapping[str, Callable[[Mapping[str, Any], Rulebook], Any]] = {
    "count": _count,
    "hours": _hours,
    "unit_price": unit_price.answer,
    "governs": _governs,
    "in_force": _in_force,
}
