"""Numbers of what is seen: equal where equal is seen, in places that stay."""

from __future__ import annotations

from itertools import combinations

from compliance.checks.facets import facets_of, with_places

VALUES = (True, 1, 1.0, "1", "true", "~3f", "", 0, False, '\t{"a": 1}', "x" * 41, "x" * 42)


def test_what_is_seen_otherwise_has_another_number() -> None:
    numbers = [facets_of({"brand": value}, ["brand"])[0] for value in VALUES]
    # 1 and True are the same to Python, and other answers to a duty
    assert all(one != other for one, other in combinations(numbers, 2))
    assert numbers == [facets_of({"brand": value}, ["brand"])[0] for value in VALUES]
    assert all(-(2**63) <= number < 2**63 for number in numbers)


def test_what_is_not_seen_has_none() -> None:
    (images, brand) = facets_of({"brand": "•"}, ["images", "brand"])
    assert (images, brand is None) == (None, False)


def test_places_are_only_added_to() -> None:
    assert with_places(["images", "brand"], ["traits", "brand", "category"]) == [
        "images", "brand", "category", "traits",
    ]  # fmt: skip
