"""What the loader says of rule files with one thing wrong, held fast like the answers: a characterisation.

`rule_files.jsonl` has the text of a file and what it is refused for, line by line, or the rule that is read from it.
The texts are rules of each kind with a line left out or a value put in the place of another. `--renew` and `--grow` of
the package renew them, too.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from compliance.rulebook import loader
from compliance.rulebook.book import Rulebook
from compliance.rulebook.cel_conditions import Condition
from compliance.rulebook.strict_yaml import BookRefused

FILES = Path(__file__).with_name("rule_files.jsonl")
ALIKE = 2  # texts kept of those that are refused for the same
READ = 60  # texts kept that are no mistake
BASES = (
    "eu/withdrawal/period", "eu/claims/free", "ch/listing/warnings_language", "at/listing/packaging",
    "eu/listing/machinery/ce", "eu/information/g", "cn/complaint/mediation", "ae/import/duty_basis",
    "ch/withdrawal/right_unsolicited", "jp/import/tax_free_limit", "eu/claims/biocides", "eu/privacy/breach_notice",
    "br/import/high_rate", "br/refund/undue_multiple", "br/import/open_question", "cn/guarantee/burden",
    "fr/listing/language", "us-ca/withdrawal/right", "eu/checkout/summary", "eu/payment/payee_initiated_refund",
)  # fmt: skip
VALUES = (
    "", "[]", "{}", "7", "-1", "0", "0.5", "x", "true", '"7"', '" "', "[x]", "[7]", "{x: 7}", "open", "2026-02-30", "2026-11-23",
    "{amount: 5, currency: EUR}", "{amount: x, currency: EUR}", "{amount: 5, currency: euro}", "in_force", "pending", "high",
    "official", "listing", "contract", "calendar_days", "working_days", "hours", "money", "choice", "list", "flag", "percent",
    "term", "duty", "notice", "contact", "eu", "clock", "[checkout]", "[moon]", "https://example.org", "[brand]", "[no_such_fact]",
    '"category == "', '"has(brand)"', "{on: 2026-11-23, confidence: official}", "{on: x, confidence: guess}", "{name: A, url: B}",
    "{fax: 1}", "eu.withdrawal.period", "[{act: A}]", "[{at: A}]", "[A]", "[{act: A, url: ftp://a}]", "{patterns: [a]}",
)  # fmt: skip
_ID = re.compile(r"^id: .*$", re.MULTILINE)
_VALUE = re.compile(r"^(\s*(?:- )?[a-z_]+:)( .*)?$")


def held() -> Iterator[tuple[str, Any]]:
    """Yield (text, what is said of it), in the order of the file."""
    for line in FILES.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        yield entry["text"], entry["says"]


def line_of(text: str, said: Any) -> str:
    return json.dumps({"text": text, "says": said}, ensure_ascii=False, separators=(",", ":"))


def say_all(texts: Sequence[str], book: Rulebook) -> list[Any]:
    """Return for each text its refusals as ``line: reason``, or the rule that was read."""
    ids = [f"eu.sample.s{number:04}" for number in range(len(texts))]
    given = {rule: _ID.sub(f"id: {rule}", text) for rule, text in zip(ids, texts, strict=True)}
    refused: defaultdict[str, list[str]] = defaultdict(list)
    try:
        loader.amended(book, given)
    except BookRefused as caught:
        for refusal in caught.refusals:
            said = f"{refusal.line}: {refusal.reason}"
            refused["eu.sample." + Path(refusal.file).stem].append(said.replace(Path(refusal.file).stem, "s"))
    rules = loader.amended(book, {rule: text for rule, text in given.items() if rule not in refused}).rules
    return [{"refused": refused[rule]} if rule in refused else {"rule": _told(rules[rule])} for rule in ids]


def _told(value: Any) -> Any:
    """Return a rule as JSON, without its number and the hash of its text; what is empty is left out."""
    if isinstance(value, Condition):
        return str(value.source)
    if is_dataclass(value):
        said = {one.name: _told(getattr(value, one.name)) for one in fields(value)}
        return {
            name: item for name, item in said.items() if name not in ("id", "name", "file", "digest") and item
        }
    if isinstance(value, Mapping):
        return {str(name): _told(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_told(item) for item in value]
    return str(value) if isinstance(value, date | Decimal | StrEnum) else value


def grown(seed: int, book: Rulebook, texts: Iterable[str]) -> dict[str, Any]:
    """Return further texts with what is said of them, for what nobody was refused for so far."""
    dice, known = random.Random(seed), list(texts)
    kept = Counter(_way(said) for said in say_all(known, book)) if known else Counter()
    made = [text for text in dict.fromkeys(_bent(dice)) if text not in known]
    found: dict[str, Any] = {}
    for text, said in zip(made, say_all(made, book), strict=True):
        way = _way(said)
        if kept[way] < (READ if way == "read" else ALIKE):
            kept[way] += 1
            found[text] = said
    return found


def _way(said: Mapping[str, Any]) -> Any:
    if "rule" in said:
        return "read"
    return tuple(sorted({re.sub(r"^\d+: |'[^']*'", "", reason) for reason in said["refused"]}))


def _bent(dice: random.Random) -> Iterator[str]:
    for base in BASES:
        lines = (loader.ROOT / "rules" / f"{base}.yaml").read_text(encoding="utf-8").splitlines()
        yield "\n".join(lines)
        for at, line in enumerate(lines):
            if line.startswith("id:"):
                continue
            yield "\n".join([*lines[:at], *lines[at + 1 :]])
            yield "\n".join([*lines[:at], line, line, *lines[at + 1 :]])
            match = _VALUE.match(line)
            for value in dice.sample(VALUES, 30) if match else ():
                assert match is not None
                yield "\n".join([*lines[:at], f"{match[1]} {value}", *lines[at + 1 :]])
