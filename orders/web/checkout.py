"""The checkout's pages: one page, then the bank if it asks, then the order."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketplace.kernel import clock, ids
from marketplace.kernel.errors import Conflict, Invalid, NotFound, RightfulError
from orders import operations
from orders.domain.errors import QuoteChanged
from orders.models import Checkout, Payment
from orders.operations import payments
from orders.payments.offline import answer_challenge
from orders.queries import checkouts
from orders.web import pages
from orders.web.basket import basket_of, user_of
from orders.web.cookies import write_basket
from orders.web.forms import CheckoutForm


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Hold the basket's goods for a while and go to the checkout; asking by GET leads to the basket."""
    basket = basket_of(request)
    if request.method == "GET" or basket is None:
        return redirect("basket")
    try:
        checkout = operations.start_checkout(
            basket_id=basket.pk, place=request.place, user=user_of(request), now=clock.now()
        )
    except RightfulError as error:
        messages.error(request, _(error.detail))
        return redirect("basket")
    return redirect("checkout", token=checkout.token)


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show the checkout, take what was filled in, and buy when the order button is pressed."""
    checkout = checkouts.find_checkout(token=token, user=user_of(request))
    if checkout.state == Checkout.State.PLACED:
        return redirect("order", token=checkout.group.token)
    view = checkouts.view_checkout(checkout, now=clock.now())
    form = CheckoutForm(
        request.POST or None, view=view, place=request.place, titles=_titles(view.quote), chosen=request.GET
    )
    if request.method == "POST" and form.is_valid():
        answer = _take(request, checkout, view, form)
        if answer is not None:
            return answer
        view = checkouts.view_checkout(_again(checkout), now=clock.now())
    page = pages.checkout_page(view, checkout, request.place, now=clock.now())
    page["key"] = request.POST.get("key") or ids.new_token()
    return render(
        request, "orders/checkout.html", {"page": page, "form": form}, status=422 if form.errors else 200
    )


def _again(checkout: Checkout) -> Checkout:
    return Checkout.objects.select_related("basket").get(pk=checkout.pk)


def _titles(quote: dict[str, Any] | None) -> dict[str, str]:
    return {
        line["variant"]: line["title"]
        for part in (quote or {}).get("consignments", [])
        for line in part["lines"]
    }


def _take(request: HttpRequest, checkout: Checkout, view: Any, form: CheckoutForm) -> HttpResponse | None:
    """Write down what was filled in; return where to go, or None to show the page again with what is wrong."""
    try:
        _write(checkout, view, form)
        if request.POST.get("action") == "pay" and checkout.quote_digest:
            return _pay(request, checkout, form)
        checkout = operations.show_quote(checkout_id=checkout.pk, now=clock.now())
        if request.POST.get("action") != "pay":
            chosen = urlencode({name: form.cleaned_data.get(name) or "" for name in ("method", "card")})
            return redirect(f"{reverse('checkout', args=[checkout.token])}?{chosen}#sum")
        raise QuoteChanged
    except Invalid as error:
        form.add_error(error.field if error.field in form.fields else None, _(error.detail))
    except Conflict as error:
        form.add_error(None, _(error.detail))
    return None


def _write(checkout: Checkout, view: Any, form: CheckoutForm) -> None:
    now = clock.now()
    operations.set_address(
        checkout_id=checkout.pk, email=form.cleaned_data["email"], address=form.address(), now=now
    )
    for merchant, service in form.services().items():
        operations.choose_shipping(checkout_id=checkout.pk, merchant=merchant, service=service, now=now)
    for consent in view.consents:
        field = f"consent-{consent.variant}"
        if form.cleaned_data.get(field):
            operations.give_consent(
                checkout_id=checkout.pk, variant=consent.variant, kind=consent.kind,
                text=str(form.fields[field].label), now=now,
            )  # fmt: skip


def _pay(request: HttpRequest, checkout: Checkout, form: CheckoutForm) -> HttpResponse:
    """Press the order button: pay and place the order, or go where the bank asks."""
    outcome = payments.submit_order(
        checkout_id=checkout.pk,
        quote_digest=request.POST.get("quote", ""),
        provider=form.cleaned_data["method"],
        method={"token": form.cleaned_data.get("card") or ""},
        return_url=request.build_absolute_uri(reverse("checkout-bank", args=[checkout.token])),
        now=clock.now(),
    )
    return _lead(request, checkout, outcome)


def _lead(request: HttpRequest, checkout: Checkout, outcome: payments.Outcome) -> HttpResponse:
    """Go where the press of the button led: to the order, to the bank, or back with what went wrong."""
    if outcome.kind == "placed" and outcome.group is not None:
        response = redirect("order", token=outcome.group.token)
        write_basket(request, response, checkout.basket.token, 0)
        return response
    if outcome.kind == "action":
        url = outcome.payment.action.get("url", "")
        is_safe = url.startswith("https://") or (url.startswith("/") and not url.startswith("//"))
        return redirect(url if is_safe else reverse("checkout", args=[checkout.token]))
    if outcome.kind == "pending":
        messages.info(
            request, _("The bank is still thinking. Nothing is charged twice; look again in a moment.")
        )
    else:
        messages.error(request, _("The payment was declined. Nothing was charged. Try another way to pay."))
    return redirect("checkout", token=checkout.token)


@require_safe
def bank(request: HttpRequest, token: str) -> HttpResponse:
    """The way back from a bank elsewhere: ask the provider how it went."""
    checkout = checkouts.find_checkout(token=token, user=user_of(request))
    payment = checkout.payments.order_by("-pk").first()
    if payment is None:
        return redirect("checkout", token=token)
    return _settle(request, checkout, payment)


@require_http_methods(["GET", "POST"])
def challenge(request: HttpRequest, ref: str) -> HttpResponse:
    """The offline provider's bank: a page that asks the cardholder yes or no."""
    payment = (
        Payment.objects.select_related("checkout__basket")
        .filter(provider="offline", provider_ref=ref)
        .first()
    )
    if payment is None:
        raise NotFound(field="payment")
    if request.method == "GET":
        return render(request, "orders/pay.html", {"page": pages.bank_page(payment.checkout, request.place)})
    answer_challenge(ref=ref, passed=request.POST.get("result") == "confirm")
    return _settle(request, payment.checkout, payment)


def _settle(request: HttpRequest, checkout: Checkout, payment: Payment) -> HttpResponse:
    try:
        payment = payments.settle_payment(payment_id=payment.pk, now=clock.now())
    except RightfulError as error:
        messages.error(request, _(error.detail))
        return redirect("checkout", token=checkout.token)
    return _lead(request, checkout, payments.outcome_of(payment))


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """Take a provider's message: verified by its signature, applied once, whatever the order of arrival."""
    try:
        payments.receive_webhook(
            provider=provider, body=request.body, headers=dict(request.headers.items()), now=clock.now()
        )
    except RightfulError as error:
        return JsonResponse({"error": error.code}, status=error.status)
    return JsonResponse({"received": True})
