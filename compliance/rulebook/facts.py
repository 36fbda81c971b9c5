"""The facts record of a listing: read, typed, filled with defaults and derived facts.

facts.yaml documents every name. `read` refuses what is not documented, for people and machines
that hand facts in; `complete` takes a record that our own code made, leaves out values that do
not fit, and never fails: a value that cannot be read counts as not disclosed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from compliance.rulebook import fields
from compliance.rulebook.categories import categories, groups_of
from compliance.rulebook.strict_yaml import load_plain
from compliance.rulebook.tables import DIRECTORY
from marketplace.kernel.errors import Invalid

Facts = dict[str, Any]
_EEA = frozenset(  # and XI, Northern Ireland
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT"}
    | {"LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "XI"}
)
_ZERO: Mapping[str, Any] = {"text": "", "country": "", "date": "", "bool": False, "int": 0, "decimal": 0.0}


@dataclass(frozen=True, slots=True)
class Fact:
    """One documented name."""

    name: str
    type: str
    doc: str
    required: bool = False
    derived: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    of: Mapping[str, str] | None = None
    finders_only: bool = False


@cache
def documented() -> Mapping[str, Fact]:
    """Return the facts of a listing by name, in the order of the file."""
    data = load_plain(DIRECTORY.parent / "facts.yaml")
    return {name: _fact(name, entry) for name, entry in data.items() if not name.startswith("_")}


@cache
def document_kinds() -> Mapping[str, str]:
    """Return the kinds of documents with their English names."""
    return dict(load_plain(DIRECTORY.parent / "facts.yaml")["_document_kinds"])


def read(raw: Mapping[str, Any], *, on: date) -> Facts:
    """Return complete facts from a record given by a person or machine.

    Raises Invalid naming the field: unknown names, derived names, values of another type.
    """
    if not isinstance(raw, Mapping):
        raise Invalid("The facts are an object of names and values.", field="facts")
    for name, value in raw.items():
        known = documented().get(name)
        if known is None or known.derived:
            raise Invalid(f"There is no fact called {name!r} to give.", field=name)
        _check(known, value)
    for name, known in documented().items():
        if known.required and not raw.get(name):
            raise Invalid(f"{name} is missing.", field=name)
    groups_of(raw["category"])
    return complete(raw, on=on)


@cache
def documented_of(subject: str) -> Mapping[str, Fact]:
    """Return the facts of another subject than a listing by name: facts_<subject>.yaml."""
    path = DIRECTORY.parent / f"facts_{subject}.yaml"
    if not path.exists():
        raise Invalid(f"No facts are documented for {subject!r}.", field="about")
    return {name: _fact(name, entry) for name, entry in load_plain(path).items()}


def read_subject(subject: str, raw: Mapping[str, Any]) -> Facts:
    """Return the complete record of a subject, with defaults. Raises Invalid naming the fact."""
    known = documented_of(subject)
    for name, value in raw.items():
        if name not in known:
            raise Invalid(f"There is no fact called {name!r} to give.", field=name)
        _check(known[name], value)
    return {name: _value(fact, raw.get(name)) for name, fact in known.items()}


def complete(raw: Mapping[str, Any], *, on: date) -> Facts:
    """Return the record with defaults and derived facts, ready for the duties of `on`.

    A category that does not exist (any more) becomes "": a duty of its own stops the sale.
    """
    facts: Facts = {name: _value(known, raw.get(name)) for name, known in _given().items()}
    facts["disclosures"] = _disclosures(raw.get("disclosures") or {})
    if facts["category"] not in categories():
        facts["category"] = ""
    facts["groups"] = list(groups_of(facts["category"], facts["traits"])) if facts["category"] else ["ALL"]
    facts.update(_derived(facts, on))
    return facts


def duty_groups_of(raw: Mapping[str, Any]) -> frozenset[str]:
    """Return the duty groups of a record; those of everything where the category does not exist."""
    code = raw.get("category")
    return frozenset(groups_of(code, raw.get("traits") or ()) if code in categories() else ("ALL",))


@cache
def _given() -> Mapping[str, Fact]:
    return {
        name: known for name, known in documented().items() if not known.derived and name != "disclosures"
    }


def _derived(facts: Facts, on: date) -> Facts:
    said = facts["disclosures"]
    marks = ("model_number", "batch_or_serial", "isbn", "udi_di")
    return {
        "market": "",
        "document_kinds": valid_kinds(facts["documents"], on),
        "warned": said.get("warning_codes", []),
        "contact_markets": sorted(
            {entry["market"] for entry in facts["local_contacts"] if entry["name"] and entry["address"]}
        ),
        "identified": any(facts["identifiers"].values()) or any(mark in said for mark in marks),
        "in_eu": {
            who: facts[who]["country"] in _EEA for who in ("manufacturer", "responsible_person", "merchant")
        },
    }


def valid_kinds(documents: Iterable[Mapping[str, Any]], on: date) -> list[str]:
    """Return the kinds of the documents that are valid on a day, sorted."""
    return sorted({str(entry["kind"]) for entry in documents if entry.get("kind") and _is_valid(entry, on)})


def validity_ends(documents: Iterable[Mapping[str, Any]], on: date) -> date | None:
    """Return the first day after `on` from which another set of documents is valid, None if that never comes."""
    texts = [_scalar("date", entry.get(name)) for entry in documents for name in ("issued_on", "expires_on")]
    issued, expires = ([_day_of(text) for text in some if text] for some in (texts[0::2], texts[1::2]))
    turns = [*filter(None, issued), *(day + timedelta(days=1) for day in expires if day and day < date.max)]
    return min((day for day in turns if day > on), default=None)


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def validity(documents: Iterable[Mapping[str, Any]], on: date) -> list[bool]:
    """Return for each document whether it is valid on a day: what of a day documents depend on."""
    return [_is_valid(entry, on) for entry in documents]


def _is_valid(entry: Mapping[str, Any], on: date) -> bool:
    today = on.isoformat()
    issued, expires = (_scalar("date", entry.get(name)) for name in ("issued_on", "expires_on"))
    return issued <= today and (not expires or today <= expires)


# -- values as conditions read them


def _value(known: Fact, value: Any) -> Any:
    if known.type == "object":
        given = value if isinstance(value, Mapping) else {}
        return {name: _scalar(kind, given.get(name)) for name, kind in (known.of or {}).items()}
    if known.type == "list":
        rows = value if isinstance(value, list | tuple) else []
        shape = known.of or {}
        return [
            {name: _scalar(kind, row.get(name)) for name, kind in shape.items()}
            for row in rows
            if isinstance(row, Mapping)
        ]
    if known.type in ("text_list", "enum_list"):
        items = value if isinstance(value, list | tuple) else known.default or []
        return [
            item for item in items if isinstance(item, str) and (not known.choices or item in known.choices)
        ]
    if known.type == "enum":
        return value if value in known.choices else known.default
    return _scalar(known.type, value if value is not None else known.default)


def _scalar(kind: str, value: Any) -> Any:
    """Return the value in the type that conditions compare, the type's zero if it is missing or odd."""
    if value is None:
        return _ZERO[kind]
    if kind == "bool":
        return value is True
    if kind in ("int", "decimal"):
        return _number(kind, value)
    if isinstance(value, date):
        return value.isoformat()[:10]
    return value.strip() if isinstance(value, str) else _ZERO[kind]


def _number(kind: str, value: Any) -> int | float:
    try:
        return int(value) if kind == "int" else float(value)
    except (TypeError, ValueError):
        return _ZERO[kind]


def _disclosures(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Drop what is empty, unknown or unreadable; turn numbers into numbers that compare."""
    registry = fields.fields()
    found = {}
    for key, value in raw.items():
        known = registry.get(key)
        readable = _readable(known, value) if known is not None and fields.is_filled(value) else None
        if readable is not None:
            found[key] = readable
    if "inci_list" in found:
        found["inci_list"] = [name.upper() for name in found["inci_list"]]
    return found


def _readable(known: fields.Field, value: Any) -> Any:
    shape = _SHAPES[known.type]
    if known.translatable:
        return value if isinstance(value, Mapping) else None
    if known.type == "decimal":
        return _float(value)
    if known.choices and not set(value if isinstance(value, list) else [value]) <= set(known.choices):
        return None
    return value if isinstance(value, shape) and (shape is not int or not isinstance(value, bool)) else None


def _float(value: Any) -> float | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return float(number) if number.is_finite() else None


_SHAPES: Mapping[str, type | tuple[type, ...]] = {
    "text": str, "enum": str, "date": str, "country": str, "url": str,
    "text_list": list, "enum_list": list, "list": list,
    "int": int, "decimal": (int, float, str), "bool": bool, "quantity": Mapping, "object": Mapping,
}  # fmt: skip


# -- checking what is handed in


def _check(known: Fact, value: Any) -> None:
    if known.name == "disclosures":
        if not isinstance(value, Mapping):
            raise Invalid("disclosures is an object of field keys and values.", field="disclosures")
        fields.clean_all(value)
    elif known.type == "object":
        _check_object(known, known.name, value)
    elif known.type == "list":
        _require(isinstance(value, list | tuple), known.name, "a list of objects")
        for i, row in enumerate(value):
            _check_object(known, f"{known.name}.{i}", row)
    elif known.choices:
        _check_choices(known, value)
    else:
        _require(_FITS[known.type](value), known.name, known.type.replace("_", " "))


def _check_object(known: Fact, where: str, value: Any) -> None:
    _require(isinstance(value, Mapping), where, "an object")
    for name, item in value.items():
        kind = (known.of or {}).get(name)
        if kind is None:
            raise Invalid(f"There is no fact called {where}.{name}.", field=f"{where}.{name}")
        _require(item is None or _FITS[kind](item), f"{where}.{name}", kind)


def _check_choices(known: Fact, value: Any) -> None:
    items = value if known.type == "enum_list" else [value]
    _require(isinstance(items, list | tuple), known.name, "a list")
    for item in items:
        _require(item in known.choices, known.name, f"one of {', '.join(known.choices)}")


def _require(holds: bool, where: str, what: str) -> None:
    if not holds:
        raise Invalid(f"{where} must be {what}.", field=where)


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float | Decimal)


def _is_date(value: Any) -> bool:
    if isinstance(value, date) or value == "":
        return True
    try:
        return bool(date.fromisoformat(value))
    except (TypeError, ValueError):
        return False


_FITS: Mapping[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "country": lambda value: isinstance(value, str) and len(value) in (0, 2),
    "url": lambda value: isinstance(value, str),
    "date": _is_date,
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: _is_number(value) and int(value) == value,
    "decimal": lambda value: _is_number(value) or (isinstance(value, str) and _float(value) is not None),
    "text_list": lambda value: (
        isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    ),
}


def _fact(name: str, entry: Mapping[str, Any]) -> Fact:
    return Fact(name=name, **{**entry, "choices": tuple(entry.get("choices", ()))})
