"""Addresses in any script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.slugs import slug_of


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Grüner Tee & Honig – 250 g", "gruener-tee-honig-250-g"),
        ("有机蜂蜜 250g", "有机蜂蜜-250g"),
        ("L’Été à Łódź", "lete-a-lodz"),
        ("!!!", ""),
    ],
)
def test_slugs_read_well(text: str, slug: str) -> None:
    assert slug_of(text) == slug


@given(st.text(), st.integers(4, 60))
def test_slugs_fit_and_never_end_in_a_hyphen(text: str, limit: int) -> None:
    slug = slug_of(text, limit=limit)
    assert (len(slug) <= limit, slug) == (True, slug.strip("-"))
