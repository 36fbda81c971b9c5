"""The markets that goods are sold to, and the languages each must be told in."""

from __future__ import annotations

from functools import cache

from compliance.rulebook.lookups import languages_required
from compliance.rulebook.strict_yaml import load_plain
from compliance.rulebook.tables import DIRECTORY


@cache
def selling_markets() -> tuple[str, ...]:
    """Return the markets of markets.yaml in their order."""
    return tuple(load_plain(DIRECTORY.parent / "markets.yaml"))


@cache
def languages_of(market: str) -> tuple[tuple[str, ...], bool]:
    """Return (language codes in lower case, whether all of them are needed) for a market."""
    duty = languages_required(market)
    return tuple(code.lower() for code in duty.codes), duty.all_of_them


def languages_missing(
    market: str, available: frozenset[str], *, any_will_do: bool = False
) -> tuple[str, ...]:
    """Return the codes to add so that a market is told; a regional variant counts for its base.

    Where any one language will do, all of them are returned as alternatives.
    """
    codes, all_of_them = languages_of(market)
    have = available | {code.split("-", 1)[0] for code in available}
    absent = tuple(code for code in codes if code not in have and not _is_norwegian(code, have))
    if all_of_them and not any_will_do:
        return absent
    return absent if len(absent) == len(codes) else ()


def _is_norwegian(code: str, have: frozenset[str]) -> bool:
    return code in ("nb", "nn") and "no" in have
