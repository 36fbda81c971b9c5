"""Writes of the order's life: what edges and upper apps may call."""

from orders.operations import payout_holds
from orders.operations.baskets import (
    accept_changes,
    add_to_basket,
    count_of,
    find_basket,
    get_or_create_basket,
    merge_baskets,
    remove_from_basket,
    set_quantity,
)
from orders.operations.chargebacks import record_dispute
from orders.operations.checking import Difference, Findings, check_books
from orders.operations.checkouts import (
    abandon_checkout,
    choose_shipping,
    expire_checkout,
    fill_in,
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
    mark_lost,
    record_delivery,
    ship_parcel,
)
from orders.operations.payments import (
    Outcome,
    expire_payment,
    give_back,
    outcome_of,
    settle_payment,
    start_payment,
    step_back,
    submit_order,
)
from orders.operations.payouts import (
    PaidOut,
    prepare_payout,
    record_pay_in,
    record_transfer,
    release_lines,
    run_payouts,
    send_payout,
    set_bank_account,
)
from orders.operations.placing import next_number, place_order
from orders.operations.reconciling import Reconciled, reconcile_payments, release_expired_checkouts
from orders.operations.refunds import repeat_refund, request_refund, send_refund, send_refund_named
from orders.operations.sales import count_sales
from orders.operations.supplements import (
    ask_supplement,
    cancel_supplement,
    give_up_supplement,
    start_supplement,
)
from orders.operations.webhooks import receive_webhook
from orders.operations.withheld import left_to_ship
from orders.payments.offline import answer_challenge

__all__ = [
    "Difference",
    "Dispatched",
    "Findings",
    "Outcome",
    "Packed",
    "PaidOut",
    "Reconciled",
    "abandon_checkout",
    "accept_changes",
    "add_to_basket",
    "answer_challenge",
    "ask_supplement",
    "cancel_order",
    "cancel_supplement",
    "check_books",
    "choose_shipping",
    "count_of",
    "count_sales",
    "dispatch_parcels",
    "expire_checkout",
    "expire_payment",
    "fill_in",
    "find_basket",
    "get_or_create_basket",
    "give_back",
    "give_consent",
    "give_up_supplement",
    "issue_invoice",
    "left_to_ship",
    "mark_lost",
    "merge_baskets",
    "next_number",
    "outcome_of",
    "payout_holds",
    "place_order",
    "prepare_payout",
    "receive_webhook",
    "reconcile_payments",
    "record_delivery",
    "record_dispute",
    "record_pay_in",
    "record_transfer",
    "release_expired_checkouts",
    "release_lines",
    "remove_from_basket",
    "repeat_refund",
    "request_refund",
    "run_payouts",
    "send_payout",
    "send_refund",
    "send_refund_named",
    "set_address",
    "set_bank_account",
    "set_quantity",
    "settle_payment",
    "ship_parcel",
    "show_quote",
    "start_checkout",
    "start_payment",
    "start_supplement",
    "step_back",
    "submit_order",
    "take_back_consent",
]
