"""The loader refuses every kind of mistake with file, line and reason, and takes what is right."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from compliance.rulebook import default
from compliance.rulebook.book import Rulebook
from compliance.rulebook.loader import ROOT, load_facts, load_jurisdictions, load_rulebook, load_rules
from compliance.rulebook.strict_yaml import BookRefused, load_plain, load_yaml
from compliance.rulebook.types import Status

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
PARENTS = ("eu/withdrawal/period.yaml", "eu/withdrawal/extension.yaml")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small rulebook: the real jurisdictions, facts and disclosure fields, and two rules of the Union."""
    root = tmp_path_factory.mktemp("rulebook")
    for name in ("facts.yaml", "facts_contract.yaml", "fields.yaml", "rules/jurisdictions.yaml"):
        _copy(root, name)
    for name in PARENTS:
        _copy(root, f"rules/{name}")
    return root


def _copy(root: Path, name: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / name, root / name)


def _load_with(home: Path, name: str, text: str) -> Rulebook:
    path = home / "rules" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    try:
        return load_rulebook(home)
    finally:
        path.unlink()


@pytest.mark.parametrize("sample", BROKEN, ids=lambda path: path.stem)
def test_a_broken_rule_is_refused_with_file_line_and_reason(sample: Path, home: Path) -> None:
    text = sample.read_text(encoding="utf-8")
    name, refused = (line.split(": ", 1)[1] for line in text.splitlines()[:2])
    with pytest.raises(BookRefused) as caught:
        _load_with(home, name, text)
    assert f"rules/{name}:{refused}" in [str(refusal) for refusal in caught.value.refusals]


def test_every_refusal_of_a_file_is_told_at_once(home: Path) -> None:
    text = (Path(__file__).parent / "broken" / "bad_status.yaml").read_text(encoding="utf-8")
    with pytest.raises(BookRefused) as caught:
        _load_with(home, "eu/sample/term.yaml", text.replace("unit: calendar_days", "unit: moons"))
    reasons = [refusal.reason.split(":")[0] for refusal in caught.value.refusals]
    assert reasons[:2] == ["unknown unit", "counting goes with units of time, and only with them"]


def test_a_version_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("title: Käse".encode("latin-1"))
    with pytest.raises(BookRefused, match="the file is not UTF-8"):
        load_yaml(path)


def test_norway_is_not_false(tmp_path: Path) -> None:
    path = tmp_path / "norway.yaml"
    path.write_text('country: NO\non: yes\nday: 2026-11-23\nquoted: "2026-11-23"\nrate: 0.25\nnumber: 010\n')
    assert {key: str(value) for key, value in load_plain(path).items()} == {
        "country": "NO",
        "on": "yes",
        "day": "2026-11-23",
        "quoted": "2026-11-23",
        "rate": "0.25",
        "number": "010",
    }


def test_the_rulebook_of_this_release_loads() -> None:
    book = default()
    assert len(book.rules) > 300
    assert {rule.id for rule in book.rules.values() if rule.file != _file_of(rule.id)} == set()


def _file_of(rule_id: str) -> str:
    return "rules/" + rule_id.replace(".", "/") + ".yaml"


def test_the_version_changes_with_any_data(home: Path) -> None:
    before = load_rulebook(home).version
    term = (home / "rules" / PARENTS[0]).read_text(encoding="utf-8")
    after = _load_with(home, "world/sample.yaml", term.replace("eu.withdrawal.period", "world.sample"))
    assert before != after.version
    assert load_rulebook(home).version == before


def test_pending_law_does_not_bind_but_is_a_change_ahead(home: Path) -> None:
    term = (ROOT / "rules" / PARENTS[0]).read_text(encoding="utf-8")
    pending = term.replace("eu.withdrawal.period", "eu.sample.pending").replace("in_force", "pending")
    book = _load_with(home, "eu/sample/pending.yaml", pending)
    assert book.on(date(2026, 11, 23)).ruling("sample.pending", "DE") is None
    changes = book.changes_between(date(2014, 1, 1), date(2015, 1, 1), "DE")
    assert (date(2014, 6, 13), "eu.sample.pending", Status.PENDING) in [
        (day, rule.id, version.status) for day, rule, version in changes
    ]


def test_a_version_may_end_on_the_day_on_which_the_next_begins(home: Path) -> None:
    text = (Path(__file__).parent / "broken" / "versions_overlap.yaml").read_text(encoding="utf-8")
    book = _load_with(home, "eu/sample/term.yaml", text.replace("until: 2020-01-01", "until: 2019-01-01"))
    assert [version.until for version in book.rules["eu.sample.term"].versions] == [date(2019, 1, 1), None]


def test_an_unknown_parent_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "jurisdictions.yaml"
    path.write_text("WORLD: {name: World, kind: world}\nDE: {name: Germany, kind: country, parent: XX}\n")
    with pytest.raises(BookRefused, match="DE: unknown parent XX"):
        load_jurisdictions(path)


def test_a_duplicate_rule_file_cannot_exist_twice_by_name() -> None:
    rules, refusals = load_rules(
        ROOT / "rules", load_jurisdictions(ROOT / "rules/jurisdictions.yaml"), load_facts()
    )
    ids = [rule.id for rule, _ in rules]
    assert (refusals, len(ids)) == ([], len(set(ids)))
