"""What a history is made of, and how its tables are read."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from io import StringIO
from zoneinfo import ZoneInfo


class Unreadable(Exception):
    """A file that is not the table it should be: says which file and what is missing."""


class Refused(Exception):
    """A row that cannot be read: says which field, what stands there and what should."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something odd about a row, or about an order as a whole (row 0). `code` is one of `ODD`."""

    file: str
    row: int  # the line in the file where the record ends; 0: the order as a whole
    code: str
    order: str
    said: str


@dataclass(slots=True)
class OldLine:
    """One line. Quantities of cancellations and corrections are negative; prices are in major units, as written."""

    row: int
    code: str
    title: str
    quantity: int
    unit_price: Decimal
    kind: str = "goods"  # goods, charge, correction
    seller: str = ""
    freight: Decimal = Decimal(0)
    cancels: str = ""  # the number of the order whose goods this line takes back


@dataclass(slots=True)
class OldOrder:
    """An order, or a cancellation that the other shop numbered like one."""

    number: str
    kind: str  # order, cancellation
    buyer: str
    market: str  # two letters; empty if the file's word is no country
    currency: str
    placed_at: datetime
    state: str
    region: str = ""
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    promised_on: date | None = None
    lines: list[OldLine] = field(default_factory=list)
    payments: list[dict[str, str]] = field(default_factory=list)
    reviews: list[dict[str, str]] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """The sum of its lines with freight."""
        return sum((line.quantity * line.unit_price + line.freight for line in self.lines), Decimal(0))

    def is_late(self, zone: ZoneInfo) -> bool:
        """Return whether it came after the day that was promised, by the calendar of the shop."""
        if self.delivered_at is None or self.promised_on is None:
            return False
        return self.delivered_at.astimezone(zone).date() > self.promised_on


@dataclass(slots=True)
class FileCount:
    """rows = taken + refused."""

    rows: int = 0
    taken: int = 0
    refused: int = 0


@dataclass(slots=True)
class History:
    """What was read: orders by number in the order of their first row, oddities in the order of rows."""

    zone: ZoneInfo
    files: dict[str, FileCount] = field(default_factory=dict)
    orders: dict[str, OldOrder] = field(default_factory=dict)
    oddities: list[Oddity] = field(default_factory=list)

    def odd(self, file: str, row: int, code: str, order: str, said: str = "") -> None:
        """Note something odd."""
        self.oddities.append(Oddity(file, row, code, order, said))

    def rows(self, file: str, text: str, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the records of a table, counted; each is taken unless `refuse` is called for it.

        :raises Unreadable: if a column is missing.
        """
        reader = csv.DictReader(StringIO(text, newline=""))
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise Unreadable(f"{file}: columns are missing: {', '.join(missing)}")
        count = self.files[file] = FileCount()
        for row in reader:
            count.rows += 1
            count.taken += 1
            yield reader.line_num, {name: (row.get(name) or "").strip() for name in columns}

    def refuse(self, file: str, row: int, order: str, why: str) -> None:
        """Count a row as refused, and say why."""
        self.files[file].taken -= 1
        self.files[file].refused += 1
        self.odd(file, row, "refused", order, why)

    def instant(self, name: str, text: str) -> datetime:
        """Read a local time of the shop. :raises Refused: if it is none."""
        try:
            return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=self.zone)
        except ValueError:
            raise Refused(f"{name}: {text!r} is no time written as 2018-01-31 08:26:00") from None


def number(name: str, text: str) -> int:
    """Read a whole number. :raises Refused: if it is none."""
    try:
        return int(text)
    except ValueError:
        raise Refused(f"{name}: {text!r} is no whole number") from None


def amount(name: str, text: str) -> Decimal:
    """Read an amount. :raises Refused: if it is none."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Refused(f"{name}: {text!r} is no amount") from None
    if not value.is_finite():
        raise Refused(f"{name}: {text!r} is no amount")
    return value
