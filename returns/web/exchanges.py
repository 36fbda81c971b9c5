"""Another size or kind instead: choose, see the difference, agree, follow. No script needed."""

from __future__ import annotations

from datetime import date
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

from catalog.domain.errors import OutOfStock
from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound, RightfulError
from marketplace.kernel.ids import new_token
from orders.queries import after_sales
from returns import operations
from returns.documents.exchange_words import reason_in_words
from returns.documents.words import payer_in_words
from returns.queries import law
from returns.queries.claims import find_claim
from returns.queries.exchanges import Choice, choice_of, find_exchange
from returns.queries.withdrawals import choices_of, is_open_on
from returns.web import exchange_pages as pages
from returns.web.exchange_forms import AgreeForm, WishForm
from returns.web.identity import group_behind


def _language() -> str:
    return (get_language() or "en").split("-")[0]


def _today(order: Any) -> date:
    return clock.now().astimezone(ZoneInfo(order.group.time_zone)).date()


@never_cache
@require_safe
def start(request: HttpRequest, key: str) -> HttpResponse:
    """Choose the thing that is exchanged."""
    group = group_behind(request, key)
    today = clock.now().astimezone(ZoneInfo(group.time_zone)).date()
    page = pages.start_page(
        after_sales.orders_of(group), key, _language(), today=today, wanted=request.GET.get("order", "")
    )
    return render(request, "returns/exchanges/start.html", {"page": page})


@never_cache
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, key: str, line: str) -> HttpResponse:
    """Choose what to have instead; see what it costs; agree."""
    group = group_behind(request, key)
    for order in after_sales.orders_of(group):
        for row in order.lines.all():
            if row.public_id == line:
                action = reverse("exchange-choose", args=[key, line])
                return _walk(request, order, row, action=action, back=reverse("exchange-start", args=[key]))
    raise NotFound(field="line")


@never_cache
@require_http_methods(["GET", "POST"])
def for_claim(request: HttpRequest, token: str) -> HttpResponse:
    """Have another variant as the other piece that a claim brings."""
    claim = find_claim(token)
    order = after_sales.order_with_parts(claim.order_id)
    row = next(one for one in order.lines.all() if one.pk == claim.line_id)
    action = reverse("exchange-claim", args=[token])
    return _walk(request, order, row, action=action, back=reverse("claim", args=[token]), claim=claim)


def _walk(
    request: HttpRequest, order: Any, line: Any, *, action: str, back: str, claim: Any = None
) -> HttpResponse:
    pieces = claim.quantity if claim else 0
    choice = choice_of(order, line, today=_today(order), language=_language(), claimed=pieces)
    form = WishForm(choice, _language(), request.POST or None, pieces=pieces)
    if request.method == "POST" and not choice.reason and form.is_valid():
        quantity = pieces or form.cleaned_data["quantity"]
        if request.POST.get("step") == "agree":
            made = _agree(request, order, line, form, quantity, claim)
            if made is not None:
                return redirect("exchange", made.token)
        if not form.errors:
            return _review(request, order, choice, form.cleaned_data["variant"], quantity, action, claim)
    card = pages.right_card(choices_of(order.group), line.public_id, _language(), _today(order))
    page = pages.choose_page(choice, action, back, _language(), card)
    status = 422 if form.errors else 200
    return render(request, "returns/exchanges/choose.html", {"page": page, "form": form}, status=status)


def _review(
    request: HttpRequest, order: Any, choice: Choice, variant: str, quantity: int, action: str, claim: Any
) -> HttpResponse:
    wish = next(one for one in choice.wishes if one.variant == variant)
    payer = "merchant"
    if claim is None:
        payer = (
            law.return_cost(order, [choice.line], declared_on=_today(order)).answer["paid_by"] or "consumer"
        )
    page = pages.review_page(
        choice, wish, quantity, payer_in_words(payer), action, _language(), nonce=new_token(),
        may_withdraw=is_open_on(order.group, choice.line.public_id, _today(order)),
    )  # fmt: skip
    return render(request, "returns/exchanges/review.html", {"page": page})


def _agree(request: HttpRequest, order: Any, line: Any, form: WishForm, quantity: int, claim: Any) -> Any:
    shown = AgreeForm(request.POST)
    if not shown.is_valid():  # nothing that this page made: shown again with the sum
        return None
    try:
        return operations.ask_exchange(
            order=order,
            line=line.public_id,
            variant=form.cleaned_data["variant"],
            quantity=quantity,
            seen_minor=shown.cleaned_data["seen"],
            key=f"form:{order.public_id}:{shown.cleaned_data['nonce']}",
            language=_language(),
            now=clock.now(),
            claim_id=claim.pk if claim else None,
        )
    except OutOfStock:
        form.add_error("variant", _("Somebody was faster: there are not so many of this any more."))
    except RightfulError as error:
        if error.code == "difference_changed":  # shown again with the new sum, and nothing is agreed
            messages.warning(request, error.in_words(_))
            return None
        reason = error.data.get("reason")
        form.add_error(None, reason_in_words(str(reason)) if reason else error.in_words(_))
    return None


@never_cache
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show how an exchange stands, and what is next."""
    found = find_exchange(token)
    card = pages.right_card(
        choices_of(found.order.group), found.line.public_id, _language(), _today(found.order)
    )
    return render(
        request,
        "returns/exchanges/exchange.html",
        {"page": pages.exchange_page(found, _language(), card, today=_today(found.order))},
    )


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, token: str, action: str) -> HttpResponse:
    """Call an exchange off, or give it up because the new piece was not sent in time."""
    found = find_exchange(token)
    if action not in ("cancel", "give-up"):
        raise Http404
    if request.method == "POST":
        try:
            if action == "cancel":
                operations.cancel_exchange(exchange_id=found.pk, now=clock.now())
                messages.success(request, _("The exchange is called off. You keep what you have."))
            else:
                ended = operations.give_up_exchange(exchange_id=found.pk, now=clock.now())
                messages.success(
                    request,
                    _("The exchange is over. Your claim goes on.")
                    if ended.claim_id
                    else _("The exchange is over. Your money comes back."),
                )
        except RightfulError as error:
            messages.error(request, error.in_words(_))
    return redirect("exchange", token)
