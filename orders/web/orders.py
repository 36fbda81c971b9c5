"""The pages of what was bought: by account, or by the secret link that is sent to the buyer."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.mail import EmailMessage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from catalog.queries.voice import invited_lines
from marketplace.kernel import clock
from orders.models import Invoice, Order, OrderGroup
from orders.operations import letters
from orders.queries.extras import extras_of
from orders.queries.orders import find_group, groups_of, view_group
from orders.web import order_page
from orders.web.basket import user_of
from orders.web.forms import FindForm

PAGE = 20


@never_cache
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was bought, where it is, and which rights run."""
    group, now = find_group(token=token, user=user_of(request)), clock.now()
    today = now.astimezone(ZoneInfo(group.time_zone)).date()
    extras = extras_of(group, request.place.language, today)
    view = view_group(group, now=now)
    page = order_page.group_page(view, request.place, now=now, extras=extras)
    order_page.add_reviews(
        page, view, invited_lines([one.public_id for order in view.orders for one in order.lines])
    )
    return render(request, "orders/order.html", {"page": page})


@never_cache
@require_safe
def document(request: HttpRequest, token: str, order: str, kind: str) -> HttpResponse:
    """Hand out the contract, the invoice or a credit note of one order."""
    orders = find_group(token=token, user=user_of(request)).orders.all()
    found = next((one for one in orders if one.public_id == order), None)
    if found is None:
        raise Http404
    if kind == "contract":
        data = letters.draw_contract(snapshot=found.snapshot)
    else:
        data = letters.draw_invoice(invoice=_paper(found, kind))
    disposition = {"Content-Disposition": f'inline; filename="{order}-{kind}.pdf"'}
    return HttpResponse(data, content_type="application/pdf", headers=disposition)


def _paper(order: Order, kind: str) -> Invoice:
    """Return the invoice or credit note that an address names."""
    for one in order.invoices.all():
        if kind == ("invoice" if one.kind == "invoice" else f"{one.kind.replace('_', '-')}-{one.label}"):
            return one
    raise Http404


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """List a person's orders, newest first, a page at a time."""
    last = OrderGroup.objects.filter(user=request.user, public_id=request.GET.get("before", "")).first()
    rows = groups_of(request.user, before=last.placed_at if last else None, limit=PAGE + 1)
    page = order_page.list_page(rows[:PAGE], request.place)
    if len(rows) > PAGE:
        page["next_url"] = f"?before={rows[PAGE - 1].public_id}"
    return render(request, "orders/orders.html", {"page": page})


@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Send a guest the link to an order; the answer is the same whether or not there is one."""
    form = FindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number, email = form.cleaned_data["number"].strip().upper(), form.cleaned_data["email"]
        order = (
            Order.objects.select_related("group").filter(public_id=number, group__email__iexact=email).first()
        )
        if order is not None:
            _send_link(request, order.group)
        messages.success(request, _("If there is such an order, the link is on its way to that address."))
        return redirect("order-find")
    return render(request, "orders/find.html", {"form": form}, status=422 if form.errors else 200)


def _send_link(request: HttpRequest, group: OrderGroup) -> None:
    link = request.build_absolute_uri(reverse("order", args=[group.token]))
    body = (
        _("Here is the link to your order:")
        + f"\n\n{link}\n\n"
        + _("Whoever has it can see the order. Keep it to yourself.")
    )
    EmailMessage(_("Your order at Rightful"), body, to=[group.email]).send()
