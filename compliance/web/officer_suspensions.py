"""The officer's page of suspensions: who could be, what waits for a second officer, what is in force and was."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from compliance import rulebook
from compliance.checks.registry import Described, describe, subject_of
from compliance.enforcement import suspensions as operations
from compliance.enforcement.models import Suspension
from compliance.web.gate import frame, officers_only
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError

DECIDED = 100  # how many of those decided the page shows


@officers_only
@require_safe
def suspensions(request: HttpRequest) -> HttpResponse:
    """List the merchants with a cause, proposals that wait, and the latest suspensions."""
    candidates = operations.candidates()
    found = Suspension.objects.select_related("proposed_by", "decided_by", "measure")
    waiting = list(found.filter(state=Suspension.State.PROPOSED).order_by("pk"))
    decided = list(found.exclude(state=Suspension.State.PROPOSED).order_by("-pk")[:DECIDED])
    known = describe(subject_of("merchant", one.owner) for one in (*candidates, *waiting, *decided))
    context = {
        "candidates": [(one, _name(known, one.owner), _titles(one.rules)) for one in candidates],
        "waiting": [
            (row, _name(known, row.owner), _titles(row.rules), row.proposed_by_id != request.user.pk)
            for row in waiting
        ],
        "rows": [(row, _name(known, row.owner), _titles(row.rules)) for row in decided],
    }
    return render(request, "admin/compliance/suspensions.html", frame(request, _("Suspensions"), **context))


def _name(known: dict[str, Described], owner: str) -> str:
    who = known.get(subject_of("merchant", owner))
    return who.title if who else owner


def _titles(rules: Any) -> list[str]:
    book = rulebook.default()
    return [_(book.rules[rule].title) if rule in book.rules else rule for rule in rules]


@officers_only
@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Propose to suspend a merchant."""
    owner, note = request.POST.get("owner", "")[:20], request.POST.get("note", "")
    try:
        operations.propose(owner=owner, note=note, user_id=request.user.pk, now=clock.now())
        messages.success(request, _("Proposed. Another officer decides."))
    except RightfulError as error:
        messages.error(request, error.in_words(_))
    return redirect("law-suspensions")


@officers_only
@require_POST
def decide(request: HttpRequest, suspension: str) -> HttpResponse:
    """Decide what another officer proposed."""
    row = Suspension.objects.filter(public_id=suspension).first()
    if row is None:
        raise Http404
    accept = request.POST.get("way") == "accept"
    try:
        operations.decide(
            suspension_id=row.pk,
            accept=accept,
            note=request.POST.get("note", ""),
            user_id=request.user.pk,
            now=clock.now(),
        )
        messages.success(request, _("Decided. The merchant is told.") if accept else _("Rejected."))
    except RightfulError as error:
        messages.error(request, error.in_words(_))
    return redirect("law-suspensions")
