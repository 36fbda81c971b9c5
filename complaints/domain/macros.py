"""Prepared replies: which placeholders they may have beside those of the law (see `compliance.rulebook.placeholders`)."""

from __future__ import annotations

from collections.abc import Callable

from compliance.rulebook import placeholders
from compliance.rulebook.placeholders import filled, laws_in

__all__ = ["PLAIN", "filled", "laws_in", "unknown_in"]
PLAIN = ("name", "number", "order", "product", "seller")


def unknown_in(body: str, *, is_rule: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the placeholders that mean nothing, and braces that open or close none."""
    return placeholders.unknown_in(body, plain=PLAIN, is_rule=is_rule)
