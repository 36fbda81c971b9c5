"""``refund_amount``: what comes back after a withdrawal, part by part, and what the buyer owes.

`price` is the price of one piece, `returned_value_loss` that of the line's pieces that came back;
`consumer_owes` is what is taken off: a proven loss of value and the used part of a service. Without
the day of the contract (`concluded_on`) the law is taken as it was when it was last checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from compliance.rulebook.book import Rulebook
from compliance.rulebook.calculators.facts_in import Reader
from compliance.rulebook.calculators.reasoning import Reasoning
from compliance.rulebook.contracts import read_amount
from compliance.rulebook.types import Answer, Step
from compliance.rulebook.words import noop as _
from marketplace.kernel.money import Money

_FACTS = {
    "market", "currency", "concluded_on", "declared_on", "lines", "delivery_paid", "cheapest_standard_delivery",
    "whole_order", "duty_paid", "import_tax_paid", "service", "information_given",
}  # fmt: skip
_LINE = {"price", "quantity", "withdrawn_quantity", "returned_value_loss", "loss_evidence"}
_SERVICE = {"price", "period_days", "days_used", "started_on_express_request", "informed"}
COVERS = ("refund.no_reason.covers", "refund.covers")
STANDARD, ALL_DELIVERY = "cheapest_standard_delivery", "delivery"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a refund; a deduction is negative."""

    what: str
    amount: Money
    because: Step

    def said(self) -> dict[str, str]:
        return {"what": self.what, "amount": str(self.amount.amount), "because": str(self.because)}


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of goods of the order. `price` is for one."""

    price: Money
    quantity: int
    withdrawn: int
    loss: Money
    has_evidence: bool

    @property
    def given_back(self) -> Money:
        return self.price.times(self.withdrawn)

    @property
    def value(self) -> Money:
        return self.price.times(self.quantity)


def answer(facts: Mapping[str, Any], book: Rulebook) -> Answer:
    """Answer ``refund_amount``. Amounts are decimal strings in `currency`. Raises Invalid naming the field."""
    reader = Reader(facts, _FACTS)
    market = reader.market(book)
    currency = _currency(reader)
    day = reader.day("concluded_on") or reader.day("declared_on") or _as_checked(book)
    notes = Reasoning(book.on(day), market)
    lines = [_line(item, currency) for item in reader.items("lines", _LINE)]
    service = _service_of(reader)
    if not lines and service is None:
        raise reader.wrong("lines", "What is withdrawn from is needed: lines of goods, or a service.")
    told = reader.flag("information_given", True) is not False
    parts = [*_goods(lines), *_losses(notes, lines, told=told)]
    if lines:
        parts += _delivery(notes, reader, lines, currency)
        parts += _at_the_border(reader, lines, currency)
    if service is not None:
        parts += _service(notes, service, currency)
    for part in parts:
        notes.steps.append(part.because)
    refund = sum((part.amount.minor for part in parts), 0)
    owed = -sum(part.amount.minor for part in parts if part.amount.minor < 0)
    return notes.answer(
        {
            "refund": str(Money(refund, currency).amount),
            "currency": currency,
            "parts": [part.said() for part in parts],
            "consumer_owes": str(Money(owed, currency).amount),
        }
    )


def _as_checked(book: Rulebook) -> date:
    return max(rule.checked_on for rule in book.rules.values())


def _currency(reader: Reader) -> str:
    value = reader.get("currency")
    if not isinstance(value, str) or len(value) != 3:
        raise reader.wrong("currency", "The currency is needed, such as EUR.")
    Money.of("0", value)
    return value


def _money(reader: Reader, name: str, currency: str) -> Money:
    value = reader.get(name)
    return (
        Money.zero(currency) if value is None else Money.of(read_amount(value, reader.path + name), currency)
    )


def _line(reader: Reader, currency: str) -> Line:
    if reader.get("price") is None:
        raise reader.wrong("price", "The price of one is needed.")
    quantity = reader.whole("quantity", 1_000_000)
    quantity = 1 if quantity is None else quantity
    withdrawn = reader.whole("withdrawn_quantity", 1_000_000)
    withdrawn = quantity if withdrawn is None else withdrawn
    if withdrawn > quantity:
        raise reader.wrong("withdrawn_quantity", "More is withdrawn than was bought.")
    price = _money(reader, "price", currency)
    loss = _money(reader, "returned_value_loss", currency)
    return Line(price, quantity, withdrawn, loss, _is_shown(reader))


def _is_shown(reader: Reader) -> bool:
    """Evidence is a yes, or what it consists of: words, or a list of pictures and reports."""
    value = reader.get("loss_evidence")
    if value is None or isinstance(value, bool | str | list | tuple):
        return bool(value)
    raise reader.wrong("loss_evidence", "loss_evidence is true or false, or names the evidence.")


def _goods(lines: list[Line]) -> list[Part]:
    because = Step(_("The price of what you withdraw from comes back whole."))
    return [Part("goods", line.given_back, because) for line in lines if line.withdrawn]


def _losses(notes: Reasoning, lines: list[Line], *, told: bool) -> list[Part]:
    """A loss of value is taken off only where the law knows it, the buyer was told, and it is shown."""
    lost = [line for line in lines if line.loss.minor > 0 and line.withdrawn]
    if not lost:
        return []
    if notes.use("return.value_loss") is None:
        notes.doubt(
            _("The rulebook does not say in %(market)s whether a loss of value is taken off; nothing is."),
            market=notes.market,
        )
        because = Step(_("The law here names no loss of value that would be taken off."))
        return [Part("value_loss", Money.zero(line.loss.currency), because) for line in lost]
    return [_loss(line, told=told) for line in lost]


def _loss(line: Line, *, told: bool) -> Part:
    if not told:
        because = Step(_("You were not told of the right to withdraw, so no loss of value is taken off."))
        return Part("value_loss", Money.zero(line.loss.currency), because)
    if not line.has_evidence:
        because = Step(_("A loss of value is claimed without evidence, so nothing is taken off for it."))
        return Part("value_loss", Money.zero(line.loss.currency), because)
    off = min(line.loss.minor, line.given_back.minor)
    because = Step(
        _("The goods came back used more than needed to try them; the shown loss of value is taken off.")
    )
    return Part("value_loss", Money(-off, line.loss.currency), because)


def _delivery(notes: Reasoning, reader: Reader, lines: list[Line], currency: str) -> list[Part]:
    paid = _money(reader, "delivery_paid", currency)
    if not paid.minor:
        return []
    if not _is_whole(reader, lines):
        notes.doubt(
            _("The law does not say whether part of the delivery comes back when only part is withdrawn.")
        )
        because = Step(_("The delivery was needed for what you keep, so it does not come back."))
        return [Part("delivery", Money.zero(currency), because)]
    rule = next((found for name in COVERS if (found := notes.use(name)) is not None), None)
    covers = tuple(rule.version.value) if rule is not None else ()
    if ALL_DELIVERY in covers:
        return [Part("delivery", paid, Step(_("The delivery you paid comes back whole.")))]
    if STANDARD in covers:
        standard = _money(reader, STANDARD, currency) if reader.get(STANDARD) is not None else paid
        if paid.minor > standard.minor:
            because = Step(_("Delivery comes back at the price of the cheapest standard delivery offered."))
            return [Part("delivery", standard, because)]
        return [Part("delivery", paid, Step(_("The delivery you paid comes back whole.")))]
    notes.doubt(
        _("The rulebook does not say in %(market)s whether delivery comes back; the seller's terms govern."),
        market=notes.market,
    )
    return [Part("delivery", Money.zero(currency), Step(_("The law here names no refund of the delivery.")))]


def _is_whole(reader: Reader, lines: list[Line]) -> bool:
    """Return whether everything is withdrawn; the quantities decide where they are given."""
    everything = all(line.withdrawn == line.quantity for line in lines)
    said = reader.flag("whole_order", None)
    if said and not everything:
        raise reader.wrong("whole_order", "Not all quantities are withdrawn, so it is not the whole order.")
    return everything if said is None else said


def _at_the_border(reader: Reader, lines: list[Line], currency: str) -> list[Part]:
    """Return duty and import tax that the seller collected, for the share of the goods that goes back."""
    value = sum(line.value.minor for line in lines)
    back = sum(line.given_back.minor for line in lines)
    parts = []
    for name, what in (("duty_paid", "duty"), ("import_tax_paid", "import_tax")):
        paid = _money(reader, name, currency)
        if paid.minor and value:
            share = paid.times(Decimal(back) / Decimal(value))
            because = Step(
                _("What was collected at the border comes back for the share of the goods that you return.")
            )
            parts.append(Part(what, share, because))
    return parts


def _service_of(reader: Reader) -> Reader | None:
    value = reader.get("service")
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise reader.wrong("service", "service is an object.")
    return Reader(value, _SERVICE, "service.")


def _service(notes: Reasoning, reader: Reader, currency: str) -> list[Part]:
    if reader.get("price") is None:
        raise reader.wrong("price", "The price of the service is needed.")
    price = _money(reader, "price", currency)
    parts = [Part("service", price, Step(_("The price of the service comes back.")))]
    because, owed = _used(notes, reader, price)
    return [*parts, Part("service_used", Money(-owed.minor, currency), because)] if because else parts


def _used(notes: Reasoning, reader: Reader, price: Money) -> tuple[Step | None, Money]:
    """Return what is owed for the part of a service that was used, and why."""
    nothing = Money.zero(price.currency)
    asked, informed = reader.flag("started_on_express_request"), reader.flag("informed")
    period, days = reader.whole("period_days"), reader.whole("days_used") or 0
    if notes.use("return.service_value") is None:
        notes.doubt(
            _("The rulebook does not say in %(market)s what is owed for a service that was begun."),
            market=notes.market,
        )
        return None, nothing
    if not (asked and informed):
        return Step(
            _("Nothing is owed for what was used: the service did not begin at your express request after you were told of your right.")
        ), nothing  # fmt: skip
    if not period:
        raise reader.wrong("period_days", "period_days is needed, a whole number of days from 1.")
    used = min(days, period)
    because = Step(
        _("You owe the share of the time you used: %(used)s of %(period)s days."),
        {"used": used, "period": period},
    )
    return because, price.times(Decimal(used) / Decimal(period))
