"""Writes of the order's life: what edges and upper apps may call."""

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

__all__ = [
    "abandon_checkout",
    "accept_changes",
    "add_to_basket",
    "choose_shipping",
    "expire_checkout",
    "find_basket",
    "get_or_create_basket",
    "give_consent",
    "merge_baskets",
    "remove_from_basket",
    "set_address",
    "set_quantity",
    "show_quote",
    "start_checkout",
    "take_back_consent",
]
