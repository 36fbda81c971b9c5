"""A merchant's compliance score: four parts, each a share, each with its reason. Pure.

It decides nothing by itself; it orders attention. The weights are this platform's choice, not law.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext_noop


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a merchant: counts over its listings."""

    pairs: int  # listing × market, where it ships
    open_pairs: int  # of them, how many may be sold
    listings: int
    serious: int  # listings with a serious finding that stops no sale
    stopped_days: Sequence[int]  # for each finding that stops a sale: days since it was found
    is_verified: bool
    is_complete: bool  # no finding about the merchant itself


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score. `why` is an English msgid with %(names)s."""

    key: str
    weight: int
    points: int
    why: str
    params: dict[str, int]


@dataclass(frozen=True, slots=True)
class Score:
    """0 to 100, with its parts."""

    points: int
    parts: tuple[Part, ...]


def score_of(record: Record) -> Score:
    """Return a merchant's score. A merchant without listings is measured by its own particulars only."""
    parts = (
        _part(
            "cleared", 50, Fraction(record.open_pairs, record.pairs) if record.pairs else Fraction(1),
            gettext_noop("%(open)s of %(all)s listings × markets may be sold."),
            {"open": record.open_pairs, "all": record.pairs},
        ),
        _part(
            "serious", 20, 1 - Fraction(record.serious, record.listings) if record.listings else Fraction(1),
            gettext_noop("%(n)s of %(all)s listings have a serious finding."),
            {"n": record.serious, "all": record.listings},
        ),
        _part(
            "speed", 15, _speed(record.stopped_days),
            gettext_noop("%(n)s things that stop a sale are older than 30 days."),
            {"n": sum(days > 30 for days in record.stopped_days)},
        ),
        _part(
            "identity", 15, Fraction(int(record.is_verified) + int(record.is_complete), 2),
            gettext_noop("Verified: %(verified)s. Particulars complete: %(complete)s. (1 is yes.)"),
            {"verified": int(record.is_verified), "complete": int(record.is_complete)},
        ),
    )  # fmt: skip
    return Score(sum(part.points for part in parts), parts)


def _part(key: str, weight: int, share: Fraction, why: str, params: dict[str, int]) -> Part:
    """Whole points, rounded down: nobody is better than the record shows."""
    return Part(key, weight, int(weight * max(Fraction(0), min(Fraction(1), share))), why, params)


def _speed(days: Sequence[int]) -> Fraction:
    return Fraction(sum(one <= 30 for one in days), len(days)) if days else Fraction(1)
