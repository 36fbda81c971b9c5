"""The format of Olist's public data set: orders of a Brazilian marketplace in eight tables.

`files` holds the text of each table by its file name. Orders, lines, payments and reviews are taken; customers,
sellers, products and the names of categories are looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from orders.domain.histories.shapes import History, OldLine, OldOrder, Refused, amount, number

ORDERS, ITEMS = "olist_orders_dataset.csv", "olist_order_items_dataset.csv"
PAYMENTS, REVIEWS = "olist_order_payments_dataset.csv", "olist_order_reviews_dataset.csv"
CUSTOMERS, SELLERS = "olist_customers_dataset.csv", "olist_sellers_dataset.csv"
PRODUCTS, NAMES = "olist_products_dataset.csv", "product_category_name_translation.csv"
COLUMNS = {
    CUSTOMERS: ("customer_id", "customer_unique_id", "customer_state"),
    SELLERS: ("seller_id", "seller_state"),
    PRODUCTS: ("product_id", "product_category_name"),
    NAMES: ("product_category_name", "product_category_name_english"),
    ORDERS: (
        "order_id", "customer_id", "order_status", "order_purchase_timestamp", "order_approved_at",
        "order_delivered_carrier_date", "order_delivered_customer_date", "order_estimated_delivery_date",
    ),
    ITEMS: (
        "order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price", "freight_value",
    ),
    PAYMENTS: ("order_id", "payment_sequential", "payment_type", "payment_installments", "payment_value"),
    REVIEWS: (
        "review_id", "order_id", "review_score", "review_comment_title", "review_comment_message",
        "review_creation_date", "review_answer_timestamp",
    ),
}  # fmt: skip
CENT = Decimal("0.01")


def read_olist(files: Mapping[str, str]) -> History:
    """Read the tables.

    :raises Unreadable: if a column of a table is missing.
    :raises KeyError: with the name of a table that is missing.
    """
    history = History(ZoneInfo("America/Sao_Paulo"))
    known = {file: _looked_up(history, file, files[file]) for file in (CUSTOMERS, SELLERS, PRODUCTS, NAMES)}
    _take(history, ORDERS, files, lambda row, values: _order(history, row, values, known))
    _take(history, ITEMS, files, lambda row, values: _item(history, row, values, known))
    _take(history, PAYMENTS, files, lambda row, values: _payment(history, row, values))
    reviews: set[str] = set()
    _take(history, REVIEWS, files, lambda row, values: _review(history, row, values, reviews))
    for order in history.orders.values():
        _remark(history, order)
    return history


def _take(
    history: History, file: str, files: Mapping[str, str], take: Callable[[int, dict[str, str]], None]
) -> None:
    for row, values in history.rows(file, files[file], COLUMNS[file]):
        try:
            take(row, values)
        except Refused as refused:
            history.refuse(file, row, values.get("order_id", ""), str(refused))


def _looked_up(history: History, file: str, text: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row, values in history.rows(file, text, COLUMNS[file]):
        key = values[COLUMNS[file][0]]
        if key in found:
            history.odd(file, row, "twice", "", key)
        found[key] = values
    return found


def _order(
    history: History, row: int, values: dict[str, str], known: dict[str, dict[str, dict[str, str]]]
) -> None:
    name = values["order_id"]
    if not name or name in history.orders:
        raise Refused(f"order_id: {name!r} is empty or was there before")
    buyer = known[CUSTOMERS].get(values["customer_id"])
    if buyer is None:
        history.odd(ORDERS, row, "no_buyer", name, values["customer_id"])
    instants = {
        column: history.instant(column, values[column]) if values[column] else None
        for column in COLUMNS[ORDERS][3:]
    }
    if instants["order_purchase_timestamp"] is None:
        raise Refused("order_purchase_timestamp: is empty")
    promised = instants["order_estimated_delivery_date"]
    order = history.orders[name] = OldOrder(
        number=name, kind="order", buyer=(buyer or {}).get("customer_unique_id", ""), market="BR",
        region=(buyer or {}).get("customer_state", ""), currency="BRL",
        placed_at=instants["order_purchase_timestamp"], state=values["order_status"],
        shipped_at=instants["order_delivered_carrier_date"],
        delivered_at=instants["order_delivered_customer_date"],
        promised_on=promised.date() if promised else None,
    )  # fmt: skip
    approved = instants["order_approved_at"]
    remarks = {
        "not_approved": approved is None,
        "no_promise": promised is None,
        "delivered_without_a_day": order.state == "delivered" and order.delivered_at is None,
        "a_day_without_delivery": order.state != "delivered" and order.delivered_at is not None,
        "delivered_without_handing_over": bool(order.delivered_at) and order.shipped_at is None,
        "delivered_before_handed_over": _before(order.delivered_at, order.shipped_at),
        "handed_over_before_approved": _before(order.shipped_at, approved),
        "approved_before_ordered": _before(approved, order.placed_at),
    }
    for code, is_so in remarks.items():
        if is_so:
            history.odd(ORDERS, row, code, name, order.state)


def _before(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one < other


def _found(history: History, values: dict[str, str]) -> OldOrder:
    order = history.orders.get(values["order_id"])
    if order is None:
        raise Refused(f"order_id: no order {values['order_id']!r} is in {ORDERS}")
    return order


def _item(
    history: History, row: int, values: dict[str, str], known: dict[str, dict[str, dict[str, str]]]
) -> None:
    order, name = _found(history, values), values["order_id"]
    price, freight = amount("price", values["price"]), amount("freight_value", values["freight_value"])
    number("order_item_id", values["order_item_id"])
    product, seller = known[PRODUCTS].get(values["product_id"]), known[SELLERS].get(values["seller_id"])
    category = (product or {}).get("product_category_name", "")
    english = known[NAMES].get(category, {}).get("product_category_name_english", "")
    limit = history.instant("shipping_limit_date", values["shipping_limit_date"])
    order.lines.append(
        OldLine(
            row,
            values["product_id"],
            english or category,
            1,
            price,
            seller=values["seller_id"],
            freight=freight,
        )
    )
    remarks = {
        "no_product": product is None,
        "no_category": product is not None and not category,
        "category_without_a_name": bool(category) and not english,
        "no_seller": seller is None,
        "no_price": price == 0,
        "negative_price": price < 0 or freight < 0,
        "handed_over_late": _before(limit, order.shipped_at),
    }
    for code, is_so in remarks.items():
        if is_so:
            history.odd(ITEMS, row, code, name, category or values["product_id"])


def _payment(history: History, row: int, values: dict[str, str]) -> None:
    order = _found(history, values)
    value = amount("payment_value", values["payment_value"])
    rates = number("payment_installments", values["payment_installments"])
    number("payment_sequential", values["payment_sequential"])
    order.payments.append(
        {
            "row": str(row), "sequence": values["payment_sequential"], "way": values["payment_type"],
            "rates": str(rates), "value": str(value),
        }
    )  # fmt: skip
    if value == 0:
        history.odd(PAYMENTS, row, "paid_nothing", order.number, values["payment_type"])
    if rates < 1:
        history.odd(PAYMENTS, row, "no_rates", order.number, values["payment_installments"])
    if values["payment_type"] == "not_defined":
        history.odd(PAYMENTS, row, "no_way_of_paying", order.number)


def _review(history: History, row: int, values: dict[str, str], seen: set[str]) -> None:
    order, score = _found(history, values), number("review_score", values["review_score"])
    if not 1 <= score <= 5:
        raise Refused(f"review_score: {score} is not 1 to 5")
    created = history.instant("review_creation_date", values["review_creation_date"])
    answered = history.instant("review_answer_timestamp", values["review_answer_timestamp"])
    order.reviews.append(
        {
            "row": str(row), "id": values["review_id"], "score": str(score),
            "title": values["review_comment_title"], "text": values["review_comment_message"],
            "asked_at": created.isoformat(), "answered_at": answered.isoformat(),
        }
    )  # fmt: skip
    remarks = {
        "review_of_several_orders": values["review_id"] in seen,
        "several_reviews": len(order.reviews) > 1,
        "review_before_delivery": order.delivered_at is None or answered < order.delivered_at,
        "answered_before_asked": answered < created,
    }
    seen.add(values["review_id"])
    for code, is_so in remarks.items():
        if is_so:
            history.odd(REVIEWS, row, code, order.number, values["review_id"])


def _remark(history: History, order: OldOrder) -> None:
    paid = sum((Decimal(one["value"]) for one in order.payments), Decimal(0))
    remarks = {
        "no_lines": (not order.lines, order.state),
        "no_payment": (not order.payments, order.state),
        "paid_something_else": (
            bool(order.lines and order.payments) and abs(paid - order.total) > CENT,
            f"{order.total} / {paid}",
        ),
        "several_sellers": (len({line.seller for line in order.lines}) > 1, str(len(order.lines))),
    }
    for code, (is_so, said) in remarks.items():
        if is_so:
            history.odd(ORDERS, 0, code, order.number, said)
