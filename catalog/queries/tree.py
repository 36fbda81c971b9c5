"""The tree of categories, as menus show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from catalog import pages
from catalog.models import Category
from catalog.queries.views import CategoryView
from marketplace.kernel.errors import NotFound


def category_tree(language: str) -> tuple[CategoryView, ...]:
    """Return the top categories with their children, in a language. One query, and one more when it changed."""
    generation = pages.generation_of(["tree"])
    return pages.remember(f"tree:{pages.FORM}:{language}:{generation}", lambda: _tree(language))


def _tree(language: str) -> tuple[CategoryView, ...]:
    rows = list(Category.objects.order_by("position", "pk"))
    return tuple(_view(row, language, rows) for row in rows if row.parent_id is None)


def _view(row: Category, language: str, rows: Iterable[Category] = ()) -> CategoryView:
    children = tuple(_view(child, language) for child in rows if child.parent_id == row.pk)
    return CategoryView(row.pk, row.code, row.slug, name_in(row.names, language) or row.code, children)


def name_in(names: Mapping[str, str], language: str) -> str:
    """Return a name in a language, else in its base language, else in English."""
    return names.get(language) or names.get(language.split("-")[0]) or names.get("en", "")


def category_by_slug(slug: str, language: str) -> tuple[CategoryView, ...]:
    """Return the way from the top to a category.

    :raises NotFound: if there is none at this address.
    """
    row = Category.objects.select_related("parent").filter(slug=slug).first()
    if row is None:
        raise NotFound("There is no such category.", field="category")
    return breadcrumbs(row, language)


def breadcrumbs(row: Category, language: str) -> tuple[CategoryView, ...]:
    """Return the way from the top to a category whose parent was fetched."""
    return tuple(_view(one, language) for one in (row.parent, row) if one is not None)


def category_names(language: str) -> dict[int, tuple[str, str]]:
    """Return (code, name) of every leaf by primary key. One query."""
    rows = Category.objects.exclude(parent=None).values_list("pk", "code", "names")
    return {pk: (code, name_in(names, language)) for pk, code, names in rows}
