"""The basket's pages."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError
from orders import operations
from orders.models import Basket
from orders.queries.baskets import view_basket
from orders.web import pages
from orders.web.cookies import read_basket, write_basket


def user_of(request: HttpRequest) -> User | None:
    return request.user if request.user.is_authenticated else None


def basket_of(request: HttpRequest) -> Basket | None:
    """Return the visitor's basket, if there is one; what a guest gathered follows into the account."""
    token, user = read_basket(request)[0], user_of(request)
    if user is not None and operations.find_basket(token=token, user=None) is not None:
        return operations.merge_baskets(token=token, user=user, now=clock.now())
    return operations.find_basket(token=token, user=user)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show what is in the basket, what changed, and what it costs here."""
    view = view_basket(basket_of(request), place=request.place, on=clock.today(request.place.time_zone))
    response = render(request, "orders/basket.html", {"page": pages.basket_page(view, request.place)})
    if view.token and view.count != read_basket(request)[1]:
        write_basket(request, response, view.token, view.count)
    return response


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put a variant into the basket."""
    now = clock.now()
    basket = basket_of(request)
    if basket is None:
        basket = operations.get_or_create_basket(token=None, user=user_of(request), now=now)
    return _change(
        request,
        basket,
        lambda: operations.add_to_basket(
            basket_id=basket.pk,
            variant=request.POST.get("variant", ""),
            quantity=_quantity(request),
            place=request.place,
            now=now,
        ),
        said=_("It is in your basket."),
    )


@require_POST
def set_quantity(request: HttpRequest, variant: str) -> HttpResponse:
    """Change how many of a variant are in the basket."""
    basket = basket_of(request)
    if basket is None:
        return redirect("basket")
    return _change(
        request,
        basket,
        lambda: operations.set_quantity(
            basket_id=basket.pk,
            variant=variant,
            quantity=_quantity(request),
            place=request.place,
            now=clock.now(),
        ),
    )


@require_POST
def remove(request: HttpRequest, variant: str) -> HttpResponse:
    """Take a variant out of the basket."""
    basket = basket_of(request)
    if basket is None:
        return redirect("basket")
    return _change(
        request,
        basket,
        lambda: operations.remove_from_basket(basket_id=basket.pk, variant=variant, now=clock.now()),
        said=_("It is out of your basket."),
    )


@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """Take note of changed prices and quantities."""
    basket = basket_of(request)
    if basket is None:
        return redirect("basket")
    return _change(
        request,
        basket,
        lambda: operations.accept_changes(basket_id=basket.pk, place=request.place, now=clock.now()),
    )


def _quantity(request: HttpRequest) -> int:
    text = request.POST.get("quantity", "1").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _change(request: HttpRequest, basket: Basket, work: Any, said: str = "") -> HttpResponse:
    """Do the work, say how it went, count again, and go back to a page of ours."""
    try:
        work()
    except RightfulError as error:
        messages.error(request, error.in_words(_))
    else:
        if said:
            messages.success(request, said)
    target = request.POST.get("next") or reverse("basket")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}):
        target = reverse("basket")
    response = HttpResponseRedirect(target)
    write_basket(request, response, basket.token, operations.count_of(basket))
    return response
