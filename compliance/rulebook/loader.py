"""The strict loader: every file of rules/ is right in every way, or the book does not load.

A refusal names file, line and reason. The format is described in docs/rulebook.md and, for
editors, in schema/rule.schema.json.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from compliance.rulebook.book import Jurisdiction, Rule, Rulebook, Version
from compliance.rulebook.cel_conditions import BadCondition, Condition, compile_condition
from compliance.rulebook.finder_params import PARAMS
from compliance.rulebook.strict_yaml import BookRefused, Document, Refusal, load_yaml, parse_yaml
from compliance.rulebook.types import Cite, Confidence, Severity, Status

ROOT = Path(__file__).parent

RIGHTS = ("know", "choose", "safety", "fair_trade", "redress", "privacy", "information")
KINDS = ("term", "duty", "notice", "contact")
TIME_UNITS = ("calendar_days", "working_days", "hours", "weeks", "months", "years")
UNITS = (*TIME_UNITS, "percent", "count", "flag", "choice", "text", "list", "money")
OPEN = "open"  # a period without a fixed end
COUNTINGS = (
    "excluded_roll",  # first day not counted; ends on the next working day if it falls on a free day
    "excluded_roll_sunday",  # the same, but a Saturday is no reason to roll
    "excluded",  # first day not counted; no roll
    "included",  # the day of the event is day 1; no roll
    "eu",  # Reg. 1182/71: excluded_roll, and two working days at least
    "eu_backwards",  # Reg. 1182/71: counted back from a day or event; never rolls
    "working",  # working days only, first day not counted
    "clock",  # hours by the clock, through nights and weekends
    "clock_working",  # hours by the clock, skipping weekends and holidays
)
WHERE = ("product", "basket", "checkout", "confirmation", "order", "account", "site", "parcel", "complaint")

_ID = re.compile(r"[a-z]{2,5}(-[a-z0-9]{1,3})?(\.[a-z0-9_]+)+")
_COMMON = {"id", "title", "kind", "right", "versions", "status", "checked"}
_OPTIONAL = {"overrides", "source_id", "note"}
_KEYS: dict[str, tuple[set[str], set[str]]] = {  # kind -> (required, optional) beyond the common ones
    "term": ({"unit"}, {"counting", "choices", "about", "when"}),
    "duty": (
        {"about", "severity", "what", "fix"},
        {"when", "must", "needs", "finds", "field", "groups", "wording"},
    ),
    "notice": ({"where"}, {"about", "when", "wording", "text", "groups"}),
    "contact": ({"role"}, set()),
}
_VERSION_COMMON = {"from", "cites"}
_VERSION_OPTIONAL = {"until", "confidence", "status", "params", "note"}
_VERSION_KEYS: dict[str, tuple[set[str], set[str]]] = {
    "term": ({"value"}, {"when"}),
    "duty": (set(), {"severity", "when", "must", "needs", "finds", "field", "what", "fix", "wording"}),
    "notice": (set(), {"where", "when", "wording", "text"}),
    "contact": ({"value"}, set()),
}
_ASKS = {"must", "needs", "finds"}  # a duty has one of them
_SAID = ("field", "what", "fix", "wording", "text", "where", "role")
_CONTACT_KEYS = {"name", "url", "email", "phone", "address", "languages"}

Facts = Mapping[str, Mapping[str, Any]]  # subject -> name -> attributes


def load_rulebook(root: Path = ROOT) -> Rulebook:
    """Load rules/ under `root`. Raises BookRefused with everything that is wrong."""
    jurisdictions = load_jurisdictions(root / "rules" / "jurisdictions.yaml")
    facts = load_facts(root)
    rules, refusals = load_rules(root / "rules", jurisdictions, facts)
    refusals += list(_bad_overrides(rules, jurisdictions))
    if refusals:
        raise BookRefused(refusals)
    book = {rule.id: rule for rule, _ in rules}
    return Rulebook(book, jurisdictions, content_hash(root), tables_hash(root))


def amended(book: Rulebook, texts: Mapping[str, str], *, root: Path = ROOT) -> Rulebook:
    """Return the book with some rules added or replaced by rule files given as texts, by rule id.

    The version names both: the book's and a hash of the texts. Raises BookRefused.
    """
    if not texts:
        return book
    facts = load_facts(root)
    prefixes = {place.prefix: place.code for place in book.jurisdictions.values()}
    rules = dict(book.rules)
    refusals: list[Refusal] = []
    documents = []
    for rule_id, text in sorted(texts.items()):
        file = f"rules/{rule_id.replace('.', '/')}.yaml"
        try:
            document = parse_yaml(text, file=file)
        except BookRefused as refused:
            refusals += refused.refusals
            continue
        reader = _RuleReader(document, rule_id, prefixes, facts)
        rule = reader.read()
        refusals += reader.refusals
        if rule is not None:
            rules[rule_id] = rule
            documents.append((rule, document))
    names = {(rule.jurisdiction, rule.name): rule.id for rule in rules.values()}
    refusals += _bad_overrides_of(documents, names, book.jurisdictions)
    if refusals:
        raise BookRefused(refusals)
    digest = hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()[:6]
    return Rulebook(rules, book.jurisdictions, f"{book.version[:9]}+{digest}", book.tables)


def content_hash(root: Path = ROOT) -> str:
    """Return a hash over all of the rulebook's data files: the version stored with each outcome."""
    return _hash(root, [*root.rglob("*.yaml"), *root.rglob("*.csv")])


def tables_hash(root: Path = ROOT) -> str:
    """Return a hash over everything that rules lean on: jurisdictions, fields, categories, texts, tables."""
    paths = [*root.glob("*.yaml"), *(root / "rules").glob("*.yaml"), *root.rglob("*.csv")]
    return _hash(root, paths)


def _hash(root: Path, paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def load_rules(
    folder: Path, jurisdictions: Mapping[str, Jurisdiction], facts: Facts
) -> tuple[list[tuple[Rule, Document]], list[Refusal]]:
    """Return the rules of a folder with their documents, and what was refused."""
    rules: list[tuple[Rule, Document]] = []
    refusals: list[Refusal] = []
    prefixes = {place.prefix: place.code for place in jurisdictions.values()}
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).as_posix()
        if name == "jurisdictions.yaml":
            continue
        try:
            document = load_yaml(path, name=f"rules/{name}")
        except BookRefused as refused:
            refusals += refused.refusals
            continue
        reader = _RuleReader(document, name.removesuffix(".yaml").replace("/", "."), prefixes, facts)
        rule = reader.read()
        refusals += reader.refusals
        if rule is not None:
            rules.append((rule, document))
    return rules, refusals


def load_jurisdictions(path: Path) -> dict[str, Jurisdiction]:
    """Read jurisdictions.yaml: code -> name, kind, parent, calendar."""
    document = load_yaml(path, name=f"rules/{path.name}")
    refusals = list(_bad_jurisdictions(document))
    if refusals:
        raise BookRefused(refusals)
    return {
        code: Jurisdiction(
            code=code,
            name=entry["name"],
            kind=entry["kind"],
            parent=entry.get("parent"),
            prefix=code.lower(),
            calendar=entry.get("calendar", code if entry["kind"] in ("country", "subdivision") else ""),
        )
        for code, entry in document.data.items()
    }


def load_facts(root: Path = ROOT) -> dict[str, dict[str, Any]]:
    """Return the documented facts by subject: facts.yaml is `listing`, facts_<subject>.yaml the others."""
    fields = root / "fields.yaml"
    disclosures = set(load_yaml(fields).data) if fields.exists() else None
    subjects: dict[str, dict[str, Any]] = {}
    for path in sorted(root.glob("facts*.yaml")):
        subject = path.stem.removeprefix("facts").removeprefix("_") or "listing"
        known = load_yaml(path).data.items()
        entries = {k: v for k, v in known if not k.startswith("_") and not v.get("finders_only")}
        subjects[subject] = {name: _attributes(name, entry, disclosures) for name, entry in entries.items()}
    return subjects


def _attributes(name: str, entry: Mapping[str, Any], disclosures: set[str] | None) -> set[str] | None:
    if name == "disclosures":
        return disclosures
    return set(entry["of"]) if entry.get("type") == "object" and "of" in entry else None


def _bad_jurisdictions(document: Document) -> Iterator[Refusal]:
    for code, entry in document.data.items():
        unknown = set(entry) - {"name", "kind", "parent", "calendar"}
        if unknown:
            yield document.refusal(f"unknown key: {sorted(unknown)[0]}", code, sorted(unknown)[0])
        if entry.get("kind") not in ("world", "union", "country", "subdivision"):
            yield document.refusal(f"{code}: kind must be world, union, country or subdivision", code)
        if not entry.get("name"):
            yield document.refusal(f"{code}: missing key: name", code)
        parent = entry.get("parent")
        if (parent is None) != (code == "WORLD") or (parent and parent not in document.data):
            yield document.refusal(f"{code}: unknown parent {parent}", code)


def _bad_overrides(
    rules: list[tuple[Rule, Document]], jurisdictions: Mapping[str, Jurisdiction]
) -> Iterator[Refusal]:
    """National law overrides its parent by name, and says so: both directions are checked."""
    names = {(rule.jurisdiction, rule.name): rule.id for rule, _ in rules}
    yield from _bad_overrides_of(rules, names, jurisdictions)


def _bad_overrides_of(
    rules: list[tuple[Rule, Document]],
    names: Mapping[tuple[str, str], str],
    jurisdictions: Mapping[str, Jurisdiction],
) -> Iterator[Refusal]:
    for rule, document in rules:
        above = _nearest_above(rule, names, jurisdictions)
        if rule.overrides and rule.overrides != above:
            found = f"what stands above it is {above}" if above else "there is no such rule above it"
            yield document.refusal(f"overrides {rule.overrides}, but {found}", "overrides")
        if above and not rule.overrides:
            yield document.refusal(f"must say that it overrides {above}", "id")


def _nearest_above(
    rule: Rule, names: Mapping[tuple[str, str], str], jurisdictions: Mapping[str, Jurisdiction]
) -> str | None:
    code = jurisdictions[rule.jurisdiction].parent
    while code is not None:
        if (code, rule.name) in names:
            return names[code, rule.name]
        code = jurisdictions[code].parent
    return None


class _RuleReader:
    """Reads one document into a Rule, noting every refusal instead of stopping at the first."""

    def __init__(
        self, document: Document, expected_id: str, prefixes: Mapping[str, str], facts: Facts
    ) -> None:
        self.document, self.expected_id, self.prefixes, self.facts = document, expected_id, prefixes, facts
        self.refusals: list[Refusal] = []

    def refuse(self, reason: str, *where: str | int) -> None:
        self.refusals.append(self.document.refusal(reason, *where))

    def read(self) -> Rule | None:
        data = self.document.data
        if not isinstance(data, dict):
            self.refuse("a rule is a mapping of keys")
            return None
        kind = data.get("kind")
        if kind not in KINDS:
            self.refuse(f"kind must be one of {', '.join(KINDS)}", "kind")
            return None
        required, optional = _KEYS[kind]
        self._check_keys(data, _COMMON | required, _OPTIONAL | optional)
        if self.refusals:
            return None
        self._check_head(data)
        versions = self._versions(data)
        return None if self.refusals else self._rule(data, versions)

    def _rule(self, data: dict[str, Any], versions: tuple[Version, ...]) -> Rule:
        prefix, _, name = data["id"].partition(".")
        source = data.get("source_id", [])
        return Rule(
            id=data["id"],
            name=name,
            jurisdiction=self.prefixes[prefix],
            title=data["title"],
            digest=hashlib.blake2b(repr(data).encode(), digest_size=8).hexdigest(),
            kind=data["kind"],
            right=data["right"],
            versions=versions,
            status=Status(data["status"]),
            checked_on=data["checked"]["on"],
            confidence=Confidence(data["checked"]["confidence"]),
            file=self.document.file,
            unit=data.get("unit", ""),
            counting=data.get("counting", ""),
            choices=tuple(data.get("choices", ())),
            about=data.get("about", ""),
            groups=tuple(data.get("groups", ())),
            overrides=data.get("overrides", ""),
            source_ids=tuple([source] if isinstance(source, str) else source),
            note=data.get("note", ""),
        )

    # -- the head of the file

    def _check_keys(
        self, data: Mapping[str, Any], required: set[str], optional: set[str], *at: str | int
    ) -> None:
        for key in data:
            if key not in required | optional:
                self.refuse(f"unknown key: {key}", *at, key)
            elif data[key] is None:
                self.refuse(f"{key} is empty", *at, key)
        for key in sorted(required - set(data)):
            self.refuse(f"missing key: {key}", *at)

    def _check_head(self, data: dict[str, Any]) -> None:
        if data["id"] != self.expected_id:
            self.refuse(f"id {data['id']} is not its path, {self.expected_id}", "id")
        elif not _ID.fullmatch(data["id"]):
            self.refuse(f"id {data['id']} is not jurisdiction.name", "id")
        elif data["id"].partition(".")[0] not in self.prefixes:
            self.refuse(f"unknown jurisdiction: {data['id'].partition('.')[0]}", "id")
        self._one_of(data, "right", RIGHTS)
        self._one_of(data, "status", tuple(Status))
        for key in ("title", "what", "fix", "field", "text", "wording", "note", "role", "overrides"):
            self._text(data, key)
        self._checked(data["checked"])
        self._kind_head(data)

    def _kind_head(self, data: dict[str, Any]) -> None:
        if data["kind"] == "term":
            self._term_head(data)
        if data["kind"] == "duty":
            self._one_of(data, "severity", tuple(Severity))
            if len(_ASKS & set(data)) != 1:
                versions = data["versions"] if isinstance(data["versions"], list) else []
                if not all(isinstance(v, dict) and len(_ASKS & set(v)) == 1 for v in versions):
                    self.refuse("a duty has either must, needs or finds", "id")
        if data["kind"] == "notice" and not ({"text", "wording"} & set(data)):
            self.refuse("a notice has a text or a wording", "id")
        if "where" in data:
            self._list(data, "where", WHERE)
        for key in ("groups", "source_id", "needs"):
            if key in data and not (key == "source_id" and isinstance(data[key], str)):
                self._list(data, key)
        if "about" in data and self._documented(data) is None:
            self.refuse(f"about {data['about']}: no facts are documented for it", "about")
        if ("when" in data or "must" in data) and "about" not in data:
            self.refuse("a condition needs about: whose facts it reads", "when" if "when" in data else "must")

    def _term_head(self, data: dict[str, Any]) -> None:
        if data["unit"] not in UNITS:
            self.refuse(f"unknown unit: {data['unit']}", "unit")
        if (data["unit"] in TIME_UNITS) != ("counting" in data):
            key = "counting" if "counting" in data else "unit"
            self.refuse("counting goes with units of time, and only with them", key)
        elif "counting" in data:
            self._one_of(data, "counting", COUNTINGS)
        if (data["unit"] == "choice") != ("choices" in data):
            key = "choices" if "choices" in data else "unit"
            self.refuse("choices go with unit: choice, and only with it", key)
        elif "choices" in data:
            self._list(data, "choices")

    def _checked(self, checked: Any) -> None:
        if not isinstance(checked, dict):
            self.refuse("checked is {on, confidence}", "checked")
            return
        self._check_keys(checked, {"on", "confidence"}, {"by", "note"}, "checked")
        if not isinstance(checked.get("on"), date):
            self.refuse(f"checked.on is not a date: {checked.get('on')}", "checked", "on")
        if checked.get("confidence") not in tuple(Confidence):
            self.refuse(f"confidence must be one of {', '.join(Confidence)}", "checked", "confidence")

    # -- versions

    def _versions(self, data: dict[str, Any]) -> tuple[Version, ...]:
        entries = data["versions"]
        if not isinstance(entries, list) or not entries:
            self.refuse("versions is a list with at least one version", "versions")
            return ()
        versions = [self._version(data, entry, i) for i, entry in enumerate(entries)]
        found = [version for version in versions if version is not None]
        if len(found) < len(entries) or self.refusals:
            return ()
        return tuple(self._closed(found))

    def _closed(self, versions: list[Version]) -> Iterator[Version]:
        """Each version ends where the next begins, unless it ends earlier by itself; a plan ends nothing."""
        for i, version in enumerate(versions):
            after = versions[i + 1] if i + 1 < len(versions) else None
            if after is not None and after.since <= version.since:
                self.refuse("versions overlap: they follow each other by date", "versions", i + 1, "from")
            elif after is not None and version.until and version.until > after.since:
                self.refuse("versions overlap: until is after the next from", "versions", i, "until")
            if version.until and version.until <= version.since:
                self.refuse("until is not after from", "versions", i, "until")
            law = next((later for later in versions[i + 1 :] if later.binds or not version.binds), None)
            yield replace(version, until=version.until or (law.since if law else None))

    def _version(self, data: dict[str, Any], entry: Any, i: int) -> Version | None:
        at = ("versions", i)
        if not isinstance(entry, dict):
            self.refuse("a version is a mapping of keys", *at)
            return None
        required, optional = _VERSION_KEYS[data["kind"]]
        self._check_keys(entry, _VERSION_COMMON | required, _VERSION_OPTIONAL | optional, *at)
        for key in ("from", "until"):
            if entry.get(key) is not None and not isinstance(entry[key], date):
                self.refuse(f"{key} is not a date: {entry[key]}", *at, key)
        for key, allowed in (("status", Status), ("confidence", Confidence), ("severity", Severity)):
            if key in entry and entry[key] not in tuple(allowed):
                self.refuse(f"{key} must be one of {', '.join(allowed)}", *at, key)
        cites = self._cites(entry.get("cites"), *at)
        if "value" in entry:
            self._check_value(data, entry["value"], *at, "value")
        merged = {**data, **entry}
        when = self._condition(merged, "when", at if "when" in entry else ())
        must = self._condition(merged, "must", at if "must" in entry else ())
        self._finds(merged, at)
        if self.refusals:
            return None
        return Version(
            since=entry["from"],
            until=entry.get("until"),
            cites=cites,
            confidence=Confidence(entry.get("confidence", data["checked"].get("confidence", ""))),
            status=Status(merged["status"]),
            value=entry.get("value"),
            when=when,
            must=must,
            needs=self._needs(merged, at if "needs" in entry else ()),
            finds=merged.get("finds", ""),
            severity=Severity(merged["severity"]) if "severity" in merged else None,
            fields={key: merged[key] for key in _SAID if key in merged},
            params=entry.get("params", {}),
            note=entry.get("note", ""),
        )

    def _cites(self, cites: Any, *at: str | int) -> tuple[Cite, ...]:
        if not isinstance(cites, list) or not cites:
            self.refuse("a version without a citation", *at)
            return ()
        for j, cite in enumerate(cites):
            if not isinstance(cite, dict):
                self.refuse("a citation is {act, at, url}", *at, "cites", j)
                return ()
            self._check_keys(cite, {"act"}, {"at", "url"}, *at, "cites", j)
            url = cite.get("url", "")
            if url and not str(url).startswith(("https://", "http://")):
                self.refuse(f"not a link: {url}", *at, "cites", j, "url")
        return tuple(Cite(str(c.get("act")), str(c.get("at", "")), str(c.get("url", ""))) for c in cites)

    def _check_value(self, data: dict[str, Any], value: Any, *at: str | int) -> None:
        if data["kind"] == "contact":
            if not isinstance(value, dict):
                self.refuse("a contact's value is a mapping", *at)
            else:
                self._check_keys(value, {"name"}, _CONTACT_KEYS - {"name"}, *at)
        elif not _fits(data["unit"], value, data.get("choices")):
            self.refuse(f"{value!r} is not a value in {data['unit']}", *at)

    def _condition(self, merged: dict[str, Any], key: str, at: tuple[str | int, ...]) -> Condition | None:
        if key not in merged:
            return None
        facts = self._documented(merged)
        if facts is None:
            return None  # already refused: `about` is missing or unknown
        if not isinstance(merged[key], str):
            self.refuse(f"{key} is not text; put the condition in quotes", *at, key)
            return None
        try:
            return compile_condition(merged[key], facts)
        except BadCondition as bad:
            self.refuse(str(bad), *at, key)
            return None

    def _documented(self, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
        about = data.get("about")
        return self.facts.get(about) if isinstance(about, str) else None

    def _needs(self, merged: dict[str, Any], at: tuple[str | int, ...]) -> tuple[str, ...]:
        facts = self._documented(merged) or {}
        for need in merged.get("needs", ()):
            name, _, attribute = str(need).partition(".")
            known = facts.get(name, None)
            if name not in facts or (attribute and known is not None and attribute not in known):
                self.refuse(f"needs an undocumented fact: {need}", *at, "needs")
        return tuple(merged.get("needs", ()))

    def _finds(self, merged: dict[str, Any], at: tuple[str | int, ...]) -> None:
        """The parameters of a finder are right: they are law, too."""
        finds = merged.get("finds")
        if finds is None:
            return
        check = PARAMS.get(finds) if isinstance(finds, str) else None
        if check is None:
            self.refuse(f"finds must be one of {', '.join(PARAMS)}", "finds")
            return
        for reason in check(merged.get("params", {})):
            self.refuse(reason, *at, "params")

    # -- small checks

    def _one_of(self, data: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> None:
        if data[key] not in allowed:
            self.refuse(f"{key} must be one of {', '.join(allowed)}", key)

    def _text(self, data: Mapping[str, Any], key: str) -> None:
        if key in data and not (isinstance(data[key], str) and data[key].strip()):
            self.refuse(f"{key} is not text", key)

    def _list(self, data: Mapping[str, Any], key: str, allowed: tuple[str, ...] = ()) -> None:
        items = data[key]
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            self.refuse(f"{key} is a list of texts", key)
        elif allowed and not set(items) <= set(allowed):
            odd = ", ".join(sorted(set(items) - set(allowed)))
            self.refuse(f"{key}: {odd} is not one of {', '.join(allowed)}", key)


def _fits(unit: str, value: Any, choices: Any) -> bool:
    if unit in TIME_UNITS:
        return value == OPEN or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)
    if unit == "count":
        return isinstance(value, int) and not isinstance(value, bool)
    if unit == "percent":
        return isinstance(value, int | Decimal) and not isinstance(value, bool)
    if unit == "flag":
        return isinstance(value, bool)
    if unit == "choice":
        return isinstance(value, str) and isinstance(choices, list) and value in choices
    if unit == "list":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if unit == "money":
        return _is_money(value)
    return isinstance(value, str)


def _is_money(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
        return False
    amount, currency = value["amount"], str(value["currency"])
    is_number = isinstance(amount, int | Decimal) and not isinstance(amount, bool)
    return is_number and re.fullmatch(r"[A-Z]{3}", currency) is not None
