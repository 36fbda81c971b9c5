"""The admin's first page: what needs a merchant's attention today, each with the way to the list that shows it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, gettext

from catalog.queries.attention import Attention, attention_of
from compliance import rulebook
from marketplace.accounts.models import Merchant
from marketplace.accounts.scoping import merchant_ids_of
from marketplace.kernel import clock
from orders.models import BankAccount, Order, Parcel
from orders.queries.today import needs_of

BLOCKED, SOON, NEWS = "blocked", "attention", "information"


def late(rows: QuerySet[Order], today: date) -> QuerySet[Order]:
    """Return the orders that should have arrived by now and have not."""
    return rows.filter(state__in=[Order.State.CONFIRMED, Order.State.SHIPPED], deliver_by__lt=today)


def lost(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Return the orders of which a parcel got lost."""
    return rows.filter(Exists(Parcel.objects.filter(order=OuterRef("pk"), state=Parcel.State.LOST)))


def fill_dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what needs attention today; nothing for people without a merchant."""
    ids = merchant_ids_of(request)
    if not ids:
        return context
    now = clock.now()
    currency = (
        Merchant.objects.filter(pk__in=ids).order_by("pk").values_list("currency", flat=True).first() or "EUR"
    )
    needs = attention_of(ids, now=now, currency=currency)
    above = [asdict(need) for need in needs_of(ids, now.date())]
    rows = [*_order_rows(ids, now.date()), *above, *_money_rows(ids), *_listing_rows(needs)]
    return {
        **context,
        "today": [row for row in rows if row["count"]],
        "calm": ", ".join(row["label"] for row in rows if not row["count"]),
        "reasons": _reasons(needs),
        "closed_url": f"{reverse('admin:catalog_listing_changelist')}?state__exact=active&findings=closed",
    }


def _row(count: int, label: str, url: str, meaning: str, note: str = "") -> dict[str, Any]:
    return {"count": count, "label": label, "url": url, "meaning": meaning, "note": note}


def _order_rows(ids: frozenset[int], today: date) -> list[dict[str, Any]]:
    url = reverse("admin:orders_order_changelist")
    own = Order.objects.filter(merchant__in=ids)
    found = own.aggregate(
        to_ship=Count("pk", filter=Q(state=Order.State.CONFIRMED)),
        late=Count("pk", filter=Q(pk__in=late(own, today).values("pk"))),
        lost=Count("pk", filter=Q(pk__in=lost(own).values("pk"))),
    )
    return [
        _row(found["to_ship"], gettext("orders to send"), f"{url}?state__exact=confirmed", SOON),
        _row(
            found["late"],
            gettext("orders late"),
            f"{url}?due=late",
            BLOCKED,
            gettext("The promised day has passed."),
        ),
        _row(found["lost"], gettext("orders with a lost parcel"), f"{url}?due=lost", BLOCKED),
    ]


def _money_rows(ids: frozenset[int]) -> list[dict[str, Any]]:
    refused = BankAccount.objects.filter(merchant__in=ids, replaced_at=None, refused_at__isnull=False)
    note = gettext("The payout came back. What is due waits for another account.")
    url = reverse("merchant-money-start")
    return [_row(refused.count(), gettext("bank accounts that sent money back"), url, BLOCKED, note)]


def _listing_rows(needs: Attention) -> list[dict[str, Any]]:
    listings = reverse("admin:catalog_listing_changelist")
    runs, active = reverse("admin:catalog_importrun_changelist"), f"{listings}?state__exact=active"
    closed = gettext("Some market you ship to is closed to them.")
    return [
        _row(needs.closed, gettext("listings that cannot be sold everywhere you ship"), f"{active}&findings=closed", BLOCKED, closed),
        _row(needs.low, gettext("listings with few left"), f"{active}&shelf=low", SOON),
        _row(needs.sold_out, gettext("listings sold out"), f"{active}&shelf=none", SOON),
        _row(needs.papers, gettext("listings whose documents run out"), f"{listings}?papers=expiring", SOON, gettext("Expired, or within 60 days.")),
        _row(needs.imports_refused, gettext("imports with refused rows"), f"{runs}?refusals=recent", SOON, gettext("Of the last 14 days.")),
        _row(needs.imports_stopped, gettext("imports that stopped"), f"{runs}?state__exact=failed", BLOCKED),
        _row(needs.plans_refused, gettext("reductions that could not begin"), f"{listings}?reduction=refused", BLOCKED),
        _row(needs.drafts, gettext("drafts"), f"{listings}?state__exact=draft", NEWS),
    ]  # fmt: skip


def _reasons(needs: Attention) -> list[dict[str, Any]]:
    url, rules = reverse("admin:catalog_listing_changelist"), rulebook.default().rules
    language = get_language() or "en"
    return [
        {
            "title": gettext(rules[reason.rule].title) if reason.rule in rules else reason.rule,
            "listings": reason.listings,
            "worth": reason.worth.display(language),
            "url": f"{url}?state__exact=active&findings=rule:{reason.rule}",
        }
        for reason in needs.reasons
    ]
