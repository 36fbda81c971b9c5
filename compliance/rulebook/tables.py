"""Big regular law as strict CSV tables: rates, tariffs, wordings, contacts, locale.

A table is registered once, by name and columns, in `TABLES`; `load_table` then refuses a
missing or unknown column, an empty required cell, a value of the wrong type, a bad date and
a bad confidence, each with file and line. Every table ends in the columns of `DATED`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from compliance.rulebook.strict_yaml import BookRefused, Refusal
from compliance.rulebook.types import Confidence

DIRECTORY = Path(__file__).parent / "tables"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Kinds: text, int, decimal, yes_no, date, list (``;`` between items), confidence."""

    name: str
    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    pattern: str = ""


DATED = (
    Column("from", "date"),
    Column("until", "date"),
    Column("cite", required=True),
    Column("confidence", "confidence", required=True),
    Column("confidence_word"),
)

# name of the file without .csv -> its columns before DATED
TABLES: dict[str, tuple[Column, ...]] = {}


def register_table(name: str, *columns: Column) -> None:
    """Declare the table `name`; called at import by the module that reads the table."""
    TABLES[name] = columns + DATED


@cache
def table(name: str) -> tuple[Row, ...]:
    """Return the rows of a registered table, loaded once."""
    return load_table(DIRECTORY / f"{name}.csv", TABLES[name])


def load_table(path: Path, columns: tuple[Column, ...]) -> tuple[Row, ...]:
    """Read one CSV file strictly. Raises BookRefused with every fault found."""
    file = f"tables/{path.name}"
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        header = next(reader, [])
        names = [column.name for column in columns]
        if header != names:
            raise BookRefused([Refusal(file, 1, f"columns are {header}, wanted {names}")])
        faults: list[Refusal] = []
        rows = [_row(cells, columns, file, reader.line_num, faults) for cells in reader]
    if faults:
        raise BookRefused(faults)
    return tuple(rows)


def in_force(row: Row, day: date) -> bool:
    """Return whether the row applies on `day`; `until` is exclusive, empty ends are open."""
    return (row["from"] is None or row["from"] <= day) and (row["until"] is None or day < row["until"])


def _row(cells: list[str], columns: tuple[Column, ...], file: str, line: int, faults: list[Refusal]) -> Row:
    if len(cells) != len(columns):
        faults.append(Refusal(file, line, f"{len(cells)} cells, wanted {len(columns)}"))
        return {}
    row: dict[str, Any] = {}
    for column, cell in zip(columns, cells, strict=True):
        try:
            row[column.name] = _value(cell.strip(), column)
        except (ValueError, InvalidOperation) as error:
            faults.append(Refusal(file, line, f"{column.name}: {error or cell!r}"))
    if row.get("from") and row.get("until") and row["until"] <= row["from"]:
        faults.append(Refusal(file, line, "until is not after from"))
    return row


def _value(cell: str, column: Column) -> Any:
    if not cell:
        if column.required:
            raise ValueError("is empty")
        return [] if column.kind == "list" else ("" if column.kind == "text" else None)
    if column.choices and column.kind != "list" and cell not in column.choices:
        raise ValueError(f"{cell!r} is not one of {', '.join(column.choices)}")
    if column.pattern and not re.fullmatch(column.pattern, cell):
        raise ValueError(f"{cell!r} does not look like {column.pattern}")
    return _READ[column.kind](cell)


def _yes_no(cell: str) -> bool:
    if cell not in {"yes", "no"}:
        raise ValueError(f"{cell!r} is neither yes nor no")
    return cell == "yes"


_READ: dict[str, Any] = {
    "text": str,
    "int": int,
    "decimal": Decimal,
    "yes_no": _yes_no,
    "date": date.fromisoformat,
    "list": lambda cell: [item.strip() for item in cell.split(";") if item.strip()],
    "confidence": Confidence,
}
