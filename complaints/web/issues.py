"""The desk's page of issues: what many complaints have in common, who owns it, and one answer for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from complaints import operations
from complaints.domain import letter_words, topics
from complaints.models import Agent, Issue
from complaints.queries import desk, issues, tickets
from complaints.web import words
from complaints.web.typed import number_of
from marketplace.accounts.models import Role
from marketplace.accounts.queries import require_role
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError

agents_only = require_role(Role.Kind.AGENT)


@agents_only
@never_cache
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """List issues and what looks like one; open one of a group that was found, or of numbers by hand."""
    agent = operations.agent_of(request.user)
    if request.method == "POST":
        return _open(request, agent)
    return render(request, "complaints/desk/issues.html", {"page": _list(request)})


def _open(request: HttpRequest, agent: Agent) -> HttpResponse:
    given = request.POST
    numbers = _numbers(given)
    try:
        issue = operations.open_issue(
            title=given.get("title", ""), owner_id=agent.pk, actor=_actor(agent), now=clock.now(), tickets=numbers,
            topic=given.get("topic", "")[:20], merchant=given.get("merchant", "")[:16], listing=given.get("listing", "")[:16],
            by_hand=given.get("found") != "yes",
        )  # fmt: skip
    except RightfulError as refused:
        messages.error(request, refused.in_words(_))
        page = {**_list(request), "kept": _kept(given)}
        return render(request, "complaints/desk/issues.html", {"page": page}, status=422)
    return redirect("desk-issue", issue=issue.public_id)


def _kept(given: Any) -> dict[str, str]:
    """Return what was typed by hand, for its fields; a group that was found has its own."""
    return {} if given.get("found") == "yes" else {name: given.get(name, "") for name in ("title", "numbers")}


def _numbers(given: Any) -> list[str]:
    typed = given.get("numbers", "").replace(",", " ").upper().split()
    return list(dict.fromkeys([*given.getlist("tickets"), *typed]))[:200]


def _actor(agent: Agent) -> str:
    return f"agent:{agent.user.public_id}"


@agents_only
@never_cache
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, issue: str) -> HttpResponse:
    """Show one issue, change it, and close it: first what would happen to each complaint, then what became of it."""
    one = Issue.objects.select_related("owner__user").filter(public_id=issue).first()
    if one is None:
        raise Http404
    agent = operations.agent_of(request.user)
    given = request.POST
    if request.method == "POST" and given.get("what") != "preview":
        try:
            messages.success(request, _DOINGS[given.get("what", "")](given, issue, agent))
        except KeyError:
            raise Http404 from None
        except RightfulError as refused:
            messages.error(request, refused.in_words(_))
            if given.get("what") in ("close", "add", "change"):
                return render(
                    request, "complaints/desk/issue.html", {"page": _page(one, request)}, status=422
                )
        return redirect("desk-issue", issue=issue)
    return render(request, "complaints/desk/issue.html", {"page": _page(one, request)})


def _add(given: Any, issue: str, agent: Agent) -> str:
    numbers = _numbers(given)
    new = operations.add_all_to_issue(issue=issue, tickets=numbers, actor=_actor(agent), now=clock.now())
    return _("%(count)s added.") % {"count": new}


def _remove(given: Any, issue: str, agent: Agent) -> str:
    operations.take_from_issue(
        issue=issue, ticket=given.get("ticket", ""), actor=_actor(agent), now=clock.now()
    )
    return _("Taken out.")


def _change(given: Any, issue: str, agent: Agent) -> str:
    operations.change_issue(
        issue=issue, now=clock.now(), owner_id=number_of(given.get("owner", "")), cause=given.get("cause"),
        finding=given.get("finding"),
    )  # fmt: skip
    return _("Changed.")


def _close(given: Any, issue: str, agent: Agent) -> str:
    operations.close_issue(
        issue=issue, cause=given.get("cause", ""), answers=_answers(given), author_id=agent.user_id,
        author_name=agent.user.get_short_name(), actor=_actor(agent), now=clock.now(),
    )  # fmt: skip
    return _("Closed. What became of each complaint stands below.")


def _reopen(given: Any, issue: str, agent: Agent) -> str:
    operations.reopen_issue(issue=issue, now=clock.now())
    return _("Open again.")


_DOINGS: dict[str, Any] = {
    "add": _add, "remove": _remove, "change": _change, "close": _close, "reopen": _reopen,
}  # fmt: skip


def _answers(given: Mapping[str, str]) -> dict[str, str]:
    return {code: given.get(f"answer-{code}", "") for code, _name in languages()}


def languages() -> list[tuple[str, str]]:
    """Return every language that complainants can be answered in, with its name."""
    return [*((code, _(name)) for code, name in settings.LANGUAGES), *letter_words.names().items()]


def _list(request: HttpRequest) -> dict[str, Any]:
    language, now = request.place.language, clock.now()
    found = issues.suggestions(now=now)
    rows = issues.listed()
    names = tickets.merchants_named({one.merchant for one in [*found, *rows] if one.merchant})
    return {
        "chosen": {},
        "rows": [
            {
                "id": one.public_id, "url": reverse("desk-issue", args=[one.public_id]), "title": one.title,
                "is_open": one.state == "open", "owner": one.owner.user.get_full_name(), "count": one.n,
                "answered": one.n_answered, "seller": names.get(one.merchant, ""),
                "topic": _(topics.TOPICS[one.topic]) if one.topic in topics.TOPICS else "",
                "cause": _(topics.CAUSES[one.cause]) if one.cause else "",
                "opened": words.moment(one.opened_at, language, request.place.time_zone),
            }
            for one in rows
        ],
        "found": [
            {
                "title": _found_title(one, names), "count": one.count, "tickets": one.tickets, "topic": one.topic,
                "merchant": one.merchant, "listing": one.listing,
            }
            for one in found
        ],
    }  # fmt: skip


def _found_title(one: issues.Alike, names: Mapping[str, str]) -> str:
    seller = names.get(one.merchant, one.merchant)
    if one.by == "cause":
        return f"{seller}: {_(topics.CAUSES[one.cause])}"
    what = _(topics.TOPICS[one.topic])
    return f"{seller}, {one.listing}: {what}" if one.listing else f"{seller}: {what}"


def _page(one: Issue, request: HttpRequest) -> dict[str, Any]:
    language, given = request.place.language, request.POST
    members = issues.members_of(one)
    spoken = {member.ticket.language for member in members}
    answers = {**one.answers, **{code: text for code, text in _answers(given).items() if text}}
    result = {"waiting": _("not answered yet"), "answered": _("answered"), "failed": _("not answered")}
    return {
        "chosen": {},
        "id": one.public_id, "title": one.title, "is_open": one.state == "open", "finding": given.get("finding", one.finding), "numbers": given.get("numbers", ""),
        "owner": number_of(given.get("owner", "")) or one.owner_id, "owner_name": one.owner.user.get_full_name(),
        "cause": given.get("cause") or one.cause, "cause_label": _(topics.CAUSES[one.cause]) if one.cause else "",
        "opened": words.moment(one.opened_at, language, request.place.time_zone),
        "closed": words.moment(one.closed_at, language, request.place.time_zone),
        "seller": tickets.merchant_named(one.merchant) if one.merchant else "",
        "causes": [(key, _(label)) for key, label in topics.CAUSES.items()],
        "colleagues": [(agent.pk, agent.user.get_full_name()) for agent in desk.agents()],
        "languages": [
            {"code": code, "name": name, "text": answers.get(code, ""), "is_spoken": code in spoken}
            for code, name in languages() if code == "en" or code in spoken or answers.get(code)
        ],
        "is_preview": given.get("what") == "preview",
        "left": sum(member.result != "answered" for member in members),
        "rows": [
            {
                "number": member.ticket.public_id, "url": reverse("desk-ticket", args=[member.ticket.public_id]),
                "title": member.ticket.subject, "state": words.state_in_words(member.ticket.state),
                "meaning": words.MEANINGS[member.ticket.state], "language": member.ticket.language,
                "by_hand": member.by_hand, "result": result[member.result], "is_answered": member.result == "answered",
                "failure": member.failure, "when": words.moment(member.answered_at, language, request.place.time_zone),
                "would": answers.get(member.ticket.language) or answers.get("en", ""),
            }
            for member in members
        ],
    }  # fmt: skip
