"""Letters about a case inside the admin: seen as they will read, then sent, by the seller or the platform."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from compliance.web.gate import officers_only
from marketplace.accounts.scoping import editable_ids_of, merchant_ids_of
from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound, RightfulError
from marketplace.kernel.ids import new_token
from returns import admin_claims, admin_inbox, admin_withdrawals
from returns.operations.case_letters import write_letter
from returns.queries.case_letters import (
    Case,
    case_of_claim,
    case_of_return,
    case_of_withdrawal,
    draft_of,
)


@require_http_methods(["GET", "POST"])
def of_claim(request: HttpRequest, public_id: str, template: str) -> HttpResponse:
    """Look at a letter about a claim, and send it, as its seller."""
    claim = admin_claims._mine(request, public_id, to_change=request.method == "POST")
    back = reverse("merchant-return-claim", args=[public_id])
    may_send = claim.merchant_id in editable_ids_of(request)
    return _letter(request, case_of_claim(claim), template, side="seller", back=back, may_send=may_send)


@require_http_methods(["GET", "POST"])
def of_return(request: HttpRequest, public_id: str, template: str) -> HttpResponse:
    """Look at a letter about a return's case, and send it, as its seller."""
    ret = admin_inbox._mine(request, public_id, to_change=request.method == "POST")
    case = case_of_return(ret)
    if case is None:
        raise Http404
    back = reverse("merchant-return", args=[public_id])
    may_send = ret.merchant_id in editable_ids_of(request)
    return _letter(request, case, template, side="seller", back=back, may_send=may_send)


@require_http_methods(["GET", "POST"])
def of_withdrawal(request: HttpRequest, public_id: str, order: str, template: str) -> HttpResponse:
    """Look at a letter about a withdrawal from a contract with this seller, and send it."""
    declared = admin_withdrawals.mine(request, public_id, to_change=request.method == "POST")
    found = admin_withdrawals.order_of(declared, order)
    if found.merchant_id not in merchant_ids_of(request):
        raise Http404
    may_send = found.merchant_id in editable_ids_of(request)
    if request.method == "POST" and not may_send:
        raise Http404
    back = reverse("merchant-return-withdrawal", args=[public_id])
    return _letter(request, _case(declared, found), template, side="seller", back=back, may_send=may_send)


@officers_only
@require_http_methods(["GET", "POST"])
def of_declaration(request: HttpRequest, public_id: str, order: str, template: str) -> HttpResponse:
    """Look at a letter about a withdrawal, and send it, as the platform."""
    declared = admin_withdrawals.any_one(public_id)
    case = _case(declared, admin_withdrawals.order_of(declared, order))
    back = reverse("law-withdrawal", args=[public_id])
    return _letter(request, case, template, side="platform", back=back, may_send=True)


def _case(declared: Any, order: Any) -> Case:
    case = case_of_withdrawal(declared, order)
    if case is None:
        raise Http404
    return case


@officers_only
@require_http_methods(["GET", "POST"])
def of_case(request: HttpRequest, public_id: str, template: str) -> HttpResponse:
    """Look at a letter about a claim, and send it, as the platform."""
    claim = admin_claims._any(public_id)
    back = reverse("law-claim", args=[public_id])
    return _letter(request, case_of_claim(claim), template, side="platform", back=back, may_send=True)


def _letter(
    request: HttpRequest, case: Case, template: str, *, side: str, back: str, may_send: bool
) -> HttpResponse:
    try:
        draft = draft_of(case, template)
    except NotFound:
        raise Http404 from None
    if request.method == "POST" and _send(request, case, template, side):
        return redirect(back)
    return admin_inbox._frame(
        request, "admin/returns/letter.html", 409 if request.method == "POST" else 200, title=draft.name, draft=draft,
        paragraphs=draft.body.split("\n\n"), to=case.order.group.email, back=back, nonce=new_token(),
        may_send=may_send,
    )  # fmt: skip


def _send(request: HttpRequest, case: Case, template: str, side: str) -> bool:
    got = request.POST
    key = f"letter:{case.number}:{got.get('nonce', '')[:80]}"
    try:
        write_letter(
            case=case, template=template, seen=got.get("seen", ""), side=side, by=admin_inbox._who(request), key=key,
            now=clock.now(),
        )  # fmt: skip
    except RightfulError as error:
        messages.error(request, error.in_words(_))
        return False
    messages.success(request, _("The letter is on its way."))
    return True
