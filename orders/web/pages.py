"""From the queries' views to what templates show: words, amounts in people's writing, addresses of pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from catalog.queries.rights import rights_on
from compliance.presentation import day_in_words, locale_of, right_card
from compliance.rulebook.types import RightLine
from marketplace.accounts.place import Place, market_name
from marketplace.kernel.money import Money
from orders.models import Checkout
from orders.queries.baskets import BasketView, Change, LineView
from orders.queries.checkouts import CheckoutView

PARTS = ("goods_minor", "shipping_minor", "duty_minor", "tax_minor", "fees_minor")


def money(minor: int, currency: str, language: str) -> str:
    """Return an amount as people write it."""
    return Money(minor, currency).display(language)


PART_LABELS = {
    "goods_minor": gettext_noop("Goods"),
    "shipping_minor": gettext_noop("Delivery"),
    "duty_minor": gettext_noop("Customs duty"),
    "tax_minor": gettext_noop("Tax"),
    "fees_minor": gettext_noop("Fees"),
}


def part_label(name: str) -> str:
    return _(PART_LABELS[name])


def sums(quote: Mapping[str, Any], currency: str, language: str) -> list[dict[str, Any]]:
    """Return the rows of a sum: its parts that are not nothing, the total, and what is asked at the door."""
    rows = [
        {"label": part_label(name), "amount": money(quote[name], currency, language)}
        for name in PARTS
        if quote[name]
    ]
    rows.append(
        {"label": _("Total"), "amount": money(quote["total_minor"], currency, language), "is_total": True}
    )
    if quote.get("border_minor"):
        amount = money(quote["border_minor"], currency, language)
        rows.append({"label": _("The carrier will ask for at the door, about"), "amount": amount})
    return rows


def picture(name: str, width: int) -> dict[str, str] | None:
    """Return where a picture lies in one of its widths."""
    return {"src": f"{settings.MEDIA_URL}pictures/{name}-{width}.webp"} if name else None


def in_words(day: date | str | None, language: str) -> str:
    """Return a day as people of a language write it."""
    if not day:
        return ""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return day_in_words(day, language)


def moment(at: datetime | None, language: str, time_zone: str) -> str:
    """Return an instant in the shopper's own time, to the minute: nobody plans by seconds."""
    if at is None:
        return ""
    locale = locale_of("en-GB" if language == "en" else language)
    return _to_the_minute(at.replace(second=0, microsecond=0), time_zone, locale)


@lru_cache(maxsize=1024)  # by the zone's name, for one instant in two zones counts as equal
def _to_the_minute(at: datetime, time_zone: str, locale: Locale) -> str:
    local = at.astimezone(ZoneInfo(time_zone))
    return f"{format_date(local, 'long', locale)}, {format_time(local, 'short', locale=locale)}"


def envelope(address: dict[str, str], language: str) -> list[str]:
    """Return where it goes, line by line."""
    country = address.get("country", "")
    town = f"{address.get('postcode', '')} {address.get('city', '')}".strip()
    lines = [address.get(key, "") for key in ("name", "company", "street", "extra")]
    lines += [town, address.get("region", ""), str(locale_of(language).territories.get(country, country))]
    return [line for line in lines if line]


def basket_page(view: BasketView, place: Place) -> dict[str, Any]:
    """Return the basket page."""
    rows = sums(view.quote, place.currency, place.language) if view.quote else []
    if not rows and not view.is_empty:
        rows = [{"label": _("Goods"), "amount": view.goods.display(place.language)}]
    where = market_name(place.market, place.language)
    note = _("Delivered to %(place)s with standard delivery.") % {"place": where}
    return {
        "merchants": [
            {"name": seller.name, "lines": [_basket_line(line, place) for line in seller.lines]}
            for seller in view.sellers
        ],
        "changes": [change_in_words(change, place.language) for change in view.changes],
        "needs_acceptance": any(change.what != "gone" for change in view.changes),
        "sums": rows,
        "note": view.quote_problem.said(_) if view.quote_problem else note,
        "can_checkout": view.may_check_out,
        "look_around": {"url": reverse("home"), "label": _("Look around")},
    }


def _basket_line(line: LineView, place: Place) -> dict[str, Any]:
    return {
        "variant": line.variant,
        "url": reverse("product", args=[line.slug, line.listing]),
        "title": line.title,
        "options": options_in_words(line.options),
        "image": picture(line.image, 320),
        "quantity": line.quantity,
        "price": line.sum.display(place.language),
        "problem": "" if line.may_buy else _("not available here now"),
    }


def options_in_words(options: Any) -> str:
    """Return ``Colour: blue, Size: M``."""
    return ", ".join(f"{name}: {value}" for name, value in options)


def change_in_words(change: Change, language: str) -> str:
    """Return one sentence about what is not as the shopper last saw it."""
    if change.what == "price" and change.seen and change.now:
        return _("%(title)s costs %(now)s now, not %(seen)s.") % {
            "title": change.title,
            "now": change.now.display(language),
            "seen": change.seen.display(language),
        }
    if change.what == "quantity":
        return ngettext(
            "Only %(n)s of %(title)s is left.", "Only %(n)s of %(title)s are left.", change.available
        ) % {"n": change.available, "title": change.title}
    return _("%(title)s can no longer be bought here.") % {
        "title": change.title or _("Something in your basket")
    }


def checkout_page(view: CheckoutView, checkout: Checkout, place: Place, *, now: datetime) -> dict[str, Any]:
    """Return the checkout: what is bought, what it costs in parts, and the words on the button."""
    quote = view.quote or {}
    parts = quote.get("consignments", [])
    return {
        "token": checkout.token,
        "hold": _("We hold these things for you until %(time)s.")
        % {"time": moment(view.expires_at, place.language, place.time_zone)},
        "safe": _("Nothing was ordered and nothing was charged."),
        "changes": [],
        "merchants": [_consignment(part, view.currency, place.language) for part in parts],
        "sums": sums(quote, view.currency, place.language) if quote else [],
        "notes": [_(reason) for part in parts for reason in part["landed"]["answer"].get("reasons", [])][:4],
        "is_quoted": bool(view.quote_digest) and view.may_order,
        "waits": _("Tick what stands under “Before you buy these”; then the button to order appears.")
        if view.quote_digest and "consent" in view.missing
        else "",
        "charged": _("You are charged when you press the button, not before."),
        "digest": view.quote_digest,
        "button": view.button or _("Buy now"),
        "rights": purchase_rights(view, place, now=now) if parts else None,
    }


def _consignment(part: Mapping[str, Any], currency: str, language: str) -> dict[str, Any]:
    return {
        "name": _("From %(merchant)s") % {"merchant": part["merchant_name"]},
        "delivery": _("Arrives by %(day)s.") % {"day": in_words(part["deliver_by"], language)},
        "lines": [
            {
                "quantity": line["quantity"],
                "title": line["title"],
                "price": money(line["unit_minor"] * line["quantity"], currency, language),
            }
            for line in part["lines"]
        ],
    }


def purchase_rights(view: CheckoutView, place: Place, *, now: datetime) -> dict[str, Any]:
    """Return the right card of the whole checkout: for the parcel that arrives last, line by line where they differ."""
    today = now.astimezone(ZoneInfo(place.time_zone)).date()
    told = _told(view, place, today)
    everything = {title for _line, titles in told for title in titles}
    card = right_card(
        [line for line, _titles in told],
        title=_("Your rights on this purchase"),
        subtitle=_("Delivered to %(place)s. The law as it stands on %(day)s.")
        % {"place": market_name(view.market, place.language), "day": in_words(today, place.language)},
        language=place.language,
        today=today,
    )
    for said, (_line, titles) in zip(card["lines"], told, strict=True):
        if set(titles) != everything:
            said["label"] = f"{said['label']}: {', '.join(titles)}"
    return card


def _told(view: CheckoutView, place: Place, today: date) -> list[tuple[RightLine, list[str]]]:
    """Return each different right once, in the card's order, with the titles it holds for."""
    lines = [line for part in (view.quote or {}).get("consignments", []) for line in part["lines"]]
    last = max(date.fromisoformat(part["deliver_by"]) for part in view.quote["consignments"])
    found: dict[str, tuple[RightLine, list[str]]] = {}
    for line in lines:
        for said in rights_on(
            view.terms[line["variant"]],
            market=view.market,
            time_zone=place.time_zone,
            on=today,
            delivered_by=last,
        ):
            content = repr((said.key, said.state, said.sentence, sorted(said.params.items())))
            found.setdefault(content, (said, []))[1].append(line["title"])
    order = list(dict.fromkeys(said.key for said, _titles in found.values()))
    return sorted(found.values(), key=lambda told: order.index(told[0].key))


def bank_page(checkout: Checkout, place: Place) -> dict[str, Any]:
    """Return the bank's question."""
    return {"amount": money(checkout.quote.get("total_minor", 0), checkout.currency, place.language)}
