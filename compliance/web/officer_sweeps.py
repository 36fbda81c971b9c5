"""The officer's page of sweeps: how far each is, the last runs, and one more on demand."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from compliance import rulebook, tasks
from compliance.checks import runs
from compliance.checks import sweeps as operations
from compliance.web.gate import frame, officers_only
from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound


@officers_only
@require_safe
def sweeps(request: HttpRequest) -> HttpResponse:
    """Show every kind with its newest run, and the last runs."""
    now = clock.now()
    newest, last = runs.latest(now=now)
    by_kind = {one.run.kind: one for one in newest}
    context = {
        "kinds": [(kind, _named(kind), by_kind.get(kind)) for kind in operations.kinds()],
        "last": [(run, _named(run.kind), runs.progress_of(run, now=now).state) for run in last],
        "version": rulebook.default().version,
        "now": now,
    }
    return render(request, "admin/compliance/sweeps.html", frame(request, _("Sweeps"), **context))


def _named(kind: str) -> str:
    return {
        "listing": _("Listings"),
        "merchant": _("Merchants"),
        "offer": _("Running reductions"),
        "order": _("Orders"),
        "shipment": _("Parcels"),
        "notice": _("Notices"),
        "review": _("Reviews"),
    }.get(kind, kind)


@officers_only
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Let a kind be swept once more, or a stopped sweep go on; the work is done elsewhere."""
    try:
        run = operations.ask_for(request.POST.get("kind", "")[:20], by=str(request.user), now=clock.now())
    except NotFound as error:
        raise Http404 from error
    tasks.bulk_sweep.delay(run.pk)
    messages.success(request, _("It is being swept. You can leave this page; the shop goes on meanwhile."))
    return redirect("law-sweeps")
