"""Bytes to text to rows, with every way in which a file can be broken said plainly. Pure."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from catalog.importing.records import FileRefused

csv.field_size_limit(1_000_000)
MAX_COLUMNS = 500
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 (with its mark) or Windows-1252.

    :raises FileRefused: if it is empty, binary, or in none of these.
    """
    if not data.strip():
        raise FileRefused("The file is empty.", "Export it again and check that it has rows.")
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise FileRefused("This is a spreadsheet or an archive.", "Save it as CSV with UTF-8 encoding.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _decode_as(data, "utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if b"\x00" in data:
        raise FileRefused("The file is not text.", "Save it as CSV, JSON or XML with UTF-8 encoding.")
    return _decode_as(data, "cp1252")


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileRefused(
            "Byte %(byte)s is not readable as %(encoding)s.",
            "Save the file with UTF-8 encoding.",
            byte=error.start,
            encoding=encoding,
        ) from None


def rows_of(text: str, *, header: bool = True) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number, row) of delimited text; the delimiter is the one the first line uses most.

    Without a header the columns are called ``1``, ``2``, …. Extra cells of a row are kept under ``""``.

    :raises FileRefused: if columns have the same name or a quote is never closed.
    """
    first = text.lstrip("\n").split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    reader = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip() for name in next(reader)] if header else None
        if names is not None:
            _check_names(names)
        yield from _dicts(reader, names)
    except csv.Error as error:
        raise FileRefused(
            "The table is broken here: %(why)s.",
            "Check the quotes around cells that hold line breaks.",
            reader.line_num,
            why=str(error),
        ) from None


def _check_names(names: list[str]) -> None:
    named = [name for name in names if name]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise FileRefused(
            "The column %(name)s appears twice.", "Give every column a name of its own.", 1, name=twice[0]
        )
    if len(names) > MAX_COLUMNS or not named:
        raise FileRefused(
            "The first line does not name the columns.", "Put the column names into the first line.", 1
        )


def _dicts(reader: Any, names: list[str] | None) -> Iterator[tuple[int, dict[str, str]]]:
    start = reader.line_num + 1
    for cells in reader:
        line, start = start, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        titles = names or [str(index + 1) for index in range(len(cells))]
        row = dict(zip(titles, cells, strict=False))
        if len(cells) > len(titles):
            row[""] = " ".join(cells[len(titles) :])
        yield line, row


def load_json(text: str) -> Any:
    """Return the value of JSON text, or of JSON lines as a list.

    :raises FileRefused: with the line at which it breaks.
    """
    try:
        return storable(json.loads(text))
    except json.JSONDecodeError as error:
        try:
            return [storable(json.loads(line)) for line in text.splitlines() if line.strip()]
        except json.JSONDecodeError:
            raise FileRefused(
                "The JSON breaks here: %(why)s.", "Export the file again.", error.lineno, why=error.msg
            ) from None
    except RecursionError:
        raise FileRefused("The JSON is nested too deeply.", "Send a flat list of products.") from None


def storable(value: Any) -> Any:
    """Return a JSON value without the characters that no database keeps: NUL and halves of surrogate pairs."""
    if isinstance(value, str):
        return UNSTORABLE.sub("", value)
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {UNSTORABLE.sub("", name): storable(item) for name, item in value.items()}
    return value
