"""Sending many orders from the admin: marked one by one or by a table of tracking numbers, with packing slips to print."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.scoping import editable_ids_of
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError
from orders import operations
from orders.documents.paper import buyer_lines, country_in_words
from orders.domain.tracking import OTHER, carriers
from orders.domain.tracking_file import TrackingRow, decode, read_table
from orders.models import Order, OrderLine

FORMULA = ("=", "+", "-", "@", "\t", "\r")
HEAD = (
    "order",
    "number",
    "ordered_on",
    "buyer",
    "country",
    "service",
    "articles",
    "carrier",
    "tracking_number",
)
MOST_SLIPS = 200


def carrier_choices() -> list[tuple[str, Any]]:
    """Return the carriers whose numbers we know, and "another"."""
    return [*((c.code, c.name) for c in carriers().values()), (OTHER, _("another carrier"))]


def who(request: HttpRequest) -> str:
    """Return who records something, as parcels keep it."""
    return f"user:{request.user.pk}"


def say(error: RightfulError) -> str:
    """Return an error in the reader's language, with the example of a right number where there is one."""
    text = error.in_words(gettext)
    if line := error.data.get("line"):
        text = f"{gettext('Line %(line)s:') % {'line': line}} {text}"
    if column := error.data.get("column"):
        text = f"{text} {gettext('Column: %(name)s.') % {'name': column}}"
    if examples := error.data.get("examples"):
        text = f"{text} {gettext('Such as: %(numbers)s.') % {'numbers': ', '.join(examples[:2])}}"
    return text


class TableForm(forms.Form):
    """A table of tracking numbers: a file, or the text of one that was looked at."""

    file = forms.FileField(
        label=_("Table (CSV)"), required=False,
        help_text=_("Columns: order, carrier, tracking_number; for a part of an order also sku and quantity."),
    )  # fmt: skip
    table = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    def rows(self) -> list[TrackingRow]:
        """Return the rows; call it on a valid form.

        :raises BadTable: if it cannot be read.
        """
        return read_table(self.text())

    def text(self) -> str:
        file = self.cleaned_data["file"]
        return decode(file.read(1_100_000)) if file else self.cleaned_data["table"]

    def clean(self) -> dict[str, Any]:
        got = super().clean() or {}
        if not got.get("file") and not got.get("table"):
            self.add_error("file", _("Choose a file."))
        return got


class ShipManyForm(forms.Form):
    """A tracking number for each of some orders; all that is left of each goes in one parcel."""

    def __init__(self, orders: Sequence[Order], data: Any = None) -> None:
        super().__init__(data)
        self.orders = orders
        for order in orders:
            self.fields[f"carrier.{order.pk}"] = forms.ChoiceField(
                label=_("Carrier"), choices=carrier_choices()
            )
            self.fields[f"tracking.{order.pk}"] = forms.CharField(
                label=_("Tracking number"), max_length=60, required=False
            )

    def lines(self) -> list[dict[str, Any]]:
        """Return the orders with their two fields, as the template shows them."""
        return [
            {
                "order": order,
                "buyer": buyer_of(order),
                "goods": ", ".join(f"{line.quantity} × {line.title}" for line in order.lines.all()),
                "carrier": self[f"carrier.{order.pk}"],
                "tracking": self[f"tracking.{order.pk}"],
            }
            for order in self.orders
        ]

    def rows(self) -> list[TrackingRow]:
        got = self.cleaned_data
        return [
            TrackingRow(at, order.public_id, got[f"carrier.{order.pk}"], got[f"tracking.{order.pk}"])
            for at, order in enumerate(self.orders, start=1)
        ]


def buyer_of(order: Order) -> str:
    """Return who an order goes to, in a few words."""
    return f"{order.group.address.get('name', '')}, {order.group.market}"


def address_lines(order: Order) -> list[str]:
    """Return where an order goes, as an envelope shows it."""
    return [line for line in buyer_lines({"email": "", "address": order.group.address}) if line]


def with_goods(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Return orders with what their slips and lists show."""
    lines = OrderLine.objects.order_by("position").prefetch_related("parcel_lines")
    return rows.select_related("group", "merchant").prefetch_related(Prefetch("lines", lines)).order_by("pk")


def outcome_rows(done: Iterable[operations.Dispatched]) -> list[dict[str, Any]]:
    """Return what became of each parcel, as the template shows it."""
    return [
        {
            "line": one.line,
            "order": one.order,
            "tracking": one.tracking_number,
            "pieces": one.pieces,
            "problem": say(one.error) if one.error else "",
            "label": gettext("refused") if one.error else gettext("can be recorded"),
            "meaning": "blocked" if one.error else "allowed",
        }
        for one in done
    ]


class SendingPages:
    """Mixed into the orders' admin."""

    def frame(self, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.model._meta, **context}  # type: ignore[attr-defined]
        return TemplateResponse(request, f"admin/orders/{template}.html", whole)

    def ship_many(self, request: HttpRequest, queryset: QuerySet[Order]) -> HttpResponse | None:
        """Ask for the tracking numbers of the chosen orders, then record that all left."""
        ids = editable_ids_of(request)
        waiting = queryset.filter(merchant__in=ids, state=Order.State.CONFIRMED)
        orders = list(with_goods(waiting))
        if not orders:
            messages.error(request, gettext("None of these orders waits to be sent."))
            return None
        form = ShipManyForm(orders, request.POST if "go" in request.POST else None)
        if "go" in request.POST and form.is_valid():
            done = operations.dispatch_parcels(
                merchant_ids=ids, rows=form.rows(), recorded_by=who(request), now=clock.now()
            )
            refused = [one for one in done if one.error]
            self._tell(request, len(done) - len(refused))
            if not refused:
                return None
            left = {one.line for one in refused}
            for at, order in enumerate(orders, start=1):
                if at in left:
                    error = next(one.error for one in refused if one.line == at)
                    form.add_error(f"tracking.{order.pk}", say(error))
            form.orders = [order for at, order in enumerate(orders, start=1) if at in left]
        return self.frame(
            request, "ship_many", title=gettext("Mark as sent"), form=form, lines=form.lines(),
            back=reverse("admin:orders_order_changelist"),
        )  # fmt: skip

    def _tell(self, request: HttpRequest, count: int) -> None:
        if count:
            text = ngettext("%(n)s parcel is recorded.", "%(n)s parcels are recorded.", count)
            messages.success(request, text % {"n": count})

    def tracking_table(self, request: HttpRequest) -> HttpResponse:
        """Take a table of tracking numbers: first say what would happen, then do it."""
        ids = editable_ids_of(request)
        if not ids:
            raise PermissionDenied
        form = TableForm(request.POST or None, request.FILES or None)
        done: list[operations.Dispatched] = []
        is_dry = request.POST.get("go") != "apply"
        if request.method == "POST" and form.is_valid():
            try:
                text = form.text()
                rows = read_table(text)
                form = TableForm(initial={"table": text})
                done = operations.dispatch_parcels(
                    merchant_ids=ids, rows=rows, recorded_by=who(request), now=clock.now(), dry=is_dry
                )
            except RightfulError as error:
                form.add_error("file", say(error))
        taken = sum(not one.error for one in done)
        if done and not is_dry:
            self._tell(request, taken)
            if taken == len(done):
                return HttpResponseRedirect(reverse("admin:orders_order_changelist"))
        return self.frame(
            request, "tracking_table", title=gettext("Tracking numbers from a table"), form=form,
            done=outcome_rows(done), taken=taken, refused=len(done) - taken, is_dry=is_dry,
        )  # fmt: skip

    def slips(self, request: HttpRequest) -> HttpResponse:
        """Show packing slips to print, one page an order."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        ids = [int(pk) for pk in request.GET.get("orders", "").split(",") if pk.isascii() and pk.isdigit()]
        rows = self.get_queryset(request).filter(pk__in=ids[:MOST_SLIPS])  # type: ignore[attr-defined]
        slips = [_slip(order) for order in with_goods(rows)]
        return TemplateResponse(request, "admin/orders/slips.html", {"slips": slips})

    def export_table(self, queryset: QuerySet[Order]) -> HttpResponse:
        """Send the chosen orders as a table to fill in the tracking numbers."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(HEAD)
        for order in with_goods(queryset):
            writer.writerow([safe_cell(cell) for cell in _table_row(order)])
        answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="orders.csv"'
        return answer


def safe_cell(cell: Any) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def _table_row(order: Order) -> list[Any]:
    goods = "; ".join(f"{line.quantity} × {line.sku}" for line in order.lines.all())
    return [
        order.public_id, order.number, order.concluded_at.date().isoformat(), order.group.address.get("name", ""),
        order.group.market, order.shipping_service, goods, "", "",
    ]  # fmt: skip


def _slip(order: Order) -> dict[str, Any]:
    merchant, address = order.merchant, order.group.address
    return {
        "public_id": order.public_id,
        "number": order.number,
        "on": order.concluded_at,
        "service": order.shipping_service,
        "from": [
            merchant.name,
            merchant.street,
            f"{merchant.postcode} {merchant.city}".strip(),
            country_in_words(merchant.country),
        ],
        "to": address_lines(order),
        "phone": address.get("phone", ""),
        "lines": [row for line in order.lines.all() if (row := _slip_line(line))["left"] or row["sent"]],
    }


def _slip_line(line: OrderLine) -> dict[str, Any]:
    sent = sum(row.quantity for row in line.parcel_lines.all())
    return {
        "sku": line.sku, "title": line.title, "options": " / ".join(map(str, line.options)), "gtin": line.gtin,
        "left": line.quantity - sent, "sent": sent,
    }  # fmt: skip
