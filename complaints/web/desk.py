"""The agents' desk: queues, the list, one ticket with everything beside it, and every step from the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from complaints import operations
from complaints.models import Agent, Attachment, Referral, SavedView, Ticket
from complaints.operations import notices, undelivered
from complaints.operations.files import Given
from complaints.operations.referring import follow
from complaints.operations.undoing import remembering, undo
from complaints.queries import desk, tickets
from complaints.queries.purchases import purchase_of
from complaints.web import desk_page
from complaints.web.complain import hand_out
from complaints.web.purchase_page import purchase_page
from complaints.web.typed import amount_of, key_of, number_of
from complaints.web.wayout import hand_out_dossier
from marketplace.accounts.models import Role
from marketplace.accounts.queries import require_role
from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound, RightfulError

agents_only = require_role(Role.Kind.AGENT)


def _agent(request: HttpRequest) -> Agent:
    return operations.agent_of(request.user)


@agents_only
@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show one queue, filtered, the most urgent first; the address says it all."""
    agent, now = _agent(request), clock.now()
    chosen = {name: request.GET.get(name, "") for name in desk.FILTERS}
    name = request.GET.get("queue", "mine")
    if name not in desk.QUEUES:
        raise Http404
    rows = desk.filtered(desk.queue(name, agent, now=now), chosen, language=request.place.language, now=now)
    page = desk.page_of(rows, after=request.GET.get("after", ""), newest=name in desk.NEWEST)
    context = desk_page.list_page(page, name, chosen, agent, request, now=now)
    return render(request, "complaints/desk/list.html", {"page": context})


@agents_only
@never_cache
@require_http_methods(["GET", "POST"])
def next_one(request: HttpRequest) -> HttpResponse:
    """Hand out the most urgent ticket that fits; a plain look asks for the press of a button."""
    if request.method == "GET":
        return redirect("desk")
    try:
        row = operations.next_ticket(agent_id=_agent(request).pk, now=clock.now())
    except RightfulError as refused:
        messages.info(request, refused.in_words(_))
        return redirect("desk")
    return redirect("desk-ticket", number=row.public_id)


@agents_only
@never_cache
@require_safe
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """Show one ticket: the thread, the clocks with their reasons, the order, the people, the lawful next steps."""
    row = _found(number)
    if row.merged_into_id is not None:
        messages.info(request, _("%(number)s was joined with this complaint.") % {"number": number})
        return redirect("desk-ticket", number=row.merged_into.public_id)
    agent, now = _agent(request), clock.now()
    others = operations.look_at(ticket_id=row.pk, agent_id=agent.pk, is_writing=False, now=now)
    notices.see(agent_id=agent.pk, ticket_id=row.pk, now=now)
    context = desk_page.ticket_page(row, agent, others, request, now=now)
    return render(request, "complaints/desk/ticket.html", {"page": context})


def _found(number: str) -> Ticket:
    row = (
        tickets.whole()
        .select_related("agent__user", "policy", "merged_into", "user")
        .filter(public_id=number)
        .first()
    )
    if row is None:
        raise Http404
    return row


Step = Callable[[HttpRequest, Agent, str], str]


@agents_only
@require_POST
def act(request: HttpRequest, number: str, what: str) -> HttpResponse:
    """Carry out one step on a ticket; what is refused is said on its page, and what was written is kept as a draft."""
    step = _STEPS.get(what)
    if step is None or not Ticket.objects.filter(public_id=number).exists():
        raise Http404
    agent = _agent(request)
    try:
        said = _done(step, request, agent, number, what)
    except RightfulError as refused:
        _keep_text(request, agent, number)
        messages.error(request, refused.in_words(_))
        return redirect("desk-ticket", number=number)
    if said:
        messages.success(request, said)
    if request.POST.get("then") == "next":
        return next_one(request)
    return redirect("desk-ticket", number=number)


def _done(step: Step, request: HttpRequest, agent: Agent, number: str, what: str) -> str:
    """Take a step; what leaves no letter behind is remembered, so that it can be undone."""
    if what not in _UNDONE or request.POST.get("whom") == "merchant":
        return step(request, agent, number)
    return remembering(
        ticket=number,
        agent_id=agent.pk,
        what=what,
        now=clock.now(),
        step=lambda: step(request, agent, number),
    )


def _keep_text(request: HttpRequest, agent: Agent, number: str) -> None:
    """Keep what was written for a step that was refused, beside what was kept before."""
    field, kind = "body", "note" if request.POST.get("kind") == "note" else "agent"
    if request.POST.get("outcome"):
        field, kind = "reason", "decision"
    elif "words" in request.POST:
        field, kind = "words", "gesture"
    body = request.POST.get(field, "")
    read = request.POST.get("version", "")
    row = Ticket.objects.get(public_id=number)
    operations.rescue_draft(
        ticket_id=row.pk, agent_id=agent.pk, body=body, kind=kind, now=clock.now(),
        read_version=number_of(read) or row.version,
    )  # fmt: skip


def _write(request: HttpRequest, agent: Agent, number: str) -> str:
    """Send a reply (to the complainant or the seller) or write a note; a macro's step may follow."""
    kind = "note" if request.POST.get("kind") == "note" else "agent"
    read = request.POST.get("version", "")
    to_merchant = request.POST.get("to") == "merchant"
    asks_seller = to_merchant and kind == "agent"
    asks_buyer = not to_merchant and request.POST.get("after") == "wait_for_customer"
    message = operations.say_and_wait(
        ticket=number, kind=kind, body=request.POST.get("body", ""), now=clock.now(), author_id=agent.user_id,
        author_name=agent.user.get_short_name(), channel="form", actor=desk_page.actor(agent), to_merchant=to_merchant,
        files=[Given(file.name, file.read()) for file in request.FILES.getlist("files")],
        key=f"desk:{agent.pk}:{key_of(request.POST['key'])}" if request.POST.get("key") else "",
        read_version=number_of(read) if kind == "agent" else None,
        whom="merchant" if asks_seller else "customer" if asks_buyer else "",
        reason=_("We asked the seller.") if asks_seller else _("We asked back."),
    )  # fmt: skip
    operations.forget_draft(ticket_id=message.ticket_id, agent_id=agent.pk, sent=message.body, kind=kind)
    return _("The note is kept.") if kind == "note" else _("Sent.")


def _move(action: str, said: str) -> Step:
    def step(request: HttpRequest, agent: Agent, number: str) -> str:
        operations.take_step(
            ticket=number,
            action=action,
            actor=desk_page.actor(agent),
            now=clock.now(),
            reason=request.POST.get("reason", ""),
        )
        return _(said)

    return step


def _wait(request: HttpRequest, agent: Agent, number: str) -> str:
    operations.wait(
        ticket=number, whom=request.POST.get("whom", ""), actor=desk_page.actor(agent), now=clock.now(),
        reason=request.POST.get("reason", ""), until=desk_page.until_of(request.POST.get("until", ""), clock.now()),
    )  # fmt: skip
    return _("It waits.")


def _take(request: HttpRequest, agent: Agent, number: str) -> str:
    operations.claim(
        ticket=number, agent_id=agent.pk, take_over=request.POST.get("over") == "yes", now=clock.now()
    )
    return _("It is yours.")


def _hand_on(request: HttpRequest, agent: Agent, number: str) -> str:
    to = number_of(request.POST.get("to", ""))
    operations.assign(ticket=number, agent_id=to, by=agent, now=clock.now())
    return _("Handed on.")


def _change(request: HttpRequest, agent: Agent, number: str) -> str:
    given = {
        name: request.POST[name]
        for name in ("topic", "remedy", "language", "subject", "email")
        if request.POST.get(name)
    }
    if request.POST.get("priority"):
        given["priority"] = number_of(request.POST["priority"]) or 0
    if "tags" in request.POST:
        given["tags"] = sorted({tag.strip()[:30] for tag in request.POST["tags"].split(",") if tag.strip()})
    operations.change_ticket(ticket=number, changes=given, actor=desk_page.actor(agent), now=clock.now())
    return _("Changed.")


def _merge(request: HttpRequest, agent: Agent, number: str) -> str:
    into = request.POST.get("into", "").strip().upper()
    operations.merge(ticket=number, into=into, actor=desk_page.actor(agent), now=clock.now())
    return _("Joined.")


def _split(request: HttpRequest, agent: Agent, number: str) -> str:
    fresh = operations.split(
        ticket=number, messages=request.POST.getlist("messages"), subject=request.POST.get("subject", ""),
        actor=desk_page.actor(agent), now=clock.now(),
    )  # fmt: skip
    return _("%(number)s is a complaint of its own now.") % {"number": fresh.public_id}


def _link(request: HttpRequest, agent: Agent, number: str) -> str:
    other = request.POST.get("other", "").strip().upper()
    operations.link(first=number, second=other, kind="related", actor=desk_page.actor(agent), now=clock.now())
    return _("Linked.")


def _decide(request: HttpRequest, agent: Agent, number: str) -> str:
    row = Ticket.objects.get(public_id=number)
    verdict = operations.Verdict(
        outcome=request.POST.get("outcome", ""),
        reason=request.POST.get("reason", ""),
        cause=request.POST.get("cause", ""),
        remedy=request.POST.get("remedy", ""),
        amount=amount_of(request.POST.get("amount", ""), row),
        line=request.POST.get("line", ""),
        way_out=desk_page.way_out(row)
        if request.POST.get("outcome") in ("rejected", "partly_upheld")
        else (),
    )
    read = request.POST.get("version", "")
    decision = operations.decide(
        ticket=number, verdict=verdict, user_id=agent.user_id, now=clock.now(),
        key=f"desk:{agent.pk}:{key_of(request.POST['key'])}" if request.POST.get("key") else "",
        read_version=number_of(read),
    )  # fmt: skip
    operations.forget_draft(
        ticket_id=row.pk, agent_id=agent.pk, sent=request.POST.get("reason", ""), kind="decision"
    )
    waits = decision.needs_agreement
    return _("A colleague has to agree to this sum; then it is told.") if waits else _("Decided and told.")


def _own(number: str, what: str, public_id: str) -> str:
    """Return the id of a thing that a form names, if it belongs to this ticket.

    :param what: the ticket's own name for such things: decisions, gestures, referrals, settlements.
    """
    if not Ticket.objects.filter(public_id=number, **{f"{what}__public_id": public_id}).exists():
        raise NotFound(field=what)
    return public_id


def _agree(request: HttpRequest, agent: Agent, number: str) -> str:
    decision = _own(number, "decisions", request.POST.get("decision", ""))
    operations.agree(decision=decision, user_id=agent.user_id, now=clock.now())
    return _("Agreed. It is told now.")


def _give(request: HttpRequest, agent: Agent, number: str) -> str:
    row = Ticket.objects.get(public_id=number)
    kind, given = request.POST.get("kind", ""), request.POST
    gift = operations.Gift(
        kind=kind, words=given.get("words", ""), line=given.get("line", ""),
        amount=amount_of(given.get("amount", ""), row) if kind == "goodwill" else None,
    )  # fmt: skip
    gesture = operations.give(
        ticket=number, gift=gift, user_id=agent.user_id, now=clock.now(),
        key=f"desk:{agent.pk}:{key_of(given['key'])}" if given.get("key") else "",
        read_version=number_of(given.get("version", "")),
    )  # fmt: skip
    operations.forget_draft(ticket_id=row.pk, agent_id=agent.pk, sent=gift.words, kind="gesture")
    waits = gesture.needs_agreement and gesture.agreed_by_id is None
    return _("A colleague has to agree to this sum; then it is told.") if waits else _("Given and told.")


def _agree_gesture(request: HttpRequest, agent: Agent, number: str) -> str:
    gesture = _own(number, "gestures", request.POST.get("gesture", ""))
    operations.agree_gesture(gesture=gesture, user_id=agent.user_id, now=clock.now())
    return _("Agreed. It is told now.")


def _drop_gesture(request: HttpRequest, agent: Agent, number: str) -> str:
    gesture = _own(number, "gestures", request.POST.get("gesture", ""))
    operations.drop_gesture(gesture=gesture, user_id=agent.user_id, now=clock.now())
    return _("Nothing is given.")


def _follow(request: HttpRequest, agent: Agent, number: str) -> str:
    follow(
        referral=_own(number, "referrals", request.POST.get("referral", "")), action=request.POST.get("action", ""), actor=desk_page.actor(agent),
        now=clock.now(), result=request.POST.get("result", ""),
    )  # fmt: skip
    return _("Written down.")


def _retry(request: HttpRequest, agent: Agent, number: str) -> str:
    settlement = _own(number, "settlements", request.POST.get("settlement", ""))
    operations.retry_settlement(settlement=settlement, actor=desk_page.actor(agent), now=clock.now())
    return _("Asked for again.")


def _undo(request: HttpRequest, agent: Agent, number: str) -> str:
    undo(ticket=number, agent_id=agent.pk, actor=desk_page.actor(agent), now=clock.now())
    return _("Undone.")


def _send_again(request: HttpRequest, agent: Agent, number: str) -> str:
    undelivered.send_again(ticket=number, actor=desk_page.actor(agent), now=clock.now())
    return _("On its way again.")


_STEPS: dict[str, Step] = {
    "write": _write,
    "take": _take,
    "hand-on": _hand_on,
    "change": _change,
    "wait": _wait,
    "resume": _move("resume", "It goes on."),
    "close": _move("close", "Closed."),
    "reopen": _move("reopen", "Open again."),
    "merge": _merge,
    "split": _split,
    "link": _link,
    "decide": _decide,
    "agree": _agree,
    "give": _give,
    "agree-gesture": _agree_gesture,
    "drop-gesture": _drop_gesture,
    "follow": _follow,
    "retry": _retry,
    "undo": _undo,
    "send-again": _send_again,
}


_UNDONE = ("take", "hand-on", "change", "wait", "resume", "close", "reopen")
KEPT = ("agent", "note", "decision", "gesture")  # texts that are kept while they are written


@agents_only
@require_POST
def keep(request: HttpRequest, number: str) -> JsonResponse:
    """Keep an unsent text while it is written, and say who else is here and whether something is new."""
    row = Ticket.objects.filter(public_id=number).first()
    if row is None:
        raise Http404
    agent, now = _agent(request), clock.now()
    read = number_of(request.POST.get("version", ""))
    body = request.POST.get("body")
    if body is not None and read is not None:
        kind = request.POST.get("kind", "")
        kind = kind if kind in KEPT else "agent"
        operations.keep_draft(
            ticket_id=row.pk, agent_id=agent.pk, body=body, read_version=read, now=now, kind=kind
        )
    writing = bool((body or "").strip())
    others = operations.look_at(ticket_id=row.pk, agent_id=agent.pk, is_writing=writing, now=now)
    return JsonResponse(
        {
            "version": row.version,
            "is_new": read is not None and read != row.version,
            "others": [
                {"name": str(one.agent.user.get_short_name()), "writing": one.is_writing} for one in others
            ],
        }
    )


@agents_only
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Do one thing to many tickets: shown first, then done one by one with a word on each."""
    chosen = request.POST.getlist("tickets")[:200]
    what = request.POST.get("what", "")
    rows = list(Ticket.objects.filter(public_id__in=chosen).order_by("pk"))
    if what not in desk_page.BULK or not rows:
        messages.error(request, _("Choose some complaints and what to do with them."))
        return redirect("desk")
    agent, results = _agent(request), None
    if request.POST.get("sure") == "yes":
        results = [desk_page.bulk_one(row, what, request.POST, agent, clock.now()) for row in rows]
    page = desk_page.bulk_page(rows, what, request, results)
    return render(request, "complaints/desk/bulk.html", {"page": page})


@agents_only
@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep a list under a name, or forget it."""
    agent, name = _agent(request), request.POST.get("name", "").strip()[:60]
    query = urlencode(
        [(key, value) for key, value in request.POST.items() if key in ("queue", *desk.FILTERS) and value]
    )
    if request.POST.get("forget"):
        SavedView.objects.filter(agent=agent, pk=number_of(request.POST["forget"])).delete()
        return redirect("desk")
    if name:
        SavedView.objects.update_or_create(
            agent=agent,
            name=name,
            defaults={"query": query[:500], "is_shared": request.POST.get("shared") == "yes"},
        )
        messages.success(request, _("The view is kept."))
    return redirect(f"{reverse('desk')}?{query}")


@agents_only
@require_POST
def presence(request: HttpRequest) -> HttpResponse:
    """Say that I am there or away."""
    wanted = Agent.Presence.AWAY if request.POST.get("to") == "away" else Agent.Presence.AVAILABLE
    operations.set_presence(agent_id=_agent(request).pk, presence=wanted, now=clock.now())
    return redirect("desk")


@agents_only
@never_cache
@require_safe
def file(request: HttpRequest, number: str, file: str) -> HttpResponse:
    """Hand out a file of any message, notes too, to those who work here."""
    found = Attachment.objects.filter(message__ticket__public_id=number, public_id=file).first()
    if found is None:
        raise Http404
    return hand_out(found)


@agents_only
@never_cache
@require_safe
def dossier(request: HttpRequest, number: str, referral: str) -> HttpResponse:
    """Hand out the dossier of a referral to those who send it."""
    one = Referral.objects.filter(ticket__public_id=number, public_id=referral).first()
    if one is None:
        raise Http404
    return hand_out_dossier(one)


@agents_only
@never_cache
@require_safe
def order(request: HttpRequest, order: str) -> HttpResponse:
    """Show a purchase whole: lines, parcels, rights, refunds, everything after the sale, and its complaints."""
    now = clock.now()
    found = purchase_of(order, now=now)
    if found is None:
        raise Http404
    zone = request.user.time_zone or request.place.time_zone
    page = {
        "chosen": {},
        "order": purchase_page(found, request.place.language, zone, now),
        "tickets": [
            desk_page.small(one, request.place.language)
            for one in Ticket.objects.filter(order=order).order_by("-received_at", "-pk")[:50]
        ],
    }
    return render(request, "complaints/desk/order.html", {"page": page})


@agents_only
@never_cache
@require_http_methods(["GET", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """Take a complaint on the phone."""
    form = desk_page.PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = desk_page.open_by_phone(form.cleaned_data, _agent(request), clock.now())
        return redirect("desk-ticket", number=row.public_id)
    return render(request, "complaints/desk/phone.html", {"form": form}, status=422 if form.errors else 200)


@agents_only
@never_cache
@require_http_methods(["GET", "POST"])
def floor(request: HttpRequest) -> HttpResponse:
    """The supervisor's view: queues by age, what will be late, who has how much; handing out what is free."""
    if request.method == "POST":
        if not operations.may_lead(_agent(request)):
            raise PermissionDenied
        count = operations.spread(now=clock.now())
        messages.success(request, ngettext("%(n)s handed out.", "%(n)s handed out.", count) % {"n": count})
        return redirect("desk-floor")
    return render(request, "complaints/desk/floor.html", {"page": desk_page.floor_page(request, clock.now())})
