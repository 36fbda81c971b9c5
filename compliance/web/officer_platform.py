"""What the marketplace itself owes: today, and on a day to come."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from compliance import rulebook
from compliance.checks import platform as kept
from compliance.checks import queries as checks
from compliance.checks.models import Finding
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
        "rows": _rows(rows),
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


def _rows(findings: list[Finding]) -> list[tuple[checks.FindingView, datetime, str, list[str]]]:
    """Return each duty once: its words, since when, where, and the facts that nothing shows."""
    found: dict[tuple[str, str], tuple[checks.FindingView, datetime, str, list[str]]] = {}
    for row, view in zip(findings, checks.in_words(findings), strict=True):
        where = _where(view.markets)
        found.setdefault((row.rule, where), (view, row.first_seen_at, where, []))[3].append(view.field)
    return list(found.values())


def _day(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None


def _where(markets: tuple[str, ...]) -> str:
    return ", ".join(checks.market_name(market) for market in markets)
