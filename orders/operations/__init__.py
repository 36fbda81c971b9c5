"""Writes of the order's life: what edges and upper apps may call."""

from orders.operations import payout_holds
from orders.operations.baskets import (
    accept_changes,
    add_to_basket,
    find_basket,
    get_or_create_basket,
    merge_baskets,
    remove_from_basket,
    set_quantity,
)
from orders.operations.checkouts import (
    abandon_checkout,
    choose_shipping,
    expire_checkout,
    give_consent,
    set_address,
    show_quote,
    start_checkout,
    take_back_consent,
)
from orders.operations.dispatch import Dispatched, dispatch_parcels
from orders.operations.fulfilment import (
    Packed,
    cancel_order,
    issue_invoice,
    left_to_ship,
    mark_lost,
    record_delivery,
    ship_parcel,
)
from orders.operations.payments import (
    Outcome,
    expire_payment,
    give_back,
    outcome_of,
    receive_webhook,
    settle_payment,
    start_payment,
    step_back,
    submit_order,
)
from orders.operations.placing import next_number, place_order
from orders.operations.reconciling import Reconciled, reconcile_payments, release_expired_checkouts
from orders.operations.refunds import request_refund, send_refund
from orders.operations.sales import count_sales
from orders.payments.offline import answer_challenge

__all__ = [
    "Dispatched",
    "Outcome",
    "Packed",
    "Reconciled",
    "abandon_checkout",
    "accept_changes",
    "add_to_basket",
    "answer_challenge",
    "cancel_order",
    "choose_shipping",
    "count_sales",
    "dispatch_parcels",
    "expire_checkout",
    "expire_payment",
    "find_basket",
    "get_or_create_basket",
    "give_back",
    "give_consent",
    "issue_invoice",
    "left_to_ship",
    "mark_lost",
    "merge_baskets",
    "next_number",
    "outcome_of",
    "payout_holds",
    "place_order",
    "receive_webhook",
    "reconcile_payments",
    "record_delivery",
    "release_expired_checkouts",
    "remove_from_basket",
    "request_refund",
    "send_refund",
    "set_address",
    "set_quantity",
    "settle_payment",
    "ship_parcel",
    "show_quote",
    "start_checkout",
    "start_payment",
    "step_back",
    "submit_order",
    "take_back_consent",
]
