"""The officer's simulator: pick a day or a draft, see what breaks, tell the merchants."""

from __future__ import annotations

import csv
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance import rulebook, tasks
from compliance.checks import queries as checks
from compliance.checks.registry import describe, id_of, subject_of
from compliance.edition import operations as edition
from compliance.edition.queries import book_in_use, book_with
from compliance.rulebook import own_processes
from compliance.rulebook.markets import selling_markets
from compliance.simulator import operations, queries
from compliance.simulator.models import Effect, Simulation
from compliance.web.gate import frame, officers_only
from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound, RightfulError
from marketplace.kernel.money import Money


@officers_only
@require_http_methods(["GET", "POST"])
def simulations(request: HttpRequest) -> HttpResponse:
    """List the simulations and start one for a day."""
    problem = ""
    if request.method == "POST":
        try:
            started = operations.start_simulation(
                on=_day(request.POST.get("on", "")), user_id=request.user.pk, now=clock.now()
            )
            tasks.run_simulation.delay(started.pk)
            return redirect("law-simulation", simulation=started.public_id)
        except RightfulError as error:
            problem = error.in_words(_)
    context = {"rows": queries.latest_simulations(), "problem": problem, "today": clock.today()}
    page = frame(
        request, _("What changes on a day"), **context, on=request.POST.get("on") or request.GET.get("on", "")
    )
    return render(request, "admin/compliance/simulations.html", page, status=422 if problem else 200)


def _day(text: str) -> date:
    from marketplace.kernel.errors import Invalid

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("Write the day like 2027-01-31.", field="on") from None


@officers_only
@require_safe
def simulation(request: HttpRequest, simulation: str) -> HttpResponse:
    """Show how far a simulation is and what it found."""
    found = _find(simulation)
    after = request.GET.get("after", "")
    effects, following = queries.effects_after(found, int(after) if after.isdecimal() else 0)
    owners = queries.by_owner(found)
    context = {
        "simulation": found,
        "is_running": found.state == Simulation.State.RUNNING,
        "rules": [
            (tally, _title(found, tally.key), _euros(tally.sales_minor)) for tally in queries.by_rule(found)
        ],
        "markets": [(tally, _euros(tally.sales_minor)) for tally in queries.by_market(found)],
        "owners": [(tally, _euros(tally.sales_minor), name) for tally, name in _named(owners)],
        "processes": _processes(found),
        "sales": _euros(sum(tally.sales_minor for tally in owners)),
        "effects": _rows(effects),
        "following": following,
        "notices": list(queries.notices_of(found.rules)[:20]),
        "drafts": sorted(found.drafts.items()),
    }
    page = frame(request, _("What changes on %(day)s") % {"day": found.on.isoformat()}, **context)
    return render(request, "admin/compliance/simulation.html", page)


def _named(owners: list[queries.Tally]) -> list[tuple[queries.Tally, str]]:
    known = describe(subject_of("merchant", tally.key) for tally in owners)
    names = {who.owner: who.title for who in known.values()}
    return [(tally, names.get(tally.key, tally.key)) for tally in owners]


def _processes(found: Simulation) -> list[tuple[checks.FindingView, str]]:
    """Return the duties of this marketplace itself that the day or the draft adds, and where."""
    coming = own_processes.breaking(
        book_in_use(), markets=selling_markets(), today=found.compared_with, on=found.on,
        after=book_with(found.drafts),
    )  # fmt: skip
    views = checks.in_words(checks.unsaved(one, found.on) for one in coming)
    return [(view, ", ".join(map(checks.market_name, view.markets))) for view in views]


def _rows(effects: list[Effect]) -> list[dict[str, Any]]:
    known = describe(effect.subject for effect in effects)
    return [
        {
            "title": known[effect.subject].title if effect.subject in known else id_of(effect.subject),
            "owner": known[effect.subject].owner_name if effect.subject in known else effect.owner,
            "url": known[effect.subject].officers_url or known[effect.subject].url
            if effect.subject in known
            else "",
            "lost": effect.lost,
            "gained": effect.gained,
            "rules": effect.rules,
            "sales": _euros(effect.sales_minor),
        }
        for effect in effects
    ]


def _title(found: Simulation, rule: str) -> str:
    known = rulebook.default().rules.get(rule)
    return _(known.title) if known else rule


def _euros(minor: int) -> str:
    return str(Money(minor, "EUR"))


@officers_only
@require_POST
def act(request: HttpRequest, simulation: str) -> HttpResponse:
    """Queue the notices, stop the run, or propose the draft that was tried."""
    found, now = _find(simulation), clock.now()
    try:
        if request.POST.get("way") == "notify":
            count = operations.queue_notices(simulation_id=found.pk, now=now)
            said = ngettext("%(n)s merchant will be told.", "%(n)s notices will be sent.", count)
            messages.success(request, said % {"n": count})
        elif request.POST.get("way") == "cancel":
            operations.cancel_simulation(simulation_id=found.pk, now=now)
        elif request.POST.get("way") == "propose":
            for text in found.drafts.values():
                edition.propose_text(
                    content=text, note=request.POST.get("note", ""), user_id=request.user.pk, now=now
                )
            messages.success(request, _("Proposed. Another officer has to accept it before it binds."))
            return redirect("law-changes")
    except RightfulError as error:
        messages.error(request, error.in_words(_))
    return redirect("law-simulation", simulation=found.public_id)


@officers_only
@require_safe
def as_csv(request: HttpRequest, simulation: str) -> HttpResponse:
    """Hand out every effect as CSV."""
    found = _find(simulation)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.public_id}.csv"'
    writer = csv.writer(response)
    writer.writerow(["listing", "merchant", "lost", "gained", "rules", "sales_90_days_eur"])
    for effect in queries.every_effect(found):
        sold = f"{effect.sales_minor / 100:.2f}"
        row = [
            id_of(effect.subject),
            effect.owner,
            *map(" ".join, (effect.lost, effect.gained, effect.rules)),
            sold,
        ]
        writer.writerow(row)
    return response


def _find(public_id: str) -> Simulation:
    try:
        return queries.find_simulation(public_id)
    except NotFound:
        raise Http404 from None
