"""The disclosure registry: which fields a listing can disclose, and what a proper value is.

The data is fields.yaml, whose head describes the shapes. `clean` reads one value as a form, an
import or the API gives it; `clean_all` a whole record. Values that come out are JSON values.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, ClassVar

from compliance.rulebook.strict_yaml import load_plain
from compliance.rulebook.tables import DIRECTORY
from marketplace.kernel.errors import Invalid, Words

MAX_TEXT = 20_000
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_COUNTRY = re.compile(r"[A-Z]{2}")
_URL = re.compile(r"https?://[^\s<>\"']+")


class BadDisclosure(Invalid):
    """A disclosed value does not fit its field."""

    code: ClassVar[str] = "bad_disclosure"
    title: ClassVar[str] = "This value does not fit the field."


@dataclass(frozen=True, slots=True)
class Field:
    """One entry of the registry. `label` and `help` are English msgids."""

    key: str
    type: str
    label: str
    help: str
    used_by: tuple[str, ...]
    translatable: bool = False
    pattern: str = ""
    soft: bool = False
    choices: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    unit: str = ""
    of: Mapping[str, str] = field(default_factory=dict)
    min: int | None = None
    max: int | None = None
    not_for: tuple[str, ...] = ()
    of_seller: bool = False
    law: str = ""

    def is_for(self, groups: Iterable[str]) -> bool:
        """Return whether listings of these duty groups can have it."""
        given = {*groups, "ALL"}
        return bool(given & set(self.used_by)) and not given & set(self.not_for)

    def clean(self, value: Any) -> Any:
        """Return the value as it is stored, None if it is empty. Raises BadDisclosure."""
        if not is_filled(value):
            return None
        if self.translatable:
            return _translations(self, value)
        return _CLEAN[self.type](self, value)

    def looks_odd(self, value: Any) -> bool:
        """Return whether a value misses a soft pattern: worth a hint, never a refusal."""
        texts = value if isinstance(value, list) else [value]
        return bool(self.pattern and self.soft) and not all(
            isinstance(text, str) and re.fullmatch(self.pattern, text) for text in texts
        )


@cache
def fields() -> Mapping[str, Field]:
    """Return the registry by key, in the order of the file."""
    data = load_plain(DIRECTORY.parent / "fields.yaml")
    return {key: _field(key, entry) for key, entry in data.items()}


def fields_for(groups: Iterable[str], also: Collection[str] = ()) -> tuple[Field, ...]:
    """Return the fields that listings of these duty groups are asked for, in the registry's order.

    `also` names fields that the law of the day asks for beyond what the registry expects of the groups.
    """
    wanted = tuple(groups)
    return tuple(entry for entry in fields().values() if entry.is_for(wanted) or entry.key in also)


def clean(key: str, value: Any) -> Any:
    """Return one value as it is stored (None if empty). Raises BadDisclosure naming the field."""
    entry = fields().get(key)
    if entry is None:
        raise BadDisclosure("There is no such disclosure field.", field=key)
    return entry.clean(value)


def clean_all(disclosures: Mapping[str, Any]) -> dict[str, Any]:
    """Return a whole record with empty values dropped. Raises BadDisclosure at the first bad one."""
    cleaned = ((key, clean(key, value)) for key, value in disclosures.items())
    return {key: value for key, value in cleaned if value is not None}


def is_filled(value: Any) -> bool:
    """Return whether a value says something; False and 0 do, empty texts and lists do not."""
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, Mapping):
        return any(is_filled(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(is_filled(item) for item in value)
    return value is not None


def languages_in(value: Any) -> frozenset[str]:
    """Return the languages a translatable value is given in, in lower case."""
    if not isinstance(value, Mapping):
        return frozenset()
    return frozenset(code.lower() for code, text in value.items() if is_filled(text))


def _field(key: str, entry: Mapping[str, Any]) -> Field:
    tuples = {
        name: tuple(entry[name]) for name in ("used_by", "not_for", "choices", "units") if name in entry
    }
    return Field(key=key, **{**entry, **tuples})


# -- one cleaner a type


def _refuse(entry: Field, reason: str, **values: Any) -> BadDisclosure:
    return BadDisclosure(
        "%(label)s: %(reason)s", field=entry.key, label=Words(entry.label), reason=Words(reason, **values)
    )


def _translations(entry: Field, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _refuse(entry, 'give the text by language, such as {"en": "…"}')
    found = {}
    for code, text in value.items():
        if not isinstance(code, str) or not _LANGUAGE.fullmatch(code.lower()):
            raise _refuse(entry, "%(value)s is not a language code", value=repr(code))
        if is_filled(text):
            found[code.lower()] = _CLEAN[entry.type](entry, text)
    return found


def _text(entry: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _refuse(entry, "this must be text")
    text = value.strip()
    if len(text) > MAX_TEXT:
        raise _refuse(entry, "at most %(most)s characters", most=MAX_TEXT)
    if entry.pattern and not entry.soft and not re.fullmatch(entry.pattern, text):
        raise _refuse(
            entry, "%(value)s does not look right. %(help)s", value=repr(text), help=Words(entry.help)
        )
    return text


def _text_list(entry: Field, value: Any) -> list[str]:
    if not isinstance(value, list | tuple):
        raise _refuse(entry, "this must be a list of texts")
    return [_text(entry, item) for item in value if is_filled(item)]


def _enum(entry: Field, value: Any) -> str:
    if value not in entry.choices:
        raise _refuse(
            entry, "%(value)s is not one of %(choices)s", value=repr(value), choices=", ".join(entry.choices)
        )
    return str(value)


def _enum_list(entry: Field, value: Any) -> list[str]:
    if not isinstance(value, list | tuple):
        raise _refuse(entry, "this must be a list")
    return list(dict.fromkeys(_enum(entry, item) for item in value))


def _int(entry: Field, value: Any) -> int:
    number = _number(entry, value)
    if number != number.to_integral_value():
        raise _refuse(entry, "this must be a whole number")
    return int(number)


def _decimal(entry: Field, value: Any) -> str:
    return format(_number(entry, value), "f")


def _number(entry: Field, value: Any) -> Decimal:
    if isinstance(value, bool):
        raise _refuse(entry, "this must be a number")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise _refuse(entry, "%(value)s is not a number", value=repr(value)) from None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise _refuse(entry, "%(value)s is out of range", value=repr(value))
    low, high = entry.min, entry.max
    if (low is not None and number < low) or (high is not None and number > high):
        raise _refuse(
            entry,
            "%(value)s is not between %(low)s and %(high)s",
            value=str(value),
            low=str(low),
            high=str(high),
        )
    return number


def _bool(entry: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _refuse(entry, "this must be yes or no")
    return value


def _date(entry: Field, value: Any) -> str:
    try:
        return (value if isinstance(value, date) else date.fromisoformat(str(value))).isoformat()
    except ValueError:
        raise _refuse(entry, "%(value)s is not a date such as 2027-05-31", value=repr(value)) from None


def _country(entry: Field, value: Any) -> str:
    if not isinstance(value, str) or not _COUNTRY.fullmatch(value.strip().upper()):
        raise _refuse(entry, "%(value)s is not a country code such as DE", value=repr(value))
    return value.strip().upper()


def _url(entry: Field, value: Any) -> str:
    if not isinstance(value, str) or not _URL.fullmatch(value.strip()) or len(value) > 2000:
        raise _refuse(entry, "this must be a link that starts with https://")
    return value.strip()


def _quantity(entry: Field, value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping) or set(value) != {"value", "unit"}:
        raise _refuse(entry, 'give value and unit, such as {"value": "250", "unit": "g"}')
    number = _number(entry, value["value"])
    if number <= 0 or value["unit"] not in entry.units:
        raise _refuse(entry, "give a positive number in one of %(units)s", units=", ".join(entry.units))
    return {"value": format(number, "f"), "unit": value["unit"]}


def _object(entry: Field, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _refuse(entry, "this must be an object")
    for name in value:
        if name not in entry.of:
            raise _refuse(entry, "there is no part called %(value)s", value=repr(name))
    parts = {
        name: Field(entry.key, kind, f"{entry.label}: {name}", entry.help, ())
        for name, kind in entry.of.items()
    }
    filled = {name: parts[name].clean(item) for name, item in value.items()}
    return {name: item for name, item in filled.items() if item is not None}


def _list(entry: Field, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list | tuple):
        raise _refuse(entry, "this must be a list")
    rows = [row for row in (_object(entry, item) for item in value) if row]
    if entry.key == "fibre_composition":
        _check_fibres(entry, rows)
    return rows


def _check_fibres(entry: Field, rows: list[dict[str, Any]]) -> None:
    """Regulation (EU) 1007/2011: the fibres of each component make 100 %."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        if not {"fibre", "percent"} <= set(row):
            raise _refuse(entry, "each fibre needs its percentage")
        part = str(row.get("component", ""))
        sums[part] = sums.get(part, Decimal(0)) + Decimal(row["percent"])
    for part, total in sums.items():
        if total != 100:
            raise _refuse(
                entry,
                "%(part)s: the shares add up to %(total)s percent, not to 100",
                part=part or Words(entry.label),
                total=f"{total.normalize():f}",
            )


_CLEAN: Mapping[str, Any] = {
    "text": _text,
    "text_list": _text_list,
    "enum": _enum,
    "enum_list": _enum_list,
    "int": _int,
    "decimal": _decimal,
    "bool": _bool,
    "date": _date,
    "country": _country,
    "url": _url,
    "quantity": _quantity,
    "object": _object,
    "list": _list,
}
