"""What is seen of a profile's facts as numbers, so that the database groups profiles without reading what is seen. Pure.

A number is a digest of one fact's value. Values that are seen otherwise have other numbers, as digests go: with a
million different values of one fact the chance of a mistake is one in forty million.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

Facets = list[int | None]


def facets_of(seen: Mapping[str, Any], places: Sequence[str]) -> Facets:
    """Return the number of each fact in `places`, None for what is not seen."""
    return [_number(seen[name]) if name in seen else None for name in places]


def with_places(places: Sequence[str], names: Iterable[str]) -> list[str]:
    """Return places with those of further facts behind them: a place never changes."""
    return [*places, *sorted(set(names).difference(places))]


def _number(value: Any) -> int:
    return _of_text(value) if isinstance(value, str) and len(value) <= 40 else _digest(value)


@lru_cache(maxsize=16384)
def _of_text(value: str) -> int:
    return _digest(value)


def _digest(value: Any) -> int:
    said = json.dumps(value, sort_keys=True).encode()
    return int.from_bytes(hashlib.blake2b(said, digest_size=8).digest(), "big", signed=True)
