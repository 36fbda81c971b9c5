"""What a duty finds by looking closer: the answer of a finder, in data that many listings share.

A duty usually asks a condition (`must`) or for something filled in (`needs`). One that has `finds` instead
hands the facts to a finder, which says what it found and where: a substance, a name, a claim. A finder is
made once for a duty, a day and the markets it rules; equal answers become one finding (duties.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from compliance.rulebook.book import Rulebook
from compliance.rulebook.types import Cite, Confidence, Severity

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found. What is None or empty is as the duty says; `severity` is never raised by a duty.

    :param field: what to mend, and with the rule and `jurisdiction` the key of the finding: unique a listing.
    :param params: particulars of the sentences, as pairs of name and text.
    """

    field: str
    markets: tuple[str, ...]
    params: tuple[tuple[str, str | tuple[str, ...]], ...] = ()
    jurisdiction: str = ""
    severity: Severity | None = None
    confidence: Confidence | None = None
    cites: tuple[Cite, ...] = ()
    due_on: date | None = None


class Finder(Protocol):
    """Looks at complete facts. `key` names all data it leans on for its day beside the rule itself."""

    key: str

    def find(self, facts: Facts) -> Iterable[Found]: ...


# params of the version, the day, the markets, the book -> a finder
MakeFinder = Callable[[Mapping[str, Any], date, tuple[str, ...], Rulebook], Finder]
