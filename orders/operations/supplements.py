"""Money that is paid later for an order line: asked for, paid by a payment of its own, or called off.

Lock order: the supplement; a payment of it is locked before (with the checkout), never after.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid, NotFound
from orders import payments as providers
from orders.domain.errors import WrongState
from orders.domain.ledger import Draft
from orders.domain.refunds import without_tax
from orders.domain.states import SUPPLEMENT, may, next_state
from orders.events import SupplementPaid
from orders.models import Invoice, OrderLine, Payment, Supplement
from orders.operations import books
from orders.operations.placing import next_number, seller_card
from orders.queries.law import percent_of

ENDED = (Payment.State.FAILED, Payment.State.CANCELLED)


@transaction.atomic
def ask_supplement(
    *, line_id: int, amount_minor: int, key: str, title: str, back_path: str, pay_by: datetime, now: datetime
) -> Supplement:
    """Ask for more money for a line, once per key: its tax and the commission are in proportion to the line's.

    :param amount_minor: with tax, in the order's currency.
    :param back_path: where the shopper goes on after paying, on this site.
    :raises Invalid: for nothing, or if the key stands for another sum.
    """
    if amount_minor <= 0:
        raise Invalid("A supplement is above nothing.", field="amount")
    known = Supplement.objects.filter(key=key).first()
    if known is not None:
        if (known.line_id, known.amount_minor) != (line_id, amount_minor):
            raise Invalid("This was asked for before with another sum.", field="key", key=key)
        return known
    line = OrderLine.objects.select_related("order").get(pk=line_id)
    goods = _without_tax(line, amount_minor)
    return Supplement.objects.create(
        key=key,
        order=line.order,
        line=line,
        goods_minor=goods,
        tax_minor=amount_minor - goods,
        amount_minor=amount_minor,
        currency=line.currency,
        commission_minor=_share(line.commission_minor, goods, line.goods_minor),
        commission_tax_minor=_share(line.commission_tax_minor, goods, line.goods_minor),
        title=title[:300],
        back_path=back_path,
        asked_at=now,
        pay_by=pay_by,
    )


def _without_tax(line: OrderLine, amount: int) -> int:
    priced = line.unit_price_minor * line.quantity
    return without_tax(
        amount=amount, goods=line.goods_minor, priced=priced, tax=line.tax_minor, rate=line.tax_rate
    )


def _share(amount: int, part: int, whole: int) -> int:
    return amount * part // whole if whole else 0


@transaction.atomic
def start_supplement(
    *, supplement_id: int, provider: str, method: Mapping[str, str], return_url: str, now: datetime
) -> Payment:
    """Open a payment for a supplement; one on its way, or that went through, is returned instead of a second.

    The provider has not been asked yet: `settle_payment` does that.

    :raises WrongState: if it was called off, or its time is over.
    """
    providers.provider(provider)
    supplement = _locked(supplement_id)
    tried = list(supplement.payments.order_by("-pk"))
    live = next((one for one in tried if one.state not in ENDED and not one.is_surplus), None)
    if live is not None:
        return live
    if supplement.state != "open" or supplement.pay_by <= now:
        raise WrongState(state=supplement.state, action="pay")
    group = supplement.order.group
    return Payment.objects.create(
        checkout_id=group.checkout_id,
        group=group,
        purpose="supplement",
        supplement=supplement,
        provider=provider,
        idempotency_key=f"{supplement.public_id}:{len(tried) + 1}",
        amount_minor=supplement.amount_minor,
        currency=supplement.currency,
        method={**method, "return_url": return_url},
        created_at=now,
        changed_at=now,
    )


@transaction.atomic
def cancel_supplement(*, supplement_id: int) -> Supplement:
    """Call off a supplement that nobody paid; a payment on its way is let go by whoever settles it.

    :raises WrongState: once the money is being taken.
    """
    supplement = _locked(supplement_id)
    if supplement.state != "cancelled":
        supplement.state = next_state(SUPPLEMENT, supplement.state, "cancel")
        supplement.save(update_fields=["state"])
    return supplement


@transaction.atomic
def give_up_supplement(*, supplement_id: int) -> Supplement:
    """Give a supplement up for a right that waits for no money, such as a withdrawal.

    What is being taken at this moment goes back to its payer as soon as it is there. One that is paid stays paid:
    its money is to be owed by whoever asked for it.
    """
    supplement = _locked(supplement_id)
    if may(SUPPLEMENT, supplement.state, "give_up"):
        supplement.state = next_state(SUPPLEMENT, supplement.state, "give_up")
        supplement.save(update_fields=["state"])
    return supplement


@transaction.atomic
def take(*, supplement_id: int) -> bool:
    """Tell whether authorised money is still wanted; from then on the supplement cannot be called off."""
    supplement = _locked(supplement_id)
    if supplement.state == "open":
        supplement.state = next_state(SUPPLEMENT, supplement.state, "take")
        supplement.save(update_fields=["state"])
    return supplement.state == "taken"


def is_called_off(supplement_id: int) -> bool:
    """Tell whether a supplement is not wanted any more."""
    return Supplement.objects.filter(pk=supplement_id, state="cancelled").exists()


def is_surplus(payment: Payment) -> bool:
    """Tell of a locked payment that secures money whether that is wanted by nobody: it is to go back.

    The supplement was called off, or another payment of it is on its way or went through. A provider may take
    money of a payment that it called refused before.
    """
    supplement = _locked(payment.supplement_id or 0)
    return supplement.state == "cancelled" or _others(supplement, payment).exists()


def _others(supplement: Supplement, payment: Payment) -> QuerySet[Payment]:
    live = supplement.payments.exclude(state__in=ENDED).filter(is_surplus=False)
    return live.exclude(pk=payment.pk)


def after_news(payment: Payment, now: datetime) -> list[Draft]:
    """Draw the consequences of a payment's news, in its transaction; return what is to be posted.

    Money that a provider took on its own stands for the supplement as well, unless nobody wants it (`is_surplus`):
    then it stays the shopper's, and `give_back` sends it back.
    """
    supplement = _locked(payment.supplement_id or 0)
    if payment.state == Payment.State.CAPTURED:
        if payment.is_surplus:
            return []
        if supplement.state == "open":
            supplement.state = next_state(SUPPLEMENT, supplement.state, "take")
        if not may(SUPPLEMENT, supplement.state, "pay"):
            return []
        supplement.state, supplement.paid_at = next_state(SUPPLEMENT, supplement.state, "pay"), now
        supplement.save(update_fields=["state", "paid_at"])
        _invoice(supplement, now)
        outbox.publish(SupplementPaid(supplement.public_id, supplement.order.public_id, supplement.key))
        return [books.supplement_draft(supplement, payment, now)]
    has_ended = payment.state in ENDED and not payment.is_surplus
    if has_ended and may(SUPPLEMENT, supplement.state, "fail") and not _others(supplement, payment).exists():
        supplement.state = next_state(SUPPLEMENT, supplement.state, "fail")
        supplement.save(update_fields=["state"])
    return []


def _invoice(supplement: Supplement, now: datetime) -> Invoice:
    """Number and freeze the invoice of what was paid later, in the transaction that takes the money."""
    order, line = supplement.order, supplement.line
    merchant, group, series, rate = order.merchant, order.group, f"{now.year}", percent_of(line.tax_rate)
    sums = {"goods_minor": supplement.goods_minor, "tax_minor": supplement.tax_minor}
    row = {
        "title": supplement.title, "options": [], "sku": line.sku, "quantity": 1,
        "unit_minor": supplement.amount_minor, "tax_percent": rate or None,
        "total_minor": supplement.amount_minor, **sums,
    }  # fmt: skip
    content = {
        "seller": seller_card(merchant),
        "buyer": {"email": group.email, "address": group.address},
        "order": {"public_id": order.public_id, "number": order.number},
        "language": group.language,
        "market": group.market,
        "currency": order.currency,
        "ordered_on": supplement.asked_at.date().isoformat(),
        "supplied_on": now.date().isoformat(),
        "lines": [row],
        **dict.fromkeys(("shipping_minor", "duty_minor", "fees_minor"), 0),
        **sums,
        "total_minor": supplement.amount_minor,
        "tax_by_rate": [
            {"percent": rate or None, "net_minor": supplement.goods_minor, "tax_minor": supplement.tax_minor}
        ],
        "collected_by": order.landed["answer"]["who_collects"],
    }
    return Invoice.objects.create(
        order=order,
        merchant=merchant,
        series=series,
        number=next_number(f"supplement:{merchant.public_id}:{series}"),
        kind="supplement",
        supplement=supplement,
        content=content,
        total_minor=supplement.amount_minor,
        currency=order.currency,
        issued_at=now,
    )


def _locked(supplement_id: int) -> Supplement:
    rows = Supplement.objects.select_for_update(of=("self",)).select_related(
        "order__group", "order__merchant", "line"
    )
    found = rows.filter(pk=supplement_id).first()
    if found is None:
        raise NotFound(field="supplement")
    return found
