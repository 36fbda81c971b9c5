"""Pages of the accounts. Each makes one call."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marketplace.accounts import operations, queries
from marketplace.accounts.place import (
    CURRENCY_COOKIE,
    LANGUAGE_COOKIE,
    MARKET_COOKIE,
    THEME_COOKIE,
    country_choices,
    market_choices,
)
from marketplace.accounts.web.forms import AddressForm, DetailsForm, PlaceForm
from marketplace.kernel.errors import Invalid

COOKIES = {
    "market": MARKET_COOKIE,
    "language": LANGUAGE_COOKIE,
    "currency": CURRENCY_COOKIE,
    "theme": THEME_COOKIE,
}
A_YEAR = 60 * 60 * 24 * 365


@require_http_methods(["GET", "POST"])
def choose_place(request: HttpRequest) -> HttpResponse:
    """Show the choices, or remember ship-to, language, currency and theme, each by itself, and go back."""
    if request.method == "GET":
        return _place_page(request)
    form = PlaceForm(request.POST)
    response = HttpResponseRedirect(_safe_next(request))
    if not form.is_valid():
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
        return response
    for name, cookie in COOKIES.items():
        if form.cleaned_data[name]:
            _remember(request, response, cookie, form.cleaned_data[name])
    return response


def _place_page(request: HttpRequest) -> HttpResponse:
    place = request.place
    chosen = {
        "market": place.market,
        "language": place.language,
        "currency": place.currency,
        "theme": place.theme or "auto",
    }
    form = PlaceForm(initial=chosen)
    form.fields["market"].widget.choices = market_choices(place.language)
    template = "catalog/place_panel.html" if request.htmx else "catalog/place.html"
    return render(request, template, {"form": form, "next": request.GET.get("next", "/")})


def _remember(request: HttpRequest, response: HttpResponseRedirect, cookie: str, value: str) -> None:
    response.set_cookie(
        cookie,
        value,
        max_age=A_YEAR,
        samesite="Lax",
        secure=request.is_secure(),
        httponly=cookie != THEME_COOKIE,
    )


def _safe_next(request: HttpRequest) -> str:
    target = request.POST.get("next", "/")
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if allowed else "/"


@login_required
@require_http_methods(["GET", "POST"])
def details(request: HttpRequest) -> HttpResponse:
    """Show and change what we know of a person."""
    form = DetailsForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        operations.update_profile(user=request.user, name=form.cleaned_data["name"])
        messages.success(request, _("Your details are saved."))
        return redirect("account-details")
    return render(request, "accounts/details.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET"])
def addresses(request: HttpRequest) -> HttpResponse:
    """List a person's addresses."""
    return render(request, "accounts/addresses.html", {"addresses": list(queries.addresses_of(request.user))})


@login_required
@require_http_methods(["GET", "POST"])
def address(request: HttpRequest, address_id: int | None = None) -> HttpResponse:
    """Write down a new address or change one."""
    form = AddressForm(
        request.POST or None,
        countries=country_choices(request.place.language),
        initial=_initial_address(request, address_id),
    )
    if request.method == "POST" and form.is_valid() and _save(request, form, address_id):
        messages.success(request, _("The address is saved."))
        return redirect("account-addresses")
    context = {"form": form, "address_id": address_id}
    return render(request, "accounts/address.html", context, status=422 if form.errors else 200)


def _initial_address(request: HttpRequest, address_id: int | None) -> dict[str, Any]:
    if address_id is None:
        return {"country": request.place.country}
    found = get_object_or_404(queries.addresses_of(request.user), pk=address_id)
    return {name: getattr(found, name) for name in (*operations.ADDRESS, "is_default")}


def _save(request: HttpRequest, form: AddressForm, address_id: int | None) -> bool:
    fields = {name: form.cleaned_data[name] for name in operations.ADDRESS}
    try:
        operations.save_address(
            user=request.user,
            fields=fields,
            address_id=address_id,
            is_default=form.cleaned_data["is_default"],
        )
    except Invalid as error:
        form.add_error(error.field if error.field in form.fields else None, error.in_words(_))
        return False
    return True


@login_required
@require_POST
def delete_address(request: HttpRequest, address_id: int) -> HttpResponse:
    """Delete an address."""
    operations.delete_address(user=request.user, address_id=address_id)
    messages.success(request, _("The address is deleted."))
    return redirect("account-addresses")
