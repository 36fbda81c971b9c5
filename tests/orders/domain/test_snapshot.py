"""Snapshots: one way to write them, one digest, and what changed since."""

from __future__ import annotations

from orders.domain.snapshot import canonical, difference, digest_of


def test_the_order_of_keys_does_not_matter() -> None:
    assert digest_of({"a": 1, "b": {"c": "ä", "d": [1, 2]}}) == digest_of(
        {"b": {"d": [1, 2], "c": "ä"}, "a": 1}
    )
    assert canonical({"b": "ä", "a": None}) == '{"a":null,"b":"ä"}'.encode()


def test_every_change_changes_the_digest() -> None:
    base = {"a": 1, "b": [1, 2]}
    assert len({digest_of(base), digest_of({"a": 2, "b": [1, 2]}), digest_of({"a": 1, "b": [2, 1]})}) == 3


def test_a_contract_can_be_compared_with_todays_text() -> None:
    old = {"terms": "1", "lines": [{"title": "Tea", "price": 5}], "gone": True}
    new = {"terms": "2", "lines": [{"title": "Tea", "price": 6}], "new": True}
    assert difference(old, new) == [
        {"path": "gone", "old": True, "new": None},
        {"path": "lines[0].price", "old": 5, "new": 6},
        {"path": "new", "old": None, "new": True},
        {"path": "terms", "old": "1", "new": "2"},
    ]
