"""The sidebar of the administration: what this person works with, in the order of a day; the rest under "all applications".

Pages are named as strings, so that no upper app is imported here.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance.web import gate
from marketplace.accounts.models import Role
from marketplace.accounts.queries import has_role
from marketplace.accounts.scoping import merchant_ids_of

Entry = tuple[Any, str, str]
SELLING: tuple[Entry, ...] = (
    (_("Today"), "today", "admin:index"),
    (_("Orders"), "local_shipping", "admin:orders_order_changelist"),
    (_("Messages"), "forum", "merchant-messages"),
    (_("Returns"), "assignment_return", "merchant-returns"),
    (_("Exchanges"), "swap_horiz", "merchant-return-exchanges"),
    (_("Claims"), "build", "merchant-return-claims"),
    (_("Complaints"), "support_agent", "merchant-complaints"),
)
RANGE: tuple[Entry, ...] = (
    (_("Listings"), "inventory_2", "admin:catalog_listing_changelist"),
    (_("What to mend"), "task_alt", "merchant-fixes"),
    (_("Measures"), "front_hand", "merchant-measures"),
    (_("Reviews and questions"), "reviews", "merchant-voice"),
    (_("Brands"), "sell", "admin:catalog_brand_changelist"),
    (_("Imports"), "upload_file", "admin:catalog_importrun_changelist"),
    (_("Shipping rates"), "package_2", "admin:catalog_shippingrate_changelist"),
)
OWN: tuple[Entry, ...] = (
    (_("Money"), "payments", "merchant-money-start"),
    (_("Business details"), "storefront", "admin:accounts_merchant_changelist"),
)
BOOKS: tuple[Entry, ...] = (
    (_("Books"), "menu_book", "money-books"),
    (_("Payouts"), "payments", "money-payouts"),
    (_("History of other shops"), "history", "history-list"),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of links for who is signed in; none for strangers, who see the sign-in page."""
    if not request.user.is_authenticated or not request.user.is_active:
        return []
    is_operator = has_role(request.user, Role.Kind.OPERATOR)
    groups: list[tuple[Any, tuple[Entry, ...]]] = []
    if merchant_ids_of(request):
        groups += [(_("Selling"), SELLING), (_("Range"), RANGE), (_("Business"), OWN)]
    if is_operator:
        groups.append((_("Money"), BOOKS))
    own = [{"title": title, "items": [_item(*entry) for entry in entries]} for title, entries in groups]
    return [*gate.sidebar(request), *own] if is_operator else [*own, *gate.sidebar(request)]


def _item(title: Any, icon: str, name: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse(name)}
