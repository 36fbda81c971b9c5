"""The desk's pages: from queries' rows to words, chips and choices. Decides nothing about a ticket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from babel.numbers import format_decimal
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from complaints import operations
from complaints.domain import letter_words, topics
from complaints.domain.referral_states import REFERRAL
from complaints.domain.remedies import GESTURES, GIVEN
from complaints.domain.states import LIVE, TICKET, WAITING, may
from complaints.models import Agent, Clock, Gesture, IssueTicket, Message, Presence, Ticket
from complaints.operations import undelivered
from complaints.operations.referring import bodies_for
from complaints.operations.undoing import undoable
from complaints.queries import desk, rooms, tickets
from complaints.queries.decisions import stands, waiting_decision
from complaints.queries.desk import Page
from complaints.queries.macros import prepared_for
from complaints.queries.purchases import purchase_of
from complaints.web import words
from complaints.web.purchase_page import purchase_page
from complaints.web.referral_page import referral_page
from complaints.web.typed import number_of
from compliance.presentation import locale_of
from marketplace.accounts.place import market_choices, market_name, time_zone_of
from marketplace.kernel.errors import RightfulError
from marketplace.kernel.money import Money
from orders.queries.cases import order_facts

SNOOZES = {
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
}
BULK = ("take", "close", "hand-on", "priority", "tag")
CATEGORY = {
    "customer": "customer",
    "agent": "agent",
    "merchant": "merchant",
    "system": "agent",
    "note": "note",
}


def actor(agent: Agent) -> str:
    """Return how the history names an agent."""
    return f"agent:{agent.user.public_id}"


def queue_in_words(name: str) -> str:
    return {
        "mine": _("Mine"), "free": _("Free and fitting"), "late": _("Late"), "danger": _("Danger"),
        "waiting": _("Waiting"), "agree": _("To agree to"), "unpaid": _("Money that did not go"), "all": _("All open"), "closed": _("Closed"),
        "every": _("All there ever were"),
    }[name]  # fmt: skip


# -- the list


def list_page(
    page: Page, name: str, chosen: Mapping[str, str], agent: Agent, request: HttpRequest, *, now: datetime
) -> dict[str, Any]:
    """Return the list of a queue with its filters, counts, saved views and the way to the next page."""
    language = request.place.language
    kept = {key: value for key, value in chosen.items() if value}
    query = urlencode({"queue": name, **kept})
    return {
        "title": queue_in_words(name),
        "queue": name,
        "queues": _queues(name, agent, now),
        "views": [
            {"name": view.name, "url": f"{reverse('desk')}?{view.query}", "id": view.pk,
             "whose": view.agent.user.get_short_name() if view.agent_id != agent.pk else ""}
            for view in desk.views_of(agent)
        ],
        "rows": [row_view(row, language, agent, now) for row in page.rows],
        "chosen": chosen,
        "kept": kept,
        "query": query,
        "next_url": f"?{query}&after={page.after}" if page.after else "",
        "choices": {
            "topic": [(key, _(label)) for key, label in topics.TOPICS.items()],
            "priority": [(str(key), _(label)) for key, label in topics.PRIORITIES.items()],
            "state": [(state, words.state_in_words(state)) for state in ("new", "open", *WAITING, "decided")],
            "agent": [(one.user.public_id, one.user.get_full_name()) for one in desk.agents()],
        },
        "is_away": agent.presence == Agent.Presence.AWAY,
        "is_supervisor": agent.is_supervisor,
        "colleagues": [(one.pk, one.user.get_full_name()) for one in desk.agents()],
    }  # fmt: skip


def _queues(current: str, agent: Agent, now: datetime) -> list[dict[str, Any]]:
    counts = desk.counts(agent, now=now)
    return [
        {"key": key, "label": queue_in_words(key), "count": _count_in_words(counts.get(key)), "url": f"{reverse('desk')}?queue={key}", "current": key == current}
        for key in desk.QUEUES
    ]  # fmt: skip


def _count_in_words(count: int | None) -> str:
    """Return a count as a list shows it: exact up to a thousand, "1,000+" beyond."""
    if count is None:
        return ""
    language = get_language() or settings.LANGUAGE_CODE
    whole = format_decimal(min(count, desk.MOST_COUNTED), locale=locale_of(language))
    return f"{whole}+" if count > desk.MOST_COUNTED else whole


def row_view(row: Ticket, language: str, agent: Agent, now: datetime) -> dict[str, Any]:
    """Return one row of a list: the clock first, then who, what, whose."""
    return {
        "number": row.public_id,
        "url": reverse("desk-ticket", args=[row.public_id]),
        "chip": _row_chip(row, language, now),
        "who": row.name or row.email or _("somebody"),
        "title": row.subject,
        "order": row.order,
        "language": row.language,
        "market": row.market,
        "state": words.state_in_words(row.state),
        "meaning": words.MEANINGS[row.state],
        "is_danger": bool(row.hazards) or row.priority == 1,
        "priority": _(topics.PRIORITIES[row.priority]),
        "last": {"customer": _("buyer"), "merchant": _("seller")}.get(row.last_speaker, _("us")),
        "age": words.span(now - row.received_at, language),
        "whose": _("you")
        if row.agent_id == agent.pk
        else row.agent.user.get_short_name()
        if row.agent
        else "",
    }


def _row_chip(row: Ticket, language: str, now: datetime) -> dict[str, Any]:
    if row.due_at is None:
        waits = row.state in WAITING
        return {
            "state": "paused" if waits else "done",
            "left": _("waiting") if waits else "–",
            "state_label": "",
        }
    until = words.moment(row.due_at, language, row.time_zone)
    common = {"until": row.due_at.isoformat(timespec="seconds"), "until_label": until}
    if row.due_at < now:
        return {
            **common,
            "state": "late",
            "left": words.span(now - row.due_at, language),
            "state_label": _("late"),
        }
    soon = row.due_at - now < timedelta(hours=2)
    return {**common, "state": "soon" if soon else "running", "left": words.span(row.due_at - now, language)}


# -- one ticket


def ticket_page(
    row: Ticket, agent: Agent, others: Sequence[Presence], request: HttpRequest, *, now: datetime
) -> dict[str, Any]:
    """Return everything that stands on a ticket's page."""
    language, zone = request.place.language, agent.user.time_zone or request.place.time_zone
    history = desk.history_of(row)
    purchase = purchase_of(row.order, now=now) if row.order else None
    order = purchase.facts if purchase else {}
    bought = purchase_page(purchase, language, zone, now) if purchase else None
    room = rooms.room_of(row, now=now)
    waiting = waiting_decision(row)
    drafts = {draft.kind: draft for draft in row.drafts.filter(agent=agent)}
    live = [tickets.view_clock(one) for one in row.clocks.all() if _is_live(one)]
    return {
        "number": row.public_id,
        "title": row.subject,
        "version": row.version,
        "state": words.state_in_words(row.state),
        "state_key": row.state,
        "meaning": words.MEANINGS[row.state],
        "hazards": row.hazards,
        "priority": row.priority,
        "priority_label": _(topics.PRIORITIES[row.priority]),
        "topic": row.topic,
        "topic_label": _(topics.TOPICS[row.topic]),
        "remedy": row.remedy,
        "remedy_label": _(topics.REMEDIES[row.remedy]) if row.remedy else _("nothing yet"),
        "language": row.language,
        "market": row.market,
        "tags": ", ".join(row.tags),
        "received": words.moment(row.received_at, language, zone),
        "owner": row.agent.user.get_full_name() if row.agent else "",
        "is_mine": row.agent_id == agent.pk,
        "others": [{"name": one.agent.user.get_short_name(), "writing": one.is_writing} for one in others],
        "chips": [words.clock_chip(one, language=language, time_zone=zone, now=now) for one in live],
        "why": [words.why(one, language=language, time_zone=zone) for one in live],
        "undo": undo_in_words(undoable(row, agent_id=agent.pk, now=now)),
        "failed_letters": [why for _delivery, why in undelivered.failed_letters(row.public_id)],
        "thread": [_said(one, row, language, zone) for one in row.messages.all()],
        "history": [_event(one, language, zone) for one in row.events.order_by("-occurred_at", "-pk")[:40]],
        "draft": drafts["agent"].body if "agent" in drafts else "",
        "decision_draft": drafts["decision"].body if "decision" in drafts else "",
        "note_draft": drafts["note"].body if "note" in drafts else "",
        "draft_is_old": "agent" in drafts and drafts["agent"].base_version != row.version,
        "macros": prepared_for(row, order),
        "person": {"name": row.name, "email": row.email, "phone": "", "has_account": row.user_id is not None,
                   "others": [small(one, language) for one in history["person"]]},
        "seller": {"name": tickets.merchant_named(row.merchant), "id": row.merchant,
                   "others": [small(one, language) for one in history["seller"]]} if row.merchant else None,
        "alike": [small(one, language) for one in desk.alike(row)],
        "links": [small(one, language) for one in _linked(row)],
        "order": bought,
        "orders": _orders_of(history, row, language),
        "room": room and {
            "is_open": room.is_open, "until": words.moment(room.until, language, zone),
            "offers": len(room.offers), "said": len(room.messages), "is_agreed": room.state == "agreed",
        },
        "may_mediate": bool(row.merchant) and row.state in LIVE,
        "issue": _issue(row),
        "may": {action: may(TICKET, row.state, action) for action in ("resume", "close", "reopen", "decide", "merge", "wait_for_customer")},
        "waits_for": row.state if row.state in WAITING else "",
        "decisions": [_decision(one, one == waiting, agent, language, zone) for one in row.decisions.all()],
        "gestures": [_gesture(one, agent, language, zone) for one in row.gestures.all()],
        "may_give": bool(order) and row.state in LIVE,
        "gesture_draft": drafts["gesture"].body if "gesture" in drafts else "",
        "referrals": [
            {**referral_page(one, language, zone), "choices": [(action, follow_in_words(action)) for action in _follows(one.state)]}
            for one in row.referrals.order_by("pk")
        ],
        "choices": {
            "topic": [(key, _(label)) for key, label in topics.TOPICS.items()],
            "remedy": [(key, _(label)) for key, label in topics.REMEDIES.items()],
            "given": [(key, _(label)) for key, label in GIVEN.items()],
            "gesture": [(key, _(GIVEN[key])) for key in GESTURES],
            "line": [(line["line"], line["title"]) for line in order.get("lines", ())],
            "priority": [(key, _(label)) for key, label in topics.PRIORITIES.items()],
            "outcome": [(key, _(label)) for key, label in topics.OUTCOMES.items()],
            "cause": [(key, _(label)) for key, label in topics.CAUSES.items()],
            "language": [*settings.LANGUAGES, *letter_words.names().items()],
        },
        "colleagues": [(one.pk, one.user.get_full_name(), one.presence) for one in desk.agents()],
        "way_out": way_out(row),
        "about": row.about,
        "key": f"{row.pk}-{row.version}-{int(now.timestamp())}",
    }  # fmt: skip


def undo_in_words(what: str) -> str:
    """Return what was just done, for the button that takes it back; "" for nothing."""
    return {
        "take": _("Taken."), "hand-on": _("Handed on."), "change": _("Changed."), "wait": _("It waits."),
        "resume": _("It goes on."), "close": _("Closed."), "reopen": _("Open again."),
    }.get(what, "")  # fmt: skip


def _is_live(clock: Clock) -> bool:
    return clock.state in ("running", "paused") or (clock.state == "breached" and clock.done_at is None)


def _said(one: Message, row: Ticket, language: str, zone: str) -> dict[str, Any]:
    who = {"customer": row.name or _("The buyer"), "merchant": _("The seller"), "system": _("Rightful")}
    return {
        "id": one.public_id,
        "kind": CATEGORY[one.kind],
        "who": who.get(one.kind) or one.author_name or _("A colleague"),
        "to_seller": one.to_merchant,
        "is_note": one.kind == "note",
        "when": words.moment(one.said_at, language, zone),
        "iso": one.said_at.isoformat(timespec="seconds"),
        "body": one.body,
        "language": one.language,
        "files": [
            {"name": file.name, "url": reverse("desk-file", args=[row.public_id, file.public_id]), "size": f"{max(1, file.size // 1024)} KB"}
            for file in one.attachments.all()
        ],
    }  # fmt: skip


def _event(one: Any, language: str, zone: str) -> dict[str, str]:
    what = {
        "received": _("received"), "acknowledged": _("acknowledged"), "assigned": _("given to somebody"),
        "customer_message": _("the buyer wrote"), "agent_message": _("we wrote"), "merchant_message": _("the seller wrote"),
        "state": _("now: %(state)s"), "decided": _("decided"), "closed": _("closed"), "reopened": _("open again"),
        "changed": _("%(field)s changed"), "escalated": _("a clock ran out"), "merged_here": _("joined with another"),
        "split": _("a part became a complaint"), "linked": _("linked"), "settlement": _("money or goods"), "gesture": _("given in passing"), "room": _("mediation room"), "referral": _("body outside"),
        "grouped": _("put to an issue"), "ungrouped": _("taken out of an issue"), "agreement_asked": _("waits for a colleague"),
        "undone": _("undone"), "letter_failed": _("a letter did not arrive"), "letter_again": _("a letter was sent again"),
        "way_out": _("shown who outside can look at it"), "referral_refused": _("nothing is to leave this house"), "rated": _("rated"), "referred": _("handed to a body outside"),
    }.get(one.kind, one.kind)  # fmt: skip
    if "%(" in what:
        state = words.state_in_words(one.state) if one.state in words.MEANINGS else one.state
        what %= {"state": state, "field": one.data.get("field", "")}
    detail = " ".join(
        str(one.data[name]) for name in ("state_of", "what", "action", "ref") if one.data.get(name)
    )
    return {
        "what": f"{what}: {detail}" if detail else what,
        "who": one.actor,
        "when": words.moment(one.occurred_at, language, zone),
        "why": str(one.data.get("reason", "")),
    }


def small(one: Ticket, language: str) -> dict[str, str]:
    return {
        "number": one.public_id, "url": reverse("desk-ticket", args=[one.public_id]), "title": one.subject,
        "state": words.state_in_words(one.state), "meaning": words.MEANINGS[one.state],
    }  # fmt: skip


def _linked(row: Ticket) -> list[Ticket]:
    pairs = [*row.links_from.select_related("second"), *row.links_to.select_related("first")]
    return [pair.second if pair.first_id == row.pk else pair.first for pair in pairs]


def _orders_of(history: Mapping[str, Any], row: Ticket, language: str) -> list[dict[str, str]]:
    """Return other orders that this person complained about, each once."""
    others = dict.fromkeys(one.order for one in history["person"] if one.order and one.order != row.order)
    return [{"number": order, "url": reverse("desk-order", args=[order])} for order in others]


def _issue(row: Ticket) -> dict[str, str] | None:
    member = IssueTicket.objects.filter(ticket=row).select_related("issue").first()
    if member is None:
        return None
    return {"title": member.issue.title, "url": reverse("desk-issue", args=[member.issue.public_id])}


def _follows(state: str) -> list[str]:
    """Return what may be written down of a referral now; only its complainant takes a consent back."""
    return [action for (before, action) in REFERRAL if before == state and action != "withdraw"]


def follow_in_words(action: str) -> str:
    return {
        "send": _("sent to them"), "accept": _("they took it on"), "refuse": _("they did not take it on"),
        "decide": _("they decided"),
    }[action]  # fmt: skip


def _decision(one: Any, waits: bool, agent: Agent, language: str, zone: str) -> dict[str, Any]:
    return {
        "id": one.public_id,
        "title": _(topics.OUTCOMES[one.outcome]),
        "reason": one.reason,
        "amount": Money(one.amount_minor, one.currency).display(language) if one.amount_minor else "",
        "when": words.moment(one.decided_at, language, zone),
        "waits": waits,
        "is_overtaken": not waits and not stands(one),
        "may_agree": waits and one.decided_by_id != agent.user_id,
        "remedy": _(GIVEN[one.remedy]) if one.remedy in GIVEN else "",
        "is_agreed": one.offer_id is not None,
        "settlement": words.settlement_in_words(one.settlement, language, zone)
        if hasattr(one, "settlement")
        else None,
    }


def _gesture(one: Gesture, agent: Agent, language: str, zone: str) -> dict[str, Any]:
    waits = one.needs_agreement and one.agreed_by_id is None and one.dropped_at is None
    return {
        "id": one.public_id,
        "title": _(GIVEN[one.kind]),
        "amount": Money(one.amount_minor, one.currency).display(language) if one.amount_minor else "",
        "words": one.words,
        "when": words.moment(one.given_at, language, zone),
        "waits": waits,
        "may_agree": waits and one.given_by_id != agent.user_id,
        "is_dropped": one.dropped_at is not None,
        "settlement": words.settlement_in_words(one.settlement, language, zone)
        if hasattr(one, "settlement")
        else None,
    }


def way_out(row: Ticket) -> list[dict[str, Any]]:
    """Return the bodies outside that a decision names."""
    return [dict(body) for body in bodies_for(row)[:4]]


def until_of(text: str, now: datetime) -> datetime | None:
    """Return when a snooze ends; None for none."""
    return now + SNOOZES[text] if text in SNOOZES else None


# -- many at once


def bulk_page(
    rows: Sequence[Ticket], what: str, request: HttpRequest, results: list[str] | None
) -> dict[str, Any]:
    """Return the preview of a bulk step, or what became of each."""
    carried = [
        (name, value) for name in ("what", "to", "priority", "tag") for value in request.POST.getlist(name)
    ]
    return {
        "what": {"take": _("Take them"), "close": _("Close them"), "hand-on": _("Hand them on"), "priority": _("Change their priority"), "tag": _("Tag them")}[what],
        "rows": [{"number": row.public_id, "title": row.subject, "state": words.state_in_words(row.state), "result": results[n] if results else ""} for n, row in enumerate(rows)],
        "carried": carried,
        "is_done": results is not None,
    }  # fmt: skip


def bulk_one(row: Ticket, what: str, given: Any, agent: Agent, now: datetime) -> str:
    """Do a bulk step to one ticket by the same operation as everywhere; return what became of it."""
    try:
        if what == "take":
            operations.claim(ticket=row.public_id, agent_id=agent.pk, take_over=False, now=now)
        elif what == "close":
            operations.take_step(
                ticket=row.public_id, action="close", actor=actor(agent), now=now, reason="bulk"
            )
        elif what == "hand-on":
            operations.assign(
                ticket=row.public_id, agent_id=number_of(given.get("to", "")), by=agent, now=now
            )
        elif what == "priority":
            changes = {"priority": number_of(given.get("priority", "")) or 0}
            operations.change_ticket(ticket=row.public_id, changes=changes, actor=actor(agent), now=now)
        else:
            tags = sorted({*row.tags, given.get("tag", "").strip()[:30]} - {""})
            operations.change_ticket(
                ticket=row.public_id, changes={"tags": tags}, actor=actor(agent), now=now
            )
    except RightfulError as refused:
        return refused.in_words(_)
    return _("done")


# -- on the phone


class PhoneForm(forms.Form):
    """A complaint that somebody tells an agent."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    email = forms.EmailField(label=gettext_lazy("E-mail address"), required=False)
    market = forms.ChoiceField(label=gettext_lazy("Country"), initial=settings.DEFAULT_MARKET)
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=[*settings.LANGUAGES, *letter_words.names().items()]
    )
    order = forms.CharField(label=gettext_lazy("Order number"), max_length=16, required=False)
    topic = forms.ChoiceField(label=gettext_lazy("What went wrong?"))
    remedy = forms.ChoiceField(label=gettext_lazy("What would put it right?"), required=False)
    subject = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    body = forms.CharField(
        label=gettext_lazy("What they said"), widget=forms.Textarea(attrs={"rows": 6}), max_length=20_000
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["market"].choices = market_choices(get_language() or settings.LANGUAGE_CODE)
        self.fields["topic"].choices = [(key, _(label)) for key, label in topics.TOPICS.items()]
        self.fields["remedy"].choices = [
            ("", "–"),
            *((key, _(label)) for key, label in topics.REMEDIES.items()),
        ]

    def clean(self) -> dict[str, Any]:
        """Look the order up before anything is opened: an unknown one is said, and one of another country."""
        said = super().clean()
        self.order = order_facts(said.get("order", "").strip().upper()) if said.get("order") else {}
        if said.get("order") and not self.order:
            self.add_error("order", _("There is no order of this number."))
        elif self.order and said.get("market") and self.order["market"] != said["market"]:
            there = market_name(self.order["market"], get_language() or settings.LANGUAGE_CODE)
            self.add_error("market", _("This order went to another country: %(there)s.") % {"there": there})
        return said


def open_by_phone(said: Mapping[str, str], agent: Agent, now: datetime) -> Ticket:
    """Open a complaint that was told on the phone; it is the agent's who took the call."""
    order = order_facts(said["order"].strip().upper()) if said["order"] else {}
    market = said["market"].strip().upper()
    row = operations.open_complaint(
        complaint=operations.Complaint(
            subject=said["subject"], body=said["body"], topic=said["topic"], remedy=said["remedy"], market=market,
            language=said["language"], time_zone=time_zone_of(market), email=said["email"], name=said["name"],
            channel="phone", order=order.get("order", ""), about_kind="order" if order else "none",
            about=order.get("order", ""), merchant=order.get("seller", {}).get("public_id", ""),
        ),
        now=now,
    )  # fmt: skip
    return operations.claim(ticket=row.public_id, agent_id=agent.pk, take_over=False, now=now)


# -- the floor


def floor_page(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """Return the supervisor's view: the backlog by age, what runs out when, who has how much."""
    health = desk.health(now=now)
    most = max([bucket["count"] for bucket in health.ages] or [1]) or 1
    return {
        "may_lead": operations.may_lead(operations.agent_of(request.user)),
        "live": health.live,
        "late": health.late,
        "free": health.free,
        "lag": words.span(timedelta(seconds=health.lag_seconds), request.place.language) if health.lag_seconds else _("none"),
        "ages": [{**bucket, "share": round(100 * bucket["count"] / most)} for bucket in health.ages],
        "ahead": health.ahead,
        "agents": [
            {
                "name": one.user.get_full_name(),
                "away": one.presence == Agent.Presence.AWAY,
                "languages": ", ".join(one.languages),
                "open": load["open"],
                "late": load["late"],
                "capacity": one.capacity,
                "share": min(100, round(100 * load["open"] / max(one.capacity, 1))),
                "url": f"{reverse('desk')}?queue=all&agent={one.user.public_id}",
                "person": reverse("desk-person", args=[one.pk]),
            }
            for one, load in health.agents
        ],
        "topics": [{"label": _(topics.TOPICS[key]), "count": count, "url": f"{reverse('desk')}?queue=all&topic={key}"} for key, count in health.topics],
    }  # fmt: skip
