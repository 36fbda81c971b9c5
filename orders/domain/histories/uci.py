"""The format of "Online Retail" (Chen, D. 2015, UCI Machine Learning Repository): lines of invoices, one table.

An invoice whose number begins with C is a cancellation. The other peculiarities are not in its description; they
are listed as oddities, not mended.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from babel import Locale

from orders.domain.histories.shapes import History, OldLine, OldOrder, Refused, amount, number

COLUMNS = (
    "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country",
)  # fmt: skip
_GOODS = re.compile(r"\d{5}[A-Za-z]{0,3}|DCGS\w+|gift_\w+")
_SPOKEN = {"EIRE": "IE", "RSA": "ZA", "USA": "US"}


def read_uci(text: str, file: str) -> History:
    """Read the table.

    :raises Unreadable: if a column is missing.
    """
    history = History(ZoneInfo("Europe/London"))
    seen: set[tuple[str, ...]] = set()
    for row, values in history.rows(file, text, COLUMNS):
        try:
            line, order = _line(row, values), _order(history, values)  # no order without a line
        except Refused as refused:
            history.refuse(file, row, values["InvoiceNo"], str(refused))
            continue
        order.lines.append(line)
        _remark(history, file, order, line, values, seen)
    _match_cancellations(history, file)
    return history


def _order(history: History, values: dict[str, str]) -> OldOrder:
    name, at = values["InvoiceNo"], history.instant("InvoiceDate", values["InvoiceDate"])
    if not name:
        raise Refused("InvoiceNo: is empty")
    order = history.orders.get(name)
    if order is None:
        is_cancellation = name.upper().startswith("C")
        order = history.orders[name] = OldOrder(
            number=name,
            kind="cancellation" if is_cancellation else "order",
            buyer=values["CustomerID"].removesuffix(".0"),
            market=_MARKETS.get(values["Country"].lower(), ""),
            region=values["Country"],
            currency="GBP",
            placed_at=at,
            state="cancellation" if is_cancellation else "invoiced",
        )
    return order


def _line(row: int, values: dict[str, str]) -> OldLine:
    quantity, price = number("Quantity", values["Quantity"]), amount("UnitPrice", values["UnitPrice"])
    kind = "goods" if _GOODS.fullmatch(values["StockCode"]) else "charge"
    if quantity < 0 and not values["InvoiceNo"].upper().startswith("C"):
        kind = "correction"
    return OldLine(row, values["StockCode"], values["Description"], quantity, price, kind)


def _remark(
    history: History,
    file: str,
    order: OldOrder,
    line: OldLine,
    values: dict[str, str],
    seen: set[tuple[str, ...]],
) -> None:
    remarks = {
        "correction": line.kind == "correction",
        "no_goods": line.kind == "charge",
        "no_title": not line.title,
        "no_price": line.unit_price == 0,
        "negative_price": line.unit_price < 0,
        "no_quantity": line.quantity == 0,
        "no_buyer": not values["CustomerID"],
        "other_buyer": values["CustomerID"].removesuffix(".0") != order.buyer,
        "other_time": history.instant("InvoiceDate", values["InvoiceDate"]) != order.placed_at,
        "no_country": not _MARKETS.get(values["Country"].lower()),
        "cancels_more": order.kind == "cancellation" and line.quantity > 0,
        "twice": tuple(values.values()) in seen,
    }
    seen.add(tuple(values.values()))
    for code, is_so in remarks.items():
        if is_so:
            history.odd(file, line.row, code, order.number, _said(code, line, values))


def _said(code: str, line: OldLine, values: dict[str, str]) -> str:
    return {
        "correction": f"{line.quantity} × {line.code} {line.title}".strip(),
        "no_goods": f"{line.code} {line.title}".strip(),
        "no_country": values["Country"],
        "other_time": values["InvoiceDate"],
    }.get(code, line.code)


@dataclass(slots=True)
class _Sale:
    """Goods that were sold to a buyer under a number, and how many of them nobody has cancelled yet."""

    number: str
    left: int


def _match_cancellations(history: History, file: str) -> None:
    """Give each cancelled quantity to the latest earlier sale of the same goods to the same buyer that covers it."""
    sales: dict[tuple[str, str], list[_Sale]] = defaultdict(list)
    for order in sorted(history.orders.values(), key=lambda one: (one.placed_at, one.kind == "cancellation")):
        for line in order.lines:
            known = sales[order.buyer, line.code.upper()]
            if order.kind == "order" and line.quantity > 0 and order.buyer:
                known.append(_Sale(order.number, line.quantity))
            elif order.kind == "cancellation" and line.kind == "goods" and line.quantity < 0:
                sale = next((one for one in reversed(known) if one.left >= -line.quantity), None)
                if sale is None:
                    said = f"{line.quantity} × {line.code} {line.title}"
                    history.odd(file, line.row, "no_sale", order.number, said)
                    continue
                sale.left += line.quantity
                line.cancels = sale.number


def _markets() -> dict[str, str]:
    names = {
        name.lower(): code
        for code, name in Locale("en").territories.items()
        if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "QO", "XA", "XB", "ZZ")
    }
    return names | {name.lower(): code for name, code in _SPOKEN.items()}


_MARKETS = _markets()
