"""Write the categories of the rulebook and the merchants' brands."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models.functions import Lower

from catalog.domain.drafts import clean_text
from catalog.domain.slugs import slug_of
from catalog.models import Brand, Category, Generation
from compliance.rulebook.categories import Category as Leaf
from compliance.rulebook.categories import Parent, categories, parents


@transaction.atomic
def ensure_categories() -> dict[str, Category]:
    """Write the rulebook's tree into the table, changing what changed; return every category by code.

    Categories are never deleted: a leaf that left the rulebook stays for the listings that are in it.
    """
    groups = {code: _write(code, parent, None, at) for at, (code, parent) in enumerate(parents().items())}
    leaves = {
        code: _write(code, leaf, groups[leaf.parent], at)
        for at, (code, leaf) in enumerate(categories().items())
    }
    Generation.objects.create(scope="tree")
    return groups | leaves


def _write(code: str, entry: Parent | Leaf, parent: Category | None, position: int) -> Category:
    fields = {
        "parent": parent,
        "path": [*parent.path, code] if parent else [code],
        "slug": slug_of(entry.names["en"], limit=72) or slug_of(code),
        "names": dict(entry.names),
        "google_path": getattr(entry, "google", ""),
        "hs_heading": ", ".join(getattr(entry, "hs", ()))[:60],
        "position": position,
    }
    if Category.objects.filter(slug=fields["slug"]).exclude(code=code).exists():
        fields["slug"] = slug_of(f"{fields['slug']} {code.replace('.', ' ')}")
    return Category.objects.update_or_create(code=code, defaults=fields)[0]


@transaction.atomic
def ensure_brands(*, merchant_id: int, names: Iterable[str]) -> dict[str, Brand]:
    """Return a merchant's brands by name, making those that are new."""
    wanted = sorted({clean_text(name)[:120] for name in names} - {""})
    shared = _shared(wanted)
    Brand.objects.bulk_create(
        [Brand(merchant_id=merchant_id, name=name, shared_id=shared.get(name.lower())) for name in wanted],
        ignore_conflicts=True,
    )
    found = Brand.objects.filter(merchant_id=merchant_id, name__in=wanted).select_related("shared")
    return {brand.name: brand for brand in found}


def _shared(names: Iterable[str]) -> dict[str, int]:
    """Return the officers' records of these names, by the name in lower case."""
    rows = Brand.objects.filter(merchant=None).annotate(key=Lower("name"))
    return dict(rows.filter(key__in=[name.lower() for name in names]).values_list("key", "pk"))
