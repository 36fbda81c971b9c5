"""By when the seller must pay back, and whether the seller may wait for the goods.

The clock starts in four ways, and the rules say which: with the buyer's statement (EU), when the
goods or the proof of sending arrive (GB), when the goods are back (CN), or when the right to a
refund vests (US).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from compliance.rulebook.book import InForce, Rulebook
from compliance.rulebook.calculators.facts_in import Reader
from compliance.rulebook.calculators.reasoning import Reasoning, length_of
from compliance.rulebook.calculators.returning import law_day
from compliance.rulebook.contracts import contract_facts
from compliance.rulebook.periods import DAY, Calendar, Period
from compliance.rulebook.types import Answer, Msgid
from compliance.rulebook.words import noop as _

REASONS = ("no_reason", "non_conforming", "late_delivery", "cancelled")
MEANS = ("card", "third_party_card", "store_card", "bank", "cash")
GOODS = ("goods", "mixed")
_FACTS = {
    "market",
    "contract_type",
    "reason",
    "declared_on",
    "concluded_on",
    "goods_back_on",
    "dispatch_proof_on",
    "offered_to_collect",
    "payment_means",
    "cancelled_on",
    "right_vested_on",
    "holidays",
}


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """The facts of one refund."""

    market: str
    contract_type: str
    reason: str
    declared_on: date | None
    goods_back_on: date | None
    dispatch_proof_on: date | None
    offered_to_collect: bool
    payment_means: str
    cancelled_on: date | None
    right_vested_on: date | None
    calendar: Calendar

    @property
    def returned_on(self) -> date | None:
        """The day from which the seller has the goods or knows that they were sent."""
        known = [day for day in (self.goods_back_on, self.dispatch_proof_on) if day is not None]
        return min(known) if known else None

    @property
    def has_goods(self) -> bool:
        return self.contract_type in GOODS


def answer(facts: Mapping[str, Any], book: Rulebook) -> Answer:
    """Answer ``refund_deadline``. Raises Invalid naming the field."""
    reader = Reader(facts, _FACTS)
    case = _read(reader, book)
    acted_on = case.declared_on or case.cancelled_on or case.right_vested_on
    if acted_on is None:
        raise reader.wrong(
            "declared_on", "The day on which the refund was asked for or became due is needed."
        )
    day = law_day(reader, acted_on)
    notes = Reasoning(book.on(day), case.market, contract_facts({"contract_type": case.contract_type}))
    return notes.answer(_fields(case, notes))


def _read(reader: Reader, book: Rulebook) -> RefundFacts:
    market = reader.market(book)
    return RefundFacts(
        market=market,
        contract_type=reader.choice(
            "contract_type", ("goods", "service", "digital_content", "utilities", "mixed"), "goods"
        ),
        reason=reader.choice("reason", REASONS, "no_reason"),
        declared_on=reader.day("declared_on"),
        goods_back_on=reader.day("goods_back_on"),
        dispatch_proof_on=reader.day("dispatch_proof_on"),
        offered_to_collect=bool(reader.flag("offered_to_collect")),
        payment_means=reader.choice("payment_means", MEANS, "card"),
        cancelled_on=reader.day("cancelled_on"),
        right_vested_on=reader.day("right_vested_on"),
        calendar=reader.calendar(market, book),
    )


def _fields(case: RefundFacts, notes: Reasoning) -> dict[str, Any]:
    counted = _counted(case, notes)
    may_withhold = _may_withhold(case, notes)
    until = case.returned_on if may_withhold else None
    due_on = counted.last_day if counted else None
    if due_on is not None and may_withhold:
        due_on = _after_waiting(due_on, until, notes)
    return {
        "nth_day": counted.nth_day if counted else None,
        "due_on": due_on,
        "may_withhold": may_withhold,
        "may_withhold_until": until,
        "overdue_from": due_on + DAY if due_on and not (may_withhold and until is None) else None,
        "deliberate_delay_from": _deliberate_delay(case, notes),
        "interest_per_year": _interest(notes, due_on),
    }


def _interest(notes: Reasoning, due_on: date | None) -> str | None:
    """Return the interest on a late refund in percent a year, where the law names a rate."""
    rule = notes.find("refund.interest") if due_on is not None else None
    if rule is None:
        return None
    notes.mention(rule)
    notes.step(
        _("A late refund bears %(percent)s percent interest a year (%(rule)s)."),
        percent=rule.version.value,
        rule=rule.id,
    )
    return str(rule.version.value)


def _counted(case: RefundFacts, notes: Reasoning) -> Period | None:
    period = _period(case, notes)
    if period is None:
        _say_no_period(case, notes)
        return None
    start, what = _start(case, notes)
    if start is None:
        notes.step(_("The time to pay back has not started: it starts with %(what)s."), what=what)
        return None
    counted = notes.count(start, period, case.calendar)
    if period.version.value:
        notes.step(
            _("The seller pays back within %(length)s of %(what)s, %(start)s: by %(last_day)s (%(rule)s)."),
            length=length_of(period),
            what=what,
            start=start,
            last_day=counted.last_day,
            rule=period.id,
        )
    else:
        notes.step(
            _("The seller pays back on %(what)s, %(start)s (%(rule)s)."),
            what=what,
            start=start,
            rule=period.id,
        )
    if counted.rolled:
        notes.step(
            _("Counted out, the last day was %(nth_day)s, which is not a working day."),
            nth_day=counted.nth_day,
        )
    return counted


def _names(case: RefundFacts, part: str) -> tuple[str, ...]:
    """Names to look under, the most particular first."""
    digital = case.reason == "non_conforming" and case.contract_type == "digital_content"
    particular = (f"refund.{case.reason}_digital.{part}",) if digital else ()
    return (*particular, f"refund.{case.reason}.{part}", f"refund.{part}")


def _period(case: RefundFacts, notes: Reasoning) -> InForce | None:
    if case.payment_means == "store_card" and notes.use("refund.period_store_card") is not None:
        notes.step(_("The seller itself gave the credit, so it has one billing cycle to credit the account."))
        notes.doubt(_("The end of the billing cycle is not known here."))
        return None
    found = (notes.use(name) for name in _names(case, "period"))
    return next((rule for rule in found if rule is not None), None)


def _say_no_period(case: RefundFacts, notes: Reasoning) -> None:
    if case.payment_means == "store_card" and notes.rulings:
        return
    if notes.use(f"refund.{case.reason}.start") is not None:
        notes.step(_("The law says without delay, and names no number of days."))
    notes.doubt(_("The rulebook names no number of days for this refund in %(market)s."), market=case.market)


def _start(case: RefundFacts, notes: Reasoning) -> tuple[date | None, Msgid]:
    found = (notes.use(name) for name in _names(case, "start"))
    rule = next((rule for rule in found if rule is not None), None)
    kind = rule.version.value if rule is not None else "declaration"
    vested = case.right_vested_on or case.cancelled_on
    told = case.declared_on or case.cancelled_on or case.right_vested_on
    if kind == "right_vested":
        return vested or case.declared_on, Msgid(_("the day the right to a refund vested"))
    if kind == "cancellation":
        return case.cancelled_on or case.declared_on, Msgid(_("the cancellation"))
    if not case.has_goods or kind == "declaration":
        return told, Msgid(_("the buyer's statement"))
    if kind == "goods_back":
        return case.goods_back_on, Msgid(_("the return of the goods"))
    if case.offered_to_collect and case.reason == "no_reason":
        return told, Msgid(_("the buyer's statement, as the seller offered to collect"))
    return case.returned_on, Msgid(
        _("the return of the goods or the proof of sending, whichever was earlier")
    )


def _may_withhold(case: RefundFacts, notes: Reasoning) -> bool:
    rule = notes.use(f"refund.{case.reason}.withhold") if case.has_goods else None
    if rule is None or rule.version.value == "no":
        return False
    if case.offered_to_collect:
        notes.step(_("The seller offered to collect the goods, so it may not wait for them."))
        return False
    return True


def _after_waiting(due_on: date, until: date | None, notes: Reasoning) -> date:
    if until is None:
        notes.step(_("The seller may wait until the goods are back or the buyer shows that they were sent."))
        return due_on
    if until > due_on:
        notes.step(_("The seller could wait until %(until)s, when the goods or the proof came."), until=until)
    return max(due_on, until)


def _deliberate_delay(case: RefundFacts, notes: Reasoning) -> date | None:
    rule = notes.find(f"refund.{case.reason}.deliberate_delay")
    if rule is None or case.goods_back_on is None:
        return None
    notes.mention(rule)
    ends = notes.count(case.goods_back_on, rule, case.calendar).last_day
    since = ends + DAY
    notes.step(
        _("From %(since)s delay counts as deliberate (%(rule)s, not checked)."), since=since, rule=rule.id
    )
    return since
