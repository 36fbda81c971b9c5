"""What shoppers are written: frozen views of letters, said in the active language, from what was frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance.presentation import locale_of
from marketplace.kernel.money import Money
from orders.documents.answering import answering_by_title
from orders.documents.contract import said
from orders.documents.paper import buyer_lines
from orders.domain.cancelling import REASONS
from orders.domain.tracking import carriers, tracking_url
from orders.models import Order, OrderGroup, Parcel, Refund


@dataclass(frozen=True, slots=True)
class OrderPart:
    title: str
    lines: tuple[dict[str, Any], ...]
    total: str
    delivery: str
    border: str
    rights: tuple[str, ...]
    answering: tuple[dict[str, Any], ...]  # who answers for the goods: {title, rows [{label, value}]}


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The order confirmation: what was bought, from whom, for how much, with which rights."""

    subject: str
    preheader: str
    title: str
    lead: str
    url: str
    orders: tuple[OrderPart, ...]
    address: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A short letter about one order."""

    subject: str
    title: str
    lead: str
    rows: tuple[str, ...]
    url: str
    tracking_url: str = ""


def confirmation(group: OrderGroup, orders: list[Order]) -> Confirmation:
    """Return the confirmation of a checkout; its orders carry their snapshots."""
    numbers = ", ".join(order.public_id for order in orders)
    total = Money(group.total_minor, group.currency).display(group.language)
    return Confirmation(
        subject=_("Your order %(number)s") % {"number": numbers},
        preheader=_("%(total)s in all. The contract is attached.") % {"total": total},
        title=_("Thank you, we have your order"),
        lead=ngettext(
            "You bought from %(n)s seller, for %(total)s in all.",
            "You bought from %(n)s sellers, for %(total)s in all.",
            len(orders),
        )
        % {"n": len(orders), "total": total},
        url=group_url(group),
        orders=tuple(_part(order, group) for order in orders),
        address=tuple(buyer_lines({"email": group.email, "address": group.address})),
    )


def shipped(parcel: Parcel, group: OrderGroup) -> Notice:
    """Return the news that a parcel left."""
    order = parcel.order
    known = carriers().get(parcel.carrier)
    carrier = known.name if known else parcel.carrier
    rows = [f"{line.quantity} × {line.line.title}" for line in parcel.lines.select_related("line")]
    if parcel.tracking_number:
        rows.append(
            _("%(carrier)s, tracking number %(number)s")
            % {"carrier": carrier, "number": parcel.tracking_number}
        )
    if order.deliver_by:
        rows.append(_("It arrives by %(day)s.") % {"day": _day(order.deliver_by, group.language)})
    return Notice(
        subject=_("A parcel of your order %(number)s is on its way") % {"number": order.public_id},
        title=_("Your parcel is on its way"),
        lead=_("%(seller)s has sent it.") % {"seller": order.merchant.name},
        rows=tuple(rows),
        url=group_url(group),
        tracking_url=tracking_url(parcel.carrier, parcel.tracking_number) if parcel.tracking_number else "",
    )


def cancelled(order: Order, group: OrderGroup, refund: Refund | None) -> Notice:
    """Return the news that an order ended, with what goes back."""
    rows = []
    if order.cancel_reason in REASONS:
        why = _(REASONS[order.cancel_reason])
        rows.append(_("%(seller)s says: %(why)s") % {"seller": order.merchant.name, "why": why})
    if refund is not None:
        amount = Money(refund.amount_minor, refund.currency).display(group.language)
        rows.append(_("%(amount)s goes back the way you paid.") % {"amount": amount})
    elif order.cancel_reason == "not_paid":
        rows.append(_("No money was taken."))
    else:
        rows.append(_("What comes back to you stands on the order's page."))
    return Notice(
        subject=_("Your order %(number)s was cancelled") % {"number": order.public_id},
        title=_("This order was cancelled"),
        lead=_("Nothing of order %(number)s from %(seller)s will be sent.")
        % {"number": order.public_id, "seller": order.merchant.name},
        rows=tuple(rows),
        url=group_url(group),
    )


def group_url(group: OrderGroup) -> str:
    """Return the whole address of the order's page."""
    return settings.SITE_URL + reverse("order", args=[group.token])


def _part(order: Order, group: OrderGroup) -> OrderPart:
    content, language = order.snapshot.content, group.language
    border = Money(order.border_minor, order.currency)
    return OrderPart(
        title=_("%(number)s from %(seller)s")
        % {"number": order.public_id, "seller": content["seller"]["name"]},
        lines=tuple(_line(line, order.currency, language) for line in content["lines"]),
        total=Money(order.total_minor, order.currency).display(language),
        delivery=_("It arrives by %(day)s.") % {"day": _day(order.deliver_by, language)},
        border=_("Not in this total: the carrier is expected to ask for %(amount)s on delivery.")
        % {"amount": border.display(language)}
        if border
        else "",
        rights=tuple(dict.fromkeys(said(right, language) for right in _main_rights(content))),
        answering=tuple(answering_by_title((line["title"], line["promised"]) for line in content["lines"])),
    )


def _main_rights(content: dict[str, Any]) -> list[dict[str, Any]]:
    cards = [right for line in content["lines"] for right in line["rights"]["card"]]
    return [right for right in cards if right["key"] in ("withdrawal", "guarantee", "private_seller")]


def _line(line: dict[str, Any], currency: str, language: str) -> dict[str, Any]:
    return {
        "quantity": line["quantity"],
        "title": line["title"],
        "options": ", ".join(f"{name}: {value}" for name, value in line["options"]),
        "total": Money(line["total_minor"], currency).display(language),
    }


def _day(day: date | None, language: str) -> str:
    return format_date(day, format="full", locale=locale_of(language)) if day else ""
