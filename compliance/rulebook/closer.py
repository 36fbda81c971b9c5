"""Whether a finder may find something in a value: what a profile has to keep of texts and ingredient lists. Pure.

A profile leaves out what no duty can tell apart. A finder (finders.py) reads whole texts, but in most of them there is
nothing to be found on any day; then the profile need not keep them. `interest_of` names, for one version of a duty, the
fact that its finder reads and a key that changes whenever what it may find does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any

from compliance.rulebook.book import Version
from compliance.rulebook.claims import ClaimFinder
from compliance.rulebook.ingredients import COSING, Ingredient, is_known
from compliance.rulebook.substance_finder import ingredients_of
from compliance.rulebook.substances import restrictions

Interest = Callable[[Any], bool]
_INTERESTS: dict[str, Interest] = {}


def interest_of(version: Version) -> tuple[str, str] | None:
    """Return (path of the fact, key of the interest) for a version whose duty has a finder; None for others."""
    if not version.finds:
        return None
    if version.finds == "claims":
        key = f"claims:{_digest(version.params)}"
        _INTERESTS.setdefault(key, _claims(version.params))
        return "texts", key
    if version.finds == "ended_documents":
        _INTERESTS.setdefault("documents", lambda value: any(one.get("expires_on") for one in value))
        return "documents", "documents"
    field = str(version.params["list"])
    key = f"{version.finds}:{field}:{_table_digest()}"
    is_odd = {"ingredient_names": _is_unknown, "nano_marks": _is_nano}.get(version.finds, _is_restricted)
    _INTERESTS.setdefault(key, lambda value: _is_odd_list(field, value, is_odd))
    return f"disclosures.{field}", key


def may_find(value: Any, keys: frozenset[str]) -> bool:
    """Tell whether a finder of one of these keys may find something in a value; an unknown key is curious."""
    return any(_INTERESTS[key](value) if key in _INTERESTS else True for key in keys)


def _digest(params: Mapping[str, Any]) -> str:
    return hashlib.blake2b(
        json.dumps(params, sort_keys=True, default=str).encode(), digest_size=6
    ).hexdigest()


@cache
def _table_digest() -> str:
    """Return a digest of the tables that the finders of ingredients lean on."""
    rows = "\n".join(f"{row.name}|{sorted(row.called)}|{row.members}" for row in restrictions()).encode()
    return hashlib.blake2b(rows + COSING.read_bytes(), digest_size=6).hexdigest()


def _claims(params: Mapping[str, Any]) -> Interest:
    finder = ClaimFinder(params, date.min, (), None)  # type: ignore[arg-type] -- phrases need no book
    return lambda texts: any(True for _ in finder.find({"texts": texts}))


def _is_odd_list(field: str, value: Any, is_odd: Callable[[Ingredient], bool]) -> bool:
    return any(map(is_odd, ingredients_of({"disclosures": {field: value}}, field)))


def _is_restricted(item: Ingredient) -> bool:
    return not _restricted().isdisjoint(item.numbers) or any(map(_is_restricted_name, item.names))


def _is_unknown(item: Ingredient) -> bool:
    return bool(item.names) and not any(is_known(name) or name in _restricted() for name in item.names)


def _is_nano(item: Ingredient) -> bool:
    return any("nano" in name.split() for name in item.names)


@lru_cache(maxsize=65_536)
def _is_restricted_name(name: str) -> bool:
    words = name.split()
    return name in _restricted() or any(
        text in words if how == "word" else any(word.endswith(text) for word in words)
        for how, text in _members()
    )


@cache
def _restricted() -> frozenset[str]:
    return frozenset(name for row in restrictions() for name in row.called)


@cache
def _members() -> frozenset[tuple[str, str]]:
    return frozenset(member for row in restrictions() for member in row.members)
