"""The withdrawal function: name the order, choose the pieces, confirm. Three pages, no script, never refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound, RightfulError
from marketplace.kernel.ids import new_token
from orders.queries import after_sales
from orders.queries.orders import groups_of
from returns import operations
from returns.documents import receipt_pdf
from returns.documents.words import confirm_label
from returns.queries.withdrawals import choices_of, find_withdrawal
from returns.web import pages
from returns.web.forms import DisputeForm, FreeForm, LinesForm, NameOrderForm
from returns.web.identity import DeclareThrottle, GuessThrottle, group_behind, key_for

SALT = "returns.review"
A_DAY = 86_400


def _language() -> str:
    return (get_language() or "en").split("-")[0]


@never_cache
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Name the order by number and e-mail, or pick one of the account's."""
    form = NameOrderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = None
        if GuessThrottle().allow_request(request, None):  # type: ignore[arg-type]
            found = after_sales.group_of(**form.cleaned_data)
        if found is not None:
            return redirect("withdraw-order", key=key_for(found))
        form.add_error(
            None,
            _(
                "We find no order with this number and this address. You can declare your withdrawal all the same."
            ),
        )
    own = groups_of(request.user, limit=10) if isinstance(request.user, User) else []
    page = pages.start_page(own, request.place, form, today=clock.today(request.place.time_zone))
    return render(
        request, "returns/start.html", {"page": page, "form": form}, status=422 if form.errors else 200
    )


@never_cache
@require_http_methods(["GET", "POST"])
def order(request: HttpRequest, key: str) -> HttpResponse:
    """Step one: who, which pieces, where the receipt goes. Posting shows step two; nothing is declared yet."""
    group = group_behind(request, key)
    choices, now = choices_of(group), clock.now()
    form = LinesForm(
        choices, request.POST or None, initial={"name": group.address.get("name", ""), "email": group.email}
    )
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:
        payload = {
            "name": form.cleaned_data["name"], "email": form.cleaned_data["email"], "lines": form.lines(),
            "nonce": new_token(), "group": group.public_id,
        }  # fmt: skip
        page = pages.review_page(group, choices, payload, request.place, key=key, now=now)
        signed = signing.dumps(payload, salt=SALT, compress=True)
        return render(request, "returns/review.html", {"page": page, "signed": signed})
    page = pages.order_page(group, choices, form, request.place, key=key, now=now)
    status = 422 if form.errors and "back" not in request.POST else 200
    return render(request, "returns/order.html", {"page": page, "form": form}, status=status)


@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, key: str) -> HttpResponse:
    """Step two: the declaration itself. Pressed twice, it is one."""
    group = group_behind(request, key)
    payload = _read(request)
    if payload is None or payload.get("group") != group.public_id:
        return redirect("withdraw-order", key=key)
    now = clock.now()
    declared = operations.Declared(
        name=payload["name"],
        email=payload["email"],
        language=_language(),
        lines=payload["lines"],
        button=confirm_label(group.market, _language(), now.date()),
    )
    return _declare(group, declared, payload["nonce"], now)


def _declare(group: Any, declared: operations.Declared, nonce: str, now: datetime) -> HttpResponse:
    found = operations.declare_withdrawal(
        group=group, declared=declared, key=f"function:{nonce}", declared_at=now, now=now
    )
    return redirect("withdrawal", token=found.token)


def _read(request: HttpRequest) -> dict[str, Any] | None:
    try:
        found = signing.loads(request.POST.get("signed", ""), salt=SALT, max_age=A_DAY)
    except signing.BadSignature:
        return None
    return found if isinstance(found, dict) else None


@never_cache
@require_http_methods(["GET", "POST"])
def unmatched(request: HttpRequest) -> HttpResponse:
    """Declare without an order that we could find: step one, step two, stored; a person places it."""
    if request.method == "POST" and "signed" in request.POST:
        return _declare_unmatched(request)
    initial = {"number": request.GET.get("number", "")[:40], "email": request.GET.get("email", "")[:254]}
    form = FreeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:
        payload = {**form.cleaned_data, "nonce": new_token()}
        page = pages.free_review_page(payload, request.place, today=clock.today())
        signed = signing.dumps(payload, salt=SALT, compress=True)
        return render(request, "returns/review.html", {"page": page, "signed": signed})
    status = 422 if form.errors else 200
    page = pages.free_page(request.place, today=clock.today())
    return render(request, "returns/unmatched.html", {"form": form, "page": page}, status=status)


def _declare_unmatched(request: HttpRequest) -> HttpResponse:
    payload = _read(request)
    if payload is None or "text" not in payload:
        return redirect("withdraw-unmatched")
    if not DeclareThrottle().allow_request(request, None):  # type: ignore[arg-type]
        return render(request, "429.html", status=429)
    place = request.place
    declared = operations.Declared(
        name=payload["name"], email=payload["email"], language=_language(), as_written=payload["text"],
        order_said=payload["number"], button=confirm_label(place.market, _language(), clock.today()),
    )  # fmt: skip
    return _declare(None, declared, payload["nonce"], clock.now())


@never_cache
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show a declaration: its receipt, how each line is judged and why, what happens next, how to dispute."""
    found = find_withdrawal(token)
    page = pages.withdrawal_page(found, _language(), now=clock.now())
    return render(request, "returns/withdrawal.html", {"page": page})


@never_cache
@require_safe
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """Hand out the receipt as a PDF."""
    found = find_withdrawal(token)
    data = receipt_pdf(found.content, number=found.public_id, received_at=found.received_at)
    disposition = {"Content-Disposition": f'inline; filename="{found.public_id}.pdf"'}
    return HttpResponse(data, content_type="application/pdf", headers=disposition)


@never_cache
@require_http_methods(["GET", "POST"])
def dispute(request: HttpRequest, token: str) -> HttpResponse:
    """Take the dispute of a judgement; a person decides."""
    found = find_withdrawal(token)
    if request.method == "GET":
        return redirect("withdrawal", token=token)
    form = DisputeForm(request.POST)
    if not form.is_valid():
        page = pages.withdrawal_page(found, _language(), now=clock.now(), dispute=form)
        return render(request, "returns/withdrawal.html", {"page": page}, status=422)
    try:
        operations.dispute_judgement(withdrawal_id=found.pk, **form.cleaned_data, now=clock.now())
    except NotFound:
        raise
    except RightfulError:
        pass  # it is disputed or decided already: the page says so
    return redirect("withdrawal", token=token)
