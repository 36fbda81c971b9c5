"""How long the seller answers for faults, who must prove what, and what the buyer can ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from compliance.rulebook.book import InForce, Rulebook
from compliance.rulebook.calculators.facts_in import Reader
from compliance.rulebook.calculators.reasoning import Reasoning, is_open, length_of
from compliance.rulebook.contracts import contract_facts
from compliance.rulebook.periods import Calendar, add_months
from compliance.rulebook.types import Answer
from compliance.rulebook.words import noop as _

CONDITIONS = ("new", "second_hand", "refurbished")
REMEDIES = (
    "repair",
    "replacement",
    "price_reduction",
    "termination",
    "final_rejection",
    "reject",
    "refund",
    "compensation",
)
OUTCOMES = ("done", "failed", "refused", "late", "open", "serious")
_STEP_TWO = ("failed", "refused", "late", "serious")
_FACTS = {
    "market",
    "concluded_on",
    "delivered_on",
    "condition",
    "agreed_period_months",
    "durable",
    "defect_on",
    "repairs",
    "remedy_history",
    "voluntary_months",
    "holidays",
}


@dataclass(frozen=True, slots=True)
class Repair:
    """A repair that the buyer chose; `returned_on` is None while the goods are away."""

    chosen_on: date
    returned_on: date | None


@dataclass(frozen=True, slots=True)
class GuaranteeFacts:
    """The facts of one purchase under the guarantee."""

    market: str
    concluded_on: date
    delivered_on: date
    condition: str
    agreed_months: int | None
    durable: bool
    defect_on: date | None
    repairs: tuple[Repair, ...]
    history: tuple[tuple[str, str], ...]  # (remedy, outcome)
    voluntary_months: int | None
    calendar: Calendar

    @property
    def second_hand(self) -> bool:
        return self.condition != "new"


def answer(facts: Mapping[str, Any], book: Rulebook) -> Answer:
    """Answer ``guarantee``. Raises Invalid naming the field."""
    case = _read(Reader(facts, _FACTS), book)
    conditions = {"condition": case.condition, "durable": case.durable}
    notes = Reasoning(book.on(case.concluded_on), case.market, contract_facts(conditions))
    return notes.answer(fields_of(case, notes))


def _read(reader: Reader, book: Rulebook) -> GuaranteeFacts:
    market = reader.market(book)
    delivered_on = reader.needed_day("delivered_on")
    return GuaranteeFacts(
        market=market,
        concluded_on=reader.day("concluded_on") or delivered_on,
        delivered_on=delivered_on,
        condition=reader.choice("condition", CONDITIONS, "new"),
        agreed_months=reader.whole("agreed_period_months", 600),
        durable=bool(reader.flag("durable")),
        defect_on=reader.day("defect_on"),
        repairs=tuple(_repair(item) for item in reader.items("repairs", {"chosen_on", "returned_on"})),
        history=tuple(_remedy(item) for item in reader.items("remedy_history", {"remedy", "outcome", "on"})),
        voluntary_months=reader.whole("voluntary_months", 600),
        calendar=reader.calendar(market, book),
    )


def _repair(item: Reader) -> Repair:
    chosen_on, returned_on = item.needed_day("chosen_on"), item.day("returned_on")
    if returned_on is not None and returned_on < chosen_on:
        raise item.wrong("returned_on", "The goods cannot come back before the repair was chosen.")
    return Repair(chosen_on, returned_on)


def _remedy(item: Reader) -> tuple[str, str]:
    item.day("on")
    return item.choice("remedy", REMEDIES, "repair"), item.choice("outcome", OUTCOMES, "open")


def fields_of(case: GuaranteeFacts, notes: Reasoning) -> dict[str, Any]:
    """Return the fields of the answer ``guarantee``, noting rulings and steps."""
    liable_until, open_ended = _liable_until(case, notes)
    extended = None
    if liable_until is not None:
        longer = _after_repairs(case, notes, liable_until)
        extended = "repair" if longer > liable_until else None
        liable_until = longer
    reject_until, paused = _reject_until(case, notes)
    liable_until, extended = _with_promise(case, notes, liable_until, extended)
    return {
        "liable_until": liable_until,
        "open_ended": open_ended,
        "burden_on_seller_until": _burden_until(case, notes),
        "reject_until": reject_until,
        "extended_because": extended or ("repair_pauses_rejection" if paused else None),
        "tell_seller_by": _tell_by(case, notes),
        "covered": _covered(case, liable_until, open_ended=open_ended),
        "remedies_open": _remedies(case, notes, reject_until),
    }


# -- how long


def _liable_until(case: GuaranteeFacts, notes: Reasoning) -> tuple[date | None, bool]:
    """Return the last day of liability by law, and whether it has no fixed end."""
    period = (notes.use("guarantee.period_durable") if case.durable else None) or notes.use(
        "guarantee.period"
    )
    if period is None:
        notes.doubt(_("The rulebook knows no length of the guarantee in %(market)s."), market=case.market)
        return None, False
    if is_open(period):
        notes.step(period.rule.note or _("The law sets no fixed end."))  # the note is a msgid itself
        return None, True
    ends = notes.count(case.delivered_on, period, case.calendar).last_day
    notes.step(
        _(
            "The seller is liable for %(length)s from the delivery on %(delivered_on)s: until "
            "%(ends)s (%(rule)s)."
        ),
        length=length_of(period),
        delivered_on=case.delivered_on,
        ends=ends,
        rule=period.id,
    )
    if case.second_hand and case.agreed_months is not None:
        return _agreed(case, notes, ends), False
    return ends, False


def _agreed(case: GuaranteeFacts, notes: Reasoning, ends: date) -> date:
    """A shorter time for second-hand goods holds only as far down as the law lets it."""
    assert case.agreed_months is not None
    agreed = add_months(case.delivered_on, case.agreed_months)
    if agreed >= ends:
        return agreed
    least = notes.use("guarantee.second_hand")
    if least is None:
        notes.doubt(_("Whether a shorter time may be agreed here was not found; the full time is kept."))
        return ends
    floor = notes.count(case.delivered_on, least, case.calendar).last_day
    kept = min(max(agreed, floor), ends)
    notes.step(
        _(
            "A shorter time was agreed for second-hand goods; the law allows no less than %(length)s,"
            " so the seller is liable until %(kept)s."
        ),
        length=length_of(least),
        kept=kept,
    )
    return kept


def _after_repairs(case: GuaranteeFacts, notes: Reasoning, ends: date) -> date:
    rule = notes.find("guarantee.repair_extension")
    done = [repair for repair in case.repairs if repair.chosen_on <= ends]
    if rule is None or not done:
        return ends
    notes.rest_on(rule)
    times = min(len(done), int(rule.version.params.get("times", 1)))
    months = rule.version.value * (12 if rule.rule.unit == "years" else 1)
    longer = add_months(ends, months * times)
    notes.step(
        _("A repair makes the seller liable %(length)s longer, until %(longer)s (%(rule)s)."),
        length=length_of(rule),
        longer=longer,
        rule=rule.id,
    )
    _doubt_derogation(notes, rule)
    return longer


def _doubt_derogation(notes: Reasoning, rule: InForce) -> None:
    """Art. 10(5a): countries whose own liability is three years or more may depart from the extension."""
    own = notes.find("guarantee.period")
    longer = own is not None and (is_open(own) or own.version.value >= 3)
    if rule.rule.jurisdiction == "EU" and longer:
        notes.doubt(
            _("This country may depart from the extension after a repair; whether it does was not found.")
        )


def _with_promise(
    case: GuaranteeFacts, notes: Reasoning, ends: date | None, extended: str | None
) -> tuple[date | None, str | None]:
    if case.voluntary_months is None:
        return ends, extended
    promised = add_months(case.delivered_on, case.voluntary_months)
    if ends is not None and promised <= ends:
        return ends, extended
    notes.step(_("By the seller's own guarantee it is until %(promised)s."), promised=promised)
    return promised, "seller_promise"


def _covered(case: GuaranteeFacts, liable_until: date | None, *, open_ended: bool) -> bool | None:
    if case.defect_on is None:
        return None
    if liable_until is None:
        return True if open_ended else None
    return case.defect_on <= liable_until


# -- proof, rejection, notice


def _burden_until(case: GuaranteeFacts, notes: Reasoning) -> date | None:
    used = notes.use("guarantee.burden_second_hand") if case.second_hand else None
    rule = used or notes.use("guarantee.burden")
    if rule is None:
        notes.step(_("The law here does not presume that an early fault was there at delivery."))
        return None
    ends = notes.count(case.delivered_on, rule, case.calendar).last_day
    notes.step(
        _("Until %(ends)s the seller must prove that the fault was not there (%(rule)s)."),
        ends=ends,
        rule=rule.id,
    )
    return ends


def _reject_until(case: GuaranteeFacts, notes: Reasoning) -> tuple[date | None, bool]:
    """Return the last day to reject outright, and whether a repair has moved it."""
    rule = notes.use("guarantee.reject")
    if rule is None:
        return None, False
    ends = notes.count(case.delivered_on, rule, case.calendar).last_day
    notes.step(_("Faulty goods can be rejected outright until %(ends)s (%(rule)s)."), ends=ends, rule=rule.id)
    if not rule.version.params.get("pauses_during_repair"):
        return ends, False
    moved = ends
    for repair in sorted(case.repairs, key=lambda repair: repair.chosen_on):
        moved = _paused(case, notes, moved, repair)
    return moved, moved != ends


def _paused(case: GuaranteeFacts, notes: Reasoning, ends: date, repair: Repair) -> date:
    """The time to reject stands still during a repair, and leaves some days at least after it."""
    if repair.chosen_on > ends or repair.returned_on is None:
        return ends
    moved = ends + timedelta(days=(repair.returned_on - repair.chosen_on).days)
    least = notes.use("guarantee.reject_after_repair")
    if least is not None:
        moved = max(moved, notes.count(repair.returned_on, least, case.calendar).last_day)
    notes.step(_("The time stood still during the repair, so it runs until %(moved)s."), moved=moved)
    return moved


def _tell_by(case: GuaranteeFacts, notes: Reasoning) -> date | None:
    rule = notes.find("guarantee.notice")
    if rule is None or case.defect_on is None:
        return None
    notes.rest_on(rule)
    ends = notes.count(case.defect_on, rule, case.calendar).last_day
    notes.step(
        _("The buyer tells the seller within %(length)s of noticing the fault: by %(ends)s."),
        length=length_of(rule),
        ends=ends,
    )
    return ends


# -- what the buyer can ask for


def _remedies(case: GuaranteeFacts, notes: Reasoning, reject_until: date | None) -> list[str]:
    first = notes.use("guarantee.remedies_first")
    if first is None:
        notes.doubt(_("The rulebook does not list remedies for %(market)s."), market=case.market)
        return []
    may_reject = _may_reject(case, reject_until)
    remedies = ["reject"] if may_reject else []
    remedies += [remedy for remedy in first.version.value if not _tried(case, remedy)]
    second = notes.find("guarantee.remedies_second")
    if second is not None and any(outcome in _STEP_TWO for _, outcome in case.history):
        notes.rest_on(second)
        notes.step(_("The first remedy did not settle it, so the buyer can go on to the next ones."))
        remedies = (["reject"] if may_reject else []) + list(second.version.value)
    return remedies


def _may_reject(case: GuaranteeFacts, reject_until: date | None) -> bool:
    if reject_until is None or any(repair.returned_on is None for repair in case.repairs):
        return False
    return case.defect_on is None or case.defect_on <= reject_until


def _tried(case: GuaranteeFacts, remedy: str) -> bool:
    return any(kind == remedy and outcome == "done" for kind, outcome in case.history)
