"""Profiles: of a listing's facts, what the duties of a rulebook can tell apart. Pure.

A duty asks whether ingredients are given and in which languages, not what they are; whether a battery has more
than 100 Wh, not how many. `reading_of` finds out from the conditions, needs and languages of every duty what they
look at, `project` keeps that of a record and no more, and `restore` makes facts that every duty judges alike.
So a million listings have far fewer profiles, and a profile is judged once. What is not understood is kept whole.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from typing import Any

import cel

from compliance.rulebook import facts as records
from compliance.rulebook.book import Rulebook, Version
from compliance.rulebook.cel_conditions import Condition
from compliance.rulebook.closer import interest_of, may_find
from compliance.rulebook.facts import Facts, documented
from compliance.rulebook.fields import fields as disclosure_fields
from compliance.rulebook.fields import is_filled, languages_in

ALL = "ALL"  # the group that every listing is in
OTHER = "•"  # stands for a text that no duty asks for by name
PLAIN = "AQUA"  # stands for an ingredient in which no finder finds anything
# In the order of their bits in what is kept of a text's languages: append, never reorder.
_TONGUES = (
    "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "is", "it", "lt", "lv", "mt", "nb", "nl",
    "nn", "pl", "pt", "ro", "sk", "sl", "sv", "ja", "zh-hans", "zh-hant", "ko", "ar", "tr", "he", "th", "vi", "id", "ms", "hi",
    "ru", "uk", "sr", "sq", "mk", "ca",
)  # fmt: skip
_BIT = {code: 1 << at for at, code in enumerate(_TONGUES)}
_LITERAL = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_STRING = re.compile(_LITERAL)
_NAME = re.compile(r"(?<![\w.])([a-z_]\w*)((?:\.[a-z_]\w*)*)")
_COMPARED = re.compile(r"\s*(?:<=|>=|==|!=|<|>)\s*(-?\d+(?:\.\d+)?)(?![\w.])")
_EQUALS = re.compile(rf"\s*(?:==|!=)\s*({_LITERAL})")
_AMONG = re.compile(r"\s+in\s+\[([^\]]*)\]")
HOLDS = "∋"  # "document_kinds∋test_report" is whether a list holds a word: a fact of its own
_HOLDS = re.compile(rf"({_LITERAL})\s+in\s+$")
_MATCHES = re.compile(rf"\(\s*({_LITERAL})\s*\)")
_BOUND = re.compile(r"\(\s*(\w+)\s*,")
_OF_EACH = ("exists", "exists_one", "all")


@dataclass(frozen=True, slots=True)
class Look:
    """How duties look at one fact. All empty: only whether it is there."""

    whole: bool = False
    numbers: frozenset[float] = frozenset()  # it is compared with these
    words: frozenset[str] = frozenset()  # it is compared with these
    languages: bool = False  # in which languages it is given
    patterns: frozenset[tuple[str, str]] = frozenset()  # (language, CEL pattern) that its text may match
    attributes: frozenset[str] = frozenset()  # of each object in a list
    closer: frozenset[str] = frozenset()  # finders that read it: kept whole where one may find something

    def and_(self, other: Look) -> Look:
        both = {item.name: (getattr(self, item.name), getattr(other, item.name)) for item in fields(Look)}
        return Look(**{name: mine | theirs for name, (mine, theirs) in both.items()})

    def text(self) -> str:
        return json.dumps(
            [sorted(v) if isinstance(v := getattr(self, f.name), frozenset) else v for f in fields(Look)]
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """One fact that duties look at, as a path into a record."""

    path: str
    name: str
    attribute: str
    word: str  # that a list is asked for
    look: Look
    default: Any


def _place(path: str, look: Look) -> _Place:
    whole, _, word = path.partition(HOLDS)
    name, _, attribute = whole.partition(".")
    default = _blank()[name].get(attribute) if attribute else _blank()[name]
    return _Place(path, name, attribute, word, look, default)


class Reading:
    """What all duties of a book, of any day, look at: ways of looking by fact ("merchant.kind")."""

    def __init__(self, looks: Mapping[str, Look], groups: Mapping[str, frozenset[str]]) -> None:
        self.looks = dict(sorted(looks.items()))
        self.groups = groups  # of the duties that look at a fact
        self.said = {path: [look.text(), sorted(groups[path])] for path, look in self.looks.items()}
        self.digest = hashlib.blake2b(json.dumps(self.said).encode(), digest_size=8).hexdigest()
        self._of_groups: dict[frozenset[str], tuple[_Place, ...]] = {}
        self._places: dict[str, _Place] = {}

    def places(self, groups: frozenset[str]) -> tuple[_Place, ...]:
        """Return where in a record the duties of these groups look, and how."""
        if groups not in self._of_groups:
            here = (path for path in self.looks if not groups.isdisjoint(self.groups[path]))
            self._of_groups[groups] = tuple(map(self.place, here))
        return self._of_groups[groups]

    def place(self, path: str) -> _Place:
        """Return where in a record a path leads, and how duties look there."""
        if path not in self._places:
            self._places[path] = _place(path, self.looks.get(path, Look()))
        return self._places[path]

    def blind_groups(self, before: Mapping[str, Any]) -> frozenset[str]:
        """Return the duty groups for whose listings a profile of an earlier reading (its `said`) knows too little."""
        return frozenset(group for path in self.said for group in self._blind_to(path, before.get(path)))

    def _blind_to(self, path: str, before: Any) -> frozenset[str]:
        """Return the groups that had no eye on a fact, or another; what every listing was asked, none is blind to."""
        look, groups = before if isinstance(before, list) else (None, [])
        if look != self.said[path][0]:
            return self.groups[path]
        return frozenset() if ALL in groups else self.groups[path].difference(groups)


@lru_cache(maxsize=8)
def reading_of(book: Rulebook) -> Reading:
    """Return what the duties of a book look at, its pending versions included."""
    looks: dict[str, Look] = {}
    groups: dict[str, set[str]] = {}
    for rule in book.rules.values():
        if rule.kind == "duty" and rule.about == "listing":
            for version in rule.versions:
                for path, look in looks_of(version):
                    looks[path] = looks.get(path, Look()).and_(look)
                    groups.setdefault(path, set()).update(rule.groups)
    return Reading(looks, {path: frozenset(names) for path, names in groups.items()})


def looks_of(version: Version) -> Iterator[tuple[str, Look]]:
    """Yield each fact that a duty's version looks at, and how."""
    interest = interest_of(version)
    if interest is not None:
        yield (
            interest[0],
            Look(languages=interest[0].startswith("disclosures."), closer=frozenset({interest[1]})),
        )
    for condition in filter(None, (version.when, version.must)):
        yield from _looked_in(condition)
    for need in version.needs:
        yield need, Look()
    if version.params.get("language"):
        keys = version.needs or (str(version.fields.get("field", "")),)
        for key in (need.removeprefix("disclosures.") for need in keys):
            yield from _languages_asked(key)


def _languages_asked(key: str) -> Iterator[tuple[str, Look]]:
    if key == "description":
        yield "title_languages", Look(whole=True)
        yield "description_languages", Look(whole=True)
        return
    if key == "warnings":
        yield "warned", Look(whole=True)
    known = disclosure_fields().get(key)
    if known is not None:
        yield f"disclosures.{key}", Look(languages=known.translatable)


@lru_cache(maxsize=4096)
def _looked_in(condition: Condition) -> tuple[tuple[str, Look], ...]:
    return tuple(_looks_in(condition))


def _looks_in(condition: Condition) -> Iterator[tuple[str, Look]]:
    source = condition.source
    bare = _STRING.sub(lambda found: "'" + " " * (len(found[0]) - 2) + "'", source)
    for found in _NAME.finditer(bare):
        known = documented().get(found[1])
        steps = found[2].split(".")[1:]
        method = steps.pop() if steps and bare[found.end() :].startswith("(") else ""
        if known is None or known.name in (
            "market",
            "groups",
        ):  # a profile has its groups; markets are walked
            continue
        path = found[1]
        if (known.of or known.type == "map") and known.type != "list" and steps:
            path = f"{path}.{steps.pop(0)}"
        word = _HOLDS.search(source[: found.start()]) if not steps and not method else None
        if word is None or "\\" in word[1] or (known.type == "map" and path == known.name):
            yield path, _look(source, bare, found, steps, method)
            continue
        yield f"{path}{HOLDS}{word[1][1:-1]}", Look()
        if path.startswith("disclosures."):
            yield path, Look()


def _look(source: str, bare: str, found: re.Match[str], steps: list[str], method: str) -> Look:
    """Return how one mention of a fact looks at it."""
    after = source[found.end() :]
    if bare[: found.start()].endswith("has(") and after.startswith(")"):
        return Look(languages=True) if steps else Look()
    if method == "matches" and len(steps) == 1 and (pattern := _MATCHES.match(after)):
        return Look(languages=True, patterns=frozenset({(steps[0], pattern[1])}))
    if method in _OF_EACH and not steps:
        return _look_of_each(bare[found.end() :])
    if steps or method:
        return Look(whole=True)
    if number := _COMPARED.match(after):
        return Look(numbers=frozenset({float(number[1])}))
    words = _words(after)
    return Look(words=words) if words else Look(whole=True)


def _words(after: str) -> frozenset[str]:
    """Return the texts that a fact is compared with."""
    found = _EQUALS.match(after)
    several = _AMONG.match(after)
    literals = [found[1]] if found else _STRING.findall(several[1]) if several else []
    plain = [literal for literal in literals if "\\" not in literal]
    return frozenset(literal[1:-1] for literal in plain) if len(plain) == len(literals) else frozenset()


def _look_of_each(after: str) -> Look:
    """Return which attributes of the objects in a list are read in ``.exists(e, …)``."""
    bound = _BOUND.match(after)
    if bound is None:
        return Look(whole=True)
    uses = re.findall(rf"(?<![\w.]){bound[1]}(?:\.(\w+)(?!\())?(?![\w(])", after[bound.end() :])
    return Look(attributes=frozenset(uses)) if uses and all(uses) else Look(whole=True)


# -- a record's profile


@dataclass(frozen=True, slots=True)
class Profile:
    """What is kept of a record: its duty groups, and by fact what some duty can tell apart."""

    groups: tuple[str, ...]
    seen: Mapping[str, Any]

    @property
    def text(self) -> str:
        return json.dumps(self.seen, ensure_ascii=False, separators=(",", ":"))

    @property
    def digest(self) -> str:
        key = f"{','.join(self.groups)} {self.text}"
        return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()


def project(facts: Facts, reading: Reading) -> Profile:
    """Return the profile of complete facts. What has its zero or default is left out."""
    seen: dict[str, Any] = {}
    for place in reading.places(frozenset(facts["groups"])):
        value = facts[place.name]
        if place.attribute:
            value = value.get(place.attribute)
        if value is None or value == place.default or _is_passed_over(value, place.look):
            continue
        if not place.word:
            seen[place.path] = _packed(_seen(value, place.look))
        elif place.word in value:
            seen[place.path] = True
    return Profile(tuple(sorted(facts["groups"])), seen)


def restore(groups: Iterable[str], seen: Mapping[str, Any], reading: Reading) -> Facts:
    """Return facts that every duty judges as it judges those the profile was made of."""
    facts = {name: value.copy() if type(value) is dict else value for name, value in _blank().items()}
    facts["groups"] = list(groups)
    for path, packed in sorted(seen.items()):  # a list before the words that it holds
        place = reading.place(path)
        value = _unpacked(packed, place.look.languages)
        holder, key = (facts[place.name], place.attribute) if place.attribute else (facts, place.name)
        if not place.word:
            holder[key] = value
        elif place.word not in (held := holder.get(key) or []):
            holder[key] = [*held, place.word]
    return facts


@lru_cache(maxsize=1)
def _blank() -> Facts:
    return records.complete({}, on=date.min)


def _seen(value: Any, look: Look) -> Any:
    if look.whole:
        return value
    if look.closer and not isinstance(value, Mapping) and may_find(value, look.closer):
        return value
    if isinstance(value, Mapping) and look.languages:
        return _seen_text(value, look)
    if isinstance(value, list) and look.attributes:
        rows = [
            {key: row.get(key) for key in sorted(look.attributes)}
            for row in value
            if isinstance(row, Mapping)
        ]
        return [json.loads(row) for row in sorted({json.dumps(row) for row in rows})]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _between(value, look.numbers)
    if isinstance(value, str):
        return value if value in look.words or not value else OTHER
    if isinstance(value, list):
        return [PLAIN if look.closer else OTHER]
    return value if isinstance(value, bool) else {OTHER: OTHER}


def _read_closer(value: Mapping[str, Any], look: Look) -> dict[str, Any]:
    """Return the texts that a finder reads, if it may find something: the English one, all where there is none."""
    if not look.closer or not may_find(value, look.closer):
        return {}
    english = {code: text for code, text in value.items() if code.split("-")[0] == "en"}
    return english or dict(value)


def _is_passed_over(value: Any, look: Look) -> bool:
    """Tell whether only finders read a fact, and none of them may find anything in this value."""
    return bool(look.closer) and look == Look(closer=look.closer) and not may_find(value, look.closer)


def _seen_text(value: Mapping[str, Any], look: Look) -> Any:
    """Return the languages of a text, or the text itself in a language in which some pattern is found."""
    wanted = {code for code, _ in look.patterns if code in value}
    odd = {code for code in value if code != code.lower() or not is_filled(value[code])}
    told = {code: value[code] for code in wanted if _is_found(value[code], code, look)}
    told |= _read_closer(value, look)
    if told or odd:
        return {
            code: told.get(code, OTHER if is_filled(text) else "") for code, text in sorted(value.items())
        }
    return _codes_kept(languages_in(value))


def _codes_kept(codes: frozenset[str]) -> str:
    """Return languages as "~" and their bits, or with commas between if one is not known."""
    if not codes or not codes <= _BIT.keys():
        return ",".join(sorted(codes))
    return f"~{sum(map(_BIT.__getitem__, codes)):x}"


@lru_cache(maxsize=4096)
def _codes_of(kept: str) -> tuple[str, ...]:
    if kept.startswith("~"):
        return tuple(code for code in sorted(_TONGUES) if int(kept[1:], 16) & _BIT[code])
    return tuple(kept.split(",")) if kept else ()


def _is_found(text: Any, code: str, look: Look) -> bool:
    """Return whether a text has to be kept: a pattern is found in it, or cannot be tried."""
    if not isinstance(text, str):
        return True
    patterns = [pattern for language, pattern in look.patterns if language == code]
    return any(_found(pattern, text) or _found(pattern, OTHER) for pattern in patterns)


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> Any:
    return cel.compile(f"text.matches({pattern})")


def _found(pattern: str, text: str) -> bool:
    return _pattern(pattern).execute(cel.Context({"text": text})) is True


def _between(value: float, numbers: frozenset[float]) -> float:
    """Return a number that stands to all `numbers` as this one does."""
    below = max((number for number in numbers if number < value), default=None)
    above = min((number for number in numbers if number > value), default=None)
    if value in numbers:
        return value
    kind = type(value)
    if below is None and above is None:
        return kind(1)
    if below is None or above is None:
        return kind(above - 1) if below is None else kind(below + 1)
    middle = (below + above) / 2
    return middle if kind is float else value if int(middle) <= below else int(middle)


def _packed(value: Any) -> Any:
    """Lists and objects are kept as text, so that values compare and hash."""
    return value if isinstance(value, str | int | float | bool) else "\t" + json.dumps(value, sort_keys=True)


def _unpacked(value: Any, is_text: bool) -> Any:
    if isinstance(value, str) and value.startswith("\t"):
        return json.loads(value[1:])
    if is_text and isinstance(value, str):
        return dict.fromkeys(_codes_of(value), OTHER)
    return value


def names_read(version: Version) -> tuple[str, ...]:
    """Return the facts that a duty's version looks at."""
    return tuple(sorted({path for path, _ in looks_of(version)}))
