"""Paying more for an order that stands, such as for dearer goods in exchange: choose how, go to the bank and back."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError
from orders import operations
from orders.models import Payment, Supplement
from orders.operations import payments
from orders.payments import ProviderDown
from orders.queries.supplements import find_supplement, live_payment
from orders.web.forms import PayLaterForm
from orders.web.pages import moment, money
from orders.web.pay_page import policy_for, supplement_page


@never_cache
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Say what is paid and by when, and take the means of payment; a payment on its way shows what it waits for."""
    supplement = find_supplement(token)
    payment = live_payment(supplement)
    if payment is None and supplement.state == "open":
        return _choose(request, supplement)
    if payment is None:
        return redirect(supplement.back_path)
    return _follow(request, supplement, payment)


def _choose(request: HttpRequest, supplement: Supplement) -> HttpResponse:
    form = PayLaterForm(request.POST or None, methods=settings.PAYMENT_PROVIDERS)
    if request.method == "POST" and form.is_valid():
        try:
            payment = operations.start_supplement(
                supplement_id=supplement.pk,
                provider=form.cleaned_data["method"],
                method=form.means_of_payment(),
                return_url=request.build_absolute_uri(reverse("supplement-bank", args=[supplement.token])),
                now=clock.now(),
            )
            return _settled(request, supplement, payment)
        except RightfulError as error:
            form.add_error(None, error.in_words(_))
    language, zone = request.place.language, supplement.order.group.time_zone
    page = {
        "title": supplement.title,
        "amount": money(supplement.amount_minor, supplement.currency, language),
        "until": moment(supplement.pay_by, language, zone),
        "is_over": supplement.pay_by <= clock.now(),
        "back": supplement.back_path,
    }
    return render(
        request, "orders/pay_later.html", {"page": page, "form": form}, status=422 if form.errors else 200
    )


def _follow(request: HttpRequest, supplement: Supplement, payment: Payment) -> HttpResponse:
    """Show what is left to do of a payment on its way."""
    try:
        payment = payments.settle_payment(payment_id=payment.pk, now=clock.now())
    except ProviderDown as error:
        messages.error(request, error.in_words(_))
    outcome = payments.outcome_of(payment)
    if outcome.kind not in ("action", "pending"):
        return _lead(request, supplement, payment)
    site = f"{request.scheme}://{request.get_host()}"
    zone = supplement.order.group.time_zone
    page = supplement_page(supplement, payment, request.place, zone, site=site)
    response = render(request, "orders/pay.html", {"page": page})
    if page.form:
        response._csp_update = policy_for(page.form)
    return response


def _settled(request: HttpRequest, supplement: Supplement, payment: Payment) -> HttpResponse:
    try:
        payment = payments.settle_payment(payment_id=payment.pk, now=clock.now())
    except ProviderDown:
        return redirect("supplement", token=supplement.token)
    return _lead(request, supplement, payment)


def _lead(request: HttpRequest, supplement: Supplement, payment: Payment) -> HttpResponse:
    """Go where a payment led: back to what it was for, to the bank, or to choose again."""
    kind = payments.outcome_of(payment).kind
    if kind == "placed":
        messages.success(request, _("It is paid. Thank you."))
        return redirect(supplement.back_path)
    if kind in ("action", "pending"):
        url = payment.action.get("url", "")
        is_ours = url.startswith("/") and not url.startswith(("//", "/\\"))
        return redirect(url) if is_ours else redirect("supplement", token=supplement.token)
    if payment.state == Payment.State.FAILED:
        messages.error(request, _("The payment was declined. Nothing was charged. Try another way to pay."))
    return redirect("supplement", token=supplement.token)


@require_safe
def bank(request: HttpRequest, token: str) -> HttpResponse:
    """The way back from the form or the bank: ask the provider how it went."""
    supplement = find_supplement(token)
    payment = supplement.payments.order_by("-pk").first()
    if payment is None:
        return redirect("supplement", token=token)
    return _settled(request, supplement, payment)


@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Give this payment up for another way to pay; one that went through meanwhile stands."""
    supplement = find_supplement(token)
    payment = live_payment(supplement)
    if payment is None or request.method == "GET":
        return redirect("supplement", token=token)
    try:
        payment = operations.step_back(payment_id=payment.pk, now=clock.now())
    except ProviderDown:
        return redirect("supplement", token=token)
    return _lead(request, supplement, payment)
