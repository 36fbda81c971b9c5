"""Orders in the merchants' admin: what to send, what is on its way, and what needs attention today."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from marketplace.accounts.scoping import MerchantScoped, editable_ids_of
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError
from marketplace.kernel.money import Money
from orders.admin_sending import SendingPages, address_lines, buyer_of, carrier_choices, say, who
from orders.admin_today import fill_dashboard, late, lost
from orders.domain.cancelling import REASONS
from orders.models import Order, Parcel
from orders.operations import fulfilment, withheld

__all__ = ["fill_dashboard"]  # the dashboard is named in the settings by this address
LINE = "line."


class ShipForm(forms.Form):
    """A parcel that left: its carrier and how many of each line are in it."""

    carrier = forms.ChoiceField(label=_("Carrier"))
    tracking_number = forms.CharField(label=_("Tracking number"), max_length=60, required=False)

    def __init__(self, order: Order, data: Any = None) -> None:
        super().__init__(data)
        self.fields["carrier"].choices = carrier_choices()  # type: ignore[attr-defined]
        left = withheld.left_to_ship(order)
        for line in order.lines.order_by("position"):
            if left[line.public_id]:
                self.fields[f"{LINE}{line.public_id}"] = forms.IntegerField(
                    label=f"{line.title} ({line.sku})",
                    min_value=0,
                    max_value=left[line.public_id],
                    initial=left[line.public_id],
                )

    def packed(self) -> list[fulfilment.Packed]:
        """Return what is in the parcel."""
        return [
            fulfilment.Packed(name.removeprefix(LINE), count)
            for name, count in self.cleaned_data.items()
            if name.startswith(LINE) and count
        ]


class CancelForm(forms.Form):
    """Why an order is ended; the buyer is told."""

    reason = forms.ChoiceField(label=_("What the buyer is told"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        choices = [(key, gettext(words)) for key, words in REASONS.items()]
        self.fields["reason"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]


class DeliveryForm(forms.Form):
    """When a parcel reached the shopper."""

    parcel = forms.IntegerField(widget=forms.HiddenInput)
    delivered_at = forms.DateTimeField()


class DueFilter(admin.SimpleListFilter):
    """Orders that want a hand."""

    title, parameter_name = _("what is due"), "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("late", gettext("late")), ("lost", gettext("with a lost parcel"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "late":
                return late(queryset, clock.now().date())
            case "lost":
                return lost(queryset)
        return queryset


@admin.register(Order)
class OrderAdmin(SendingPages, MerchantScoped, ModelAdmin):
    """A merchant's orders; they are read here, and parcels are sent and delivered."""

    list_display = ["number", "public_id", "state", "buyer", "total", "concluded_at", "deliver_by", "due"]
    list_filter = ["state", DueFilter, "group__market", "shipping_service", "concluded_at"]
    search_fields = [
        "public_id",
        "=number",
        "group__public_id",
        "group__email",
        "group__address__name",
        "lines__title",
        "lines__sku",
        "parcels__tracking_number",
    ]
    ordering = ["-concluded_at"]
    show_full_result_count = False
    actions = ["mark_sent", "print_slips", "as_table"]
    list_before_template = "admin/orders/order_tools.html"
    list_per_page = 50
    may_add = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        rows = super().get_queryset(request).select_related("group", "merchant")
        return rows.exclude(state=Order.State.AWAITING_PAYMENT)

    @admin.display(description=_("buyer"))
    def buyer(self, row: Order) -> str:
        return buyer_of(row)

    @admin.display(description=_("due"))
    def due(self, row: Order) -> str:
        is_open = row.state in (Order.State.CONFIRMED, Order.State.SHIPPED)
        is_late = is_open and row.deliver_by is not None and row.deliver_by < clock.now().date()
        return gettext("late") if is_late else ""

    @admin.display(description=_("total"), ordering="total_minor")
    def total(self, row: Order) -> str:
        return Money(row.total_minor, row.currency).display(get_language() or "en")

    def get_urls(self) -> list[URLPattern]:
        views = {"ship": self.ship, "deliver": self.deliver, "cancel": self.cancel}
        own = [
            path(f"<path:object_id>/{name}/", self.admin_site.admin_view(view), name=f"orders_order_{name}")
            for name, view in views.items()
        ]
        own += [
            path("tracking/", self.admin_site.admin_view(self.tracking_table), name="orders_order_tracking"),
            path("slips/", self.admin_site.admin_view(self.slips), name="orders_order_slips"),
        ]
        return [*own, *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> Any:
        found = super().get_actions(request)
        if not editable_ids_of(request):
            found.pop("mark_sent", None)
        return found

    @admin.action(description=_("Mark as sent"))
    def mark_sent(self, request: HttpRequest, queryset: QuerySet[Order]) -> HttpResponse | None:
        return self.ship_many(request, queryset)

    @admin.action(description=_("Print packing slips"))
    def print_slips(self, request: HttpRequest, queryset: QuerySet[Order]) -> HttpResponse:
        ids = ",".join(str(pk) for pk in queryset.order_by("pk").values_list("pk", flat=True))
        return HttpResponseRedirect(f"{reverse('admin:orders_order_slips')}?orders={ids}")

    @admin.action(description=_("Table for tracking numbers (CSV)"))
    def as_table(self, request: HttpRequest, queryset: QuerySet[Order]) -> HttpResponse:
        return self.export_table(queryset)

    def _mine(self, request: HttpRequest, object_id: str, *, to_change: bool = False) -> Order:
        order = self.get_object(request, unquote(object_id))
        if order is None:
            raise Http404
        if not (self.has_change_permission if to_change else self.has_view_permission)(request, order):
            raise PermissionDenied
        return order

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show an order with what is to be sent and what is on its way."""
        order = self._mine(request, object_id)
        may_ship = order.state == Order.State.CONFIRMED and self.has_change_permission(request, order)
        return self._page(request, order, ShipForm(order) if may_ship else None)

    def _page(
        self, request: HttpRequest, order: Order, form: ShipForm | None, cancel: CancelForm | None = None
    ) -> HttpResponse:
        language = get_language() or "en"
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": gettext("Order %(number)s") % {"number": order.number},
            "order": order,
            "form": form,
            "cancel_form": (cancel or CancelForm()) if form and not order.parcels.exists() else None,
            "address": [*address_lines(order), order.group.address.get("phone", ""), order.group.email],
            "lines": [_line(line, language) for line in order.lines.order_by("position")],
            "parcels": list(order.parcels.order_by("shipped_at", "pk")),
            "total": self.total(order),
            "now": clock.now(),
            "may_change": self.has_change_permission(request, order),
        }
        return TemplateResponse(request, "admin/orders/order.html", context)

    def _back(self, order: Order) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:orders_order_change", args=[order.pk]))

    def ship(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Record a parcel that left."""
        order = self._mine(request, object_id, to_change=True)
        if request.method != "POST":
            return self._back(order)
        form = ShipForm(order, request.POST)
        if not form.is_valid():
            return self._page(request, order, form)
        got = form.cleaned_data
        try:
            fulfilment.ship_parcel(
                order_id=order.pk, packed=form.packed(), carrier=got["carrier"], tracking_number=got["tracking_number"],
                recorded_by=who(request), now=clock.now(),
            )  # fmt: skip
        except RightfulError as error:
            form.add_error(error.field if error.field in form.fields else None, say(error))
            return self._page(request, order, form)
        messages.success(request, gettext("The parcel is recorded."))
        return self._back(order)

    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End an order of which nothing has left: the buyer gets everything back and is told why."""
        order = self._mine(request, object_id, to_change=True)
        if request.method != "POST":
            return self._back(order)
        form = CancelForm(request.POST)
        if not form.is_valid():
            return self._page(request, order, ShipForm(order), form)
        try:
            fulfilment.cancel_order(order_id=order.pk, because=form.cleaned_data["reason"], now=clock.now())
            messages.success(request, gettext("The order is cancelled. The buyer gets everything back."))
        except RightfulError as error:
            messages.error(request, say(error))
        return self._back(order)

    def deliver(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Record that a parcel reached the shopper."""
        order = self._mine(request, object_id, to_change=True)
        form = DeliveryForm(request.POST)
        if request.method != "POST" or not form.is_valid():
            if request.method == "POST":
                messages.error(request, gettext("Say when it was delivered."))
            return self._back(order)
        parcel = Parcel.objects.filter(order=order, pk=form.cleaned_data["parcel"]).first()
        if parcel is None:
            raise Http404
        self._deliver(request, parcel, form.cleaned_data["delivered_at"])
        return self._back(order)

    def _deliver(self, request: HttpRequest, parcel: Parcel, delivered_at: datetime) -> None:
        try:
            fulfilment.record_delivery(
                parcel_id=parcel.pk,
                delivered_at=delivered_at,
                received_by="consumer",
                recorded_by=who(request),
                now=clock.now(),
            )
            messages.success(request, gettext("The delivery is recorded."))
        except RightfulError as error:
            messages.error(request, say(error))


def _line(line: Any, language: str) -> dict[str, Any]:
    return {
        "title": line.title,
        "sku": line.sku,
        "options": " / ".join(value for _name, value in line.options),
        "quantity": line.quantity,
        "total": Money(line.total_minor, line.currency).display(language),
    }
