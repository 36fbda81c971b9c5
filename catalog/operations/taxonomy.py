"""Write the categories of the rulebook and the merchants' brands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction

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
    Brand.objects.bulk_create(
        [Brand(merchant_id=merchant_id, name=name) for name in wanted], ignore_conflicts=True
    )
    return {brand.name: brand for brand in Brand.objects.filter(merchant_id=merchant_id, name__in=wanted)}


@transaction.atomic
def update_brand(
    *, brand_id: int, manufacturer: Mapping[str, str], responsible_person: Mapping[str, str]
) -> Brand:
    """Change what the maker of a brand owes to be shown. Its listings are judged by `settle_listings`."""
    brand = Brand.objects.select_for_update().get(pk=brand_id)
    brand.manufacturer = dict(manufacturer)
    brand.responsible_person = dict(responsible_person)
    brand.save(update_fields=["manufacturer", "responsible_person"])
    return brand
