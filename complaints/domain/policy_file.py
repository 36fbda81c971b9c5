"""What may stand in a file of promises. Whatever is wrong is said with its line, all of it at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from complaints.domain import topics
from complaints.domain.plan import MERCHANT, opening_of
from complaints.domain.remedies import OF_SUM
from complaints.domain.states import TICKET_STATES
from compliance.rulebook.strict_yaml import BookRefused, Document, Refusal, Where
from marketplace.kernel.errors import RightfulError

DOINGS = ("notify", "raise", "unassign", "reassign", "mediate", "offer", "refer", "take_back")
TOLD = ("agent", "supervisors")
OFFERED = ("goodwill", "price_reduction", "refund", "return_label", "replacement", "repair", "apology")
TARGETS = ("first_response_min", "next_response_min", "agent_update_every_min", "resolution_min")
PROMISED = ("first_response", "next_response", "agent_update", "resolution")
CLOCKS = (*PROMISED, MERCHANT, "law")  # "law": every legal deadline
FITS = {"danger": (True, False), "topics": tuple(topics.TOPICS), "markets": None}
_POLICY = {"rank", "fits", "calendar", "targets", "pauses", "ladder"}
_CALENDAR = {"tz", "weekly", "holidays", "holidays_of", "date_overrides"}
_RUNG = {"clock", "at_min", "do", "to", "remedy", "percent"}
MOST_RANK = 32_767  # what its column holds
MOST_MINUTES = 366 * 24 * 60  # a year; what is longer is a slip, and no calendar reaches so far
Fault = tuple[Where, str]


def refuse_what_is_wrong(document: Document) -> Mapping[str, Any]:
    """Return the content of a file of promises.

    :raises BookRefused: naming file, line and reason of everything that is wrong in it.
    """
    faults = list(_faults(document.data))
    if faults:
        raise BookRefused([Refusal(document.file, document.line(*where), reason) for where, reason in faults])
    return document.data


def _faults(content: Any) -> Iterable[Fault]:
    if not isinstance(content, Mapping):
        yield (), "A file of promises names calendars, policies and merchant_answer_min."
        return
    yield from _keys(
        content,
        {"calendars", "policies", "merchant_answer_min"},
        {"calendars", "policies", "merchant_answer_min"},
        (),
    )
    if not _is_minutes(content.get("merchant_answer_min")):
        yield ("merchant_answer_min",), "merchant_answer_min is a whole number of open minutes."
    calendars, policies = content.get("calendars") or {}, content.get("policies") or {}
    for name, calendar in calendars.items():
        yield from _calendar(calendar, ("calendars", name))
    for name, policy in policies.items():
        yield from _policy(policy, set(calendars), ("policies", name))
    if not any(isinstance(one, Mapping) and one.get("fits") == {} for one in policies.values()):
        yield ("policies",), "One policy has to fit everybody (fits: {})."


def _keys(given: Mapping[str, Any], known: set[str], needed: set[str], where: Where) -> Iterable[Fault]:
    for key in given:
        if key not in known:
            yield (*where, key), f"{key!r} is not known here; known: {', '.join(sorted(known))}."
    for key in sorted(needed - set(given)):
        yield where, f"{key!r} is missing."


def _calendar(calendar: Any, where: Where) -> Iterable[Fault]:
    if not isinstance(calendar, Mapping):
        yield where, "A calendar has a tz and weekly windows."
        return
    yield from _keys(calendar, _CALENDAR, {"tz"}, where)
    try:
        opening_of({key: value for key, value in calendar.items() if key in _CALENDAR - {"holidays_of"}})
    except RightfulError as error:
        yield where, str(error.detail)


def _policy(policy: Any, calendars: set[str], where: Where) -> Iterable[Fault]:
    if not isinstance(policy, Mapping):
        yield where, "A policy has rank, fits, calendar, targets, pauses and ladder."
        return
    yield from _keys(policy, _POLICY, _POLICY, where)
    if not _is_whole(policy.get("rank")) or not 0 <= policy["rank"] <= MOST_RANK:
        yield (*where, "rank"), f"rank is a whole number from 0 to {MOST_RANK}."
    if policy.get("calendar") not in calendars:
        yield (
            (*where, "calendar"),
            f"There is no calendar {policy.get('calendar')!r}; there are: {', '.join(sorted(calendars))}.",
        )
    yield from _fits(policy.get("fits") or {}, (*where, "fits"))
    targets = policy.get("targets") or {}
    yield from _keys(targets, set(TARGETS), set(), (*where, "targets"))
    for name, minutes in targets.items():
        if minutes is not None and not _is_minutes(minutes):
            yield (*where, "targets", name), f"{name} is a whole number of open minutes."
    yield from _pauses(policy.get("pauses") or {}, (*where, "pauses"))
    for n, rung in enumerate(policy.get("ladder") or ()):
        yield from _rung(rung, (*where, "ladder", n))


def _fits(fits: Mapping[str, Any], where: Where) -> Iterable[Fault]:
    yield from _keys(fits, set(FITS), set(), where)
    if "danger" in fits and not isinstance(fits["danger"], bool):
        yield (*where, "danger"), "danger is true or false."
    for topic in fits.get("topics", ()):
        yield from _one_of(topic, tuple(topics.TOPICS), "topic", (*where, "topics"))


def _pauses(pauses: Mapping[str, Any], where: Where) -> Iterable[Fault]:
    yield from _keys(pauses, {"states", "applies_to"}, {"states", "applies_to"}, where)
    for state in pauses.get("states") or ():
        yield from _one_of(state, TICKET_STATES, "state of a complaint", (*where, "states"))
    for clock in pauses.get("applies_to") or ():
        yield from _one_of(clock, PROMISED, "promised clock", (*where, "applies_to"))


def _rung(rung: Any, where: Where) -> Iterable[Fault]:
    if not isinstance(rung, Mapping):
        yield where, "A step of the ladder has clock, at_min and do."
        return
    yield from _keys(rung, _RUNG, {"clock", "at_min", "do"}, where)
    if "clock" in rung:
        yield from _one_of(rung["clock"], CLOCKS, "clock", (*where, "clock"))
    if "do" in rung:
        yield from _one_of(rung["do"], DOINGS, "step of a ladder", (*where, "do"))
    if "at_min" in rung and not _is_whole(rung["at_min"]):
        yield (
            (*where, "at_min"),
            "at_min is a whole number of open minutes: negative before the end, positive after.",
        )
    if rung.get("do") == "notify":
        yield from _one_of(rung.get("to"), TOLD, "one who is told", where)
    if rung.get("do") == "offer":
        yield from _offer(rung, where)


def _offer(rung: Mapping[str, Any], where: Where) -> Iterable[Fault]:
    remedy, percent = rung.get("remedy"), rung.get("percent")
    yield from _one_of(remedy, OFFERED, "remedy that is offered", where)
    if remedy in OF_SUM and not (_is_minutes(percent) and percent <= 100):
        yield where, "percent is a whole number from 1 to 100: of what the order cost."
    if remedy not in OF_SUM and percent is not None:
        yield where, "This remedy has no percent."


def _one_of(value: Any, known: tuple[Any, ...], what: str, where: Where) -> Iterable[Fault]:
    if value not in known:
        yield where, f"{value!r} is no {what}; known: {', '.join(str(one) for one in known)}."


def _is_minutes(value: Any) -> bool:
    return _is_whole(value) and value > 0


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MOST_MINUTES
