"""By when the goods must be sent back, and who pays for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from compliance.rulebook.book import Rulebook
from compliance.rulebook.calculators.facts_in import Reader
from compliance.rulebook.calculators.reasoning import Reasoning, length_of
from compliance.rulebook.types import Answer
from compliance.rulebook.words import noop as _

REASONS = ("no_reason", "non_conforming")
_FACTS = {
    "market",
    "declared_on",
    "concluded_on",
    "told_of_return_cost",
    "cost",
    "offered_to_collect",
    "reason",
    "holidays",
}


def answer_deadline(facts: Mapping[str, Any], book: Rulebook) -> Answer:
    """Answer ``return_deadline``. Raises Invalid naming the field."""
    reader = Reader(facts, _FACTS)
    market = reader.market(book)
    declared_on = reader.needed_day("declared_on")
    notes = Reasoning(book.on(law_day(reader, declared_on)), market)
    reason = reader.choice("reason", REASONS, "no_reason")
    collected = bool(reader.flag("offered_to_collect"))
    due = _send_back_by(notes, reader, book, market, declared_on, reason, collected=collected)
    return notes.answer({"send_back_by": due})


def answer_cost(facts: Mapping[str, Any], book: Rulebook) -> Answer:
    """Answer ``return_cost``. Raises Invalid naming the field."""
    reader = Reader(facts, _FACTS)
    market = reader.market(book)
    notes = Reasoning(book.on(reader.needed_day("concluded_on", "declared_on")), market)
    reason = reader.choice("reason", REASONS, "no_reason")
    cost = reader.amount("cost")
    if reader.flag("offered_to_collect"):
        notes.step(_("The seller offered to collect the goods, so the return costs the buyer nothing."))
        return notes.answer({"paid_by": "merchant", "amount": cost})
    told = reader.flag("told_of_return_cost", True) is not False
    return notes.answer({"paid_by": return_payer(notes, reason=reason, told=told), "amount": cost})


def law_day(reader: Reader, otherwise: date) -> date:
    """Return the contract's day, whose law governs; or, if it is not given, the day of the act."""
    return reader.day("concluded_on") or otherwise


def return_payer(notes: Reasoning, *, reason: str, told: bool, aside: bool = False) -> str | None:
    """Return who pays the return, ``consumer`` or ``merchant``; None where the law here does not say.

    :param aside: the question is another one, so silence of the law is told but is no doubt about it.
    """
    if reason == "non_conforming":
        rule = notes.use("return.cost_non_conforming")
    else:
        rule = (None if told else notes.use("return.cost_untold")) or notes.use("return.cost")
    if rule is None:
        silence = _("The rulebook does not say who pays a return in %(market)s; the seller's terms govern.")
        (notes.step if aside else notes.doubt)(silence, market=notes.market)
        return None
    if rule.rule.name == "return.cost_untold":
        notes.step(
            _(
                "The seller pays to send the goods back, because the buyer was not told of the cost (%(rule)s)."
            ),
            rule=rule.id,
        )
    elif rule.version.value == "merchant":
        notes.step(_("The seller pays to send the goods back (%(rule)s)."), rule=rule.id)
    else:
        notes.step(_("The buyer pays to send the goods back (%(rule)s)."), rule=rule.id)
    return str(rule.version.value)


def _send_back_by(
    notes: Reasoning,
    reader: Reader,
    book: Rulebook,
    market: str,
    declared_on: date,
    reason: str,
    *,
    collected: bool,
) -> date | None:
    if collected:
        notes.step(_("The seller offered to collect the goods, so there is no day to send them back by."))
        return None
    rule = notes.use("return.period") if reason == "no_reason" else None
    if rule is None:
        notes.doubt(
            _("The rulebook names no day for the return in %(market)s; send the goods back without delay."),
            market=market,
        )
        return None
    counted = notes.count(declared_on, rule, reader.calendar(market, book))
    notes.step(
        _("The goods go back within %(length)s of %(declared_on)s, so by %(last_day)s."),
        length=length_of(rule),
        declared_on=declared_on,
        last_day=counted.last_day,
    )
    return counted.last_day
