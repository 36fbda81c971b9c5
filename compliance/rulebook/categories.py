"""The categories a listing can belong to, and the duty groups each brings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from compliance.rulebook.strict_yaml import load_plain
from compliance.rulebook.tables import DIRECTORY
from marketplace.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Parent:
    """A branch of the tree: what the shop's first level of navigation shows."""

    code: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Category:
    """A leaf. `groups` are its duty groups, without those that a listing's traits add."""

    code: str
    names: Mapping[str, str]  # {"en": …, "de": …}
    parent: str
    groups: tuple[str, ...]
    hs: tuple[str, ...]
    google: str
    google_id: int | None = None


@cache
def categories() -> Mapping[str, Category]:
    """Return the leaves by code, in the order of the file."""
    data = _data()
    always = tuple(data["groups_of_all"])
    return {code: _category(code, entry, always) for code, entry in data["leaves"].items()}


@cache
def parents() -> Mapping[str, Parent]:
    """Return the branches by code, in the order of the file."""
    return {code: Parent(code, dict(names)) for code, names in _data()["parents"].items()}


@cache
def duty_groups() -> Mapping[str, str]:
    """Return every duty group with its English name."""
    return dict(_data()["groups"])


def groups_of(code: str, traits: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the duty groups of a category with these traits. Raises Invalid(field="category")."""
    category = categories().get(code)
    if category is None:
        raise Invalid(f"We do not know the category {code!r}.", field="category")
    added = (group for trait in traits for group in _traits().get(trait, ()))
    return tuple(dict.fromkeys((*category.groups, *added)))


@cache
def _traits() -> Mapping[str, tuple[str, ...]]:
    return {trait: tuple(groups) for trait, groups in _data()["traits"].items()}


@cache
def _data() -> Mapping[str, Any]:
    return load_plain(DIRECTORY.parent / "categories.yaml")


def _category(code: str, entry: Mapping[str, Any], always: tuple[str, ...]) -> Category:
    return Category(
        code=code,
        names={"en": entry["en"], "de": entry["de"]},
        parent=entry["parent"],
        groups=(*always, *entry["groups"]),
        hs=tuple(entry["hs"]),
        google=entry["google"],
        google_id=entry.get("google_id"),
    )


def codes_in(groups: Iterable[str]) -> tuple[str, ...]:
    """Return the categories that lie in one of these duty groups by themselves, whatever their traits."""
    wanted = set(groups)
    return tuple(code for code, category in categories().items() if wanted.intersection(category.groups))


def traits_in(groups: Iterable[str]) -> tuple[str, ...]:
    """Return the traits that bring a listing into one of these duty groups."""
    wanted = set(groups)
    return tuple(trait for trait, added in _traits().items() if wanted.intersection(added))
