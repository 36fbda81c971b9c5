"""A merchant's table of tracking numbers, read row by row: order, carrier, tracking number, and if need be what is in
the parcel. Pure.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from orders.domain.errors import BadTable

MOST_BYTES, MOST_ROWS = 1_000_000, 5_000
NAMES = {
    "order": ("order", "order_id", "order id", "public_id", "bestellung"),
    "carrier": ("carrier", "carrier_code", "versanddienst"),
    "tracking_number": ("tracking_number", "tracking number", "tracking", "sendungsnummer"),
    "sku": ("sku", "article", "artikel"),
    "quantity": ("quantity", "qty", "menge"),
}


@dataclass(frozen=True, slots=True)
class TrackingRow:
    """One row: a parcel of an order, or a part of one when an article is named. `quantity` 0: all that is left."""

    line: int
    order: str
    carrier: str
    tracking_number: str
    sku: str = ""
    quantity: int = 0


def decode(data: bytes) -> str:
    """Return a file's text.

    :raises BadTable: if it is too large or not written in UTF-8.
    """
    if len(data) > MOST_BYTES:
        raise BadTable(
            "The file is too large. A table of tracking numbers has at most one megabyte.", field="file"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadTable("The file is not written in UTF-8. Save it as “CSV UTF-8”.", field="file") from None


def read_table(text: str) -> list[TrackingRow]:
    """Return the rows of a table; commas, semicolons or tabs between the columns.

    :raises BadTable: naming the column or the line that cannot be read.
    """
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    try:
        lines = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise BadTable("This is not a table of rows and columns.", field="file", reason=str(error)) from None
    places = _places([cell.strip().lower() for cell in lines[0]] if lines else [])
    if len(lines) > MOST_ROWS + 1:
        raise BadTable("The table is too long. Split it.", field="file", most=MOST_ROWS)
    return [
        _row(at, cells, places)
        for at, cells in enumerate(lines[1:], start=2)
        if any(cell.strip() for cell in cells)
    ]


def _places(head: list[str]) -> dict[str, int]:
    found = {
        name: next(at for at, cell in enumerate(head) if cell in known)
        for name, known in NAMES.items()
        if any(cell in known for cell in head)
    }
    for name in ("order", "tracking_number"):
        if name not in found:
            raise BadTable("A column is missing in the first line.", field="file", column=name)
    return found


def _row(line: int, cells: list[str], places: dict[str, int]) -> TrackingRow:
    got: dict[str, Any] = {
        name: cells[at].strip().lstrip("'") if at < len(cells) else "" for name, at in places.items()
    }
    quantity = got.pop("quantity", "")
    if quantity and not (quantity.isascii() and quantity.isdigit() and 0 < int(quantity[:9]) < 100_000):
        raise BadTable("The quantity is a whole number above zero.", field="quantity", line=line)
    if not got["order"]:
        raise BadTable("The order is not named.", field="order", line=line)
    return TrackingRow(line, **{"carrier": "", **got}, quantity=int(quantity or 0))


def parcels_of(rows: list[TrackingRow]) -> list[list[TrackingRow]]:
    """Return the rows of each parcel together: those of one order with one tracking number."""
    found: dict[tuple[str, str, str], list[TrackingRow]] = {}
    for row in rows:
        key = row.order.upper(), row.carrier.lower(), row.tracking_number
        found.setdefault(key if row.sku else (*key[:2], f"{row.tracking_number}\n{row.line}"), []).append(row)
    return list(found.values())
