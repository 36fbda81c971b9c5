"""What the law says after the sale, asked with the facts that were frozen when the contract was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from compliance import rulebook
from compliance.rulebook.types import Answer
from compliance.rulebook.words import noop as _
from marketplace.kernel.money import Money
from orders.queries import law as orders_law
from orders.queries.after_sales import deliveries_of
from returns.domain.declaration import with_proof
from returns.domain.parts import Part
from returns.queries.services import Used, is_service, service_facts

USED = _("You pay for the days until you withdrew.")
_PRIVATE = {"in_time": False, "effective_on": None, "acknowledgement_due_at": None}


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss of value of what came back of a line, in minor units; without evidence it counts for nothing."""

    amount_minor: int
    has_evidence: bool


def declaration(
    line: Any, order: Any, *, declared_at: datetime, received_at: datetime, means: str, unsealed: bool = False
) -> Answer:
    """Answer whether a declaration on a line came in time, by the law of the contract's day.

    :param unsealed: it is shown that the shopper broke the seal.
    """
    facts = line.rights
    if not orders_law.binds_seller(facts):
        plain = orders_law.withdrawal(facts)
        return Answer(plain.answer | _PRIVATE, plain.rulings, plain.explain, plain.steps, plain.doubts)
    zone = ZoneInfo(order.group.time_zone)
    told: dict[str, Any] = {"declared_at": declared_at.isoformat(), "means": means}
    if unsealed:
        told["unsealed"] = True
    if means == "post":
        told["posted_on"] = declared_at.astimezone(zone).date().isoformat()
    if means != "function":
        told["received_on"] = received_at.astimezone(zone).date().isoformat()
    return rulebook.answer(
        "withdrawal_declaration", _contract(line) | {"deliveries": deliveries_of(order)} | told
    )


def _contract(line: Any) -> dict[str, Any]:
    facts = with_proof(line.rights, line.consent)
    return {key: value for key, value in facts.items() if key not in (*orders_law.NOT_ASKED, "card")}


def _concluded_on(order: Any) -> str:
    return order.concluded_at.astimezone(ZoneInfo(order.group.time_zone)).date().isoformat()


def return_cost(order: Any, lines: Iterable[Any], *, declared_on: date, reason: str = "no_reason") -> Answer:
    """Answer who pays the return; "merchant" where the seller promised free returns for all of it."""
    rows = list(lines)
    told = all(line.rights.get("told_of_return_cost", True) is not False for line in rows)
    answer = rulebook.answer(
        "return_cost",
        {
            "market": order.group.market,
            "concluded_on": _concluded_on(order),
            "declared_on": declared_on.isoformat(),
            "told_of_return_cost": told,
            "reason": reason,
        },
    )
    if rows and all(line.rights.get("free_returns") for line in rows):
        return Answer(answer.answer | {"paid_by": "merchant"}, answer.rulings, answer.explain, answer.steps)
    return answer


def send_back_by(order: Any, *, declared_on: date) -> Answer:
    """Answer by when the goods go back after a withdrawal."""
    facts = {
        "market": order.group.market, "declared_on": declared_on.isoformat(), "concluded_on": _concluded_on(order),
    }  # fmt: skip
    return rulebook.answer("return_deadline", facts)


def refund_deadline(
    order: Any,
    *,
    declared_on: date,
    goods_back_on: date | None = None,
    dispatch_proof_on: date | None = None,
    offered_to_collect: bool = False,
) -> Answer:
    """Answer by when the seller pays back, and whether it may still wait for the goods."""
    facts: dict[str, Any] = {
        "market": order.group.market,
        "reason": "no_reason",
        "declared_on": declared_on.isoformat(),
        "concluded_on": _concluded_on(order),
        "offered_to_collect": offered_to_collect,
        # where the law counts from the day the right to a refund vested, that is the return of the goods
        "right_vested_on": goods_back_on.isoformat() if goods_back_on else None,
        "goods_back_on": goods_back_on.isoformat() if goods_back_on else None,
        "dispatch_proof_on": dispatch_proof_on.isoformat() if dispatch_proof_on else None,
    }
    return rulebook.answer("refund_deadline", facts)


def refund_amount(
    order: Any,
    withdrawn: Mapping[int, int],
    *,
    losses: Mapping[int, Loss] | None = None,
    services: Mapping[int, Sequence[Used]] | None = None,
) -> tuple[tuple[Part, ...], Answer]:
    """Answer what comes back of an order in all, if so many of each line (by its key) are withdrawn from.

    Parts are whole minor units; never more than was paid for the order.

    :param services: after how many days pieces of services were withdrawn from; what is not named there was not used.
    """
    lines, losses = list(order.lines.all()), losses or {}
    facts = _amount_facts(order, lines) | {
        "lines": [_line_facts(line, withdrawn.get(line.pk, 0), losses.get(line.pk)) for line in lines]
    }
    answer = rulebook.answer("refund_amount", facts)
    parts = [*_parts(order, lines, withdrawn, losses, answer)]
    for line in lines:
        if withdrawn.get(line.pk, 0) and is_service(line):
            more, told = _service(order, line, withdrawn[line.pk], (services or {}).get(line.pk, ()))
            parts += more
            answer = _joined(answer, told)
    return tuple(parts), answer


def _service(
    order: Any, line: Any, withdrawn: int, used: Sequence[Used]
) -> tuple[list[Part], tuple[Answer, ...]]:
    """Return what comes back of a service, less what was used of it, and what the law says to each declaration."""
    rest = withdrawn - sum(one.pieces for one in used)
    cases = [*used, *([Used(rest, 0)] if rest > 0 else [])]
    parts, answers = [], []
    for case in cases:
        price = _said(line.unit_price_minor * case.pieces, line.currency)
        facts = {
            "market": order.group.market,
            "currency": line.currency,
            "concluded_on": _concluded_on(order),
            "service": service_facts(line, price=price, days=case.days),
        }
        answers.append(rulebook.answer("refund_amount", facts))
        for part in answers[-1].answer["parts"]:
            minor = Money.of(part["amount"], line.currency).minor
            because = USED if part["what"] == "service_used" and minor else part["because"]
            parts.append(Part(line.public_id, 0, part["what"], minor, because))
    return parts, tuple(answers)


def _joined(answer: Answer, more: tuple[Answer, ...]) -> Answer:
    """Return an answer with the reasons of others beside its own."""
    services = [*answer.answer.get("services", []), *(one.answer for one in more)]
    rulings = {ruling.rule: ruling for one in (answer, *more) for ruling in one.rulings}
    return replace(
        answer,
        answer=answer.answer | {"services": services},
        rulings=tuple(rulings.values()),
        explain=(*answer.explain, *(said for one in more for said in one.explain)),
        steps=(*answer.steps, *(step for one in more for step in one.steps)),
        doubts=(*answer.doubts, *(doubt for one in more for doubt in one.doubts)),
    )


def _amount_facts(order: Any, lines: list[Any]) -> dict[str, Any]:
    delivery, import_tax = _beside_the_goods(order, lines)
    currency = order.currency
    facts: dict[str, Any] = {
        "market": order.group.market,
        "currency": currency,
        "concluded_on": _concluded_on(order),
        "delivery_paid": _said(delivery, currency),
        "duty_paid": _said(order.duty_minor + order.fees_minor, currency),
        "import_tax_paid": _said(import_tax, currency),
        "information_given": all(line.rights.get("information_given", True) is not False for line in lines),
    }
    if order.shipping_service != "standard":
        facts["cheapest_standard_delivery"] = _said(min(order.standard_shipping_minor, delivery), currency)
    return facts


def delivery_paid(order: Any) -> int:
    """Return what was paid for the delivery of an order with its tax, in minor units."""
    return _beside_the_goods(order, list(order.lines.all()))[0]


def _beside_the_goods(order: Any, lines: list[Any]) -> tuple[int, int]:
    """Return what was paid for delivery with its tax, and the tax that the prices of the goods do not contain."""
    priced = sum(line.unit_price_minor * line.quantity for line in lines)
    rest = max(order.total_minor - priced - order.duty_minor - order.fees_minor, 0)
    if priced == sum(line.goods_minor for line in lines):  # prices are shown without tax
        delivery = min(order.shipping_minor, rest)
    elif order.duty_minor or order.fees_minor:  # taxed too, so what is left is not delivery alone
        rate = max((line.tax_rate or Decimal(0) for line in lines), default=Decimal(0))
        delivery = min(Money(order.shipping_minor, order.currency).times(1 + rate / 100).minor, rest)
    else:
        delivery = rest
    return delivery, rest - delivery


def _line_facts(line: Any, withdrawn: int, loss: Loss | None) -> dict[str, Any]:
    price = 0 if is_service(line) else line.unit_price_minor  # a service is asked about by itself
    facts = {
        "price": _said(price, line.currency),
        "quantity": line.quantity,
        "withdrawn_quantity": withdrawn,
    }
    if loss is not None:
        facts |= {
            "returned_value_loss": _said(loss.amount_minor, line.currency),
            "loss_evidence": loss.has_evidence,
        }
    return facts


def _said(minor: int, currency: str) -> str:
    return str(Money(minor, currency).amount)


def _parts(
    order: Any, lines: list[Any], withdrawn: Mapping[int, int], losses: Mapping[int, Loss], answer: Answer
) -> Iterable[Part]:
    goods = iter([line for line in lines if withdrawn.get(line.pk, 0)])
    lost = iter([line for line in lines if line.pk in losses and withdrawn.get(line.pk, 0)])
    for part in answer.answer["parts"]:
        minor = Money.of(part["amount"], order.currency).minor
        whose = (
            next(goods) if part["what"] == "goods" else next(lost) if part["what"] == "value_loss" else None
        )
        quantity = withdrawn[whose.pk] if whose is not None and part["what"] == "goods" else 0
        yield Part(whose.public_id if whose else "", quantity, part["what"], minor, part["because"])
