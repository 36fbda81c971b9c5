"""The officer's pages of measures: what was taken, why, what was said against it, and the public form."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from compliance.checks.registry import describe, subject_of
from compliance.enforcement import operations, queries
from compliance.enforcement.models import Appeal, Measure
from compliance.enforcement.queries import PAGE
from compliance.web.gate import frame, officers_only
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError

STATES = ("", "open", "appealed", "lifted")


@officers_only
@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    """List measures, the newest first; complaints that wait stand above, the most urgent first."""
    state, last = _state(request), _last(request)
    found = queries.measures(state=state, last=last)
    rows = found[:PAGE]
    known = describe(row.subject for row in rows)
    context = {
        "rows": [(row, known.get(row.subject), list(row.appeals.all())) for row in rows],
        "state": state,
        "states": [
            ("", _("all")),
            ("open", _("in force")),
            ("appealed", _("complained about")),
            ("lifted", _("lifted")),
        ],
        "waiting": list(queries.waiting_appeals()[:20]),
        "today": clock.today(),
        "following": f"state={state}&after={rows[-1].pk}" if len(found) > PAGE else "",
        "last": last,
    }
    return render(
        request, "admin/compliance/measures.html", frame(request, _("Measures and complaints"), **context)
    )


def _state(request: HttpRequest) -> str:
    state = request.GET.get("state", "")
    return state if state in STATES else ""


def _last(request: HttpRequest) -> int:
    text = request.GET.get("after", "")
    return int(text) if text.isdecimal() and len(text) < 18 else 0


@officers_only
@require_safe
def measure(request: HttpRequest, measure: str) -> HttpResponse:
    """Show one measure with its statement of reasons."""
    found = _find(measure)
    who = describe([found.subject, subject_of("merchant", found.owner)])
    context = {
        "measure": found,
        "reasons": queries.reasons_of(found),
        "appeals": list(found.appeals.all()),
        "who": who.get(found.subject),
        "owner": who.get(subject_of("merchant", found.owner)),
    }
    return render(request, "admin/compliance/measure.html", frame(request, found.public_id, **context))


@officers_only
@require_POST
def decide(request: HttpRequest, measure: str) -> HttpResponse:
    """Decide the complaint that waits on a measure."""
    found = _find(measure)
    appeal = found.appeals.filter(state=Appeal.State.OPEN).first()
    if appeal is None:
        messages.error(request, _("This complaint was decided already."))
        return redirect("law-measure", measure=found.public_id)
    try:
        operations.decide_appeal(
            appeal_id=appeal.pk,
            is_right=request.POST.get("way") == "uphold",
            reasons=request.POST.get("reasons", ""),
            user_id=request.user.pk,
            now=clock.now(),
        )
        messages.success(request, _("Decided. The merchant is told."))
    except RightfulError as error:
        messages.error(request, error.in_words(_))
    return redirect("law-measure", measure=found.public_id)


@officers_only
@require_safe
def as_json(request: HttpRequest) -> JsonResponse:
    """Hand out statements in the shape of the Union's public database, at most a hundred at a time."""
    with translation.override("en"):
        rows = queries.measures(state=_state(request), last=_last(request))
        statements = queries.submissions(rows)
    response = JsonResponse(
        {"statements": statements}, json_dumps_params={"ensure_ascii": False, "indent": 2}
    )
    response["Content-Disposition"] = 'attachment; filename="statements-of-reasons.json"'
    return response


def _find(public_id: str) -> Measure:
    found = queries.find_measure(public_id)
    if found is None:
        raise Http404
    return found
