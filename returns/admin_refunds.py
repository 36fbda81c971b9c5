"""The merchant's refunds that are late: for whom, since when, why, and paid with one press where that is what is missing."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marketplace.accounts.scoping import editable_ids_of, merchant_ids_of
from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound, RightfulError
from returns import operations
from returns.admin_inbox import _frame, _language, case_url, posted
from returns.documents.words import in_words, late_because_in_words, money
from returns.queries.oversight import late_refunds_of, owed_of_merchants

SHOWN = 100


@require_safe
def show_late(request: HttpRequest) -> HttpResponse:
    """List what a merchant's shoppers should have by now."""
    ids = merchant_ids_of(request)
    if not ids:
        raise PermissionDenied
    rows = list(late_refunds_of(ids, clock.today())[:SHOWN])
    return _frame(
        request,
        "admin/returns/refunds.html",
        title=_("Refunds that are late"),
        rows=[_row(row, editable_ids_of(request)) for row in rows],
        has_several=len({row.merchant_id for row in rows}) > 1,
    )


def _row(owed: Any, editable: frozenset[int]) -> dict[str, Any]:
    due: date = owed.due_on
    return {
        "public_id": owed.public_id,
        "order": owed.order.public_id,
        "order_url": reverse("admin:orders_order_change", args=[owed.order_id]),
        "subject": owed.subject,
        "url": case_url(owed.subject),
        "merchant": owed.merchant.name,
        "amount": money(owed.amount_minor, owed.currency, _language()),
        "due": in_words(due, _language()),
        "because": late_because_in_words(owed.state, owed.failure),
        "may_pay": owed.state == "due" and owed.merchant_id in editable,
    }


@posted
def pay(request: HttpRequest, public_id: str) -> HttpResponse:
    """Pay one refund that is due."""
    try:
        owed = owed_of_merchants(public_id, editable_ids_of(request))
    except NotFound:
        raise Http404 from None
    try:
        paid = operations.request_owed(owed_id=owed.pk, now=clock.now())
    except RightfulError as error:
        messages.error(request, error.in_words(_))
    else:
        if paid.state == "due":
            messages.error(request, late_because_in_words(paid.state, paid.failure))
        else:
            messages.success(request, _("The refund is on its way."))
    return redirect("merchant-return-refunds")
