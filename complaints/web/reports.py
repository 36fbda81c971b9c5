"""The quality reports of the desk: a table, a plot beside it, the same as CSV; everything leads to its complaints."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from complaints.documents.quality import percent, quality_pdf
from complaints.domain import topics
from complaints.queries import desk, reports
from complaints.queries.reports import Row
from complaints.queries.tickets import merchant_named
from complaints.web import words
from complaints.web.desk import agents_only
from marketplace.kernel import clock

SPANS = {"30": 30, "90": 90, "365": 365}
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


@agents_only
@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show how well complaints were handled, by one group over one span of time."""
    by = request.GET.get("by", "month")
    by = by if by in reports.GROUPS else "month"
    days = SPANS.get(request.GET.get("days", ""), 365)
    until = clock.now()
    rows = reports.report(by=by, since=until - timedelta(days=days), until=until + timedelta(days=1))
    if request.GET.get("format") == "csv":
        return _csv(rows, by)
    page = {
        "by": by,
        "days": str(days),
        "groups": [(key, group_in_words(key)) for key in reports.GROUPS],
        "spans": [(key, _("%(n)s days") % {"n": key}) for key in SPANS],
        "group": group_in_words(by),
        "rows": [_row(row, by, rows, days) for row in rows],
        "plots": plots(rows) if by == "month" else [],
        "months": [
            (f"{day:%Y-%m}", words.month(day, request.place.language)) for day in months_before(until, 12)
        ],
        "csv": "?" + urlencode({"by": by, "days": days, "format": "csv"}),
    }
    return render(request, "complaints/desk/reports.html", {"page": page})


def months_before(now: datetime, count: int) -> list[date]:
    """Return the first days of the last whole months, the latest first."""
    found, day = [], now.date().replace(day=1)
    for _n in range(count):
        day = (day - timedelta(days=1)).replace(day=1)
        found.append(day)
    return found


@agents_only
@never_cache
@require_safe
def monthly(request: HttpRequest) -> HttpResponse:
    """Hand out the report of one month as a sheet to print; without a month, of the last whole one."""
    now = clock.now()
    span = desk.month_of(request.GET.get("month", "")) or desk.month_of(f"{months_before(now, 1)[0]:%Y-%m}")
    since, until = span
    groups = [(group_in_words(by), [(_label(row.key, by), row) for row in reports.report(by=by, since=since, until=until)])
              for by in ("topic", "market", "merchant", "channel", "agent")]  # fmt: skip
    [whole] = reports.report(by="month", since=since, until=until) or [None]
    content = quality_pdf(
        month=since.date(), whole=whole, groups=groups, language=request.place.language, made_at=now
    )
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="complaints-{since:%Y-%m}.pdf"'
    return response


def group_in_words(by: str) -> str:
    return {
        "month": _("Month"), "market": _("Country"), "topic": _("Topic"), "merchant": _("Seller"), "agent": _("Agent"),
        "language": _("Language"), "channel": _("Way in"),
    }[by]  # fmt: skip


def _row(row: Row, by: str, rows: list[Row], days: int) -> dict[str, Any]:
    most = max((one.received for one in rows), default=1) or 1
    return {
        "label": _label(row.key, by),
        "url": _drill(row.key, by, days),
        "closed_url": _drill(row.key, by, days, state="closed") if row.closed else "",
        "reopened_url": _drill(row.key, by, days, reopened="yes") if row.reopened else "",
        "first_url": _drill(row.key, by, days, missed="first_response") if _missed(row.first_in_time) else "",
        "decided_url": _drill(row.key, by, days, missed="resolution") if _missed(row.decided_in_time) else "",
        "rated_url": _drill(row.key, by, days, rated="yes") if row.rated else "",
        "first_share": int((row.first_in_time or 0) * 100),
        "decided_share": int((row.decided_in_time or 0) * 100),
        "received": row.received,
        "share": round(100 * row.received / most),
        "closed": row.closed,
        "reopened": row.reopened,
        "first": percent(row.first_in_time),
        "decided": percent(row.decided_in_time),
        "first_hours": f"{row.first_hours:.1f}" if row.first_hours is not None else "–",
        "closed_days": f"{row.closed_hours / 24:.1f}" if row.closed_hours is not None else "–",
        "satisfaction": f"{row.satisfaction:.1f} ({row.rated})" if row.satisfaction is not None else "–",
    }


def _label(key: str, by: str) -> str:
    if by == "topic":
        return _(topics.TOPICS.get(key, key))
    if by == "merchant":
        return merchant_named(key) or key or _("none")
    return key or _("none")


def _missed(share: float | None) -> bool:
    return share is not None and share < 1


def _drill(key: str, by: str, days: int, **more: str) -> str:
    """Return the address of the complaints that a figure counts, those of nobody too."""
    span = {} if by == "month" else {"days": days}
    if not key and by not in ("merchant", "agent"):
        return ""
    return f"{reverse('desk')}?{urlencode({'queue': 'every', by: key or desk.NOBODY, **span, **more})}"


WIDE, HIGH = 600, 120  # of a plot, in its own units


def plots(rows: list[Row]) -> list[dict[str, Any]]:
    """Return the plots over months: how many came in, and the shares kept in time, each as bars with their values."""
    most = max((row.received for row in rows), default=1) or 1
    told = (
        (_("Received"), [(row.received / most, str(row.received)) for row in rows]),
        (_("First answer in time"), [(row.first_in_time, percent(row.first_in_time)) for row in rows]),
        (_("Decided in time"), [(row.decided_in_time, percent(row.decided_in_time)) for row in rows]),
        (_("Rated 1 to 5"), [(row.satisfaction and row.satisfaction / 5, f"{row.satisfaction:.1f}" if row.satisfaction else "–") for row in rows]),
    )  # fmt: skip
    step = WIDE / max(len(rows), 1)
    return [
        {
            "title": title,
            "bars": [
                {
                    "x": round(n * step + 2), "y": round(HIGH - (share or 0) * HIGH), "width": max(round(step) - 4, 1),
                    "height": round((share or 0) * HIGH), "label": f"{rows[n].key}: {value}", "key": rows[n].key, "value": value,
                    "middle": round(n * step + step / 2),
                }
                for n, (share, value) in enumerate(shares)
            ],
        }
        for title, shares in told
    ]  # fmt: skip


def _csv(rows: list[Row], by: str) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="complaints-by-{by}.csv"'
    writer = csv.writer(response)
    names = ("received", "closed", "reopened", "first_in_time", "decided_in_time", "first_hours", "closed_hours", "rated", "satisfaction")  # fmt: skip
    writer.writerow([by, *names])
    for row in rows:
        key = f"'{row.key}" if row.key.startswith(FORMULA) else row.key
        writer.writerow([key, *("" if getattr(row, name) is None else getattr(row, name) for name in names)])
    return response
