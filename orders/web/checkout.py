"""The checkout's page: everything on one page, then the payment (`orders.web.pay`), then the order."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marketplace.kernel import clock, ids
from marketplace.kernel.errors import Conflict, Invalid, RightfulError
from orders import operations
from orders.domain.errors import CheckoutIncomplete, QuoteChanged
from orders.models import Checkout
from orders.operations import payments
from orders.operations.checkouts import Filled
from orders.payments import ProviderDown
from orders.queries import checkouts
from orders.queries.checkouts import CheckoutView
from orders.web import pages, pay
from orders.web.basket import basket_of, user_of
from orders.web.forms import CheckoutForm, consent_field


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
        messages.error(request, error.in_words(_))
        return redirect("basket")
    return redirect("checkout", token=checkout.token)


@require_http_methods(["GET", "POST"])
@pay.of_checkout
def show(request: HttpRequest, checkout: Checkout) -> HttpResponse:
    """Show the checkout, take what was filled in, and buy when the order button is pressed."""
    elsewhere = _no_longer_open(request, checkout)
    if elsewhere is not None:
        return elsewhere
    view = checkouts.view_checkout(checkout, now=clock.now())
    form = CheckoutForm(request.POST or None, view=view, place=request.place, chosen=request.GET)
    if request.method == "POST" and form.is_valid():
        answer = _take(request, checkout, view, form)
        if answer is not None:
            return answer
        checkout = _again(checkout)
        elsewhere = _no_longer_open(request, checkout)
        if elsewhere is not None:
            return elsewhere
        view = checkouts.view_checkout(checkout, now=clock.now())
    page = pages.checkout_page(view, checkout, request.place, now=clock.now())
    page["key"] = request.POST.get("key") or ids.new_token()
    return render(
        request, "orders/checkout.html", {"page": page, "form": form}, status=422 if form.errors else 200
    )


def _no_longer_open(request: HttpRequest, checkout: Checkout) -> HttpResponse | None:
    """Return where to go from a checkout that is placed, being paid or over; None while it is open."""
    if checkout.state == Checkout.State.OPEN and checkout.expires_at <= clock.now():
        operations.expire_checkout(checkout_id=checkout.pk, now=clock.now())
        checkout = _again(checkout)
    if checkout.state == Checkout.State.PLACED:
        return redirect("order", token=checkout.group.token)
    if checkout.state == Checkout.State.PAYING:
        return redirect("checkout-pay", token=checkout.token)
    return pay.to_basket(request, checkout) if checkout.state in pay.CLOSED else None


def _again(checkout: Checkout) -> Checkout:
    return Checkout.objects.select_related("basket").get(pk=checkout.pk)


def _take(
    request: HttpRequest, checkout: Checkout, view: CheckoutView, form: CheckoutForm
) -> HttpResponse | None:
    """Write down what was filled in; return where to go, or None to show the page again with what is wrong."""
    pays = request.POST.get("action") == "pay" and bool(checkout.quote_digest)
    filled = _filled(request, view, form)
    try:
        if not (pays and filled.stands_in(checkout, now=clock.now())):
            checkout = operations.fill_in(
                checkout_id=checkout.pk, filled=filled, quote=not pays, now=clock.now()
            )
        if pays:
            return _pay(request, checkout, view, form)
        if request.POST.get("action") != "pay":
            chosen = urlencode({name: form.cleaned_data.get(name) or "" for name in ("method", "card")})
            return redirect(f"{reverse('checkout', args=[checkout.token])}?{chosen}#sum")
        raise QuoteChanged
    except Invalid as error:
        form.add_error(error.field if error.field in form.fields else None, error.in_words(_))
    except CheckoutIncomplete as error:
        _mark_missing(form, checkout, view)
        if not form.errors:
            form.add_error(None, error.in_words(_))
    except Conflict as error:
        form.add_error(None, error.in_words(_))
    return None


def _mark_missing(form: CheckoutForm, checkout: Checkout, view: CheckoutView) -> None:
    """Say at each box that is still open why it stands there."""
    given = checkouts.given_in(_again(checkout))
    for consent in view.consents:
        if (consent.variant, consent.kind) not in given and consent_field(consent) in form.fields:
            form.add_error(
                consent_field(consent),
                _("Tick this, or take the product out of your basket to order the rest."),
            )


def _filled(request: HttpRequest, view: CheckoutView, form: CheckoutForm) -> Filled:
    return Filled(
        email=form.cleaned_data["email"],
        address=form.address(),
        services=form.services(),
        ticked=lambda consent: bool(form.cleaned_data.get(consent_field(consent))),
        terms=view.terms,
        language=request.place.language,
    )


def _pay(request: HttpRequest, checkout: Checkout, view: CheckoutView, form: CheckoutForm) -> HttpResponse:
    """Press the order button: pay and place the order, or go on with the card form or the bank.

    A provider that does not answer is asked again by the payment's own page, which tells if it still does not.
    """
    try:
        outcome = payments.submit_order(
            checkout_id=checkout.pk,
            quote_digest=request.POST.get("quote", ""),
            provider=form.cleaned_data["method"],
            method=form.means_of_payment(),
            return_url=request.build_absolute_uri(reverse("checkout-bank", args=[checkout.token])),
            now=clock.now(),
            terms=view.terms,
        )
    except ProviderDown:
        return redirect("checkout-pay", token=checkout.token)
    return pay.lead(request, checkout, outcome)
