"""Until when a buyer may change their mind, and whether a statement came in time.

Shape of the reasoning, the same in every market: is there a right; does an exception end it;
what starts the period; count it; lengthen it if the buyer was not told; compare with what the
seller promised. Each answer comes from a rule under ``withdrawal.`` of the contract's day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from compliance.rulebook.book import InForce, Rulebook
from compliance.rulebook.calculators.facts_in import Reader
from compliance.rulebook.calculators.reasoning import Reasoning, length_of
from compliance.rulebook.calculators.returning import return_payer
from compliance.rulebook.contracts import contract_facts, fact_specs
from compliance.rulebook.periods import Calendar, Period, count, end_of_day
from compliance.rulebook.types import Answer, Msgid
from compliance.rulebook.words import noop as _

PARTS = ("single", "item", "lot", "recurring")
RECEIVERS = ("consumer", "named_third_party", "carrier", "other")
COUNTS_AS_RECEIPT = ("consumer", "named_third_party")
AWAY = ("phone", "off_premises")
MEANS = ("function", "e-mail", "post")
VOLUNTARY = "voluntary"
_FACTS = {
    "market",
    "concluded_on",
    "concluded_at",
    "deliveries",
    "collected_by_consumer_on",
    "time_zone",
    "information_given",
    "information_given_on",
    "voluntary_days",
    "told_of_return_cost",
    "holidays",
}
_DECLARATION = {"declared_at", "declared_on", "means", "posted_on", "received_on"}
_DELIVERY = {"received_on", "received_at", "part", "received_by"}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery; `received_on` is None while the consumer has not got it in their hands."""

    received_on: date | None
    part: str


@dataclass(frozen=True, slots=True)
class WithdrawalFacts:
    """The facts of a contract that its withdrawal period depends on."""

    market: str
    concluded_on: date
    concluded_at: datetime | None
    deliveries: tuple[Delivery, ...]
    zone: ZoneInfo
    informed: bool
    informed_on: date | None
    voluntary_days: int | None
    told_of_return_cost: bool
    calendar: Calendar
    contract: Mapping[str, Any]


@dataclass(slots=True)
class Outcome:
    """What is known so far; `right` is None where we do not know the law."""

    right: bool | None = None
    ground: str = ""
    starts_on: date | None = None
    nth_day: date | None = None
    last_day: date | None = None
    extended_because: str | None = None
    by_law: bool = False
    proof: list[str] = field(default_factory=list)


def answer(facts: Mapping[str, Any], book: Rulebook) -> Answer:
    """Answer ``withdrawal``. Raises Invalid naming the field."""
    case = read(Reader(facts, _FACTS | fact_specs().keys()), book)
    notes = Reasoning(book.on(case.concluded_on), case.market, case.contract)
    outcome = work_out(case, notes)
    return notes.answer(fields_of(case, outcome, notes))


def answer_declaration(facts: Mapping[str, Any], book: Rulebook) -> Answer:
    """Answer ``withdrawal_declaration``: the fields of ``withdrawal``, and whether it came in time."""
    reader = Reader(facts, _FACTS | _DECLARATION | fact_specs().keys())
    case = read(reader, book)
    notes = Reasoning(book.on(case.concluded_on), case.market, case.contract)
    outcome = work_out(case, notes)
    fields = fields_of(case, outcome, notes)
    return notes.answer(_declared(reader, case, outcome, notes) | fields)


def read(reader: Reader, book: Rulebook) -> WithdrawalFacts:
    """Return the facts, typed."""
    market = reader.market(book)
    zone = reader.zone(market)
    concluded_on, concluded_at = reader.day_or_instant("concluded", zone)
    if concluded_on is None:
        raise reader.wrong("concluded_on", "The day of the contract is needed, as a date such as 2026-11-23.")
    return WithdrawalFacts(
        market=market,
        concluded_on=concluded_on,
        concluded_at=concluded_at,
        deliveries=_deliveries(reader, zone),
        zone=zone,
        informed=reader.flag("information_given", True) is not False,
        informed_on=reader.day("information_given_on"),
        voluntary_days=reader.whole("voluntary_days", 3650),
        told_of_return_cost=reader.flag("told_of_return_cost", True) is not False,
        calendar=reader.calendar(market, book),
        contract=contract_facts(reader.facts),
    )


def work_out(case: WithdrawalFacts, notes: Reasoning) -> Outcome:
    """Return the withdrawal right of this contract, noting rulings and steps."""
    outcome = Outcome()
    period = _right(case, notes, outcome)
    if period is not None:
        _count_by_law(case, notes, outcome, period)
    if case.voluntary_days is not None:
        _promise(case, notes, outcome)
    return outcome


# -- the facts


def _deliveries(reader: Reader, zone: ZoneInfo) -> tuple[Delivery, ...]:
    collected = reader.day("collected_by_consumer_on")
    found = [_delivery(item, zone) for item in reader.items("deliveries", _DELIVERY)]
    if collected is not None and not found:
        found = [Delivery(collected, "single")]
    return tuple(found)


def _delivery(item: Reader, zone: ZoneInfo) -> Delivery:
    received_on, _ = item.day_or_instant("received", zone)
    part = item.choice("part", PARTS, "single")
    by = item.choice("received_by", RECEIVERS, "consumer")
    return Delivery(received_on if by in COUNTS_AS_RECEIPT else None, part)


# -- is there a right


def _right(case: WithdrawalFacts, notes: Reasoning, outcome: Outcome) -> InForce | None:
    """Set whether the right exists, and return the rule of its period if it does."""
    suffix = "_unsolicited" if case.contract["sales_channel"] in AWAY and _has_unsolicited(notes) else ""
    right = notes.use(f"withdrawal.right{suffix}")
    if right is None:
        return _no_rule(notes, outcome)
    outcome.ground = right.id
    if right.version.value is False:
        outcome.right = False
        notes.step(
            _("The law that applies gives no right to withdraw from this purchase (%(rule)s)."), rule=right.id
        )
        return None
    exception = _exception(notes)
    if exception is not None:
        outcome.right, outcome.ground = False, exception.id
        notes.step(_("An exception applies: %(exception)s."), exception=Msgid(exception.rule.title))
        return None
    period = notes.use(f"withdrawal.period{suffix}")
    if period is None:
        notes.doubt(_("The right exists, but we know no length of its period."))
        outcome.right = True
        return None
    outcome.right, outcome.ground, outcome.by_law = True, period.id, True
    notes.step(
        _("The law gives %(length)s to withdraw (%(rule)s)."), length=length_of(period), rule=period.id
    )
    if suffix == "" and case.contract["sales_channel"] == "off_premises":
        _doubt_doorstep(notes)
    return period


def _has_unsolicited(notes: Reasoning) -> bool:
    return notes.find("withdrawal.right_unsolicited") is not None


def _no_rule(notes: Reasoning, outcome: Outcome) -> None:
    line = notes.law.line("withdrawal.right", notes.market)
    if not line:
        notes.doubt(
            _("The rulebook has no rule on withdrawal for %(market)s on this day."), market=notes.market
        )
        return
    outcome.right, outcome.ground = False, line[0].id
    notes.rest_on(line[0])
    why = Msgid(line[0].rule.note or line[0].rule.title)
    notes.step(_("The condition of the right is not met: %(why)s"), why=why)


def _exception(notes: Reasoning) -> InForce | None:
    for found in notes.law.family("withdrawal.exception", notes.market):
        if notes.applies(found):
            notes.rest_on(found)
            return found
    return None


def _doubt_doorstep(notes: Reasoning) -> None:
    if notes.use("withdrawal.period_doorstep") is not None:
        notes.doubt(
            _("Some countries give 30 days after an unsolicited visit at home; which ones was not checked.")
        )


# -- when it starts, and when it ends


def _count_by_law(case: WithdrawalFacts, notes: Reasoning, outcome: Outcome, period: InForce) -> None:
    outcome.proof = _proof(notes)
    outcome.starts_on = _start(case, notes)
    if outcome.starts_on is None:
        notes.step(_("The period has not started: the goods are not yet with the buyer."))
        if notes.find("withdrawal.before_delivery") is not None:
            notes.step(_("The buyer can withdraw already now."))
        return
    counted = notes.count(outcome.starts_on, period, case.calendar)
    outcome.nth_day, outcome.last_day = counted.nth_day, counted.last_day
    _say_counted(notes, counted)
    if counted.rolled:
        outcome.extended_because = "last_day_not_a_working_day"
    _lengthen_if_not_told(case, notes, outcome, counted)


def _start(case: WithdrawalFacts, notes: Reasoning) -> date | None:
    kind = case.contract["contract_type"]
    rule = notes.use(f"withdrawal.start.{kind}") or notes.use("withdrawal.start.goods")
    if rule is None and kind not in ("goods", "mixed"):
        return case.concluded_on
    if rule is not None and rule.version.value == "conclusion":
        notes.step(
            _("The period starts with the contract, on %(concluded_on)s."), concluded_on=case.concluded_on
        )
        return case.concluded_on
    return _receipt(case, notes)


def _receipt(case: WithdrawalFacts, notes: Reasoning) -> date | None:
    """Return the receipt that counts: the last of several goods or lots, the first of regular ones."""
    deliveries = case.deliveries
    if not deliveries:
        return None
    first_counts = _first_counts(deliveries, notes)
    days = [delivery.received_on for delivery in deliveries]
    known = sorted(day for day in days if day is not None)
    if not known or (not first_counts and len(known) < len(days)):
        return None
    day = known[0] if first_counts else known[-1]
    if len(days) == 1:
        notes.step(_("The delivery reached the buyer on %(day)s."), day=day)
    elif first_counts:
        notes.step(_("The first delivery reached the buyer on %(day)s."), day=day)
    else:
        notes.step(_("The last delivery reached the buyer on %(day)s."), day=day)
    return day


def _first_counts(deliveries: tuple[Delivery, ...], notes: Reasoning) -> bool:
    parts = {delivery.part for delivery in deliveries}
    if len(deliveries) == 1 and parts <= {"single", "item"}:
        return False
    name = "recurring" if "recurring" in parts else "lots" if "lot" in parts else "several"
    rule = notes.use(f"withdrawal.delivery.{name}")
    if rule is None:
        notes.doubt(_("The law here does not say which of several deliveries counts; the last one is taken."))
        return False
    return bool(rule.version.value == "first")


def _say_counted(notes: Reasoning, counted: Period) -> None:
    if counted.first_day == counted.start:
        notes.step(_("That day is day 1; counted out, the last day is %(nth_day)s."), nth_day=counted.nth_day)
    else:
        notes.step(
            _("Day 1 is %(first_day)s; counted out, the last day is %(nth_day)s."),
            first_day=counted.first_day,
            nth_day=counted.nth_day,
        )
    if counted.skipped:
        notes.step(
            _("That is not a working day, so the last day moves to %(last_day)s."), last_day=counted.last_day
        )
    elif counted.rolled:
        notes.step(
            _("There must be two working days, so the last day moves to %(last_day)s."),
            last_day=counted.last_day,
        )


def _lengthen_if_not_told(case: WithdrawalFacts, notes: Reasoning, outcome: Outcome, initial: Period) -> None:
    if case.informed and (case.informed_on is None or case.informed_on <= case.concluded_on):
        return
    if notes.find("withdrawal.extension") is None:
        notes.step(_("The law here does not lengthen the period because the buyer was not told of it."))
        return
    extension = notes.use("withdrawal.extension")
    assert extension is not None
    whole = extension.version.params.get("whole")  # said as one period from the start
    start = initial.last_day if whole is None else initial.start
    longest = notes.count(start, extension, case.calendar, length=whole)
    late = notes.find("withdrawal.late_information")
    if case.informed_on is not None and late is not None and case.informed_on <= longest.last_day:
        _told_late(case, notes, outcome, initial, late)
        return
    outcome.nth_day, outcome.last_day = longest.nth_day, longest.last_day
    outcome.extended_because = "not_informed"
    notes.step(
        _("The buyer was not told of the right, so it lasts %(length)s longer, until %(last_day)s."),
        length=length_of(extension),
        last_day=longest.last_day,
    )


def _told_late(
    case: WithdrawalFacts, notes: Reasoning, outcome: Outcome, initial: Period, late: InForce
) -> None:
    assert case.informed_on is not None
    notes.rest_on(late)
    counted = notes.count(case.informed_on, late, case.calendar)
    if counted.last_day <= initial.last_day:
        return
    outcome.nth_day, outcome.last_day = counted.nth_day, counted.last_day
    outcome.extended_because = "informed_late"
    notes.step(
        _(
            "The buyer was told of the right only on %(informed_on)s, so %(length)s run from that day, until %(last_day)s."
        ),
        informed_on=case.informed_on,
        length=length_of(late),
        last_day=counted.last_day,
    )


def _proof(notes: Reasoning) -> list[str]:
    proof = notes.use("withdrawal.proof")
    needed = list(proof.version.value) if proof is not None else []
    if notes.use("withdrawal.sent_in_time") is not None:
        needed.append("statement_sent_in_time")
    return needed


# -- the seller's promise


def _promise(case: WithdrawalFacts, notes: Reasoning, outcome: Outcome) -> None:
    """A promise of the seller counts where it is better than the law."""
    assert case.voluntary_days is not None
    start = _start(case, Reasoning(notes.law, notes.market, case.contract))
    if not outcome.by_law:
        outcome.right, outcome.ground = True, VOLUNTARY
        notes.step(_("The seller promises %(voluntary_days)s days."), voluntary_days=case.voluntary_days)
    if start is None:
        return
    regime = "excluded_roll" if outcome.by_law else "excluded"
    counted = count(start, case.voluntary_days, "calendar_days", regime, case.calendar)
    if outcome.last_day is None or counted.last_day > outcome.last_day:
        outcome.starts_on = start
        outcome.nth_day, outcome.last_day = counted.nth_day, counted.last_day
        outcome.ground, outcome.extended_because = VOLUNTARY, "seller_promise"
        notes.step(_("By the seller's promise the last day is %(last_day)s."), last_day=counted.last_day)


# -- what is answered


def fields_of(case: WithdrawalFacts, outcome: Outcome, notes: Reasoning) -> dict[str, Any]:
    """Return the fields of the answer ``withdrawal`` from what was worked out."""
    ends_at = end_of_day(outcome.last_day, case.zone) if outcome.last_day else None
    shown = outcome.by_law and case.contract["sales_channel"] == "online" and _has_function(notes)
    paid_by = None
    if outcome.right:
        paid_by = return_payer(notes, reason="no_reason", told=case.told_of_return_cost, aside=True)
    return {
        "right_exists": outcome.right,
        "ground": outcome.ground,
        "starts_on": outcome.starts_on,
        "nth_day": outcome.nth_day,
        "last_day": outcome.last_day,
        "ends_at": ends_at,
        "extended_because": outcome.extended_because,
        "function_visible_from": (case.concluded_at or case.concluded_on) if shown else None,
        "function_visible_until": ends_at if shown else None,
        "return_paid_by": paid_by,
        "proof_needed": outcome.proof,
    }


def _has_function(notes: Reasoning) -> bool:
    rule = notes.find("withdrawal.function")
    if rule is None or rule.version.value is False:
        return False
    notes.rest_on(rule)
    return True


def _declared(reader: Reader, case: WithdrawalFacts, outcome: Outcome, notes: Reasoning) -> dict[str, Any]:
    means = reader.choice("means", MEANS, "function")
    declared_on, declared_at = reader.day_or_instant("declared", case.zone)
    posted_on, received_on = reader.day("posted_on"), reader.day("received_on")
    sent_on = posted_on if means == "post" and posted_on else declared_on
    if sent_on is None:
        field_name = "posted_on" if means == "post" else "declared_at"
        raise reader.wrong(field_name, "When the statement was sent is needed.")
    counts_on = sent_on
    if notes.find("withdrawal.sent_in_time") is None and received_on is not None:
        counts_on = received_on
        notes.step(_("The law here does not say that sending is enough; the day of arrival is taken."))
    in_time = _in_time(counts_on, case, outcome)
    effective_on = received_on or sent_on
    _say_timely(notes, counts_on, outcome, in_time=in_time)
    due = declared_at if means == "function" and _has_function(notes) else None
    if due is not None:
        notes.step(_("The receipt of the statement is due at once, on a durable medium."))
    return {"in_time": in_time, "effective_on": effective_on, "acknowledgement_due_at": due}


def _in_time(day: date, case: WithdrawalFacts, outcome: Outcome) -> bool | None:
    if not outcome.right:
        return outcome.right
    if day < case.concluded_on:
        return False
    return outcome.last_day is None or day <= outcome.last_day


def _say_timely(notes: Reasoning, day: date, outcome: Outcome, *, in_time: bool | None) -> None:
    if outcome.right is None:
        notes.step(_("Whether there is a right is not known, so neither is whether it was in time."))
    elif not outcome.right:
        notes.step(_("There is no right to withdraw, so the statement ends nothing by law."))
    elif outcome.last_day is None:
        notes.step(
            _("The statement of %(day)s came before the period started to run, so it is in time."), day=day
        )
    elif in_time:
        notes.step(
            _("The statement of %(day)s is in time; the last day is %(last_day)s."),
            day=day,
            last_day=outcome.last_day,
        )
    else:
        notes.step(
            _("The statement of %(day)s is too late; the last day was %(last_day)s."),
            day=day,
            last_day=outcome.last_day,
        )
