"""What every page needs: the words of the withdrawal function in the visitor's market and language."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from marketplace.kernel import clock
from returns.documents.words import function_label


def withdrawal(request: HttpRequest) -> dict[str, object]:
    """Return the label of the footer's link, worked out where it is drawn."""
    return {"withdrawal_label": SimpleLazyObject(lambda: _label(request))}


def _label(request: HttpRequest) -> str:
    place = getattr(request, "place", None)
    return function_label(place.market, place.language, clock.today()) if place else ""
