"""The payments that stand for one checkout's orders: locked together, with the lines that they paid."""

from __future__ import annotations

from django.db.models import Q

from marketplace.kernel.errors import Invalid
from orders.models import Order, OrderLine, Payment


def lock_payments(payment_id: int | None, order: Order | None) -> list[Payment]:
    """Lock every payment that stands for the same group, in the order of their keys.

    :raises Invalid: if neither is named, or the payment is not of the order.
    """
    if payment_id is None and order is None:
        raise Invalid("Say of which payment or order.", field="payment_id")
    group = order.group_id if order is not None else None
    if group is None:
        group = Payment.objects.values_list("group_id", flat=True).get(pk=payment_id)
    which = Q(group_id=group) if group is not None else Q(pk=payment_id)
    rows = list(Payment.objects.select_for_update().filter(which).order_by("pk"))
    if payment_id is not None and payment_id not in {row.pk for row in rows}:
        raise Invalid("This payment is not of this order.", field="payment_id")
    return rows


def lines_of(payment: Payment, order: Order | None) -> list[OrderLine]:
    """Return the lines of an order, or of all orders that a payment is for."""
    if order is None and (payment.group_id is None or stands_for_nothing(payment)):
        return []
    which = Q(order=order) if order is not None else Q(order__group_id=payment.group_id)
    return list(OrderLine.objects.filter(which).select_related("order").order_by("order_id", "position"))


def stands_for_nothing(payment: Payment) -> bool:
    """Tell whether money was taken for a supplement that was called off or is paid already: it is the shopper's still."""
    return payment.is_surplus or (payment.supplement is not None and payment.supplement.state != "paid")
