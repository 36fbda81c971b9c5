"""What the marketplace itself owes: today, and on a day to come."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from compliance import rulebook
from compliance.checks import platform as kept
from compliance.checks import queries as checks
from compliance.rulebook import own_processes
from compliance.rulebook.markets import selling_markets
from compliance.web.gate import frame, officers_only
from marketplace.kernel import clock


@officers_only
@require_safe
def platform(request: HttpRequest) -> HttpResponse:
    """Show the findings on the marketplace's own processes, what shows the rest, and what a day brings."""
    rows, today, day = list(kept.open_findings()), clock.today(), _day(request)
    coming = ()
    if day is not None and day > today:
        markets, book = selling_markets(), rulebook.default()
        coming = own_processes.breaking(book, markets=markets, today=today, on=day)
    context = {
        "rows": [
            (view, row.first_seen_at, _where(view.markets))
            for row, view in zip(rows, checks.in_words(rows), strict=True)
        ],
        "judged": checks.judgement_of(kept.SUBJECT),
        "shown": own_processes.declared(),
        "day": day,
        "coming": [
            (view, _where(view.markets))
            for view in checks.in_words(checks.unsaved(one, one.due_on or today) for one in coming)
        ],
        "asked": day is not None,
    }
    return render(
        request, "admin/compliance/platform.html", frame(request, _("Our own processes"), **context)
    )


def _day(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None


def _where(markets: tuple[str, ...]) -> str:
    return ", ".join(checks.market_name(market) for market in markets)
