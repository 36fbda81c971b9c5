"""Choose several hundred real foods from Open Food Facts exports.

``python -m catalog.demo.openfoodfacts.select FOLDER`` reads the CSV exports in FOLDER (any number, comma or
tab separated) and writes products.csv beside this file: facts only, in the columns of Open Food Facts, so
that the shop's own importer reads it. The result is a database derived from Open Food Facts and stays under
the Open Database License; see LICENCE.md.
"""

from __future__ import annotations

import csv
import html
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from stdnum import ean

HERE = Path(__file__).resolve().parent
MOST = 480
COLUMNS = (
    "code", "url", "product_name", "generic_name", "quantity", "brands", "categories", "categories_tags", "main_category",
    "labels", "origins", "manufacturing_places", "countries", "ingredients_text", "allergens", "traces", "serving_size",
    "last_modified_t",
)  # fmt: skip
#: What makes a row worth showing; the weights decide who comes first.
WORTH = {
    "ingredients_text": 4,
    "quantity": 3,
    "brands": 2,
    "allergens": 2,
    "origins": 1,
    "generic_name": 1,
    "main_category": 1,
}
_CODE = re.compile(r"/product/(\d{8,20})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")

Row = dict[str, str]


def read(folder: Path) -> Iterator[Row]:
    """Yield the rows of every export in the folder, in the order of names and lines."""
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            tabs = "\t" in file.readline()
            file.seek(0)
            yield from csv.DictReader(file, dialect="excel-tab" if tabs else "excel")


def gtin_of(row: Row) -> str:
    """Return the GTIN-13 or GTIN-8 of a row, "" if it has none that checks.

    The product's address keeps the leading zeros that spreadsheets take from the code column. Codes
    that begin with 2, or with 02 or 04, are a shop's own and identify nothing outside it.
    """
    found = _CODE.search(row.get("url") or "")
    digits = (found.group(1) if found else row.get("code", "")).lstrip("0")
    code = digits.zfill(13) if len(digits) > 8 else digits
    own = code.startswith(("2", "02", "04"))
    return code if len(code) >= 8 and ean.is_valid(code) and not own else ""


def facts(row: Row) -> Row:
    """Return the chosen columns, cleaned of entities and control characters."""
    kept = {name: _clean(row.get(name) or "") for name in COLUMNS}
    kept["allergens"] = kept["allergens"] or _clean(row.get("allergens_tags") or "")
    kept["traces"] = kept["traces"] or _clean(row.get("traces_tags") or "")
    return kept | {"code": gtin_of(row)}


def _clean(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", html.unescape(text)).split())


def select(rows: Iterable[Row], most: int = MOST) -> list[Row]:
    """Return the fullest rows, each GTIN once, in the order of their codes."""
    by_code: dict[str, Row] = {}
    for row in map(facts, rows):
        if row["code"] and row["product_name"] and (row["ingredients_text"] or row["quantity"]):
            best = by_code.setdefault(row["code"], row)
            by_code[row["code"]] = max(best, row, key=worth)
    chosen = sorted(by_code.values(), key=lambda row: (-worth(row), row["code"]))[:most]
    return sorted(chosen, key=lambda row: row["code"])


def worth(row: Row) -> int:
    return sum(weight for name, weight in WORTH.items() if row[name])


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: python -m catalog.demo.openfoodfacts.select FOLDER", file=sys.stderr)
        return 2
    chosen = select(read(Path(arguments[0])))
    with (HERE / "products.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(chosen)
    print(f"{len(chosen)} foods")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
