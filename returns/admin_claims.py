"""Claims inside the admin: the seller's inbox against a clock, delays that it tells of, and what the platform decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from compliance.web.gate import frame, officers_only
from marketplace.accounts.scoping import editable_ids_of, merchant_ids_of
from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound, RightfulError
from marketplace.kernel.money import Money
from orders.queries import after_sales
from returns import operations
from returns.admin_inbox import _frame, _language, _merchant, _who, posted
from returns.documents.claim_words import claim_state_in_words, kind_in_words, remedy_in_words
from returns.documents.films import as_reply
from returns.documents.words import in_words
from returns.queries import claims as queries
from returns.queries.case_letters import case_of_claim, letters_view
from returns.queries.case_view import claim_view


class DelayForm(forms.Form):
    """A delay: which order, the new day if there is one, why."""

    order = forms.CharField(label=gettext_lazy("Order number"), max_length=20)
    revised_on = forms.DateField(
        label=gettext_lazy("New day, if you know one"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    why = forms.CharField(label=gettext_lazy("Why"), max_length=500, required=False)


@require_safe
def show_claims(request: HttpRequest) -> HttpResponse:
    """List what is claimed from a merchant: what waits for its answer first."""
    return _list(request)


def _list(request: HttpRequest, delay: DelayForm | None = None) -> HttpResponse:
    merchant, several = _merchant(request)
    state = request.GET.get("state", "")
    state, today = state if state in queries.STATES else "", clock.today()
    return _frame(
        request,
        "admin/returns/claims.html",
        422 if delay is not None and delay.errors else 200,
        title=_("Claims"),
        rows=[_row(claim, today) for claim in queries.claims_inbox(merchant.pk, state=state)],
        state=state,
        merchant=merchant,
        merchants=several if len(several) > 1 else [],
        states=[(one, claim_state_in_words(one)) for one in queries.STATES],
        late=[
            {"order": case.order.public_id, "until": in_words(case.additional_until, _language())}
            for case in queries.late_of_merchant(merchant.pk)
        ],
        delay=delay or DelayForm(),
        may_change=merchant.pk in editable_ids_of(request),
    )


def _row(claim: Any, today: date) -> dict[str, Any]:
    return {
        "public_id": claim.public_id, "order": claim.order.public_id, "what": f"{claim.quantity} × {claim.line.title}",
        "kind": kind_in_words(claim.kind), "wanted": remedy_in_words(claim.wanted),
        "state": claim_state_in_words(claim.state), "market": claim.market,
        "due": in_words(claim.due_on, _language()), "is_late": queries.is_due(claim, today),
    }  # fmt: skip


@posted
def tell_delay(request: HttpRequest) -> HttpResponse:
    """Tell the shopper of an order that it will be late."""
    _merchant(request)
    form = DelayForm(request.POST)
    if not form.is_valid():
        return _list(request, form)
    got = form.cleaned_data
    order = after_sales.order_by_public_id(got["order"])
    if order is None or order.merchant_id not in editable_ids_of(request):
        form.add_error("order", _("We find no order of yours with this number."))
        return _list(request, form)
    try:
        operations.tell_delay(
            order_id=order.pk, revised_on=got["revised_on"], why=got["why"], now=clock.now()
        )
    except RightfulError as error:
        form.add_error(error.field if error.field in form.fields else None, error.in_words(_))
        return _list(request, form)
    messages.success(request, _("The shopper is told, and can agree or cancel."))
    return redirect("merchant-return-claims")


# -- one claim


def _mine(request: HttpRequest, public_id: str, *, to_change: bool = False) -> Any:
    if not merchant_ids_of(request):
        raise PermissionDenied
    ids = editable_ids_of(request) if to_change else merchant_ids_of(request)
    try:
        return queries.claim_of_merchant(public_id, sorted(ids))
    except NotFound:
        raise Http404 from None


@require_safe
def show_claim(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a claim with what the law says and what the seller can do now."""
    claim = _mine(request, public_id)
    context = claim_view(claim, _language()) | {
        "may_change": claim.merchant_id in editable_ids_of(request),
        "letters": letters_view(case_of_claim(claim), url="merchant-return-claim-letter"),
    }
    return _frame(request, "admin/returns/claim.html", **context)


def _amount(request: HttpRequest, claim: Any) -> int | None:
    text = request.POST.get("amount", "").strip().replace(",", ".")
    return Money.of(text, claim.line.currency).minor if text else None


@posted
def answer(request: HttpRequest, public_id: str, action: str) -> HttpResponse:
    """Accept, offer something else, refuse with reasons, or send what was repaired."""
    claim, now, got = _mine(request, public_id, to_change=True), clock.now(), request.POST
    by = _who(request)
    acts: dict[str, Callable[[], Any]] = {
        "accept": lambda: operations.accept_claim(
            claim_id=claim.pk, amount_minor=_amount(request, claim), keep=got.get("keep") == "1", by=by, now=now
        ),
        "offer": lambda: operations.offer_remedy(
            claim_id=claim.pk, remedy=got.get("remedy", ""), amount_minor=_amount(request, claim),
            text=got.get("text", "")[:4000], by=by, now=now,
        ),
        "refuse": lambda: operations.refuse_claim(claim_id=claim.pk, why=got.get("why", "")[:4000], by=by, now=now),
        "send": lambda: operations.send_remedy(
            claim_id=claim.pk, carrier=got.get("carrier", ""), tracking_number=got.get("tracking_number", ""),
            note=got.get("note", ""), by=by, now=now,
        ),
    }  # fmt: skip
    if action not in acts:
        raise Http404
    _do(request, acts[action])
    return redirect("merchant-return-claim", public_id)


def _do(request: HttpRequest, act: Callable[[], Any]) -> None:
    try:
        act()
        messages.success(request, _("Recorded. The shopper is told."))
    except RightfulError as error:
        messages.error(request, error.in_words(_))


@require_safe
def evidence(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """Hand out a file of a claim to the seller it is against."""
    return as_reply(_file(_mine(request, public_id), pk))


def _file(claim: Any, pk: int) -> Any:
    try:
        return queries.file_of(claim, pk)
    except NotFound:
        raise Http404 from None


# -- the platform


@officers_only
@require_safe
def to_decide(request: HttpRequest) -> HttpResponse:
    """List what waits for the platform: sellers that were silent, refusals and offers in dispute."""
    today = clock.today()
    rows = [
        _row(claim, today) | {"merchant": claim.merchant.name, "was_silent": claim.was_silent}
        for claim in queries.claims_to_decide()
    ]
    return render(
        request, "admin/returns/claims_to_decide.html", frame(request, _("Claims to decide"), rows=rows)
    )


@officers_only
@require_safe
def case(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a claim with both sides, the law, and the decision to take."""
    claim = _any(public_id)
    letters = letters_view(case_of_claim(claim), url="law-claim-letter")
    context = claim_view(claim, _language()) | {"is_officer": True, "letters": letters}
    title = context.pop("title")
    return render(request, "admin/returns/claim.html", frame(request, title, **context))


def _any(public_id: str) -> Any:
    try:
        return queries.claim_of_merchant(public_id, None)
    except NotFound:
        raise Http404 from None


@officers_only
@require_POST
def decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """Grant a remedy or uphold the refusal, with reasons that both sides read."""
    claim = _any(public_id)
    _do(
        request,
        lambda: operations.decide_claim(
            claim_id=claim.pk, remedy=request.POST.get("remedy", ""), decision=request.POST.get("decision", "")[:4000],
            amount_minor=_amount(request, claim), by=_who(request), now=clock.now(),
        ),
    )  # fmt: skip
    return redirect("law-claim", public_id)


@officers_only
@require_safe
def case_evidence(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """Hand out a file of a claim to whoever decides it."""
    return as_reply(_file(_any(public_id), pk))
