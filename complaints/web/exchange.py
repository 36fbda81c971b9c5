"""Choosing what to have instead, where an exchange was decided or agreed: see what it costs, then agree. No script needed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from complaints import operations
from complaints.models import Settlement
from complaints.queries import tickets
from complaints.queries.exchanges import WHY_NOT, exchange_choice
from complaints.web.complain import user_of
from complaints.web.typed import number_of
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError
from marketplace.kernel.money import Money
from orders.queries import after_sales
from returns.queries import addresses
from returns.queries.exchanges import Choice, Wish


class WishForm(forms.Form):
    """What to have instead, with what one of it costs more or less, and how many."""

    def __init__(self, choice: Choice, language: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currency = choice.line.currency
        self.fields["variant"] = forms.ChoiceField(
            label=_("What do you want instead?"),
            choices=[
                (one.variant, f"{options_of(one)} · {each_in_words(one, currency, language)}")
                for one in choice.wishes
            ],
            widget=forms.RadioSelect,
        )
        self.fields["quantity"] = forms.TypedChoiceField(
            label=_("How many do you exchange?"),
            choices=[(n, str(n)) for n in range(1, choice.left + 1)],
            coerce=int,
            initial=choice.left,
        )


@never_cache
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, token: str, settlement: str) -> HttpResponse:
    """Let the shopper choose; what was chosen already leads to its exchange."""
    row = tickets.find_by_token(token, user=user_of(request))
    one = row.settlements.filter(public_id=settlement, remedy="exchange").first()
    if one is None:
        raise Http404
    if one.state != "choosing":
        return redirect(addresses.page_of_exchange(one.ref))
    order, language = after_sales.order_by_public_id(one.order), request.place.language
    choice = exchange_choice(order, one.line, language=language, now=clock.now())
    form = WishForm(choice, language, request.POST or None)
    if request.method == "POST" and not choice.reason and form.is_valid():
        if request.POST.get("step") == "agree" and (done := _agree(request, one, form)):
            return done
        if not form.errors:
            page = review_page(choice, form.cleaned_data, language)
            page |= {"action": request.path}
            return render(request, "complaints/exchange_review.html", {"page": page})
    page = {
        "title": _("Exchange: %(title)s") % {"title": choice.line.title},
        "now": ", ".join(f"{name}: {value}" for name, value in choice.line.options),
        "why_not": _(WHY_NOT[choice.reason]) if choice.reason else "",
        "back": reverse("complaint", args=[token]),
    }
    return render(
        request, "complaints/exchange.html", {"page": page, "form": form}, status=422 if form.errors else 200
    )


def _agree(request: HttpRequest, one: Settlement, form: WishForm) -> HttpResponse | None:
    """Agree on what was reviewed; a price that changed is shown again, anything else is said at the form."""
    said, seen = form.cleaned_data, request.POST.get("seen", "")
    size = number_of(seen.removeprefix("-")) or 0
    try:
        exchange = operations.choose_exchange(
            settlement=one.public_id, variant=said["variant"], quantity=said["quantity"],
            seen_minor=-size if seen.startswith("-") else size, language=request.place.language, now=clock.now(),
        )  # fmt: skip
    except RightfulError as refused:
        if refused.code == "difference_changed":
            messages.warning(request, refused.in_words(_))
        else:
            reason = WHY_NOT.get(str(refused.data.get("reason", "")))
            form.add_error(None, _(reason) if reason else refused.in_words(_))
        return None
    return redirect(addresses.page_of_exchange(exchange))


def review_page(choice: Choice, said: dict[str, Any], language: str) -> dict[str, Any]:
    """Return what goes, what comes and what it costs, before anything is agreed."""
    wish = next(one for one in choice.wishes if one.variant == said["variant"])
    quantity, line = said["quantity"], choice.line
    total = wish.each_minor * quantity
    label = _("You pay") if total > 0 else _("You get back") if total < 0 else _("Difference")
    return {
        "gives": f"{quantity} × {line.title}",
        "gives_options": ", ".join(f"{name}: {value}" for name, value in line.options),
        "gets": f"{quantity} × {wish.title}",
        "gets_options": options_of(wish),
        "total": {"label": label, "amount": Money(abs(total), line.currency).display(language)},
        "fields": [
            ("variant", wish.variant),
            ("quantity", str(quantity)),
            ("seen", str(total)),
            ("step", "agree"),
        ],
        "go": _("Exchange and pay") if total > 0 else _("Exchange it"),
    }


def options_of(wish: Wish) -> str:
    return ", ".join(f"{name}: {value}" for name, value in wish.options) or wish.sku


def each_in_words(wish: Wish, currency: str, language: str) -> str:
    """Return what one costs more or less."""
    if wish.each_minor == 0:
        return _("the same price")
    amount = Money(abs(wish.each_minor), currency).display(language)
    said = _("%(amount)s more each") if wish.each_minor > 0 else _("%(amount)s less each")
    return said % {"amount": amount}
