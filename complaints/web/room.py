"""The mediation room over HTTP: one page for three sides. Each side comes in through its own gate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from complaints import operations
from complaints.domain import mediation
from complaints.domain.remedies import GIVEN
from complaints.models import Ticket
from complaints.operations.mediating import mediation_remedies
from complaints.queries import rooms, sellers, tickets
from complaints.web import words
from complaints.web.complain import user_of
from complaints.web.sellers import may_answer
from complaints.web.typed import amount_of, key_of, number_of
from marketplace.accounts.models import Role
from marketplace.accounts.queries import require_role
from marketplace.accounts.scoping import merchant_ids_of
from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound, RightfulError
from marketplace.kernel.ids import new_token
from marketplace.kernel.money import Money
from orders.queries.cases import order_facts

agents_only = require_role(Role.Kind.AGENT)


@never_cache
@require_http_methods(["GET", "POST"])
def customer(request: HttpRequest, token: str) -> HttpResponse:
    """The room for the shopper: with an account, or by the guest's link."""
    row = tickets.find_by_token(token, user=user_of(request))
    back = reverse("complaint-room", args=[token])
    if request.method == "POST":
        user = user_of(request)
        _act(request, row, "customer", user.pk if user else None, row.name)
        return redirect(back)
    page = _page(row, "customer", request, request.place.language, row.time_zone)
    return render(
        request, "complaints/room.html", {"page": {**page, "back": reverse("complaint", args=[token])}}
    )


@never_cache
@require_http_methods(["GET", "POST"])
def merchant(request: HttpRequest, number: str) -> HttpResponse:
    """The room for the seller, in the admin."""
    ids = merchant_ids_of(request)
    if not ids:
        raise PermissionDenied
    try:
        sellers.view_for_seller(number, ids)
    except NotFound as unknown:
        raise Http404 from unknown
    row = Ticket.objects.get(public_id=number)
    may_write = may_answer(request, row.merchant)
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied
        _act(request, row, "merchant", request.user.pk, request.user.get_short_name())
        return redirect("merchant-complaint-room", number=number)
    page = _page(row, "merchant", request, request.place.language, "UTC")
    page["back"], page["may_write"] = reverse("merchant-complaint", args=[number]), may_write
    context = {**admin.site.each_context(request), "title": _("Mediation room"), "page": page}
    return TemplateResponse(request, "admin/complaints/room.html", context)


@agents_only
@never_cache
@require_http_methods(["GET", "POST"])
def agent(request: HttpRequest, number: str) -> HttpResponse:
    """The room for the desk, which opens and closes it and may offer as well."""
    row = Ticket.objects.filter(public_id=number).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        _act(request, row, "agent", request.user.pk, request.user.get_short_name())
        return redirect("desk-room", number=number)
    page = _page(
        row, "agent", request, request.place.language, request.user.time_zone or request.place.time_zone
    )
    page["back"] = reverse("desk-ticket", args=[number])
    return render(request, "complaints/desk/room.html", {"page": page})


# -- doing


def _act(request: HttpRequest, row: Ticket, side: str, user_id: int | None, name: str) -> None:
    """Carry out one step; what is refused is said on the page, and what was written stays in its field."""
    given, now = request.POST, clock.now()
    try:
        said = _DOINGS[given.get("what", "say")](given, row, side, user_id, name, now)
    except KeyError:
        raise Http404 from None
    except RightfulError as refused:
        request.session[f"room:{row.pk}"] = {
            name: given.get(name, "") for name in ("body", "words", "amount", "remedy")
        }
        messages.error(request, refused.in_words(_))
        return
    request.session.pop(f"room:{row.pk}", None)
    messages.success(request, said)


def _say(
    given: Mapping[str, str], row: Ticket, side: str, user_id: int | None, name: str, now: datetime
) -> str:
    if rooms.room_of(row, now=now) is None:
        raise NotFound(field="room")
    operations.say(
        ticket=row.public_id, kind=side, body=given.get("body", ""), now=now, author_id=user_id, author_name=name,
        in_room=True, key=f"room:{row.pk}:{side}:{key_of(given.get('key', '')) or new_token()}",
    )  # fmt: skip
    return _("Everybody in the room sees it.")


def _offer(
    given: Mapping[str, str], row: Ticket, side: str, user_id: int | None, name: str, now: datetime
) -> str:
    is_money = mediation.is_money(given.get("remedy", ""))
    operations.make_offer(
        ticket=row.public_id, by=side, remedy=given.get("remedy", ""), amount=amount_of(given.get("amount", ""), row) if is_money else None,
        line=given.get("line", ""), words=given.get("words", ""), user_id=user_id, seen=given.get("seen", ""),
        days=_days(given.get("days", "")), now=now,
        key=f"room:{row.pk}:{side}:{key_of(given['key'])}" if given.get("key") else "",
    )  # fmt: skip
    return _("Your offer lies on the table.")


def _days(typed: str) -> int:
    """Return the days that an offer stands as they were typed: the usual time for nothing, none for no number."""
    return (number_of(typed) or 0) if typed.strip() else mediation.OFFER_LASTS.days


def _accept(
    given: Mapping[str, str], row: Ticket, side: str, user_id: int | None, name: str, now: datetime
) -> str:
    one = operations.accept_offer(offer=_own(given, row), by=side, now=now)
    return _("Agreed. It is carried out now.") if one.state == "accepted" else _("Your yes is there.")


def _decline(
    given: Mapping[str, str], row: Ticket, side: str, user_id: int | None, name: str, now: datetime
) -> str:
    operations.decline_offer(offer=_own(given, row), by=side, now=now)
    return _("The offer is off the table.")


def _own(given: Mapping[str, str], row: Ticket) -> str:
    """Return the offer that a form names, if it is one of this room."""
    offer = given.get("offer", "")
    if not row.offers.filter(public_id=offer).exists():
        raise NotFound(field="offer")
    return offer


def _open(
    given: Mapping[str, str], row: Ticket, side: str, user_id: int | None, name: str, now: datetime
) -> str:
    if side != "agent" or user_id is None:
        raise NotFound(field="room")
    operations.open_room(ticket=row.public_id, user_id=user_id, actor=f"user:{user_id}", now=now)
    return _("The room is open; both sides are told.")


def _close(
    given: Mapping[str, str], row: Ticket, side: str, user_id: int | None, name: str, now: datetime
) -> str:
    if side != "agent":
        raise NotFound(field="room")
    operations.close_room(ticket=row.public_id, actor=f"user:{user_id}", now=now)
    return _("The room is closed; the complaint goes on.")


_DOINGS: dict[str, Any] = {
    "say": _say, "offer": _offer, "accept": _accept, "decline": _decline, "open": _open, "close": _close,
}  # fmt: skip


# -- showing


def side_in_words(side: str, own: str) -> str:
    """Return who a side is, as another side reads it."""
    if side == own:
        return _("You")
    return {"customer": _("The buyer"), "merchant": _("The seller"), "agent": _("Rightful")}.get(side, "")


def state_in_words(state: str) -> str:
    return {
        "open": _("on the table"), "accepted": _("agreed"), "declined": _("declined"),
        "replaced": _("another offer took its place"), "expired": _("its time is over"),
    }[state]  # fmt: skip


MEANINGS = {
    "open": "attention", "accepted": "allowed", "declined": "blocked", "replaced": "information", "expired": "information",
}  # fmt: skip


def _page(row: Ticket, side: str, request: HttpRequest, language: str, zone: str) -> dict[str, Any]:
    now = clock.now()
    room = rooms.room_of(row, now=now)
    if room is None and side != "agent":
        raise Http404
    facts = order_facts(row.order) if row.order else {}
    kept = request.session.get(f"room:{row.pk}", {})
    common = {
        "number": row.public_id, "title": row.subject, "side": side, "order": row.order, "about": row.about,
        "currency": facts.get("currency", ""), "key": new_token(), "kept": kept,
        "can_open": side == "agent" and bool(row.merchant) and (room is None or room.state == "failed"),
        "room": None,
    }  # fmt: skip
    if room is None:
        return common
    titles = {line["line"]: line["title"] for line in facts.get("lines", ())}
    table = room.on_the_table
    return {
        **common,
        "room": {
            "is_open": room.is_open,
            "state": {"open": _("open"), "agreed": _("agreed"), "failed": _("closed without an agreement")}[room.state],
            "meaning": {"open": "attention", "agreed": "allowed", "failed": "information"}[room.state],
            "until": words.moment(room.until, language, zone),
            "closed": words.moment(room.closed_at, language, zone),
            "messages": [
                {
                    "who": side_in_words(one.side, side), "kind": one.side, "body": one.body, "language": one.language,
                    "when": words.moment(one.said_at, language, zone), "iso": one.said_at.isoformat(timespec="seconds"),
                }
                for one in room.messages
            ],
            "table": _offer_page(table, side, titles, language, zone) if table else None,
            "past": [_offer_page(one, side, titles, language, zone) for one in room.offers if one is not table],
            "seen": table.public_id if table else "",
        },
        "remedies": [(key, _(GIVEN[key])) for key in mediation_remedies(side)],
        "lines": list(titles.items()) if len(titles) > 1 else [],
        "most_days": mediation.OFFER_MOST_DAYS,
        "days": mediation.OFFER_LASTS.days,
    }  # fmt: skip


def _offer_page(
    one: rooms.OfferView, side: str, titles: Mapping[str, str], language: str, zone: str
) -> dict[str, Any]:
    return {
        "id": one.public_id,
        "who": side_in_words(one.by, side),
        "remedy": _(GIVEN[one.remedy]),
        "amount": Money(one.amount_minor, one.currency).display(language) if one.amount_minor else "",
        "line": titles.get(one.line, ""),
        "words": one.words,
        "state": state_in_words(one.state),
        "meaning": MEANINGS[one.state],
        "made": words.moment(one.made_at, language, zone),
        "until": words.moment(one.valid_until, language, zone),
        "until_iso": one.valid_until.isoformat(timespec="seconds") if one.valid_until else "",
        "answered": words.moment(one.answered_at, language, zone),
        "answered_by": side_in_words(one.answered_by, side),
        "yes": [
            {
                "who": side_in_words(party, side),
                "when": words.moment(at, language, zone),
                "is_there": at is not None,
            }
            for party, at in one.agreed
        ],
        "may_answer": one.may_answer(side),
        "may_take_back": one.state == "open" and one.by == side,
        "outcome": words.settlement_in_words(one.settlement, language, zone) if one.settlement else None,
    }
