"""The officer's pages of the rules: review, confirm, correct, switch off, add, decide; and the law calendar."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance import rulebook, tasks
from compliance.checks.models import Finding
from compliance.checks.queries import market_name
from compliance.edition import operations
from compliance.edition import queries as edition
from compliance.edition.models import RuleChange
from compliance.publishing.reading import status_in_words
from compliance.rulebook.book import Rule
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.types import Confidence
from compliance.simulator import operations as simulator
from compliance.simulator import queries as simulations
from compliance.web.gate import frame, officers_only
from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound, RightfulError

PAGE = 50
LARGEST = 64 * 1024  # bytes of a rule file
AHEAD = timedelta(days=3 * 365)
STALE = (30, 90, 180, 365)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule in the review list."""

    rule: Rule
    days: int  # since somebody checked it
    findings: int  # open ones that rest on it
    is_changed: bool


@officers_only
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """List the rules, those that most need a check first."""
    chosen = {name: request.GET.get(name, "") for name in ("q", "confidence", "place", "kind", "stale")}
    today = clock.today()
    found = [rule for rule in rulebook.default().rules.values() if _fits(rule, chosen, today)]
    found.sort(key=lambda rule: (-_order(rule), rule.checked_on, rule.id))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _rows(list(page), today),
        "chosen": chosen,
        "places": sorted({rule.jurisdiction for rule in rulebook.default().rules.values()}),
        "confidences": [str(one) for one in Confidence],
        "kinds": ("duty", "term", "notice", "contact"),
        "stale": STALE,
        "waiting": edition.waiting().count(),
        "query": "&".join(f"{name}={value}" for name, value in chosen.items() if value),
    }
    return render(request, "admin/compliance/rules.html", frame(request, _("Rules"), **context))


def _fits(rule: Rule, chosen: dict[str, str], today: date) -> bool:
    words = chosen["q"].lower().split()
    text = f"{rule.id} {rule.title} {' '.join(rule.source_ids)}".lower()
    stale = int(chosen["stale"]) if chosen["stale"].isdecimal() else 0
    return (
        all(word in text for word in words)
        and chosen["confidence"] in ("", str(rule.confidence))
        and chosen["place"] in ("", rule.jurisdiction)
        and chosen["kind"] in ("", rule.kind)
        and (today - rule.checked_on).days >= stale
    )


def _order(rule: Rule) -> int:
    return list(Confidence).index(rule.confidence)


def _rows(found: list[Rule], today: date) -> list[RuleRow]:
    ids = [rule.id for rule in found]
    counts = dict(
        Finding.objects.open()
        .filter(rule__in=ids)
        .values_list("rule")
        .annotate(n=Count("pk"))
        .values_list("rule", "n")
    )
    changed = edition.accepted_texts()
    return [
        RuleRow(rule, (today - rule.checked_on).days, counts.get(rule.id, 0), rule.id in changed)
        for rule in found
    ]


@officers_only
@require_safe
def rule(request: HttpRequest, rule: str) -> HttpResponse:
    """Show one rule: what it says, its sources, its history, and what may be done."""
    found = rulebook.default().rules.get(rule)
    if found is None:
        raise Http404
    return render(request, "admin/compliance/rule.html", _rule_page(request, found))


def _rule_page(request: HttpRequest, found: Rule, **more: Any) -> dict[str, Any]:
    return frame(
        request,
        _(found.title),
        rule=found,
        status=status_in_words(found.status),
        text=edition.text_in_use(found.id),
        history=list(edition.history_of(found.id)[:50]),
        findings=Finding.objects.open().filter(rule=found.id).count(),
        today=clock.today(),
        **more,
    )


@officers_only
@require_POST
def propose(request: HttpRequest, rule: str) -> HttpResponse:
    """Propose that a rule is confirmed, corrected or switched off."""
    user_id, note, now = request.user.pk, request.POST.get("note", ""), clock.now()
    ways: dict[str, Callable[[], RuleChange]] = {
        "confirm": lambda: operations.confirm_rule(
            rule=rule, confidence=request.POST.get("confidence", ""), note=note, user_id=user_id, now=now
        ),
        "switch_off": lambda: operations.switch_off_rule(rule=rule, note=note, user_id=user_id, now=now),
        "correct": lambda: operations.propose_text(
            content=_content(request), note=note, user_id=user_id, now=now
        ),
    }
    way = ways.get(request.POST.get("way", ""))
    if way is None:
        raise Http404
    try:
        way()
    except NotFound:
        raise Http404 from None
    except RightfulError as error:
        found = rulebook.default().rules[rule]
        page = _rule_page(request, found, problem=error.in_words(_), draft=request.POST.get("content", ""))
        return render(request, "admin/compliance/rule.html", page, status=422)
    messages.success(request, _("Proposed. Another officer has to accept it before it binds."))
    return redirect("law-changes")


@officers_only
@require_http_methods(["GET", "POST"])
def new_rule(request: HttpRequest) -> HttpResponse:
    """Take a rule file, show how it differs from what binds, and try it on the catalogue before it is proposed."""
    context: dict[str, Any] = {"content": "", "problem": "", "difference": []}
    if request.method == "POST":
        try:
            content = _content(request)
            context["content"] = content
            if request.POST.get("way") == "try":
                return _try(request, content)
            rule_id = operations.rule_id_in(content)
            edition.book_with({rule_id: content})
            context["difference"] = difference(edition.text_in_use(rule_id), content)
            context["rule_id"] = rule_id
        except RightfulError as error:
            context["problem"] = error.in_words(_)
        except rulebook_refused() as refused:
            context["problem"] = "; ".join(
                f"{_('line')} {one.line}: {one.reason}" for one in refused.refusals
            )
    status = 422 if context["problem"] else 200
    page = frame(request, _("Try a rule file"), **context)
    return render(request, "admin/compliance/new_rule.html", page, status=status)


def rulebook_refused() -> type[Any]:
    from compliance.rulebook.strict_yaml import BookRefused

    return BookRefused


def _try(request: HttpRequest, content: str) -> HttpResponse:
    rule_id = operations.rule_id_in(content)
    found = edition.book_with({rule_id: content}).rules[rule_id]
    on = max([clock.today(), *(version.since for version in found.versions)])
    simulation = simulator.start_simulation(
        on=on, user_id=request.user.pk, now=clock.now(), drafts={rule_id: content}
    )
    tasks.run_simulation.delay(simulation.pk)
    return redirect("law-simulation", simulation=simulation.public_id)


def _content(request: HttpRequest) -> str:
    """Return the rule file that was sent, as file or typed. Raises RuleRefused."""
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("content", "").replace("\r\n", "\n")
    if file.size > LARGEST:
        raise operations.RuleRefused("A rule file has at most 64 kB.", field="content")
    try:
        return file.read().decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise operations.RuleRefused("The file is not UTF-8 text.", field="content") from None


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """Return the lines that differ, with their surroundings: (added, removed or same, line)."""
    kinds = {"+": "added", "-": "removed", " ": "same"}
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))[2:]
    return [(kinds.get(line[:1], "place"), line[1:] if line[:1] in kinds else line) for line in lines]


@officers_only
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """Show what waits for a second pair of eyes, and what was decided."""
    waiting = [(change, difference(change.before, change.content)) for change in edition.waiting()]
    decided = RuleChange.objects.exclude(state=RuleChange.State.PROPOSED)
    decided = decided.select_related("proposed_by", "decided_by").order_by("-decided_at")[:PAGE]
    page = frame(request, _("Changes of law"), waiting=waiting, decided=list(decided))
    return render(request, "admin/compliance/changes.html", page)


@officers_only
@require_POST
def decide(request: HttpRequest, change: str) -> HttpResponse:
    """Accept, reject or take back a proposal."""
    found = RuleChange.objects.filter(public_id=change).values_list("pk", flat=True).first()
    if found is None:
        raise Http404
    user_id, note, now = request.user.pk, request.POST.get("note", ""), clock.now()
    try:
        if request.POST.get("way") == "accept":
            operations.accept_change(change_id=found, user_id=user_id, note=note, now=now)
            messages.success(request, _("Accepted. It binds from now on; what it touches is judged again."))
        elif request.POST.get("way") == "reject":
            operations.reject_change(change_id=found, user_id=user_id, note=note, now=now)
            messages.success(request, _("Rejected."))
        else:
            operations.withdraw_change(change_id=found, user_id=user_id, now=now)
            messages.success(request, _("Taken back."))
    except RightfulError as error:
        messages.error(request, error.in_words(_))
    return redirect("law-changes")


@officers_only
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Show what comes into force when, for all markets or one."""
    market = request.GET.get("market", "")
    market = market if market in selling_markets() else ""
    today = clock.today()
    ahead = simulations.changes_ahead(start=today, end=today + AHEAD, market=market)
    days: dict[date, list[Any]] = {}
    for change in ahead:
        days.setdefault(change.on, []).append(change)
    context = {
        "days": sorted(days.items()),
        "market": market,
        "markets": [(code, market_name(code)) for code in selling_markets()],
        "all_markets": len(selling_markets()),
    }
    return render(request, "admin/compliance/calendar.html", frame(request, _("Law calendar"), **context))
