"""What goods cost when they arrive: goods, shipping, duty, tax and fees, and who collects them.

``answer(facts, book)`` takes the facts of docs/calculators (market, ship_from, on, currency,
importer_scheme, lines, shipping, insurance; also rates and prices_include_tax). A line's
`value` is for all its pieces together, without tax unless prices_include_tax is true.

The order is: value, duty line by line, other charges in the value for tax, tax, fees outside
it, total. Each tax is rounded half up line by line to the minor unit, then cut as the market's
customs cut it. What is not known is never counted as nothing in silence: `certain` is false,
`reasons` says why, `unknown` names the parts that are missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance.rulebook.book import Rulebook
from compliance.rulebook.calculators.landed.charges import (
    charge_duty,
    charge_fees,
    charge_tax,
    checkout_lines,
    doors,
)
from compliance.rulebook.calculators.landed.intake import LandedFacts, read
from compliance.rulebook.calculators.landed.markets import (
    WHOLE_WAYS,
    add_saudi_fee,
    add_swiss_clearance,
    add_us_duties,
    add_us_fees,
    round_charges,
)
from compliance.rulebook.calculators.landed.result import answer_of
from compliance.rulebook.calculators.landed.sale import charge_sale
from compliance.rulebook.calculators.landed.terms import Terms, terms_of, territory_of
from compliance.rulebook.calculators.landed.work import Line, Work, open_work
from compliance.rulebook.lookups import country_of
from compliance.rulebook.types import Answer


def answer(facts: Mapping[str, Any], book: Rulebook) -> Answer:
    """Answer ``landed_price``. Raises Invalid naming the field."""
    consignment = read(facts)
    terms = terms_of(book.on(consignment.on), consignment.market)
    work = _worked_out(consignment, terms)
    near = work.threshold is not None and work.threshold.near
    return answer_of(work, _worked_out(consignment, terms, force_over=True) if near else None)


def _worked_out(facts: LandedFacts, terms: Terms, *, force_over: bool = False) -> Work:
    work = open_work(facts, terms)
    work.force_over = force_over
    for line, part in zip(work.lines, work.share(facts.shipping + facts.insurance, work.lines), strict=True):
        line.carriage = part
    work.kind = _kind(facts, terms)
    if work.kind == "import":
        _charge_import(work)
    else:
        charge_sale(work)
    return work


def _kind(facts: LandedFacts, terms: Terms) -> str:
    if country_of(facts.ship_from) == terms.country:
        return "domestic"
    same_border = territory_of(facts.ship_from, facts.on) == terms.territory
    return "intra_union" if same_border else "import"


def _charge_import(work: Work) -> None:
    doors(work)
    if work.terms.country not in WHOLE_WAYS and work.terms["duty_basis"] is None:
        work.doubt(f"The import rules of {work.facts.market} are not known.", unknown="duty")
    question = work.terms["open_question"]
    if question:
        work.note(question.ruling)
        work.doubt(question.value)
    if work.facts.scheme == "marketplace":
        work.importer = "platform"
        work.collected("platform_at_checkout")
    whole_way = WHOLE_WAYS.get(work.terms.country)
    if whole_way is None or not whole_way(work):
        _general_way(work)
    elif work.terms.country != "CN":
        charge_fees(work, [])


def _general_way(work: Work) -> None:
    paid = checkout_lines(work)
    border = [line for line in work.lines if line not in paid]
    _say_who(work, paid)
    if work.facts.prices_include_tax and border:
        work.say("The prices are taken without tax where the tax is collected at the border.")
    charge_duty(work, paid)
    if work.terms.country == "US":
        work.tax_collector = "platform_at_checkout"
        add_us_duties(work)
    if border:
        round_charges(work, "duty")
        add_swiss_clearance(work, border)
    charge_tax(work, paid)
    if border:
        round_charges(work, "tax")
    add_us_fees(work)
    add_saudi_fee(work)
    charge_fees(work, paid)


def _say_who(work: Work, paid: list[Line]) -> None:
    """At checkout the platform collects if a registration is needed, or if the sale runs through it."""
    if not paid:
        return
    needs = work.terms["checkout_needs"]
    by_platform = work.facts.scheme == "marketplace" or (needs is not None and needs.value == "registration")
    work.collected("platform_at_checkout" if by_platform else "seller_at_checkout", paid)
    if len(paid) == len(work.lines):
        work.collected("platform_at_checkout" if by_platform else "seller_at_checkout")
        work.say("The tax is charged when you pay, not at the border.")
    turnover = work.terms["seller_turnover_limit"]
    if not by_platform and turnover is not None:
        work.note(turnover.ruling)
        limit = turnover.value
        work.doubt(f"A seller with a turnover up to {limit.currency} {limit.amount:f} charges no tax.")
