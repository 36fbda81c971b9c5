"""The officer's radar: where findings are, what they cost, since when; down to the listing."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from compliance import rulebook
from compliance.checks import queries as checks
from compliance.checks.models import Finding
from compliance.checks.registry import describe, id_of, subject_of
from compliance.radar import queries
from compliance.radar.queries import DIMENSIONS, PAGE, Filter
from compliance.rulebook.categories import categories
from compliance.rulebook.markets import selling_markets
from compliance.web.gate import frame, officers_only
from marketplace.kernel import clock
from marketplace.kernel.money import Money

TITLES = {
    "rule": gettext_noop("Law"),
    "market": gettext_noop("Market"),
    "merchant": gettext_noop("Merchant"),
    "category": gettext_noop("Category"),
    "severity": gettext_noop("Severity"),
    "age": gettext_noop("Age"),
}
AGE_NAMES = {
    "today": gettext_noop("since today"),
    "week": gettext_noop("up to a week"),
    "month": gettext_noop("up to a month"),
    "older": gettext_noop("older"),
}


@officers_only
@require_safe
def radar(request: HttpRequest) -> HttpResponse:
    """Show open findings by one dimension, narrowed by the others, with the listings behind them."""
    wanted, now = filter_of(request), clock.now()
    by = request.GET.get("by", "rule")
    by = by if by in DIMENSIONS else "rule"
    last = request.GET.get("after", "")
    found = queries.listed(wanted, now=now, last=int(last) if last.isdecimal() and len(last) < 18 else 0)
    rows = queries.group(by, wanted, now=now)
    names = _owner_names({row.key for row in rows} if by == "merchant" else {wanted.merchant} - {""})
    context = {
        "by": by,
        "by_title": _(TITLES[by]),
        "tabs": [(key, _(title), wanted.as_query(by=key)) for key, title in TITLES.items()],
        "rows": [
            (
                row,
                name_of(by, row.key, names),
                wanted.as_query(**{by: row.key, "by": _next(by, wanted)}),
                _euros(row.at_risk_minor),
            )
            for row in rows
        ],
        "chosen": [
            (
                _(TITLES[one.name]),
                name_of(one.name, getattr(wanted, one.name), names),
                wanted.as_query(**{one.name: "", "by": by}),
            )
            for one in fields(Filter)
            if getattr(wanted, one.name)
        ],
        "totals": queries.totals(),
        "trend": _trend(queries.trend(until=now.date())),
        "findings": _listed(found[:PAGE]),
        "following": wanted.as_query(by=by, after=str(found[PAGE - 1].pk)) if len(found) > PAGE else "",
        "csv": wanted.as_query(),
    }
    return render(request, "admin/compliance/radar.html", frame(request, _("Radar"), **context))


def filter_of(request: HttpRequest) -> Filter:
    """Return the filter in the address; what is unknown is left out."""
    given = {one.name: request.GET.get(one.name, "")[:120] for one in fields(Filter)}
    if given["market"] not in selling_markets():
        given["market"] = ""
    if given["severity"] not in Finding.Severity.values:
        given["severity"] = ""
    if given["age"] not in AGE_NAMES:
        given["age"] = ""
    return Filter(**given)


def _next(by: str, wanted: Filter) -> str:
    """Return the dimension to show after a row was chosen: the first that is not narrowed yet."""
    order = ("merchant", "rule", "market", "category", "age", "severity")
    return next((one for one in order if one != by and not getattr(wanted, one)), by)


def name_of(by: str, key: str, names: dict[str, str]) -> str:
    """Return a row's key in words."""
    if by == "rule":
        rule = rulebook.default().rules.get(key)
        return f"{_(rule.title)} ({rule.jurisdiction})" if rule else key
    if by == "market":
        return checks.market_name(key) if key else _("no market by itself")
    if by == "merchant":
        return names.get(key, key) or "–"
    if by == "category":
        leaf = categories().get(key)
        return leaf.names["en"] if leaf else key or _("the merchant itself")
    if by == "severity":
        return str(Finding.Severity(key).label)
    return _(AGE_NAMES[key])


def _owner_names(owners: set[str]) -> dict[str, str]:
    known = describe(subject_of("merchant", one) for one in owners if one)
    return {who.owner: who.title for who in known.values()}


def _listed(found: list[Finding]) -> list[dict[str, Any]]:
    known = describe(finding.subject for finding in found)
    return [
        {
            "view": view,
            "title": known[finding.subject].title if finding.subject in known else id_of(finding.subject),
            "url": known[finding.subject].officers_url or known[finding.subject].url
            if finding.subject in known
            else "",
            "owner": known[finding.subject].owner_name if finding.subject in known else finding.owner,
            "since": finding.first_seen_at,
        }
        for finding, view in zip(found, checks.in_words(found), strict=True)
    ]


def _trend(days: list[Any]) -> list[tuple[Any, int]]:
    """Return the days with the height of their bar in percent of the highest."""
    top = max((day.block + day.high for day in days), default=0) or 1
    return [(day, round(100 * (day.block + day.high) / top)) for day in days]


def _euros(minor: int) -> str:
    return str(Money(minor, "EUR"))


@officers_only
@require_safe
def as_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Hand out the findings behind the radar as CSV, however many there are."""
    wanted, now = filter_of(request), clock.now()
    response = StreamingHttpResponse(_lines(wanted, now), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="findings.csv"'
    return response


class _Echo:
    def write(self, line: str) -> str:
        return line


def _lines(wanted: Filter, now: Any) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(
        [
            "subject",
            "merchant",
            "category",
            "rule",
            "jurisdiction",
            "markets",
            "severity",
            "confidence",
            "field",
            "what",
            "since",
        ]
    )
    for one in queries.every(wanted, now=now):
        yield writer.writerow([
            id_of(one.subject), one.owner, one.category, one.rule, one.jurisdiction, " ".join(one.markets),
            one.severity, one.confidence, one.field, checks.say(one)[0], one.first_seen_at.isoformat(),
        ])  # fmt: skip
