"""Exchanges inside the admin: what is to be sent, what waits, and what the merchant promises about them."""

from __future__ import annotations

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
from returns.admin_inbox import _frame, _language, _merchant, _who, posted
from returns.documents.exchange_words import because_in_words, exchange_state_in_words, ship_on_in_words
from returns.documents.words import in_words, money, owed_state_in_words, return_state_in_words
from returns.domain.exchanges import EXCHANGE, EXCHANGE_OPEN
from returns.domain.states import may
from returns.operations.exchanging import named
from returns.queries import exchanges as queries
from returns.queries.withdrawals import owed_for
from returns.web.exchange_forms import PolicyForm, ShipForm


@require_safe
def show_exchanges(request: HttpRequest) -> HttpResponse:
    """List a merchant's exchanges: what is to be sent first."""
    return _list(request)


def _list(request: HttpRequest, form: PolicyForm | None = None) -> HttpResponse:
    merchant, several = _merchant(request)
    state = request.GET.get("state", "")
    state = state if state in queries.STATES else ""
    promise = queries.promise_of(merchant.pk)
    initial = {"is_offered": promise.is_offered, "days": promise.days, "ship_on": promise.ship_on}
    return _frame(
        request,
        "admin/returns/exchanges.html",
        422 if form is not None and form.errors else 200,
        title=_("Exchanges"),
        rows=[_row(one) for one in queries.exchanges_of_merchant(merchant.pk, state=state)],
        state=state,
        states=[(one, exchange_state_in_words(one)) for one in queries.STATES],
        merchant=merchant,
        merchants=several if len(several) > 1 else [],
        form=form or PolicyForm(initial=initial),
        may_change=merchant.pk in editable_ids_of(request),
    )


def _row(one: Any) -> dict[str, Any]:
    return {
        "public_id": one.public_id,
        "url": reverse("merchant-return-exchange", args=[one.public_id]),
        "order": one.order.public_id,
        "gives": f"{one.quantity} × {one.line.title}",
        "gets": named(one),
        "state": exchange_state_in_words(one.state),
        "due": in_words(one.due_on, _language()),
        "is_late": bool(one.due_on and one.due_on < clock.today()),
    }


def _mine(request: HttpRequest, public_id: str, *, to_change: bool = False) -> Any:
    if not merchant_ids_of(request):
        raise PermissionDenied
    ids = editable_ids_of(request) if to_change else merchant_ids_of(request)
    try:
        return queries.exchange_of_merchant(public_id, sorted(ids))
    except NotFound:
        raise Http404 from None


@require_safe
def show_exchange(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show an exchange: what comes back, what goes out, the money, and what is next."""
    return _page(request, _mine(request, public_id))


def _page(request: HttpRequest, found: Any, form: ShipForm | None = None) -> HttpResponse:
    language = _language()
    return _frame(
        request,
        "admin/returns/exchange.html",
        422 if form is not None and form.errors else 200,
        title=_("Exchange %(number)s") % {"number": found.public_id},
        found=found,
        state=exchange_state_in_words(found.state),
        gets=named(found),
        difference=money(found.difference_minor, found.currency, language),
        is_waiting=found.state in EXCHANGE_OPEN,
        promise=ship_on_in_words(found.ship_on),
        because=because_in_words(found.because) if found.because else "",
        due=in_words(found.due_on, language),
        held=in_words(found.held_until.date(), language),
        ret_state=return_state_in_words(found.ret.state) if found.ret else "",
        refunds=[
            {
                "amount": money(one.amount_minor, one.currency, language),
                "state": owed_state_in_words(one.state),
            }
            for one in owed_for(found.public_id)
        ],
        can_ship=may(EXCHANGE, found.state, "ship"),
        can_run_out=may(EXCHANGE, found.state, "run_out"),
        form=form or ShipForm(),
        may_change=found.merchant_id in editable_ids_of(request),
    )


@posted
def ship(request: HttpRequest, public_id: str) -> HttpResponse:
    """Record that the new piece left."""
    found, form = _mine(request, public_id, to_change=True), ShipForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    try:
        made = operations.ship_exchange(
            exchange_id=found.pk, **form.cleaned_data, by=_who(request), now=clock.now()
        )
    except RightfulError as error:
        form.add_error(None, error.in_words(_))
        return _page(request, found, form)
    if made.state == "sold_out":
        messages.error(
            request, _("There is none left on the shelf. The exchange has ended; the money is owed.")
        )
    else:
        messages.success(request, _("Recorded. The shopper is told."))
    return redirect("merchant-return-exchange", public_id)


@posted
def run_out(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say that the new piece cannot be sent after all."""
    found = _mine(request, public_id, to_change=True)
    try:
        operations.run_out(
            exchange_id=found.pk, why=request.POST.get("why", "")[:300], by=_who(request), now=clock.now()
        )
        messages.success(request, _("Recorded. The shopper is told, and what was sent back is paid back."))
    except RightfulError as error:
        messages.error(request, error.in_words(_))
    return redirect("merchant-return-exchange", public_id)


@posted
def promise(request: HttpRequest) -> HttpResponse:
    """Say what the merchant promises about exchanges from now on."""
    merchant, _several = _merchant(request)
    if merchant.pk not in editable_ids_of(request):
        raise PermissionDenied
    form = PolicyForm(request.POST)
    if not form.is_valid():
        return _list(request, form)
    operations.set_policy(merchant_id=merchant.pk, **form.cleaned_data, now=clock.now())
    messages.success(request, _("Saved. What was agreed before stays as it was."))
    return redirect(f"{reverse('merchant-return-exchanges')}?merchant={merchant.public_id}")
