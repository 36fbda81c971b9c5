"""The tables: every row loads, nothing of the law collection was dropped, every row says where it is from."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.rulebook import default
from compliance.rulebook.lookups import duty_rate, vat_rate
from compliance.rulebook.tables import DIRECTORY, TABLES, table
from compliance.rulebook.types import Confidence

# rows in the repository; a change here is a change of the law's data and is meant
ROWS = {
    "contacts": 462,
    "customs_rates": 2098,
    "customs_territories": 32,
    "hs6": 174,
    "hs_keywords": 540,
    "locale": 58,
    "parcel_tariffs": 40,
    "substances": 657,
    "tariff_chapters": 5,
    "tariffs": 3306,
    "us_additional_duties": 177,
    "vat": 772,
    "vat_categories": 616,
    "wordings": 1067,
}
# what makes a row one of a kind while it is in force
KEYS = {
    "contacts": ("market", "role", "name_en"),
    "customs_rates": ("currency",),
    "customs_territories": ("market",),
    "hs6": ("hs6",),
    "hs_keywords": ("keyword_en",),
    "locale": ("market",),
    "parcel_tariffs": ("market", "hs_prefix"),
    "substances": ("name", "market_as_written", "scope", "entry"),
    "tariff_chapters": ("market", "chapter_from"),
    "tariffs": ("hs6", "market"),
    "us_additional_duties": ("hs6", "measure", "origin", "list"),
    "vat": ("market", "category"),
    "vat_categories": ("kind", "code", "use"),
    "wordings": ("key", "market", "language", "seq"),
}


def test_every_table_is_registered_and_has_its_rows() -> None:
    files = {path.stem for path in DIRECTORY.glob("*.csv")} & set(ROWS)
    assert ({name: len(table(name)) for name in sorted(files)}, set(ROWS) <= set(TABLES)) == (ROWS, True)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_row_has_a_source_and_a_confidence(name: str) -> None:
    bare = [row for row in table(name) if not row["cite"] or row["confidence"] not in Confidence]
    assert bare == []


@pytest.mark.parametrize("name", sorted(ROWS))
def test_no_two_rows_say_the_same_thing_for_one_day(name: str) -> None:
    seen: dict[tuple[Any, ...], list[tuple[Any, Any]]] = {}
    overlaps = []
    for row in table(name):
        key = tuple(row[column] for column in KEYS[name])
        for since, until in seen.setdefault(key, []):
            if (until is None or row["from"] < until) and (row["until"] is None or since < row["until"]):
                overlaps.append(key)
        seen[key].append((row["from"], row["until"]))
    assert overlaps == []


def test_what_rows_point_at_is_there() -> None:
    codes, tax = {row["hs6"] for row in table("hs6")}, {row["category"] for row in table("vat")}
    pointed = {
        row["hs6"] for name in ("tariffs", "hs_keywords", "us_additional_duties") for row in table(name)
    }
    named = {name for row in table("vat_categories") for name in row["vat_categories"]}
    assert (pointed - codes, named - tax) == (set(), set())


def test_every_leaf_category_has_a_tax_category(shared: Path) -> None:
    text = (shared / "law" / "categories.md").read_text(encoding="utf-8")
    section = text.split("## 10.")[1].split("## 11.")[0]
    leaves = {
        line.split("|")[1]
        for line in section.splitlines()
        if line.startswith("|") and "." in line.split("|")[1]
    }
    mapped = {
        row["code"] for row in table("vat_categories") if row["kind"] == "category" and row["use"] == "sale"
    }
    assert (len(leaves), leaves - mapped) == (143, set())


def test_each_market_of_the_book_with_a_locale_has_one_that_agrees_on_its_currency() -> None:
    known = {row["market"] for row in table("locale")}
    assert [market for market in default().markets() if market.split("-")[0] not in known] == []


# Against the law collection, where it is at hand


def collection(shared: Path, name: str) -> list[dict[str, str]]:
    with (shared / "law" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def text(value: Any) -> str:
    return "" if value is None else str(value)


def test_no_tariff_was_dropped(shared: Path) -> None:
    about = {row["hs6"]: (row["description"], row["category_hint"]) for row in table("hs6")}
    ours = Counter(
        (
            row["hs6"],
            *about[row["hs6"]],
            row["market"],
            text(row["rate_percent"]),
            row["as_written"],
            row["cite"],
            text(row["from"]),
            row["confidence_word"],
        )
        for row in table("tariffs")
    )
    theirs = Counter(tuple(value.strip() for value in row.values()) for row in collection(shared, "tariffs"))
    assert theirs - ours == Counter()


def test_no_substance_was_dropped(shared: Path) -> None:
    columns = {
        "name": "substance", "ec": "ec", "market_as_written": "market", "scope": "scope", "entry": "entry",
        "limit_as_written": "limit", "unit": "unit", "from": "in_force_from", "until": "until", "cite": "act",
        "confidence_word": "confidence",
    }  # fmt: skip
    ours = Counter(tuple(text(row[name]) for name in columns) for row in table("substances"))
    theirs = Counter(
        tuple(row[name].strip() for name in columns.values()) for row in collection(shared, "substances")
    )
    assert theirs == ours


def test_no_tax_rate_was_dropped(shared: Path) -> None:
    ours = {
        (row["market"], row["category"], text(row["rate_percent"]), text(row["from"]), row["confidence_word"])
        for row in table("vat")
    }
    theirs = {
        (
            row["market"],
            row["category"],
            row["rate_percent"],
            row["valid_from"] or "2023-01-01",
            row["confidence"],
        )
        for row in collection(shared, "vat")
    }
    ends = {
        (row["market"], row["category"], row["valid_from"]): row["valid_until"]
        for row in collection(shared, "vat")
        if row["valid_until"]
    }
    ended = {
        (row["market"], row["category"], text(row["from"])): text(row["until"] - timedelta(days=1))
        for row in table("vat")
        if row["until"]
    }
    assert (theirs - ours, {key: ended.get(key) for key in ends}) == (set(), ends)


def test_no_wording_was_dropped(shared: Path) -> None:
    names = ("key", "market", "language", "text", "cite", "at", "confidence_word", "note")
    theirs = Counter(tuple(value.strip() for value in row.values()) for row in collection(shared, "wordings"))
    assert Counter(tuple(row[name] for name in names) for row in table("wordings")) == theirs


def test_no_contact_was_dropped(shared: Path) -> None:
    names = ("market", "role", "name_local", "name_en", "url", "phone", "scope", "confidence_word")
    theirs = Counter(
        (
            row["country"],
            *(row[name].strip() for name in names[1:-1]),
            row["confidence"],
        )
        for row in collection(shared, "contacts")
    )
    assert Counter(tuple(row[name] for name in names) for row in table("contacts")) == theirs


def test_no_keyword_was_dropped(shared: Path) -> None:
    names = ("keyword_en", "keyword_de", "keyword_zh", "hs6", "note")
    theirs = Counter(
        tuple(value.strip() for value in row.values()) for row in collection(shared, "hs_keywords")
    )
    assert Counter(tuple(row[name] for name in names) for row in table("hs_keywords")) == theirs


def test_no_locale_was_dropped(shared: Path) -> None:
    written = {
        "languages_as_written": "languages_required",
        "weekend_as_written": "weekend_days",
        "majority_as_written": "age_of_majority",
        "state_as_written": "state_required",
        "currency": "currency",
        "postcode_regex": "postcode_regex",
        "address_line_order": "address_line_order",
        "cite": "language_act",
    }
    theirs = {
        row["country"]: [row[name].strip() for name in written.values()]
        for row in collection(shared, "locale")
    }
    assert {row["market"]: [row[name] for name in written] for row in table("locale")} == theirs


def test_the_union_s_standard_rates_agree_with_their_history(shared: Path) -> None:
    with (shared / "data" / "reference_packages" / "eu_vat_standard_history.csv").open() as stream:
        history = list(csv.DictReader(stream))
    from datetime import date

    wrong = []
    for row in history:
        market, on = row["country"].replace("EL", "GR"), date.fromisoformat(row["effective_from"])
        found = vat_rate(market, "standard", on)
        if found is None or text(found.percent) != row["standard_rate_percent"]:
            wrong.append((market, on, found))
    assert wrong == []


def test_a_tariff_line_reads_as_it_was_written() -> None:
    from datetime import date

    watch = duty_rate("910211", "EU", date(2026, 7, 15))
    assert watch is not None
    assert (
        watch.kind,
        text(watch.percent),
        text(watch.min_per_item),
        text(watch.max_per_item),
        watch.currency,
    ) == (
        "per_item_bounds",
        "4.5",
        "0.30",
        "0.80",
        "EUR",
    )
