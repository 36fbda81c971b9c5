"""The names of categories."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.models import Category


def category_names(language: str) -> dict[int, tuple[str, str]]:
    """Return (code, name) of every leaf by primary key. One query."""
    rows = Category.objects.exclude(parent=None).values_list("pk", "code", "names")
    return {pk: (code, name_in(names, language)) for pk, code, names in rows}


def name_in(names: Mapping[str, str], language: str) -> str:
    """Return a name in a language, else in its base language, else in English."""
    return names.get(language) or names.get(language.split("-")[0]) or names.get("en", "")
