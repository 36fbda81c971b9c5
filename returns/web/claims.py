"""Something is wrong: choose the thing, say what, follow the claim; and orders that have not come. No script needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound, RightfulError
from marketplace.kernel.ids import new_token
from orders.queries import after_sales
from orders.queries.messages import carried_files, carried_text
from returns import operations
from returns.documents.films import as_reply, checked_evidence
from returns.domain import policy
from returns.domain.claims import OFFERS
from returns.operations import claiming
from returns.queries import claim_law
from returns.queries.claims import file_of, find_claim, late_cases
from returns.web import claim_pages as pages
from returns.web.claim_forms import ClaimForm, PeriodForm
from returns.web.identity import group_behind


def _language() -> str:
    return (get_language() or "en").split("-")[0]


@never_cache
@require_safe
def start(request: HttpRequest, key: str) -> HttpResponse:
    """Choose the thing that something is wrong with, or the order that has not come."""
    group = group_behind(request, key)
    thread = request.GET.get("thread", "")[:16]
    page = pages.start_page(
        after_sales.orders_of(group), key, wanted=request.GET.get("order", ""), thread=thread
    )
    return render(request, "returns/claims/start.html", {"page": page})


def _line(group: Any, line: str) -> tuple[Any, Any]:
    for order in after_sales.orders_of(group):
        for row in order.lines.all():
            if row.public_id == line:
                return order, row
    raise NotFound(field="line")


@never_cache
@require_http_methods(["GET", "POST"])
def file(request: HttpRequest, key: str, line: str) -> HttpResponse:
    """Say what is wrong with a line; beside the form stands what the law gives now."""
    group = group_behind(request, key)
    order, row = _line(group, line)
    if claim_law.delivered_on(order, row) is None:
        return redirect("late", key, order.public_id)
    today = clock.now().astimezone(ZoneInfo(group.time_zone)).date()
    serious = request.POST.get("is_serious") == "on"
    answer = claim_law.guarantee(row, order, noticed_on=today, serious=serious)
    opened = _choices(order, row, today, answer)
    thread = (request.POST or request.GET).get("thread", "")[:16]
    said = carried_text(thread, group_id=group.pk, user=None) if thread else ""
    form = ClaimForm(
        request.POST or None, request.FILES or None, left=row.quantity, opened=opened, today=today, said=said
    )
    nonce = request.POST.get("nonce", "")[:80] or new_token()
    if request.method == "POST" and form.is_valid():
        found = _file(order, line, form, nonce, thread)
        if found is not None:
            return redirect("claim", found.token)
    page = pages.claim_form_page(order, row, answer, key, _language(), today=today, nonce=nonce)
    page["carried"] = _carried(thread, order)
    status = 422 if form.errors else 200
    return render(request, "returns/claims/file.html", {"page": page, "form": form}, status=status)


def _choices(order: Any, row: Any, today: Any, answer: Any) -> list[str]:
    """Return what may be asked for: what the law opens now, and what it opens for a serious fault."""
    opened = list(answer.answer["remedies_open"])
    more = claim_law.guarantee(row, order, noticed_on=today, serious=True).answer["remedies_open"]
    return list(dict.fromkeys([*opened, *more])) or list(OFFERS)


def _carried(thread: str, order: Any) -> dict[str, Any]:
    """Return the conversation that a claim goes on with, and which of its files go along."""
    files = carried_files(thread, group_id=order.group_id, user=None) if thread else []
    return {"thread": thread, "files": [file.name for file in files]}


def _file(order: Any, line: str, form: ClaimForm, nonce: str, thread: str) -> Any:
    got = dict(form.cleaned_data)
    try:
        kept = carried_files(thread, group_id=order.group_id, user=None) if thread else []
        given = [*(file.file for file in kept), *got.pop("files")][: policy.FILES_PER_CLAIM]
        files = tuple(checked_evidence(upload) for upload in given)
        filed = operations.Filed(**got, language=_language(), files=files)
        return operations.file_claim(
            order=order, line=line, filed=filed, key=f"form:{nonce}", now=clock.now()
        )
    except RightfulError as error:
        form.add_error(error.field if error.field in form.fields else None, _in_words(error))
        return None


def _in_words(error: RightfulError) -> str:
    if error.code == "not_open_by_law":
        return _(
            "The law opens this only after a repair or another one was tried, or if the fault is so bad that they are no "
            "help. Tick the box if it is."
        )
    return error.in_words(_)


@never_cache
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show how a claim stands, what the law gives, what can be done next."""
    return _page(request, find_claim(token))


def _page(request: HttpRequest, claim: Any, status: int = 200, **forms: Any) -> HttpResponse:
    today = clock.now().astimezone(ZoneInfo(claim.order.group.time_zone)).date()
    page = pages.claim_page(claim, _language(), today=today, law=claiming.next_law(claim), **forms)
    return render(request, "returns/claims/claim.html", {"page": page}, status=status)


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, token: str, action: str) -> HttpResponse:
    """Take an offer, ask us to decide, take the claim back, say that it helped or did not."""
    claim, now = find_claim(token), clock.now()
    if request.method == "GET":
        return redirect("claim", token)
    acts: dict[str, Callable[[], Any]] = {
        "agree": lambda: operations.agree_offer(claim_id=claim.pk, now=now),
        "drop": lambda: operations.drop_claim(claim_id=claim.pk, now=now),
        "helped": lambda: operations.confirm_remedy(claim_id=claim.pk, now=now),
        "dispute": lambda: operations.dispute_claim(
            claim_id=claim.pk, why=request.POST.get("why", "")[:4000], now=now
        ),
        "failed": lambda: operations.report_failure(
            claim_id=claim.pk,
            wanted=request.POST.get("wanted", ""),
            text=request.POST.get("text", "")[:4000],
            now=now,
        ),
    }
    if action not in acts:
        raise Http404
    try:
        acts[action]()
        messages.success(request, _("Recorded."))
    except RightfulError as error:
        messages.error(request, error.in_words(_))
    return redirect("claim", token)


@never_cache
@require_safe
def evidence(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """Hand out a file of a claim."""
    return as_reply(file_of(find_claim(token), pk))


# -- late


def _order(group: Any, order: str) -> Any:
    found = next((one for one in after_sales.orders_of(group) if one.public_id == order), None)
    if found is None:
        raise NotFound(field="order")
    return found


@never_cache
@require_safe
def late(request: HttpRequest, key: str, order: str) -> HttpResponse:
    """Show what the law says about an order that has not come, and what can be done now."""
    group = group_behind(request, key)
    return _late_page(request, _order(group, order), key)


def _late_page(request: HttpRequest, order: Any, key: str, form: PeriodForm | None = None) -> HttpResponse:
    today = clock.now().astimezone(ZoneInfo(order.group.time_zone)).date()
    cases = late_cases(order.pk)
    case = cases[-1] if cases else None
    answer = claim_law.delivery(order, today=today, late=case)
    form = form or PeriodForm(initial={"until": today + policy.ADDITIONAL_PERIOD})
    page = pages.late_page(order, case, answer, key, _language(), today=today, form=form)
    return render(request, "returns/claims/late.html", {"page": page}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def late_act(request: HttpRequest, key: str, order: str, action: str) -> HttpResponse:
    """Set an additional period, end the contract, agree to a delay or cancel because of it."""
    found = _order(group_behind(request, key), order)
    if request.method == "GET":
        return redirect("late", key, order)
    form, now = PeriodForm(request.POST), clock.now()
    if action == "period" and not form.is_valid():
        return _late_page(request, found, key, form)
    notices = [
        notice for case in late_cases(found.pk) for notice in case.notices.all() if notice.reply == "none"
    ]
    acts: dict[str, Callable[[], Any]] = {
        "period": lambda: operations.set_period(order_id=found.pk, until=form.cleaned_data["until"], now=now),
        "end": lambda: operations.end_late(order_id=found.pk, now=now),
    }
    if notices:
        acts["agree"] = lambda: operations.answer_delay(notice_id=notices[-1].pk, consent=True, now=now)
        acts["cancel"] = lambda: operations.answer_delay(notice_id=notices[-1].pk, consent=False, now=now)
    if action not in acts:
        raise Http404
    try:
        acts[action]()
        messages.success(request, _("Recorded."))
    except RightfulError as error:
        messages.error(request, error.in_words(_))
    return redirect(reverse("late", args=[key, order]))
