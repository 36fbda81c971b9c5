"""The checkout's pages: one page, then the bank if it asks, then the order."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from marketplace.kernel import clock, ids
from marketplace.kernel.errors import Conflict, Invalid, RightfulError
from orders import operations
from orders.domain.errors import QuoteChanged
from orders.models import Checkout
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
    form = CheckoutForm(request.POST or None, view=view, place=request.place, titles=_titles(view.quote))
    if request.method == "POST" and form.is_valid():
        answer = _take(request, checkout, view, form)
        if answer is not None:
            return answer
        view = checkouts.view_checkout(_again(checkout), now=clock.now())
    page = pages.checkout_page(view, checkout, request.place, now=clock.now())
    page["key"] = request.POST.get("key") or ids.new_token()
    return render(request, "orders/checkout.html", {"page": page, "form": form}, status=422 if form.errors else 200)


def _again(checkout: Checkout) -> Checkout:
    return Checkout.objects.select_related("basket").get(pk=checkout.pk)


def _titles(quote: dict[str, Any] | None) -> dict[str, str]:
    return {line["variant"]: line["title"] for part in (quote or {}).get("consignments", []) for line in part["lines"]}


def _take(request: HttpRequest, checkout: Checkout, view: Any, form: CheckoutForm) -> HttpResponse | None:
    """Write down what was filled in; return where to go, or None to show the page again with what is wrong."""
    try:
        _write(checkout, view, form)
        checkout = operations.show_quote(checkout_id=checkout.pk, now=clock.now())
        if request.POST.get("action") != "pay":
            return redirect(reverse("checkout", args=[checkout.token]) + "#sum")
        if request.POST.get("quote") != checkout.quote_digest:
            raise QuoteChanged
        return _pay(request, checkout, form)
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
    """Begin the payment and, unless the bank has a question, place the order."""
    method = {"token": form.cleaned_data.get("card") or ""}
    payment = operations.start_payment(
        checkout_id=checkout.pk,
        provider=form.cleaned_data["method"],
        method=method,
        quote_digest=checkout.quote_digest,
        key=request.POST.get("key") or ids.new_token(),
        return_url=request.build_absolute_uri(reverse("checkout-bank", args=[checkout.token])),
        now=clock.now(),
    )
    if payment.state == payment.State.NEEDS_ACTION:
        return redirect("checkout-bank", token=checkout.token)
    return finish(request, checkout)


def finish(request: HttpRequest, checkout: Checkout) -> HttpResponse:
    """Place the order that is paid for, and go to it; the basket's cookie is emptied."""
    answer = operations.place_order(
        checkout_id=checkout.pk, quote_digest=checkout.quote_digest, key=f"checkout:{checkout.public_id}", now=clock.now()
    )
    response = redirect("order", token=answer["token"])
    write_basket(request, response, checkout.basket.token, 0)
    return response


@require_http_methods(["GET", "POST"])
def bank(request: HttpRequest, token: str) -> HttpResponse:
    """The bank's question (the offline provider asks it here), and the way back from a bank elsewhere."""
    checkout = checkouts.find_checkout(token=token, user=user_of(request))
    if checkout.state == Checkout.State.PLACED:
        return redirect("order", token=checkout.group.token)
    if request.method == "GET":
        return render(request, "orders/pay.html", {"page": pages.bank_page(checkout, request.place)})
    operations.answer_challenge(
        checkout_id=checkout.pk, confirmed=request.POST.get("result") == "confirm", now=clock.now()
    )
    try:
        return finish(request, checkout)
    except Conflict as error:
        messages.error(request, _(error.detail))
        return redirect("checkout", token=checkout.token)


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """Take a provider's message: verified by its signature, applied once, whatever the order of arrival."""
    try:
        operations.receive_webhook(
            provider=provider, body=request.body, headers=dict(request.headers.items()), now=clock.now()
        )
    except RightfulError as error:
        return JsonResponse({"error": error.code}, status=error.status)
    return JsonResponse({"received": True})
