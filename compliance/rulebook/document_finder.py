"""Documents on file that have ended, with no valid one of their kind and market beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from compliance.rulebook.book import Rulebook
from compliance.rulebook.facts import document_kinds
from compliance.rulebook.finders import Facts, Found


class DocumentFinder:
    """Finds documents that ended before the day; the last day of a document is a valid one."""

    def __init__(self, params: Mapping[str, Any], on: date, markets: tuple[str, ...], book: Rulebook) -> None:
        self.today, self.markets = on.isoformat(), markets
        self.key = ""  # a document that ends changes `document_kinds`, or leaves another of its kind

    def find(self, facts: Facts) -> Iterator[Found]:
        """Yield each kind of which nothing valid is left, with the number that ended last."""
        ended: dict[tuple[str, str], Mapping[str, Any]] = {}
        valid = set()
        for one in facts["documents"]:
            place = (one["kind"], one["market"])
            if not one["expires_on"] or one["expires_on"] >= self.today:
                valid.add(place)
            elif place not in ended or ended[place]["expires_on"] < one["expires_on"]:
                ended[place] = one
        for (kind, market), one in ended.items():
            if (kind, market) not in valid:
                where = tuple(name for name in self.markets if not market or name.startswith(market))
                label = document_kinds().get(kind, kind)
                params = (("document", label), ("number", one["number"]), ("ended", one["expires_on"]))
                field = f"documents.{kind}" + (f".{market}" if market else "")
                if where:
                    yield Found(field, where, params)
