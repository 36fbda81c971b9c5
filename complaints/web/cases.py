"""Cases after the sale at the desk: what waits, one case whole, its decision, its letters."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from complaints import operations
from complaints.domain.errors import Incomplete
from complaints.models import CaseDecision
from complaints.web import case_page as pages
from complaints.web.desk import agents_only
from complaints.web.typed import key_of, sum_of
from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound, RightfulError
from marketplace.kernel.ids import new_token
from returns import operations as returns
from returns.documents.films import as_reply
from returns.operations.case_letters import write_letter
from returns.queries.case_letters import draft_of
from returns.queries.claims import file_of
from returns.queries.deciding import question_of


@agents_only
@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List what waits for the platform or for a colleague; a number that is typed leads to its case."""
    number = request.GET.get("number", "").strip().upper()[:16]
    if number:
        try:
            return redirect("desk-case", pages.found(number).number)
        except NotFound:
            messages.error(request, _("We find no case with this number."))
    page = pages.index_page(request.place.language, operations.agent_of(request.user)) | {"number": number}
    return render(request, "complaints/desk/cases.html", {"page": page})


def _found(number: str) -> pages.Found:
    try:
        return pages.found(number)
    except NotFound:
        raise Http404 from None


@agents_only
@never_cache
@require_safe
def show(request: HttpRequest, number: str) -> HttpResponse:
    """Show one case: facts, law, evidence, what can lawfully be done, letters."""
    return _shown(request, _found(number))


def _shown(request: HttpRequest, found: pages.Found, *, kept: Any = None, status: int = 200) -> HttpResponse:
    agent = operations.agent_of(request.user)
    page = pages.case_page(
        found, agent, request.place.language, agent.user.time_zone or request.place.time_zone
    )
    page |= {"key": new_token()[:24], "kept": kept or {}}
    return render(request, "complaints/desk/case.html", {"page": page}, status=status)


Step = Callable[[HttpRequest, Any, pages.Found], str]


@agents_only
@require_POST
def act(request: HttpRequest, number: str, what: str) -> HttpResponse:
    """Carry out one step; what is refused is said on the page, with what was written."""
    step, found = _STEPS.get(what), _found(number)
    if step is None:
        raise Http404
    try:
        said = step(request, operations.agent_of(request.user), found)
    except NotFound:
        raise Http404 from None
    except RightfulError as refused:
        messages.error(request, refused.in_words(_))
        return _shown(request, _found(number), kept=request.POST, status=409)
    messages.success(request, said)
    return redirect("desk-case", number)


def _decide(request: HttpRequest, agent: Any, found: pages.Found) -> str:
    got = request.POST
    part, way = got.get("part", "")[:16], got.get("way", "")
    if way not in ("grant", "uphold"):
        raise Incomplete(_("This is not one of the choices."), field="way")
    amount = sum_of(got.get("amount", ""), question_of(found.number, part).currency)
    grants = way == "grant"
    made = operations.decide_case(
        verdict=operations.CaseVerdict(
            case=found.number, part=part, grants=grants, reason=got.get("reason", ""),
            remedy=got.get("remedy", "") if grants else "", amount_minor=amount.minor if amount and grants else None,
        ),
        user_id=agent.user_id, now=clock.now(),
        key=f"desk:{agent.pk}:{key_of(got['key'])}" if got.get("key") else "",
    )  # fmt: skip
    if made.needs_agreement and made.agreed_by_id is None:
        return _("A colleague has to agree to this sum; then it is told.")
    return _("Decided and told.")


def _own(found: pages.Found, request: HttpRequest) -> str:
    public_id = request.POST.get("decision", "")[:16]
    if not CaseDecision.objects.filter(case=found.number, public_id=public_id).exists():
        raise NotFound(field="decision")
    return public_id


def _agree(request: HttpRequest, agent: Any, found: pages.Found) -> str:
    operations.agree_case(decision=_own(found, request), user_id=agent.user_id, now=clock.now())
    return _("Agreed. It is told now.")


def _drop(request: HttpRequest, agent: Any, found: pages.Found) -> str:
    operations.drop_case(decision=_own(found, request), user_id=agent.user_id, now=clock.now())
    return _("Nothing is decided.")


def _pay(request: HttpRequest, agent: Any, found: pages.Found) -> str:
    """Pay what is due by law; the sum is reckoned, nobody chose it, so it needs no second pair of eyes."""
    owed = next((one for one in found.owed if one.public_id == request.POST.get("owed", "")), None)
    if owed is None:
        raise NotFound(field="owed")
    paid = returns.request_owed(owed_id=owed.pk, now=clock.now())
    if paid.state == "due":
        raise Incomplete(_("It was tried and could not be paid."), field="owed")
    return _("The money is on its way.")


_STEPS: dict[str, Step] = {"decide": _decide, "agree": _agree, "drop": _drop, "pay": _pay}


@agents_only
@never_cache
@require_safe
def file(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Hand out a file of a claim, or the evidence of a loss of value."""
    found = _found(number)
    if found.kind == "claim":
        try:
            return as_reply(file_of(found.row, pk))
        except NotFound:
            raise Http404 from None
    for loss in pages.losses_of(found):
        if loss.pk == pk and loss.evidence:
            return as_reply(SimpleNamespace(file=loss.evidence, name=loss.evidence_name or "evidence.jpg"))
    raise Http404


@agents_only
@never_cache
@require_http_methods(["GET", "POST"])
def letter(request: HttpRequest, number: str, order: str, template: str) -> HttpResponse:
    """Look at a letter about a case as it will read, and send it in the platform's name."""
    case = next((one for one in _found(number).cases if one.order.public_id == order), None)
    if case is None:
        raise Http404
    try:
        draft = draft_of(case, template)
    except NotFound:
        raise Http404 from None
    if request.method == "POST" and _send(request, case, template):
        return redirect("desk-case", number)
    page = {
        "chosen": {}, "title": draft.name, "draft": draft, "paragraphs": draft.body.split("\n\n"),
        "to": case.order.group.email, "back": reverse("desk-case", args=[number]), "number": number,
        "nonce": new_token(),
    }  # fmt: skip
    status = 409 if request.method == "POST" else 200
    return render(request, "complaints/desk/case_letter.html", {"page": page}, status=status)


def _send(request: HttpRequest, case: Any, template: str) -> bool:
    got = request.POST
    key = f"letter:{case.number}:{got.get('nonce', '')[:80]}"
    try:
        write_letter(
            case=case, template=template, seen=got.get("seen", ""), side="platform",
            by=str(getattr(request.user, "email", ""))[:60], key=key, now=clock.now(),
        )  # fmt: skip
    except RightfulError as error:
        messages.error(request, error.in_words(_))
        return False
    messages.success(request, _("The letter is on its way."))
    return True
