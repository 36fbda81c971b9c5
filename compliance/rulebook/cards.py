"""The lines of the card "Your rights on this purchase", for one shopper, product and day.

Facts: `market`, `on` (the day of the order), `time_zone`, `delivery_days` ([least, most] calendar
days) or `delivered_by`, `ship_by`, `seller_kind` (trader, private), `voluntary_days`,
`voluntary_months`, `told_of_return_cost`, `return_cost`, `free_returns` (a promise), `holidays`, and any documented fact of a
contract (facts_contract.yaml). What is not known stays at its default, which keeps rights open.

A sentence is an English msgid with parameters; the edge translates it and formats the dates and
the country among its parameters. `state` is uncertain where nobody has checked the deciding law.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from compliance.rulebook.book import Rulebook
from compliance.rulebook.calculators import delivery, guarantee, refund, withdrawal
from compliance.rulebook.calculators.facts_in import Reader
from compliance.rulebook.calculators.reasoning import Reasoning, is_open
from compliance.rulebook.calculators.returning import return_payer
from compliance.rulebook.contracts import contract_facts, fact_specs
from compliance.rulebook.periods import Calendar
from compliance.rulebook.types import Answer, RightLine
from compliance.rulebook.words import noop as _

_FACTS = {
    "market",
    "on",
    "time_zone",
    "delivery_days",
    "delivered_by",
    "ship_by",
    "seller_kind",
    "voluntary_days",
    "voluntary_months",
    "told_of_return_cost",
    "return_cost",
    "free_returns",
    "holidays",
}
_SEALS = ("sealed_hygiene", "sealed_media")

EXCEPTIONS = {
    "made_to_specification": _(
        "This is made to your own choices or measures, so you cannot send it back because you changed your "
        "mind. If it is faulty or not what you ordered, you keep all your rights."
    ),
    "perishable": _(
        "This goes off quickly, so you cannot send it back because you changed your mind. If it arrives "
        "spoiled, tell the seller at once and add a photo."
    ),
    "sealed_hygiene": _(
        "Once opened, this cannot come back, for reasons of health or hygiene. Your rights for faults stay."
    ),
    "sealed_media": _("Once unsealed, this disc or software cannot come back. Your rights for faults stay."),
    "periodical": _("Newspapers and magazines cannot be sent back because you changed your mind."),
    "leisure_on_date": _("This is booked for a set date, so you cannot withdraw from it."),
    "digital_started": _(
        "You agree when you order that it begins at once. With that you can no longer withdraw."
    ),
    "digital_content": _("Downloads cannot be sent back because you changed your mind."),
    "activated": _(
        "Once activated or tried this loses much of its value; you confirm when you order that it cannot come "
        "back."
    ),
    "near_expiry": _(
        "This is sold as near its expiry or with a fault; you confirm when you order that it cannot come back."
    ),
}
_EXCEPTION = _(
    "An exception in the law applies, so you cannot send this back because you changed your mind. If it is "
    "faulty, you keep all your rights."
)


def exemption_in_words(ground: str) -> str:
    """Return why an exception (an id such as ``eu.withdrawal.exception.perishable``) ends the right; "" for no exception."""
    _prefix, marker, name = ground.partition(".withdrawal.exception.")
    return EXCEPTIONS.get(name, _EXCEPTION) if marker else ""


@dataclass(frozen=True, slots=True)
class PurchaseFacts:
    """What is known of a purchase before it is made."""

    market: str
    country: str
    on: date
    delivered_by: date | None
    ship_by: date | None
    private: bool
    voluntary_days: int | None
    voluntary_months: int | None
    told_of_return_cost: bool
    return_cost: Any
    free_returns: bool
    calendar: Calendar
    contract: Mapping[str, Any]
    reader: Reader


def rights_on_purchase(facts: Mapping[str, Any], book: Rulebook) -> tuple[RightLine, ...]:
    """Return the lines of the card, in the order they are shown. Raises Invalid naming the field."""
    case = _read(facts, book)
    if case.private:
        return (_private(case),)
    change = _withdrawal_line(case, book)
    lines = [change]
    if change.answer.answer["right_exists"]:
        lines += [_return_cost_line(case, book), _refund_line(case, book)]
    lines.append(_delivery_line(case, book))
    lines += _guarantee_lines(case, book)
    return tuple(lines)


def _read(facts: Mapping[str, Any], book: Rulebook) -> PurchaseFacts:
    reader = Reader(facts, _FACTS | fact_specs().keys())
    market = reader.market(book)
    on = reader.needed_day("on")
    return PurchaseFacts(
        market=market,
        country=book.chain(market)[0].name,
        on=on,
        delivered_by=_delivered_by(reader, on),
        ship_by=reader.day("ship_by"),
        private=reader.choice("seller_kind", ("trader", "private"), "trader") == "private",
        voluntary_days=reader.whole("voluntary_days", 3650),
        voluntary_months=reader.whole("voluntary_months", 600),
        told_of_return_cost=reader.flag("told_of_return_cost", True) is not False,
        return_cost=reader.amount("return_cost"),
        free_returns=bool(reader.flag("free_returns")),
        calendar=reader.calendar(market, book),
        contract=contract_facts(facts),
        reader=reader,
    )


def _delivered_by(reader: Reader, on: date) -> date | None:
    """Return the promised day: the later end of the estimate counts."""
    promised = reader.day("delivered_by")
    if promised is not None or reader.get("delivery_days") is None:
        return promised
    days = reader.get("delivery_days")
    if not (isinstance(days, list | tuple) and len(days) == 2 and all(type(day) is int for day in days)):
        raise reader.wrong("delivery_days", "delivery_days is two whole numbers: at least and at most.")
    least, most = days
    if not 0 <= least <= most <= 730:
        raise reader.wrong("delivery_days", "delivery_days is from the fewer to the more days, up to 730.")
    return on + timedelta(days=most)


def _line(
    key: str,
    sentence: str,
    answer: Answer,
    on: date | None = None,
    *,
    exists: bool | None = True,
    **params: Any,
) -> RightLine:
    certain = answer.answer.get("certain", True) and exists is not None
    state = ("yes" if exists else "no") if certain else "uncertain"
    return RightLine(key, state, sentence, params, on, answer)


def _private(case: PurchaseFacts) -> RightLine:
    said = Answer(
        {"right_exists": False, "ground": "private_seller", "certain": True, "uncertain_because": []}
    )
    sentence = _(
        "The seller is a private person, so the law that protects buyers from traders does not cover this "
        "purchase. You can ask the seller to take it back, but they may say no."
    )
    return _line("private_seller", sentence, said, exists=False)


# -- change of mind


def _withdrawal_line(case: PurchaseFacts, book: Rulebook) -> RightLine:
    facts = _withdrawal_facts(case)
    notes = Reasoning(book.on(case.on), case.market, case.contract)
    outcome = withdrawal.work_out(facts, notes)
    answer = notes.answer(withdrawal.fields_of(facts, outcome, notes))
    if outcome.right is None:
        sentence = _("We do not know yet what the law here (%(country)s) says about a change of mind.")
        return _line("withdrawal", sentence, answer, exists=None, country=case.country, market=case.market)
    if not outcome.right:
        return _no_withdrawal(case, outcome, answer)
    return _may_withdraw(case, book, outcome, answer)


def _withdrawal_facts(case: PurchaseFacts) -> withdrawal.WithdrawalFacts:
    by = case.delivered_by
    return withdrawal.WithdrawalFacts(
        market=case.market,
        concluded_on=case.on,
        concluded_at=None,
        deliveries=(withdrawal.Delivery(by, "single"),) if by else (),
        zone=case.reader.zone(case.market),
        informed=True,
        informed_on=None,
        voluntary_days=case.voluntary_days,
        told_of_return_cost=case.told_of_return_cost,
        calendar=case.calendar,
        contract=case.contract,
    )


def _no_withdrawal(case: PurchaseFacts, outcome: withdrawal.Outcome, answer: Answer) -> RightLine:
    exemption = exemption_in_words(outcome.ground)
    if exemption:
        return _line("exemption", exemption, answer, exists=False)
    sentence = _(
        "The law here (%(country)s) gives no right to send back an online purchase because you changed your "
        "mind, and the seller promises none. Your rights for faults stay the same."
    )
    if case.market == "JP" or outcome.ground.startswith("jp."):
        sentence = _(
            "The seller's return terms, shown in the offer and before you order, say whether you can send "
            "this back because you changed your mind. Your rights for faults stay the same."
        )
    return _line("withdrawal", sentence, answer, exists=False, country=case.country, market=case.market)


def _may_withdraw(
    case: PurchaseFacts, book: Rulebook, outcome: withdrawal.Outcome, answer: Answer
) -> RightLine:
    params: dict[str, Any] = {"country": case.country, "market": case.market}
    params["days"] = case.voluntary_days if outcome.ground == withdrawal.VOLUNTARY else _days(answer)
    if outcome.last_day is not None:
        params |= {"last_day": outcome.last_day, "delivered_by": case.delivered_by}
    return _line("withdrawal", _withdrawal_sentence(case, book, outcome), answer, outcome.last_day, **params)


def _withdrawal_sentence(case: PurchaseFacts, book: Rulebook, outcome: withdrawal.Outcome) -> str:
    dated = outcome.last_day is not None and case.delivered_by is not None
    if outcome.ground == withdrawal.VOLUNTARY:
        if any(case.contract[seal] for seal in _SEALS):
            return _sealed_promise(by_law=outcome.by_law)
        if outcome.by_law:
            return _(
                "Changed your mind? The seller gives you longer than the law: %(days)s days from delivery. "
                "No reason needed."
            )
        return _(
            "The law here (%(country)s) does not give this right, but the seller does: you can send it back "
            "within %(days)s days of delivery because you changed your mind."
        )
    if _sealed(case, book):
        if dated:
            return _(
                "Changed your mind? Tell the seller by %(last_day)s if it arrives by %(delivered_by)s. No "
                "reason needed, but leave the seal unbroken: once opened it cannot come back."
            )
        return _(
            "Changed your mind? You have %(days)s days, but leave the seal unbroken: once opened it cannot "
            "come back."
        )
    if case.contract["contract_type"] not in ("goods", "mixed"):
        return (
            _("Changed your mind? Tell the seller by %(last_day)s. No reason needed.")
            if outcome.last_day
            else _("Changed your mind? You have %(days)s days from the order. No reason needed.")
        )
    if dated:
        return _(
            "Changed your mind? Tell the seller by %(last_day)s if it arrives by %(delivered_by)s. No reason"
            " needed."
        )
    return _("Changed your mind? You have %(days)s days from the day it arrives. No reason needed.")


def _sealed_promise(*, by_law: bool) -> str:
    """A promise to take back reaches as far as the seal: what was opened, nobody can sell again."""
    if by_law:
        return _(
            "Changed your mind? The seller gives you longer than the law: %(days)s days from delivery. No reason "
            "needed, but leave the seal unbroken: once opened it cannot come back."
        )
    return _(
        "The law here (%(country)s) does not give this right, but the seller does: you can send it back within "
        "%(days)s days of delivery because you changed your mind, as long as the seal is unbroken."
    )


def _days(answer: Answer) -> int | None:
    for ruling in answer.rulings:
        if ".withdrawal.period" in ruling.rule and isinstance(ruling.value, int):
            return ruling.value
    return None


def _sealed(case: PurchaseFacts, book: Rulebook) -> bool:
    """Return whether breaking the seal would end the right here."""
    if case.contract["unsealed"] or not any(case.contract[seal] for seal in _SEALS):
        return False
    opened = Reasoning(book.on(case.on), case.market, {**case.contract, "unsealed": True})
    return any(opened.applies(found) for found in opened.law.family("withdrawal.exception", case.market))


# -- sending back and money


def _return_cost_line(case: PurchaseFacts, book: Rulebook) -> RightLine:
    notes = Reasoning(book.on(case.on), case.market)
    if case.free_returns:
        notes.step(_("The seller promises to pay for the return."))
        answer = notes.answer({"paid_by": "merchant", "amount": case.return_cost})
        return _line(
            "return_cost", _("The seller promises to pay for sending it back."), answer, payer="merchant"
        )
    payer = return_payer(notes, reason="no_reason", told=case.told_of_return_cost)
    answer = notes.answer({"paid_by": payer, "amount": case.return_cost})
    if payer is None:
        sentence = _(
            "Who pays to send it back is in the seller's return terms. If it is faulty, you do not pay."
        )
    elif payer == "merchant":
        sentence = _("The seller pays to send it back.")
    elif case.return_cost is not None:
        sentence = _(
            "You pay to send it back, about %(cost)s. If it is faulty, the return costs you nothing."
        )
    else:
        sentence = _("You pay to send it back. If it is faulty, the return costs you nothing.")
    return _line("return_cost", sentence, answer, payer=payer, cost=case.return_cost)


def _you_pay(known: bool, faulty_free: bool) -> str:
    if known and faulty_free:
        return _("You pay to send it back, about %(cost)s. If it is faulty, the return costs you nothing.")
    if known:
        return _("You pay to send it back, about %(cost)s.")
    if faulty_free:
        return _("You pay to send it back. If it is faulty, the return costs you nothing.")
    return _("You pay to send it back.")


_REFUND = {
    ("declaration", True): _(
        "You get your money back within %(days)s days of telling the seller, with the standard delivery "
        "cost. The seller may wait until the goods are back or you show that you sent them."
    ),
    ("declaration", False): _("You get your money back within %(days)s days of telling the seller."),
    ("goods_back", False): _(
        "You get your money back within %(days)s days of the seller having the goods again."
    ),
    ("goods_back_or_proof", False): _(
        "You get your money back within %(days)s days of the goods being back or of your proof that you sent"
        " them."
    ),
    ("right_vested", False): _("Once a refund is due, you get your money back within %(days)s working days."),
}


def _refund_line(case: PurchaseFacts, book: Rulebook) -> RightLine:
    notes = Reasoning(book.on(case.on), case.market, case.contract)
    period = notes.use("refund.no_reason.period") or notes.use("refund.period")
    start = notes.use("refund.no_reason.start") or notes.use("refund.start")
    hold = notes.use("refund.no_reason.withhold") if case.contract["contract_type"] in refund.GOODS else None
    waits = hold is not None and hold.version.value != "no"
    if period is None or start is None:
        notes.doubt(
            _("The rulebook names no number of days for this refund in %(market)s."), market=case.market
        )
        sentence = _(
            "The law here (%(country)s) names no number of days for the refund; the seller's terms say when."
        )
        return _line(
            "refund", sentence, notes.answer({"days": None}), country=case.country, market=case.market
        )
    days = period.version.value
    answer = notes.answer({"days": days, "start": start.version.value, "may_withhold": waits})
    sentence = _REFUND.get((start.version.value, waits), _REFUND["declaration", False])
    return _line("refund", sentence, answer, days=days)


# -- delivery


def _delivery_line(case: PurchaseFacts, book: Rulebook) -> RightLine:
    facts = _delivery_facts(case)
    notes = Reasoning(book.on(case.on), case.market)
    if notes.find("delivery.ship_period") is not None:
        answer = notes.answer(delivery.by_shipping(facts, notes))
        sentence = _(
            "The seller ships by %(by)s. If it is later, you are told and can cancel and get all your money "
            "back."
        )
        return _line("delivery", sentence, answer, facts.ship_promise_on, by=_day_of(answer, "ship_by"))
    ends = notes.use("delivery.additional_period")
    answer = notes.answer(delivery.by_delivery(facts, notes))
    by = _day_of(answer, "deliver_by")
    return _line("delivery", _delivery_sentence(by, ends=ends is not None), answer, by, by=by)


def _delivery_sentence(by: date | None, *, ends: bool) -> str:
    if by is None:
        return _("When it arrives is what you and the seller agree.")
    if ends:
        return _(
            "It is with you by %(by)s. If it is late, set the seller a last date; if that passes too, end "
            "the contract and get all your money back."
        )
    return _("It is with you by %(by)s: the seller has promised it.")


def _delivery_facts(case: PurchaseFacts) -> delivery.DeliveryFacts:
    return delivery.DeliveryFacts(
        market=case.market,
        concluded_on=case.on,
        promised_on=case.delivered_by,
        ship_promise_on=case.ship_by,
        shipped_on=None,
        date_essential=False,
        refused=False,
        on_credit=False,
        additional_until=None,
        delivered_on=None,
        notices=(),
        today=None,
        calendar=case.calendar,
    )


def _day_of(answer: Answer, name: str) -> date | None:
    value = answer.answer[name]
    return date.fromisoformat(value) if value else None


# -- faults


def _guarantee_lines(case: PurchaseFacts, book: Rulebook) -> list[RightLine]:
    notes = Reasoning(book.on(case.on), case.market, case.contract)
    facts = _guarantee_facts(case)
    answer = notes.answer(guarantee.fields_of(facts, notes))
    until, burden = _day_of(answer, "liable_until"), _day_of(answer, "burden_on_seller_until")
    if case.delivered_by is None:
        until = burden = None
    lines = [_guarantee_line(case, notes, answer, until, burden)]
    reject = notes.find("guarantee.reject")
    if reject is not None:
        on = _day_of(answer, "reject_until") if case.delivered_by else None
        sentence = _(
            "If it is faulty, you can hand it back within %(days)s days of delivery and get all your money "
            "back."
        )
        own = Reasoning(notes.law, case.market)
        own.rest_on(reject)
        lines.append(
            _line("reject", sentence, own.answer({"reject_until": on}), on, days=reject.version.value)
        )
    return lines


def _guarantee_facts(case: PurchaseFacts) -> guarantee.GuaranteeFacts:
    return guarantee.GuaranteeFacts(
        market=case.market,
        concluded_on=case.on,
        delivered_on=case.delivered_by or case.on,
        condition=case.contract["condition"],
        agreed_months=None,
        durable=case.contract["durable"],
        defect_on=None,
        repairs=(),
        history=(),
        voluntary_months=case.voluntary_months,
        calendar=case.calendar,
    )


def _guarantee_line(
    case: PurchaseFacts, notes: Reasoning, answer: Answer, until: date | None, burden: date | None
) -> RightLine:
    params: dict[str, Any] = {"country": case.country, "market": case.market}
    period = (notes.find("guarantee.period_durable") if case.contract["durable"] else None) or notes.find(
        "guarantee.period"
    )
    if period is None and answer.answer["liable_until"] is None:
        return _line("guarantee", _no_length(notes), answer, exists=None, **params)
    if period is not None and is_open(period) and not case.voluntary_months:
        sentence = _(
            "If it is faulty, the seller must put it right at no cost to you, for as long as goods of this "
            "kind should last. The law here (%(country)s) sets no fixed end."
        )
        return _line("guarantee", sentence, answer, **params)
    if until is not None and burden is not None:
        sentence = _(
            "If it is faulty, the seller must put it right at no cost to you, until %(until)s. Until "
            "%(burden)s the seller must prove that the fault was not there at delivery."
        )
    elif until is not None:
        sentence = _("If it is faulty, the seller must put it right at no cost to you, until %(until)s.")
    else:
        sentence = _(
            "If it is faulty, the seller must put it right at no cost to you, for %(years)s years from "
            "delivery."
        )
        params["years"] = period.version.value if period is not None else None
    return _line("guarantee", sentence, answer, until, until=until, burden=burden, **params)


def _no_length(notes: Reasoning) -> str:
    if notes.find("guarantee.reject") is not None:
        return _("If it is faulty, you can ask for a replacement or a repair at no cost to you.")
    if notes.find("guarantee.written_warranty") is not None:
        return _(
            "The law here (%(country)s) sets no length of a guarantee. What the seller or maker promises in "
            "writing binds them; read it before you buy."
        )
    return _("We do not know yet how long the law here (%(country)s) makes the seller answer for faults.")
