"""Issues: many complaints of one cause. They are grouped, owned, and closing one answers each complaint.

Lock order: the issue, then its tickets one at a time, each in a transaction of its own when it is answered, so that
one that cannot be answered keeps nobody else waiting and is tried again by closing once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from complaints.domain import topics
from complaints.domain.errors import Incomplete
from complaints.domain.issues import ISSUE
from complaints.domain.states import TICKET, may, next_state
from complaints.events import ComplaintClosed
from complaints.models import Agent, Issue, IssueTicket, Ticket
from complaints.operations.tickets import LONGEST, finish, lock_current, lock_ticket, move, record, say
from compliance.rulebook.words import noop as _
from marketplace.kernel import outbox
from marketplace.kernel.errors import NotFound, RightfulError


@transaction.atomic
def open_issue(
    *, title: str, owner_id: int, actor: str, now: datetime, tickets: Sequence[str] = (), topic: str = "",
    merchant: str = "", listing: str = "", by_hand: bool = True,
) -> Issue:  # fmt: skip
    """Open an issue with its first complaints; those that belong to another issue stay there.

    :raises Incomplete: without a title, or naming the numbers that are no complaint's.
    """
    if not title.strip():
        raise Incomplete(_("Give it a short title."), field="title")
    _lock_all(tickets)
    issue = Issue.objects.create(
        title=title.strip()[:200],
        topic=topic,
        merchant=merchant,
        listing=listing,
        owner_id=owner_id,
        opened_at=now,
    )
    for ticket in dict.fromkeys(tickets):
        add_to_issue(issue=issue.public_id, ticket=ticket, actor=actor, now=now, by_hand=by_hand)
    return issue


def _lock_all(tickets: Sequence[str]) -> None:
    """Lock complaints in the order of their keys, as everybody does who needs more than one.

    :raises Incomplete: naming the numbers that are no complaint's.
    """
    rows = Ticket.objects.filter(public_id__in=tickets).select_for_update(of=("self",)).order_by("pk")
    known = set(rows.values_list("public_id", flat=True))
    if unknown := [ticket for ticket in dict.fromkeys(tickets) if ticket not in known]:
        raise Incomplete(
            _("No complaint has the number %(numbers)s."), field="numbers", numbers=", ".join(unknown)
        )


@transaction.atomic
def add_all_to_issue(*, issue: str, tickets: Sequence[str], actor: str, now: datetime) -> int:
    """Put complaints to an issue, all or none; return how many are news.

    :raises WrongState: for an issue that is closed.
    :raises Incomplete: naming the numbers that are no complaint's.
    """
    _locked(issue)
    _lock_all(tickets)
    numbers = dict.fromkeys(tickets)
    return sum(add_to_issue(issue=issue, ticket=number, actor=actor, now=now) for number in numbers)


@transaction.atomic
def add_to_issue(*, issue: str, ticket: str, actor: str, now: datetime, by_hand: bool = True) -> bool:
    """Put a complaint to an issue; tell whether it is news. One that belongs to another issue stays there.

    :raises WrongState: for an issue that is closed; :raises NotFound: for a complaint that does not exist.
    """
    one = _locked(issue)
    next_state(ISSUE, one.state, "close")  # only an open one takes more
    row = lock_ticket(ticket)
    try:
        with transaction.atomic():
            IssueTicket.objects.create(issue=one, ticket=row, by_hand=by_hand, added_at=now)
    except IntegrityError:
        return False
    record(row, "grouped", actor=actor, at=now, now=now, issue=one.public_id)
    finish(row, now)
    return True


@transaction.atomic
def take_from_issue(*, issue: str, ticket: str, actor: str, now: datetime) -> bool:
    """Take a complaint out of an issue that has not answered it; tell whether it was there."""
    one = _locked(issue)
    row = lock_ticket(ticket)
    gone, _kinds = IssueTicket.objects.filter(issue=one, ticket=row).exclude(result="answered").delete()
    if gone:
        record(row, "ungrouped", actor=actor, at=now, now=now, issue=one.public_id)
        finish(row, now)
    return bool(gone)


@transaction.atomic
def change_issue(
    *,
    issue: str,
    now: datetime,
    owner_id: int | None = None,
    cause: str | None = None,
    finding: str | None = None,
) -> Issue:
    """Change who owns an issue, its root cause or what was found.

    :raises Incomplete: for an owner or a cause that is none of the choices.
    """
    one = _locked(issue)
    if cause and cause not in topics.CAUSES:
        raise Incomplete(_("This is not one of the choices."), field="cause")
    if cause == "" and one.state != "open":
        raise Incomplete(_("Say where it went wrong."), field="cause")
    if owner_id is not None and not Agent.objects.filter(pk=owner_id).exists():
        raise Incomplete(_("This is not one of the choices."), field="owner")
    one.owner_id = owner_id or one.owner_id
    one.cause = one.cause if cause is None else cause
    one.finding = one.finding if finding is None else finding[:LONGEST]
    one.save(update_fields=["owner", "cause", "finding"])
    return one


def close_issue(
    *,
    issue: str,
    cause: str,
    answers: Mapping[str, str],
    author_id: int,
    author_name: str,
    actor: str,
    now: datetime,
) -> Issue:
    """Close an issue and answer each of its complaints in its language (English where that has no words), then close them.

    Done again, only those are answered that were not. Each complaint has its own result.

    :raises Incomplete: without a root cause or without words in English.
    """
    if cause not in topics.CAUSES:
        raise Incomplete(_("Say where it went wrong."), field="cause")
    words = {language: text.strip() for language, text in answers.items() if text.strip()}
    if not words.get("en"):
        raise Incomplete(_("Write what everybody is told, in English at least."), field="answer")
    with transaction.atomic():
        one = _locked(issue)
        one.cause, one.answers = cause, words
        if one.state == "open":
            one.state, one.closed_at = next_state(ISSUE, one.state, "close"), now
        one.save(update_fields=["cause", "answers", "state", "closed_at"])
    waiting = one.members.exclude(result="answered").order_by("ticket_id")
    for pk, ticket in list(waiting.values_list("pk", "ticket__public_id")):
        _answer(one, pk, ticket, words, (author_id, author_name, actor), now)
    return one


@transaction.atomic
def reopen_issue(*, issue: str, now: datetime) -> Issue:
    """Open an issue again: the cause is back. What was answered stays answered.

    :raises WrongState: for one that is open.
    """
    one = _locked(issue)
    one.state, one.closed_at = next_state(ISSUE, one.state, "reopen"), None
    one.save(update_fields=["state", "closed_at"])
    return one


def _answer(
    issue: Issue, pk: int, ticket: str, words: Mapping[str, str], who: tuple[int, str, str], now: datetime
) -> None:
    author_id, author_name, actor = who
    try:
        with transaction.atomic():
            row = lock_current(ticket)  # where it was merged away, the one that speaks for it
            member = IssueTicket.objects.select_for_update().filter(pk=pk).first()
            if member is None or member.result == "answered":
                return  # taken out, or answered by somebody else, meanwhile
            if not _is_answered(issue, row, member):
                say(
                    ticket=row.public_id, kind="agent", body=words.get(row.language) or words["en"], now=now,
                    author_id=author_id, author_name=author_name, actor=actor,
                    key=f"issue:{issue.public_id}:{issue.closed_at}:{row.public_id}",
                )  # fmt: skip
                _close(row, issue, actor, now)
            member.result, member.failure, member.answered_at = "answered", "", now
            member.save(update_fields=["result", "failure", "answered_at"])
    except RightfulError as refused:
        IssueTicket.objects.filter(pk=pk).update(result="failed", failure=refused.in_words(str)[:200])


def _is_answered(issue: Issue, row: Ticket, member: IssueTicket) -> bool:
    """Tell whether a complaint was answered already for itself or for another that was merged into it."""
    same = issue.members.filter(Q(ticket=row) | Q(ticket__merged_into=row), result="answered")
    return same.exclude(pk=member.pk).exists()


def _close(row: Ticket, issue: Issue, actor: str, now: datetime) -> None:
    row = lock_ticket(row.public_id)  # as it stands after what was said
    if not may(TICKET, row.state, "close"):
        return
    move(row, "close", actor=actor, at=now, now=now, reason=issue.public_id)
    outbox.publish(ComplaintClosed(row.public_id))
    finish(row, now)


def _locked(issue: str) -> Issue:
    one = Issue.objects.select_for_update(of=("self",)).filter(public_id=issue).first()
    if one is None:
        raise NotFound(field="issue")
    return one
