"""The merchant's pages of measures against its listings: the reasons, and the way to complain."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from compliance.checks.registry import describe
from compliance.enforcement import operations, queries
from compliance.enforcement.models import Appeal, Measure
from compliance.enforcement.queries import PAGE
from marketplace.accounts.models import Merchant
from marketplace.accounts.scoping import editable_ids_of, merchant_ids_of
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError


@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    """List the measures against a merchant's listings, the newest first."""
    text = request.GET.get("after", "")
    last = int(text) if text.isdecimal() and len(text) < 18 else 0
    found = queries.measures(owners=_owners(request), last=last)
    rows = found[:PAGE]
    known = describe(row.subject for row in rows)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Measures"),
        "rows": [(row, known.get(row.subject), list(row.appeals.all())) for row in rows],
        "following": rows[-1].pk if len(found) > PAGE else 0,
    }
    return TemplateResponse(request, "admin/catalog/measures.html", context)


def _owners(request: HttpRequest) -> list[str]:
    ids = merchant_ids_of(request)
    if not ids:
        raise PermissionDenied
    return list(Merchant.objects.filter(pk__in=ids).values_list("public_id", flat=True))


@require_http_methods(["GET", "POST"])
def measure(request: HttpRequest, measure: str) -> HttpResponse:
    """Show a measure's statement of reasons, and take a complaint about it."""
    found = queries.find_measure(measure, owners=_owners(request))
    if found is None:
        raise Http404
    problem = ""
    if request.method == "POST":
        if not Merchant.objects.filter(pk__in=editable_ids_of(request), public_id=found.owner).exists():
            raise PermissionDenied
        try:
            operations.file_appeal(
                measure_id=found.pk,
                text=request.POST.get("text", ""),
                user_id=request.user.pk,
                now=clock.now(),
            )
            messages.success(request, gettext("Your complaint is here. A person decides it."))
            return redirect("merchant-measure", measure=found.public_id)
        except RightfulError as error:
            problem = error.in_words(gettext)
    return _page(request, found, problem)


def _page(request: HttpRequest, found: Measure, problem: str) -> HttpResponse:
    appeals = list(found.appeals.all())
    is_waiting = any(appeal.state == Appeal.State.OPEN for appeal in appeals)
    context = {
        **admin.site.each_context(request),
        "title": found.public_id,
        "measure": found,
        "reasons": queries.reasons_of(found),
        "appeals": appeals,
        "who": describe([found.subject]).get(found.subject),
        "may_complain": not is_waiting and clock.today() <= found.appeal_until,
        "problem": problem,
        "text": request.POST.get("text", "") if problem else "",
    }
    return TemplateResponse(request, "admin/catalog/measure.html", context, status=422 if problem else 200)
