"""Orders of other shops as history: every row taken or refused, the published counts come out, oddities are named."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from orders.domain.histories import FileCount, History, Unreadable, read_olist, read_uci
from orders.domain.histories.olist import COLUMNS, ITEMS, ORDERS, PAYMENTS, REVIEWS
from orders.domain.histories.words import ODD

UCI = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def odd(history: History) -> list[tuple[int, str, str]]:
    return [(one.row, one.code, one.order) for one in history.oddities]


def test_a_cancellation_takes_back_the_latest_sale_that_covers_it():
    history = read_uci(
        UCI
        + "1,85123A,HEART,6,2010-12-01 08:00:00,2.55,17850.0,EIRE\n"
        + "2,85123A,HEART,2,2010-12-02 08:00:00,2.55,17850.0,EIRE\n"
        + "C3,85123A,HEART,-4,2010-12-03 08:00:00,2.55,17850.0,EIRE\n"
        + "C4,85123A,HEART,-3,2010-12-04 08:00:00,2.55,17850.0,EIRE\n",
        "a.csv",
    )
    assert {name: (one.kind, one.market, one.lines[0].cancels) for name, one in history.orders.items()} == {
        "1": ("order", "IE", ""),
        "2": ("order", "IE", ""),
        "C3": ("cancellation", "IE", "1"),
        "C4": ("cancellation", "IE", ""),
    }
    assert odd(history) == [(5, "no_sale", "C4")]


def test_rows_that_cannot_be_read_are_refused_and_the_rest_goes_on():
    history = read_uci(
        UCI
        + "1,85123A,HEART,six,2010-12-01 08:00:00,2.55,1,France\n"
        + "1,85123A,HEART,6,1/12/2010,2.55,1,France\n"
        + "1,85123A,HEART,6,2010-12-01 08:00:00,NaN,1,France\n"
        + ",85123A,HEART,6,2010-12-01 08:00:00,2.55,1,France\n"
        + "1,85123A,HEART,6,2010-12-01 08:00:00,2.55,1,France\n",
        "a.csv",
    )
    assert (history.files, [one.said for one in history.oddities]) == (
        {"a.csv": FileCount(rows=5, taken=1, refused=4)},
        [
            "Quantity: 'six' is no whole number",
            "InvoiceDate: '1/12/2010' is no time written as 2018-01-31 08:26:00",
            "UnitPrice: 'NaN' is no amount",
            "InvoiceNo: is empty",
        ],
    )


def test_what_is_odd_in_an_invoice_is_named():
    history = read_uci(
        UCI
        + "1,POST,POSTAGE,1,2010-12-01 08:00:00,18.00,7,Channel Islands\n"
        + "1,22139,,-5,2010-12-01 08:01:00,0.0,8,France\n"
        + "2,22139,TEA,0,2010-12-01 08:00:00,-1,,France\n"
        + "2,22139,TEA,0,2010-12-01 08:00:00,-1,,France\n",
        "a.csv",
    )
    assert odd(history) == [
        (2, "no_goods", "1"),
        (2, "no_country", "1"),
        (3, "correction", "1"),
        (3, "no_title", "1"),
        (3, "no_price", "1"),
        (3, "other_buyer", "1"),
        (3, "other_time", "1"),
        (4, "negative_price", "2"),
        (4, "no_quantity", "2"),
        (4, "no_buyer", "2"),
        (5, "negative_price", "2"),
        (5, "no_quantity", "2"),
        (5, "no_buyer", "2"),
        (5, "twice", "2"),
    ]


@pytest.mark.parametrize("text", ["", "InvoiceNo,StockCode\n"])
def test_another_table_is_no_history(text: str):
    with pytest.raises(Unreadable, match=r"columns are missing: .*Quantity"):
        read_uci(text, "a.csv")


def olist(**rows: str) -> dict[str, str]:
    return {name: ",".join(columns) + "\n" + rows.get(name, "") for name, columns in COLUMNS.items()}


def test_an_order_of_the_marketplace_with_all_its_oddities():
    history = read_olist(
        olist(
            **{
                ORDERS: "o1,c1,delivered,2018-08-15 11:00:00,,2018-08-20 10:00:00,2018-08-19 10:00:00,2018-08-18 00:00:00\n"
                "o1,c1,delivered,2018-08-15 11:00:00,,,,\no2,c2,canceled,2018-08-15 11:00:00,,,,\n",
                ITEMS: "o1,1,p1,s1,2018-08-16 00:00:00,10.00,2.50\no9,1,p1,s1,2018-08-16 00:00:00,10.00,2.50\n",
                PAYMENTS: "o1,1,credit_card,0,12.00\n",
                REVIEWS: 'r1,o1,5,,"two\nlines",2018-08-18 00:00:00,2018-08-18 21:00:00\nr2,o1,7,,,x,x\n',
            }
        )
    )
    order = history.orders["o1"]
    assert (str(order.total), order.is_late(history.zone), order.reviews[0]["text"]) == (
        "12.50",
        True,
        "two\nlines",
    )
    assert [(one.file, one.row, one.code) for one in history.oddities if one.order != "o2"] == [
        (ORDERS, 2, "no_buyer"),
        (ORDERS, 2, "not_approved"),
        (ORDERS, 2, "delivered_before_handed_over"),
        (ORDERS, 3, "refused"),
        (ITEMS, 2, "no_product"),
        (ITEMS, 2, "no_seller"),
        (ITEMS, 2, "handed_over_late"),
        (ITEMS, 3, "refused"),
        (PAYMENTS, 2, "no_rates"),
        (REVIEWS, 3, "review_before_delivery"),
        (REVIEWS, 4, "refused"),
        (ORDERS, 0, "paid_something_else"),
    ]


def test_the_retailers_december_comes_out_as_published(shared: Path):
    path = shared / "data/orders_uci_online_retail/online_retail_2010-12.csv"
    history = read_uci(path.read_text(encoding="utf-8"), path.name)
    lines = [(order, line) for order in history.orders.values() for line in order.lines]

    assert {
        "rows": history.files[path.name],
        "invoices": len(history.orders),
        "cancellation lines": sum(order.kind == "cancellation" for order, _ in lines),
        "negative quantities": sum(line.quantity < 0 for _, line in lines),
        "without buyer": sum(not order.buyer for order, _ in lines),
        "outside the United Kingdom": sum(order.market != "GB" for order, _ in lines),
        "rows kept": len({line.row for _, line in lines}),
    } == {
        "rows": FileCount(42481, 42481, 0),
        "invoices": 2025,
        "cancellation lines": 728,
        "negative quantities": 798,
        "without buyer": 15631,
        "outside the United Kingdom": 2356,
        "rows kept": 42481,
    }
    assert Counter(one.code for one in history.oddities) == {
        "no_buyer": 15631,
        "twice": 500,
        "no_sale": 400,
        "no_price": 273,
        "no_goods": 193,
        "no_title": 125,
        "correction": 70,
        "no_country": 17,
        "other_time": 6,
    }


def test_the_marketplaces_orders_come_out_as_published(shared: Path):
    folder = shared / "data/orders_olist"
    history = read_olist({path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.csv")})
    orders = history.orders.values()
    states = Counter(order.state for order in orders)

    assert {
        "refused": sum(count.refused for count in history.files.values()),
        "rows": {name: history.files[name].rows for name in (ORDERS, ITEMS, PAYMENTS, REVIEWS)},
        "kept": (
            sum(len(one.lines) for one in orders),
            sum(len(one.payments) for one in orders),
            sum(len(one.reviews) for one in orders),
        ),
        "states": [states[name] for name in ("delivered", "shipped", "canceled", "unavailable")],
        "after the promised midnight": sum(
            bool(one.delivered_at and one.promised_on)
            and one.delivered_at.replace(tzinfo=None).isoformat() > f"{one.promised_on}T00:00:00"
            for one in orders
        ),
        "after the promised day": sum(one.is_late(history.zone) for one in orders),
    } == {
        "refused": 0,
        "rows": {ORDERS: 3000, ITEMS: 3397, PAYMENTS: 3170, REVIEWS: 2993},
        "kept": (3397, 3170, 2993),
        "states": [2904, 38, 24, 17],
        "after the promised midnight": 231,  # as the source counts
        "after the promised day": 191,  # as a buyer reads a promise of a day
    }
    assert {one.code for one in history.oddities} <= ODD.keys()
