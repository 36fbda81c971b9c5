"""What is asked about a listing and the rulebook has no rule for: said, so that silence is not taken for a yes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from compliance.rulebook.book import Rulebook
from compliance.rulebook.substances import restrictions
from compliance.rulebook.types import Step
from compliance.rulebook.words import noop as _

CLAIMS, SUBSTANCES = "claims", "substances"
SENTENCES: Mapping[str, str] = {
    CLAIMS: _("The rulebook has no rule on what an offer may claim in %(market)s."),
    SUBSTANCES: _("The rulebook has no list of restricted substances for %(market)s."),
}


def silent_on(book: Rulebook, market: str, on: date) -> tuple[str, ...]:
    """Return what no rule of a market's chain speaks of on a day: `claims`, `substances`. Raises UnknownJurisdiction."""
    return tuple(topic for topic, speaks in _SPEAKS.items() if not speaks(book, market, on))


def sentences(book: Rulebook, market: str, on: date) -> tuple[Step, ...]:
    """Return one sentence for each such silence."""
    return tuple(Step(SENTENCES[topic], {"market": market}) for topic in silent_on(book, market, on))


def _on_claims(book: Rulebook, market: str, on: date) -> bool:
    return bool(book.on(on).family("claims", market))


def _on_substances(book: Rulebook, market: str, on: date) -> bool:
    places = {place.code for place in book.chain(market)}
    return any(
        places.intersection(row.markets) for row in restrictions() if row.is_on(on) and row.kind != "draft"
    )


_SPEAKS: Mapping[str, Callable[[Rulebook, str, date], bool]] = {
    CLAIMS: _on_claims,
    SUBSTANCES: _on_substances,
}
