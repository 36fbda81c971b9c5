"""News for agents: written once when something happens, told in one letter with everything else that is new."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from hashlib import sha256
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints.models import Agent, Message, Notice, Ticket
from complaints.operations.letters import Words
from marketplace.kernel.mail_errors import in_short, is_for_good

log = structlog.get_logger(__name__)
MAX_ATTEMPTS = 10
LONGEST_WAIT = timedelta(days=1)
MOST = 40  # complaints that one letter names; the desk shows all
MENTION = re.compile(r"(?<![\w.])@([\w][\w.+-]*)")


def note(*, agents: Iterable[Agent], ticket: Ticket, kind: str, key: str, now: datetime, **data: Any) -> None:
    """Write news about a complaint down for agents; the same `key` is the same news."""
    rows = [
        Notice(agent=agent, ticket=ticket, kind=kind, key=f"{key}:{agent.pk}", made_at=now, data=data)
        for agent in agents
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def alarm_of_drift(*, drift: Sequence[Any], now: datetime) -> int:
    """Alarm the supervisors of clocks that were not what the plan says; return of how many complaints."""
    rows = Ticket.objects.filter(public_id__in={one.ticket for one in drift}).order_by("pk")
    chiefs = list(Agent.objects.filter(is_supervisor=True).select_related("user"))
    for row in rows:
        kinds = sorted({one.kind for one in drift if one.ticket == row.public_id})
        note(agents=chiefs, ticket=row, kind=Notice.Kind.DRIFT, key=f"drift:{row.pk}:{now.isoformat()}", now=now, clocks=kinds)  # fmt: skip
    if drift:
        log.error(
            "Clocks were not what the plan says; they are mended.", clocks=len(drift), tickets=len(rows)
        )
    return len(rows)


@transaction.atomic
def note_mentions(*, message: str, now: datetime) -> list[Agent]:
    """Tell the colleagues whom a note names (@ and what stands before the @ of their address, or their name)."""
    said = Message.objects.select_related("ticket").get(public_id=message)
    if said.kind != Message.Kind.NOTE:
        return []
    found = mentioned(said.body, list(Agent.objects.select_related("user").exclude(user=said.author_id)))
    words = said.body[:200]
    note(agents=found, ticket=said.ticket, kind=Notice.Kind.MENTION, key=f"mention:{said.public_id}", now=now,
         who=said.author_name, words=words)  # fmt: skip
    return found


def mentioned(body: str, agents: Sequence[Agent]) -> list[Agent]:
    """Return the agents whom a text names after an @."""
    named = {word.lower().rstrip(".") for word in MENTION.findall(body)}
    return [agent for agent in agents if named & _names(agent)]


def _names(agent: Agent) -> set[str]:
    user = agent.user
    names = {
        user.email.partition("@")[0],
        user.public_id,
        user.name.replace(" ", "."),
        user.name.partition(" ")[0],
    }
    return {name.lower() for name in names if name}


@transaction.atomic
def see(*, agent_id: int, now: datetime, ticket_id: int | None = None) -> int:
    """Note that an agent has seen their news, all of it or that of one complaint; return how many were new."""
    unseen = Notice.objects.select_for_update().filter(agent=agent_id, seen_at=None)
    if ticket_id is not None:
        unseen = unseen.filter(ticket=ticket_id)
    return Notice.objects.filter(pk__in=list(unseen.order_by("pk").values_list("pk", flat=True))).update(
        seen_at=now
    )


def send_digests(*, now: datetime) -> int:
    """Tell every agent what is new and not yet seen, each in one letter; return how many left.

    An address that does not take them is tried again later and later, and no more after `MAX_ATTEMPTS` or when its
    server refuses it for good; supervisors see that, and try again.
    """
    reached = Q(agent__letters_after=None) | Q(agent__letters_after__lte=now)
    untold = Notice.objects.filter(reached, told_at=None, agent__letters_failed__lt=MAX_ATTEMPTS)
    untold = untold.order_by("agent").values_list("agent", flat=True).distinct()
    return sum(_tell_alone(agent, now) for agent in list(untold))


def _tell_alone(agent_id: int, now: datetime) -> bool:
    """Tell one agent; if that fails, an address that nobody takes for example, the others are told all the same."""
    try:
        return _tell(agent_id, now)
    except Exception as error:  # what was not told stays untold, and is tried again
        if not connection.is_usable():
            raise
        log.error("An agent could not be told what is new.", agent=agent_id, error=type(error).__name__)
        _try_later(agent_id, error, now)
        return False


@transaction.atomic
def _try_later(agent_id: int, error: Exception, now: datetime) -> None:
    agent = Agent.objects.select_for_update(no_key=True).get(pk=agent_id)
    agent.letters_failed = MAX_ATTEMPTS if is_for_good(error) else agent.letters_failed + 1
    agent.letters_after = now + min(timedelta(minutes=2**agent.letters_failed), LONGEST_WAIT)
    agent.letters_error = in_short(error)
    agent.save(update_fields=["letters_failed", "letters_after", "letters_error"])


def try_again(*, agent_id: int) -> bool:
    """Write to an agent again whose address did not take our letters; tell whether it was so."""
    failed = Agent.objects.filter(pk=agent_id, letters_failed__gt=0)
    return bool(failed.update(letters_failed=0, letters_after=None, letters_error=""))


@transaction.atomic
def _tell(agent_id: int, now: datetime) -> bool:
    rows = list(
        Notice.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(agent=agent_id, told_at=None)
        .select_related("ticket")
        .order_by("pk")
    )
    unseen = [row for row in rows if row.seen_at is None]
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=now)
    agent = Agent.objects.select_related("user").get(pk=agent_id)
    if not unseen or not agent.user.is_active:
        return False
    with translation.override(agent.user.language or settings.LANGUAGE_CODE):
        _send(agent, unseen)
    try_again(agent_id=agent_id)  # it went: what failed before is forgotten
    return True


def _send(agent: Agent, rows: Sequence[Notice]) -> None:
    by_ticket = {row.ticket_id: row for row in rows}  # several of one complaint are one line, the latest
    count = len(by_ticket)
    title = ngettext("%(n)s complaint needs you", "%(n)s complaints need you", count) % {"n": count}
    lines = [f"{row.ticket.public_id} · {row.ticket.subject}: {in_words(row)}" for row in by_ticket.values()]
    more = [_("And %(n)s more.") % {"n": count - MOST}] if count > MOST else []
    words = Words(
        subject=title, title=title, lead=_("This is new on your desk."), rows=tuple(lines[:MOST] + more),
        links=((_("Open the desk"), settings.SITE_URL + reverse("desk-notices")),),
    )  # fmt: skip
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    context = {
        "letter": words, "site_url": settings.SITE_URL, "language": translation.get_language(),
        "reason": _("You get this letter because you work on complaints here."),
    }  # fmt: skip
    letter = EmailMultiAlternatives(
        subject=title, body=render_to_string("email/complaints/letter.txt", context), to=[agent.user.email],
        headers={"Message-ID": f"<{sha256(rows[0].key.encode()).hexdigest()[:32]}@{domain}>", "Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    letter.attach_alternative(render_to_string("email/complaints/letter.html", context), "text/html")
    letter.send()


def in_words(row: Notice) -> str:
    """Return what a notice says, in the language in use."""
    if row.kind == Notice.Kind.MENTION:
        return _("%(who)s: %(words)s") % {
            "who": row.data.get("who") or _("A colleague"),
            "words": row.data["words"],
        }
    plain = {
        Notice.Kind.GIVEN: _("given to you"),
        Notice.Kind.WOKE: _("the time is up until which it was put off"),
        Notice.Kind.UNSENT: _("a letter did not arrive"),
        Notice.Kind.DRIFT: _("a clock was wrong and was mended"),
    }
    if row.kind in plain:
        return plain[Notice.Kind(row.kind)]
    late = {
        "first_response": (_("the first answer is due soon"), _("the first answer is late")),
        "next_response": (_("an answer is due soon"), _("an answer is late")),
        "agent_update": (_("news for the buyer are due soon"), _("news for the buyer are late")),
        "resolution": (_("the decision is due soon"), _("the decision is late")),
        "merchant_answer": (_("the seller’s answer is due soon"), _("the seller has not answered")),
    }
    soon, over = late.get(
        row.data.get("clock", ""), (_("a legal deadline is near"), _("a legal deadline has passed"))
    )
    return over if row.data.get("is_over") else soon
