"""The pages of what was bought: by account, or by the secret link that is sent to the buyer."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.mail import EmailMessage
from django.db.models import Prefetch
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound
from orders.models import Order, OrderGroup
from orders.web import order_page
from orders.web.basket import user_of
from orders.web.forms import FindForm

PAGE = 20


def group_of(request: HttpRequest, token: str) -> OrderGroup:
    """Return the order group behind a link. One that an account owns opens for that account alone, or for its link."""
    orders = Order.objects.select_related("merchant", "snapshot").prefetch_related(
        "lines", "parcels__lines__line", "invoices"
    )
    found = (
        OrderGroup.objects.filter(token=token).prefetch_related(Prefetch("orders", queryset=orders)).first()
    )
    if found is None or (found.user_id and (user_of(request) is None or request.user.pk != found.user_id)):
        raise NotFound(field="order")
    return found


@never_cache
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was bought, where it is, and which rights run."""
    page = order_page.group_page(group_of(request, token), request.place, now=clock.now())
    return render(request, "orders/order.html", {"page": page})


@never_cache
@require_safe
def document(request: HttpRequest, token: str, order: str, kind: str) -> HttpResponse:
    """Hand out the contract or the invoice of one order."""
    found = next((one for one in group_of(request, token).orders.all() if one.public_id == order), None)
    if found is None:
        raise Http404
    if kind == "contract":
        file = found.snapshot.pdf
    elif kind == "invoice" and found.invoices.all():
        file = found.invoices.all()[0].pdf
    else:
        raise Http404
    if not file:
        raise Http404
    return FileResponse(file.open("rb"), content_type="application/pdf", filename=f"{order}-{kind}.pdf")


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """List a person's orders, newest first, a page at a time."""
    groups = OrderGroup.objects.filter(user=request.user).order_by("-placed_at", "-pk")
    before = request.GET.get("before", "")
    if before:
        last = OrderGroup.objects.filter(user=request.user, public_id=before).first()
        groups = groups.filter(placed_at__lt=last.placed_at) if last else groups
    rows = list(groups.prefetch_related("orders__lines")[: PAGE + 1])
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
