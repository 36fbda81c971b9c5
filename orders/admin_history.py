"""The operator's pages of other shops' orders: what was taken over, what was late, everything odd."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from marketplace.accounts.models import Role
from marketplace.accounts.queries import require_role
from orders.admin_sending import safe_cell
from orders.domain.histories.words import ODD
from orders.models import HistorySource
from orders.queries import histories

operator_only = require_role(Role.Kind.OPERATOR)


@operator_only
@require_safe
def show_histories(request: HttpRequest) -> HttpResponse:
    """List the histories."""
    return _page(request, "histories.html", gettext("History of other shops"), sources=histories.sources())


@operator_only
@require_safe
def show_history(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one history in numbers, and its oddities one page at a time."""
    source = get_object_or_404(HistorySource, slug=slug)
    code, after = request.GET.get("code", ""), request.GET.get("after", "")
    last = int(after) if after.isdecimal() and len(after) < 18 else 0
    told = histories.told(source)
    found = histories.oddities(source, code=code, after=last)
    shown = found[: histories.PAGE]
    context = {
        "told": told,
        "code": code,
        "kinds": [(one, gettext(ODD[one]), number) for one, number in told.oddities],
        "odd": [(one, gettext(ODD[one.code])) for one in shown],
        "following": shown[-1].pk if len(found) > histories.PAGE else 0,
    }
    return _page(request, "history.html", source.slug, **context)


@operator_only
@require_safe
def as_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """Hand out every oddity of a history."""
    source = get_object_or_404(HistorySource, slug=slug)
    answer = StreamingHttpResponse(_lines(source), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{source.slug}.csv"'
    return answer


def _lines(source: HistorySource) -> Iterator[str]:
    yield _line(["file", "row", "code", "order", "what", "details"])
    for one in source.oddities.iterator(chunk_size=2_000):
        yield _line([one.file, one.row, one.code, one.order, ODD[one.code], one.said])


def _line(values: list[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([safe_cell(str(value)) for value in values])
    return out.getvalue()


def _page(request: HttpRequest, template: str, title: str, **context: object) -> HttpResponse:
    frame = {**admin.site.each_context(request), "title": title}
    return render(request, f"admin/orders/{template}", {**frame, **context})
