"""Every row of the law collection is in the rulebook, or listed with its reason: nothing was dropped.

The texts of the collection are tables of rules (first cell: a rule's id), of countries, days, fields,
warnings and categories. Each kind is compared here; the CSV tables are compared in test_tables.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from compliance.rulebook import default, fields, lookups
from compliance.rulebook.book import Version
from compliance.rulebook.categories import categories
from compliance.rulebook.tables import table
from compliance.rulebook.types import Confidence

DAY = date(2026, 11, 23)
UNUSED = Path(__file__).resolve().parents[3] / "docs" / "rulebook-unused.md"
TEXTS = ("eu_uk.md", "world.md", "categories.md", "landed.md")
RULE = re.compile(r"[a-z]{2,4}(-[a-z]{2})?(\.[a-z0-9_]+)+")
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# rows of each text, a change here is a change of the collection and is meant
COUNTS = {"eu_uk.md": 209, "world.md": 227, "categories.md": 347, "landed.md": 104}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table of the collection."""

    file: str
    section: str
    columns: tuple[str, ...]
    cells: tuple[str, ...]

    def __getitem__(self, column: str) -> str:
        return self.cells[self.columns.index(column)]


def rows_of(path: Path) -> Iterator[Row]:
    section, columns = "", ()
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            section = line.lstrip("# ")
        if not line.startswith("|"):
            columns = ()
            continue
        cells = tuple(cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|")))
        if not columns:
            columns = cells
        elif set("".join(cells)) - set("-: "):
            yield Row(path.name, section, columns, cells)


@cache
def rows(folder: Path) -> tuple[Row, ...]:
    return tuple(row for name in TEXTS for row in rows_of(folder / name))


def provisions(law: Path) -> dict[str, str]:
    """Return the id of every provision of the texts with the file it stands in."""
    leaves = set(categories())
    found = {
        row.cells[0]: row.file
        for row in rows(law)
        if RULE.fullmatch(row.cells[0]) and row.cells[0] not in leaves
    }
    landed = (law / "landed.md").read_text(encoding="utf-8")
    return found | dict.fromkeys(re.findall(r"\*\*(LND-[A-Z0-9]+)", landed), "landed.md")


def listed(heading: str) -> dict[str, str]:
    """Return what one table of docs/rulebook-unused.md lists, with the reason."""
    section = UNUSED.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    found = {}
    for line in section.splitlines()[2:]:
        if line.startswith("|"):
            names, reason = (cell.strip() for cell in line.strip("|").split("|"))
            found |= dict.fromkeys(re.split(r",\s*", names), reason)
    return found


def is_ours(version: Version) -> bool:
    """Whether the shop itself made the rule: what we do not carry binds whatever the law behind it."""
    return any(cite.act.startswith("Rightful") for cite in version.cites)


def loaded() -> set[str]:
    return {source for rule in default().rules.values() for source in rule.source_ids}


@pytest.fixture(scope="module")
def law(shared: Path) -> Path:
    return shared / "law"


def test_the_collection_has_the_rows_it_had(law: Path) -> None:
    found = provisions(law)
    assert {name: list(found.values()).count(name) for name in TEXTS} == COUNTS


def test_every_provision_is_a_rule_or_listed_with_its_reason(law: Path) -> None:
    unused = listed("Rows without a rule of their own")
    known = set(provisions(law))
    assert sorted(known - loaded() - set(unused)) == []
    assert sorted(set(unused) - known) == []  # nothing is listed that does not exist
    assert sorted(set(unused) & loaded()) == []  # and nothing that is used
    assert [name for name, reason in unused.items() if len(reason) < 15] == []


def test_a_rule_that_names_a_row_names_one_that_exists(law: Path) -> None:
    named_in_text = set(
        re.findall(r"[a-z]{2,4}(?:-[a-z]{2})?(?:\.[a-z0-9_]+)+", (law / "eu_uk.md").read_text())
    )
    patterns = ("sogd.guarantee", "withdrawal.", "pid.", "matrix.", "au.acl", "ch.prsg")  # prose, section 11
    odd = {
        source
        for source in loaded() - set(provisions(law)) - named_in_text
        if not any(pattern in source for pattern in patterns)
    }
    assert odd == set()


def test_the_exceptions_to_withdrawal_are_all_there(law: Path) -> None:
    letters = [
        row["Point"]
        for row in rows(law)
        if row.file == "eu_uk.md" and row.section.startswith("2.8") and row["Exception"][0] != "*"
    ]
    missing = [letter for letter in letters if f"eu.crd.withdrawal.exception.{letter}" not in loaded()]
    assert (len(letters), missing) == (13, [])


def test_a_row_from_knowledge_is_never_more_than_knowledge(law: Path) -> None:
    """Where the collection says K alone, no rule that rests on the row alone may claim a source."""
    from_memory = {
        row.cells[0]
        for row in rows(law)
        for column in ("Conf.", "conf", "confidence")
        if column in row.columns and row[column] == "K"
    }
    bold = [
        rule.id
        for rule in default().rules.values()
        if rule.source_ids and set(rule.source_ids) <= from_memory
        for version in rule.versions
        if not is_ours(version)
        if version.confidence is not Confidence.KNOWLEDGE
    ]
    assert bold == []


def test_severity_is_the_collections(law: Path) -> None:
    words = {"B": "block", "H": "high", "M": "medium", "L": "info", "I": "info"}
    said = {
        row.cells[0]: words.get(row[column], row[column])
        for row in rows(law)
        for column in ("Sev.", "sev", "sev.")
        if column in row.columns
    }
    rank = ["info", "medium", "high", "block"]
    graver = [
        rule.id
        for rule in default().rules.values()
        if rule.kind == "duty" and len(rule.source_ids) == 1 and said.get(rule.source_ids[0]) in rank
        for version in rule.versions
        if not is_ours(version) and rank.index(str(version.severity)) > rank.index(said[rule.source_ids[0]])
    ]
    assert graver == []


# -- countries


def years(text: str) -> int | None:
    found = re.match(r"\**(\d) y", text)
    return int(found.group(1)) if found else None


def test_the_guarantee_of_each_country_has_the_years_of_its_row(law: Path) -> None:
    today = default().on(DAY)
    wrong = []
    for row in (row for row in rows(law) if row.section.startswith("9.1")):
        for column, name in (("Guarantee", "guarantee.period"), ("Burden on seller", "guarantee.burden")):
            wanted, found = years(row[column]), today.ruling(name, row["CC"])
            if wanted is not None and (found is None or found.value != wanted):
                wrong.append((row["CC"], name, wanted, found and found.value))
            if row[column].startswith("no fixed end") and (found is None or found.value != "open"):
                wrong.append((row["CC"], name, "open", found and found.value))
    assert wrong == []


def test_the_standard_rate_of_each_country_is_that_of_its_row(law: Path) -> None:
    wanted = {
        row["CC"]: Decimal(re.match(r"[\d.]+", row["VAT %"]).group())  # type: ignore[union-attr]
        for row in rows(law)
        if row.section.startswith("9.2")
    }
    found = {market: lookups.vat_rate(market, "standard", DAY) for market in wanted}
    assert {market: rate and rate.percent for market, rate in found.items()} == wanted


def test_the_days_to_withdraw_are_those_of_the_overview(law: Path) -> None:
    today = default().on(DAY)
    overview = [row for row in rows(law) if row.section.startswith("0.2")]
    wanted = {
        row["jurisdiction"]: int(row["days"].split()[0])
        for row in overview
        if row["days"][0].isdigit() and "grounds" not in row["days"]
    }
    found = {market: today.ruling("withdrawal.period", market) for market in wanted}
    assert {market: ruling and ruling.value for market, ruling in found.items()} == wanted
    none = [row["jurisdiction"] for row in overview if row["days"].startswith("none")]
    assert none == ["US, US-CA, CA, AU, NZ, SG, CH, IN, AE, VN"]
    without = {
        market: today.ruling("withdrawal.right", market)
        for market in ("US", "AU", "NZ", "SG", "CH", "IN", "AE", "VN", "CA-QC")
    }
    assert {market: ruling and ruling.value for market, ruling in without.items()} == dict.fromkeys(
        without, False
    )


def test_each_country_with_options_on_prior_prices_has_them(law: Path) -> None:
    countries = [row["Country"] for row in rows(law) if row.section.startswith("National options")]
    own = {rule.jurisdiction for rule in default().rules.values() if rule.name.startswith("price.")}
    named = [code for code in countries if re.fullmatch("[A-Z]{2}", code)]
    not_read = [code for code in named if code not in own]
    assert (len(named), not_read) == (10, ["BE"])
    assert default().on(DAY)["eu.price.options_not_read"].value is True


def test_each_country_of_the_world_has_contacts_and_a_locale(law: Path) -> None:
    sections = {row.section for row in rows(law) if row.file == "world.md" and row.columns[0] == "field"}
    codes = {re.sub(r"^\d+\. ([A-Z-]+) -.*", r"\1", section).split("-")[0] for section in sections}
    contacts = {row["market"] for row in table("contacts")}
    assert (len(codes), codes - contacts, codes - {row["market"] for row in table("locale")}) == (
        20,
        set(),
        set(),
    )


# -- days


def test_every_day_that_flips_a_rule_is_the_edge_of_a_version(law: Path) -> None:
    days = {
        ISO_DAY.match(row.cells[0]).group()  # type: ignore[union-attr]
        for row in rows(law)
        if row.section.startswith(("Dates that flip", "0.3")) and ISO_DAY.match(row.cells[0])
    }
    edges = {
        day
        for rule in default().rules.values()
        for version in rule.versions
        for day in (version.since, version.until)
    }
    edges |= {edge + timedelta(days=1) for edge in edges if edge}
    missing = {day for day in days if date.fromisoformat(day) not in edges}
    unused = set(listed("Days that stand nowhere as the first or last day of a version"))
    assert (sorted(missing - unused), sorted(unused - days)) == ([], [])


def test_the_calendar_of_changes_names_rules_that_are_loaded(law: Path) -> None:
    named = {
        name
        for row in rows(law)
        if row.section.startswith("0.3")
        for name in re.split(r",\s*", row["rule"])
        if RULE.fullmatch(name)
    }
    assert sorted(named - loaded()) == []


# -- fields, warnings, categories


def test_every_proposed_field_is_in_the_registry_or_has_its_reason(law: Path) -> None:
    proposed = {
        name.replace("[]", "").strip()
        for row in rows(law)
        if row.file == "categories.md" and row.section.startswith("2.")
        for name in re.split(r"\s*[,/]\s*", row["field"])
    }
    reasons = listed("Fields that were proposed and are not kept")
    assert sorted(proposed - set(fields.fields()) - set(reasons)) == []
    assert sorted(set(reasons) - proposed) == []


def test_every_warning_and_every_leaf_is_there(law: Path) -> None:
    codes = {row["code"] for row in rows(law) if row.section.startswith("9. Warning")}
    leaves = {row["leaf"] for row in rows(law) if row.section.startswith("10. Category")}
    assert codes - {row["code"] for row in table("warnings")} == set()
    assert (len(leaves), leaves - set(categories())) == (143, set())


def test_every_other_table_of_the_texts_is_accounted_for(law: Path) -> None:
    reasons = " ".join(listed("Tables of the collection that are no rules"))
    numbers = {
        "eu_uk.md": ("0", "6.2", "9.1", "9.2"),
        "world.md": ("0.2", "0.3"),
        "categories.md": ("1", "2", "9", "10", "11", "12"),
        "landed.md": ("22",),
    }
    for file, sections in numbers.items():
        for section in sections:
            assert f"{file.removesuffix('.md')} § {section}" in reasons, (file, section)
    ruled = {
        row.section
        for row in rows(law)
        if not RULE.fullmatch(row.cells[0]) and row.cells[0] not in ("same",) and row.columns[0] != "field"
    }
    known = re.compile(
        r"(0\.( |2|3)|Dates that flip|2\.8|National options|6\.2|9\.[12]|1\. Citation|2\. Field|9\. Warning|10\. Category|11\. Proh|12\. Status|22\. US)"
    )
    assert [section for section in sorted(ruled) if not known.match(section)] == []
