"""Facets as links: a few in sight, the rest a fold away, what is chosen always in sight."""

from __future__ import annotations

import pytest

from catalog.web.pages import ChoiceLink, FacetLinks


def choices(many: int, chosen: int = -1) -> list[ChoiceLink]:
    return [ChoiceLink(str(n), 10 - n, f"?brand={n}", n == chosen) for n in range(many)]


@pytest.mark.parametrize(
    ("many", "chosen", "seen", "folded"),
    [(6, -1, 6, 0), (8, -1, 8, 0), (9, -1, 6, 3), (9, 8, 7, 2)],
    ids=["few", "two more are no fold", "many", "a chosen one stays in sight"],
)
def test_what_is_in_sight(many: int, chosen: int, seen: int, folded: int):
    facet = FacetLinks.of("Brand", choices(many, chosen))

    assert (len(facet.options), len(facet.more)) == (seen, folded)
