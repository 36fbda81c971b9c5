"""Paying: the provider's form, the way to the bank and back, another way to pay, the provider's messages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound, RightfulError
from orders import operations
from orders.models import Checkout, Payment
from orders.operations import payments
from orders.payments import ProviderDown
from orders.payments.offline import answer_challenge
from orders.queries import checkouts
from orders.web import pages
from orders.web.basket import user_of
from orders.web.cookies import read_basket, write_basket
from orders.web.pay_page import pay_page, policy_for

CheckoutHandler = Callable[[HttpRequest, Checkout], HttpResponse]
CLOSED = (Checkout.State.EXPIRED, Checkout.State.ABANDONED)


def of_checkout(view: CheckoutHandler) -> Callable[[HttpRequest, str], HttpResponse]:
    """Give a view the checkout behind the token; whoever was signed out meanwhile is told and signs in again."""

    @wraps(view)
    def found(request: HttpRequest, token: str) -> HttpResponse:
        try:
            checkout = checkouts.find_checkout(token=token, user=user_of(request))
        except NotFound:
            if request.user.is_authenticated or not checkouts.belongs_to_account(token=token):
                raise
            messages.info(
                request,
                _("You have been signed out. Sign in and you are back where you were; your basket is kept."),
            )
            return redirect_to_login(request.path)
        return view(request, checkout)

    return found


@never_cache
@require_safe
@of_checkout
def show(request: HttpRequest, checkout: Checkout) -> HttpResponse:
    """Show what is left to do of a payment on its way: the card form, the way to the bank, or waiting."""
    payment = checkouts.latest_payment(checkout)
    if payment is None or checkout.state != Checkout.State.PAYING:
        return redirect("checkout", token=checkout.token)
    try:
        payment = payments.settle_payment(payment_id=payment.pk, now=clock.now())
    except ProviderDown as error:
        messages.error(request, error.in_words(_))
    outcome = payments.outcome_of(payment)
    if outcome.kind not in ("action", "pending"):
        return lead(request, checkout, outcome)
    site = f"{request.scheme}://{request.get_host()}"
    page = pay_page(checkout, outcome, request.place, site=site)
    response = render(request, "orders/pay.html", {"page": page})
    if page.form:
        response._csp_update = policy_for(page.form)
    return response


@require_http_methods(["GET", "POST"])
@of_checkout
def leave(request: HttpRequest, checkout: Checkout) -> HttpResponse:
    """Give this payment up for another way to pay; one that went through meanwhile leads to its order."""
    payment = checkouts.latest_payment(checkout)
    if payment is None or request.method == "GET":
        return redirect("checkout-pay", token=checkout.token)
    try:
        payment = operations.step_back(payment_id=payment.pk, now=clock.now())
    except ProviderDown:
        return redirect("checkout-pay", token=checkout.token)
    return lead(request, checkout, payments.outcome_of(payment))


@require_safe
@of_checkout
def bank(request: HttpRequest, checkout: Checkout) -> HttpResponse:
    """The way back from the form or a bank elsewhere: ask the provider how it went."""
    payment = checkouts.latest_payment(checkout)
    if payment is None:
        return redirect("checkout", token=checkout.token)
    return _settle(request, checkout, payment)


@require_http_methods(["GET", "POST"])
def challenge(request: HttpRequest, ref: str) -> HttpResponse:
    """The offline provider's bank: a page that asks the cardholder yes or no."""
    payment = (
        Payment.objects.select_related("checkout__basket", "supplement")
        .filter(provider="offline", provider_ref=ref)
        .first()
    )
    if payment is None:
        raise NotFound(field="payment")
    if request.method == "GET":
        page = pages.bank_page(payment.checkout, request.place)
        return render(request, "orders/challenge.html", {"page": page})
    answer_challenge(ref=ref, passed=request.POST.get("result") == "confirm")
    if payment.supplement is not None:
        return redirect("supplement-bank", token=payment.supplement.token)
    return _settle(request, payment.checkout, payment)


def _settle(request: HttpRequest, checkout: Checkout, payment: Payment) -> HttpResponse:
    try:
        payment = payments.settle_payment(payment_id=payment.pk, now=clock.now())
    except ProviderDown:  # that page asks again, and tells if there is no answer still
        return redirect("checkout-pay", token=checkout.token)
    return lead(request, checkout, payments.outcome_of(payment))


def lead(request: HttpRequest, checkout: Checkout, outcome: payments.Outcome) -> HttpResponse:
    """Go where a payment led: to the order, to what is left to do, or back with what went wrong."""
    if outcome.kind == "placed" and outcome.group is not None:
        response = redirect("order", token=outcome.group.token)
        write_basket(request, response, checkout.basket.token, 0)
        return response
    if outcome.kind in ("action", "pending"):
        url = outcome.payment.action.get("url", "")
        is_ours = url.startswith("/") and not url.startswith(("//", "/\\"))
        return redirect(url) if is_ours else redirect("checkout-pay", token=checkout.token)
    if outcome.payment.state == Payment.State.FAILED:
        messages.error(request, _("The payment was declined. Nothing was charged. Try another way to pay."))
    elif outcome.payment.failure == "":
        messages.info(request, _("Nothing was charged. Choose how you want to pay."))
    return redirect("checkout", token=checkout.token)


def to_basket(request: HttpRequest, checkout: Checkout) -> HttpResponse:
    """Tell that a checkout is over, and why, and go to the basket, which is as it was."""
    payment = checkouts.latest_payment(checkout)
    messages.warning(request, _closed_in_words(payment.failure if payment else ""))
    response = redirect("basket")
    if read_basket(request)[0] is None and checkout.basket.user_id is None:
        write_basket(request, response, checkout.basket.token, len(checkout.lines))
    return response


def _closed_in_words(failure: str) -> str:
    if failure in ("", "abandoned"):
        return _(
            "The time for this checkout is over. Nothing was ordered and nothing was charged. "
            "Your basket is still there."
        )
    return _(
        "This could not be ordered any more when the payment came through. The money was let go or sent back. "
        "Your basket is still there."
    )


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
