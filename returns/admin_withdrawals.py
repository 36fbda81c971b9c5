"""Withdrawals inside the admin: what was declared, how it was judged and why, what follows; also where nothing goes back."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from compliance.web.gate import frame, officers_only
from marketplace.accounts.scoping import editable_ids_of, merchant_ids_of
from marketplace.kernel.errors import NotFound
from returns.admin_inbox import _frame, _language, _merchant
from returns.documents.words import moment
from returns.queries import withdrawals as queries
from returns.queries.case_letters import case_of_withdrawal, letters_view
from returns.queries.case_view import withdrawal_view


@require_safe
def show_withdrawals(request: HttpRequest) -> HttpResponse:
    """List the declarations that name something of a merchant, the newest first."""
    merchant, several = _merchant(request)
    before = request.GET.get("before", "")
    found = queries.withdrawals_of_merchants(
        [merchant.pk], before=int(before) if before.isdecimal() and len(before) < 18 else None
    )
    more = found[queries.PAGE - 1].pk if len(found) > queries.PAGE else None
    return _frame(
        request,
        "admin/returns/withdrawals.html",
        title=_("Withdrawals"),
        rows=[_row(one, merchant.pk) for one in found[: queries.PAGE]],
        merchant=merchant,
        merchants=several if len(several) > 1 else [],
        next_url=f"?merchant={merchant.public_id}&before={more}" if more else "",
    )


def _row(declared: Any, merchant_id: int) -> dict[str, Any]:
    lines = [row for row in declared.lines.all() if row.line.order.merchant_id == merchant_id]
    return {
        "number": declared.public_id,
        "when": moment(declared.declared_at, _language(), declared.content["time_zone"]),
        "orders": ", ".join(dict.fromkeys(row.line.order.public_id for row in lines)),
        "what": ", ".join(f"{row.quantity} × {row.line.title}" for row in lines),
        "binding": sum(row.binding for row in lines),
        "pieces": sum(row.quantity for row in lines),
    }


def mine(request: HttpRequest, public_id: str, *, to_change: bool = False) -> Any:
    """Return a declaration that names something of this person's merchants; for others it does not exist."""
    if not merchant_ids_of(request):
        raise PermissionDenied
    ids = editable_ids_of(request) if to_change else merchant_ids_of(request)
    return _found(public_id, ids)


def any_one(public_id: str) -> Any:
    """Return a declaration for the platform."""
    return _found(public_id, None)


def _found(public_id: str, ids: frozenset[int] | None) -> Any:
    try:
        return queries.withdrawal_by_number(public_id, ids)
    except NotFound:
        raise Http404 from None


def order_of(declared: Any, public_id: str) -> Any:
    """Return the order of a declaration that an address names."""
    for row in declared.lines.all():
        if row.line.order.public_id == public_id:
            return row.line.order
    raise Http404


@require_safe
def show_withdrawal(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a seller what was declared about its contracts, and the letters that fit."""
    declared = mine(request, public_id)
    page = _page(declared, merchant_ids_of(request), "merchant-return-withdrawal-letter")
    return _frame(request, "admin/returns/withdrawal.html", **page)


@officers_only
@require_safe
def case(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show an officer the whole of a declaration, and the letters that fit."""
    page = _page(any_one(public_id), None, "law-withdrawal-letter") | {"is_officer": True}
    title = page.pop("title")
    return render(request, "admin/returns/withdrawal.html", frame(request, title, **page))


def _page(declared: Any, merchant_ids: frozenset[int] | None, letter: str) -> dict[str, Any]:
    view = withdrawal_view(declared, _language(), merchant_ids=merchant_ids)
    return view | {
        "letters": [
            (order.public_id, letters_view(case_of_withdrawal(declared, order), url=letter, at=declared.public_id, of_order=True))
            for order in view["orders"].values()
        ]
    }  # fmt: skip
