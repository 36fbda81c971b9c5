"""Complaining: the form, the complaint's page for its complainant, its files, and what they thought of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.base import ContentFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from complaints import operations
from complaints.domain import topics
from complaints.domain.languages import detect_language
from complaints.domain.referral_states import REFERRAL_OVER
from complaints.domain.states import LIVE
from complaints.models import Attachment, Decision, Gesture, Rating, Ticket
from complaints.operations.files import Given
from complaints.operations.ratings import rate
from complaints.queries import rooms, tickets
from complaints.queries.subjects import Subject, subject_named, subject_of_order
from complaints.web import words
from complaints.web.forms import AnswerForm, ComplaintForm, RatingForm
from complaints.web.referral_page import referral_page
from complaints.web.typed import key_of
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError
from marketplace.kernel.ids import new_token
from orders.queries.messages import carried_files, carried_text
from returns.queries import addresses

MANY = 10  # complaints of one address in an hour, after which further ones are taken but answered last
TOPIC_OF = {"listing": "listing", "merchant": "merchant", "review": "review", "decision": "decision"}
HOUR = timedelta(hours=1)


def user_of(request: HttpRequest) -> User | None:
    return request.user if request.user.is_authenticated else None


@never_cache
@require_http_methods(["GET", "POST"])
def complain(request: HttpRequest) -> HttpResponse:
    """Take a complaint about an order (by the buyer's own link) or about anything else."""
    subject = _subject(request)
    user = user_of(request)
    asks_who = not (subject.email or user)
    form = ComplaintForm(
        request.POST or None,
        request.FILES or None,
        about_order=bool(subject.order),
        asks_who=asks_who,
        initial={
            "topic": request.GET.get("topic", "") or TOPIC_OF.get(subject.kind, ""),
            "body": _carried(request, subject),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            ticket = _open(request, form.cleaned_data, subject, user)
        except RightfulError as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.in_words(_))
        else:
            return redirect("complaint", token=ticket.token)
    carried = request.POST if request.method == "POST" else request.GET
    hidden = [
        (name, carried.get(name, ""))
        for name in ("order", "link", "line", "parcel", "about", "thread")
        if carried.get(name)
    ]
    hidden.append(("key", carried.get("key") or new_token()))  # pressing twice sends once
    page = {"subject": subject, "form": form, "hidden": hidden}
    return render(request, "complaints/complain.html", {"page": page}, status=422 if form.errors else 200)


def _subject(request: HttpRequest) -> Subject:
    given = request.POST if request.method == "POST" else request.GET
    order = given.get("order", "")
    if order:
        return subject_of_order(
            token=given.get("link", ""), order=order, line=given.get("line", ""), parcel=given.get("parcel", ""),
            user=user_of(request),
        )  # fmt: skip
    if about := given.get("about", ""):
        return subject_named(about, topic=given.get("topic", ""), language=request.place.language)
    return Subject()


def _carried(request: HttpRequest, subject: Subject) -> str:
    """Return what was written in the conversation that a complaint goes on with; "" without one, or not theirs."""
    thread = (request.POST or request.GET).get("thread", "")[:16]
    return carried_text(thread, group_id=subject.group_id, user=user_of(request)) if thread else ""


def _carried_files(request: HttpRequest, subject: Subject) -> list[Any]:
    thread = request.POST.get("thread", "")[:16]
    if not thread:
        return []
    kept = carried_files(thread, group_id=subject.group_id, user=user_of(request))
    return [ContentFile(one.file.read(), name=one.name) for one in kept]


def _open(request: HttpRequest, said: dict[str, Any], subject: Subject, user: User | None) -> Ticket:
    now = clock.now()
    email = subject.email or (user.email if user else said["email"])
    is_odd = bool(said.get("website")) or tickets.many_lately(email=email, since=now - HOUR) >= MANY
    topic = said["topic"]
    title = f"{_(topics.TOPICS[topic])}: {subject.title}" if subject.title else _(topics.TOPICS[topic])
    complaint = operations.Complaint(
        subject=title[:200],
        body=said["body"],
        topic=topic,
        remedy=said["remedy"],
        market=subject.market or request.place.market,
        language=said["language"] or detect_language(said["body"], otherwise=request.place.language),
        time_zone=subject.time_zone or request.place.time_zone,
        about_kind=subject.kind,
        about=subject.public_id,
        order=subject.order,
        listing=subject.listing,
        merchant=subject.merchant,
        email=email,
        name=subject.name or (user.name if user else said["name"]),
        tags=("odd",) if is_odd else (),
    )
    files = [Given(file.name, file.read()) for file in [*_carried_files(request, subject), *said["files"]]]
    return operations.open_complaint(
        complaint=complaint,
        now=now,
        user_id=user.pk if user else None,
        key=key_of(request.POST.get("key", "")),
        files=files,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show a complaint to its complainant, and take what they add."""
    row = tickets.find_by_token(token, user=user_of(request))
    form = AnswerForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            _answer(request, row, form.cleaned_data)
        except RightfulError as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.in_words(_))
        else:
            messages.success(request, _("Your message is there."))
            return redirect("complaint", token=token)
    page = {**_page(row, request), "key": request.POST.get("key") or new_token()}
    return render(
        request, "complaints/complaint.html", {"page": page, "form": form}, status=422 if form.errors else 200
    )


def _answer(request: HttpRequest, row: Ticket, said: dict[str, Any]) -> None:
    user = user_of(request)
    operations.say(
        ticket=row.public_id, kind="customer", body=said["body"], now=clock.now(), author_id=user.pk if user else None,
        author_name=row.name, language=request.place.language, key=f"web:{row.pk}:{key_of(request.POST.get('key', '')) or new_token()}",
        files=[Given(file.name, file.read()) for file in said["files"]],
    )  # fmt: skip


def _page(row: Ticket, request: HttpRequest) -> dict[str, Any]:
    view, now, language = tickets.view_ticket(row), clock.now(), request.place.language
    zone = view.time_zone
    live = [
        one
        for one in view.clocks
        if one.done_at is None and one.state != "met" and one.kind != "merchant_answer"
    ]
    shown = live if view.state not in ("closed", "merged") else []
    decision = view.decision
    return {
        "number": view.public_id,
        "title": view.subject,
        "state": words.state_in_words(view.state),
        "meaning": words.MEANINGS[view.state],
        "is_over": view.state in ("closed", "merged"),
        "received": words.moment(view.received_at, language, zone),
        "remedy": _(topics.REMEDIES[view.remedy]) if view.remedy else "",
        "merchant": tickets.merchant_named(view.merchant) if view.merchant else "",
        "order": view.order,
        "chips": [words.clock_chip(one, language=language, time_zone=zone, now=now) for one in shown],
        "why": [words.why(one, language=language, time_zone=zone) for one in shown],
        "timeline": [
            {
                "label": words.stage_in_words(stage),
                "state": "done" if at else "next",
                "when": words.moment(at, language, zone),
                "iso": at.isoformat(timespec="seconds") if at else "",
            }
            for stage, at in view.stages
            if at or stage in ("acknowledged", "decided", "closed")
        ],
        "messages": [
            {
                "who": {
                    "customer": _("You"),
                    "agent": _("Rightful"),
                    "merchant": _("The seller"),
                    "system": _("Rightful"),
                }[one.kind],
                "kind": one.kind,
                "when": words.moment(one.said_at, language, zone),
                "iso": one.said_at.isoformat(timespec="seconds"),
                "body": one.body,
                "files": [
                    {
                        "name": file.name,
                        "url": reverse("complaint-file", args=[view.token, file.public_id]),
                        "size": f"{max(1, file.size // 1024)} KB",
                    }
                    for file in one.files
                ],
            }
            for one in view.messages
        ],
        "gestures": _gestures(row, language, zone),
        "room": _room(row, language, zone, now),
        "referrals": [referral_page(one, language, zone) for one in row.referrals.order_by("pk")],
        "is_slow": not decision and row.events.filter(kind="way_out").exists(),
        "may_refer": _may_refer(row, decision)
        and row.referrals.exclude(state__in=REFERRAL_OVER).first() is None,
        "token": view.token,
        "decision": {
            "title": _(topics.OUTCOMES[decision.outcome]),
            "reason": decision.reason,
            "settlement": _settled(decision, view.token, language, zone),
            "way_out": decision.way_out,
            "when": words.moment(decision.decided_at, language, zone),
        }
        if decision
        else None,
    }


def _may_refer(row: Ticket, decision: Decision | None) -> bool:
    """Tell whether the way out is shown: after a no, or where we did not decide in time."""
    if decision is not None:
        return decision.outcome in ("rejected", "partly_upheld")
    return row.events.filter(kind="way_out").exists()


def _settled(one: Decision | Gesture, token: str, language: str, zone: str) -> dict[str, Any] | None:
    """Return what was brought about, with the page on which it goes on, if it has one."""
    if not hasattr(one, "settlement"):
        return None
    settled = one.settlement
    page = ""
    if settled.remedy == "exchange":
        page = reverse("complaint-exchange", args=[token, settled.public_id])
    elif settled.remedy == "return_label":
        page = addresses.page_of_return(settled.ref)
    waits = settled.state == "choosing"
    return {**words.settlement_in_words(settled, language, zone), "url": page, "waits": waits}


def _gestures(row: Ticket, language: str, zone: str) -> list[dict[str, Any]]:
    """Return what the desk gave in passing, as far as it took effect."""
    return [
        {"words": one.words, "settlement": _settled(one, row.token, language, zone)}
        for one in row.gestures.all()
        if hasattr(one, "settlement")
    ]


def _room(row: Ticket, language: str, zone: str, now: datetime) -> dict[str, Any] | None:
    room = rooms.room_of(row, now=now)
    if room is None:
        return None
    table = room.on_the_table
    return {
        "is_open": room.is_open and row.state in LIVE,
        "until": words.moment(room.until, language, zone),
        "waits_for_you": bool(table and table.may_answer("customer")),
    }


@never_cache
@require_safe
def file(request: HttpRequest, token: str, file: str) -> HttpResponse:
    """Hand out a file of a complaint to its complainant: as a download, never shown inside our own pages."""
    row = tickets.find_by_token(token, user=user_of(request))
    found = (
        Attachment.objects.filter(message__ticket=row, public_id=file).exclude(message__kind="note").first()
    )
    if found is None:
        raise Http404
    return hand_out(found)


def hand_out(found: Attachment) -> FileResponse:
    """Return a kept file as a download that no browser runs."""
    response = FileResponse(
        found.file.open("rb"), as_attachment=True, filename=found.name, content_type=found.kind
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """List a person's complaints, newest first."""
    rows = [
        {
            "url": reverse("complaint", args=[row.token]),
            "number": row.public_id,
            "title": row.subject,
            "state": words.state_in_words(row.state),
            "meaning": words.MEANINGS[row.state],
            "when": words.moment(row.received_at, request.place.language, row.time_zone),
        }
        for row in tickets.tickets_of(request.user)
    ]
    return render(request, "complaints/mine.html", {"page": {"rows": rows}})


@never_cache
@require_http_methods(["GET", "POST"])
def rating(request: HttpRequest, token: str) -> HttpResponse:
    """Take what somebody thought of us: the letter's link chooses the answer, one press keeps it."""
    found = Rating.objects.select_related("ticket").filter(token=token).first()
    if found is None:
        raise Http404
    chosen = request.GET.get("score", "")
    form = RatingForm(request.POST or None, initial={"score": found.score or chosen, "words": found.words})
    if request.method == "POST" and form.is_valid():
        rate(token=token, score=form.cleaned_data["score"], words=form.cleaned_data["words"], now=clock.now())
        messages.success(request, _("Thank you. It was kept."))
        return redirect("complaint-rating", token=token)
    is_given = found.given_at is not None
    # One click in the letter: a browser sends what was chosen at once; a machine that only follows links chooses nothing.
    is_chosen = request.method == "GET" and not is_given and chosen in {"1", "2", "3", "4", "5"}
    page = {"number": found.ticket.public_id, "is_given": is_given, "is_chosen": is_chosen}
    return render(
        request, "complaints/rating.html", {"page": page, "form": form}, status=422 if form.errors else 200
    )
