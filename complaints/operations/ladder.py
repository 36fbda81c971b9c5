"""What a step of the ladder does: tells, raises, hands on, opens the mediation room, offers, shows the way out.

A subscriber calls `carry_out` once per step, at least once. What a step cannot do for a complaint (a room without a
seller, an offer without an order) is told to the supervisors in its place, so that no step ends in nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from complaints.domain.mediation import AGENT
from complaints.domain.referral_states import REFERRAL_OVER
from complaints.domain.remedies import OF_SUM
from complaints.domain.states import LIVE
from complaints.events import WayOutShown
from complaints.models import Agent, Escalation, Ticket
from complaints.operations import mediating, notices, tickets
from complaints.operations.clocks import settle_clocks
from complaints.operations.desk import give, least_busy
from complaints.operations.referring import bodies_for
from complaints.operations.settling import order_of
from marketplace.kernel import outbox
from marketplace.kernel.errors import RightfulError
from marketplace.kernel.money import Money


@transaction.atomic
def carry_out(*, escalation_id: int, now: datetime) -> Escalation:
    """Do what a step of the ladder asks for; a second time does nothing."""
    ticket_id = Escalation.objects.values_list("clock__ticket__public_id", flat=True).get(pk=escalation_id)
    row = tickets.lock_ticket(ticket_id)
    step = Escalation.objects.select_for_update(of=("self",)).select_related("clock").get(pk=escalation_id)
    if step.done_at is not None:
        return step
    if row.state not in LIVE or step.clock.state in ("met", "cancelled"):  # answered in time after all
        step.result = {**step.result, "needless": True}
    else:
        _mark_late(row, step)
        _DOINGS[step.result["do"]](row, step, now)
    step.done_at = now
    step.save(update_fields=["done_at", "result"])
    return step


def _mark_late(row: Ticket, step: Escalation) -> None:
    if step.clock.state == "breached" and step.clock.done_at is None and not row.is_breached:
        row.is_breached = True
        row.save(update_fields=["is_breached"])


def _notify(row: Ticket, step: Escalation, now: datetime) -> None:
    whom = step.result.get("to") or "agent"
    agents = Agent.objects.select_related("user")
    _tell(
        row,
        step,
        now,
        agents.filter(is_supervisor=True) if whom == "supervisors" else agents.filter(pk=row.agent_id),
    )
    _note(row, step, now)


def _tell(row: Ticket, step: Escalation, now: datetime, found: object) -> None:
    step.result = {**step.result, "told": sorted(agent.user.public_id for agent in found)}  # type: ignore[attr-defined]
    is_over = step.clock.due_at is not None and step.due_at >= step.clock.due_at
    notices.note(agents=found, ticket=row, kind="ladder", key=f"ladder:{step.pk}", now=now, clock=step.clock.kind,
                 is_over=is_over)  # type: ignore[arg-type]  # fmt: skip


def _instead(row: Ticket, step: Escalation, now: datetime, why: str) -> None:
    """Tell the supervisors what a step could not do, and why."""
    step.result = {**step.result, "not": why}
    _tell(row, step, now, Agent.objects.select_related("user").filter(is_supervisor=True))
    _note(row, step, now)


def _raise(row: Ticket, step: Escalation, now: datetime) -> None:
    row.priority = max(1, row.priority - 1)
    row.save(update_fields=["priority"])
    _note(row, step, now)


def _unassign(row: Ticket, step: Escalation, now: datetime) -> None:
    if row.agent_id is not None:
        give(row, None, actor="clock", now=now)
    _note(row, step, now)


def _reassign(row: Ticket, step: Escalation, now: datetime) -> None:
    """Give it to the least busy colleague who is there and can; to nobody, free for all, if there is none."""
    other = least_busy(row, but=row.agent_id)
    if other is not None or row.agent_id is not None:
        give(row, other, actor="clock", now=now)
    if other is not None:
        step.result = {**step.result, "given": other.user.public_id}
        notices.note(agents=[other], ticket=row, kind="given", key=f"given:{row.pk}:{row.version}", now=now)
    _note(row, step, now)


def _mediate(row: Ticket, step: Escalation, now: datetime) -> None:
    """Open the mediation room for buyer and seller."""
    _note(row, step, now)
    _try(
        row,
        step,
        now,
        lambda: mediating.open_room(ticket=row.public_id, user_id=None, actor="clock", now=now),
    )


def _offer(row: Ticket, step: Escalation, now: datetime) -> None:
    """Put the policy's remedy on the table of the room, as the desk's offer; whatever lies there already stays."""
    _note(row, step, now)
    remedy, _colon, percent = step.result.get("to", "").partition(":")

    def offer() -> None:
        mediating.open_room(ticket=row.public_id, user_id=None, actor="clock", now=now)
        if not row.offers.filter(state="open").exists():
            mediating.make_offer(
                ticket=row.public_id, by=AGENT, remedy=remedy, amount=_share(row, remedy, percent), now=now,
                words=_sorry(row), key=f"ladder:{step.pk}",
            )  # fmt: skip

    _try(row, step, now, offer)


def _share(row: Ticket, remedy: str, percent: str) -> Money | None:
    """Return so many hundredths of what the order cost, rounded up to a whole minor unit."""
    if remedy not in OF_SUM:
        return None
    order = order_of(row)
    return Money(-(-order.total_minor * int(percent) // 100), order.currency)


def _sorry(row: Ticket) -> str:
    known = row.language if row.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(known):
        return gettext("Our answer took too long, and we are sorry. You need not take this offer; if you do not, we decide your complaint.")  # fmt: skip


def _try(row: Ticket, step: Escalation, now: datetime, work: Callable[[], object]) -> None:
    try:
        with transaction.atomic():
            work()
    except RightfulError as refused:
        step.result = {**step.result, "not": refused.code}
        _tell(row, step, now, Agent.objects.select_related("user").filter(is_supervisor=True))


def _refer(row: Ticket, step: Escalation, now: datetime) -> None:
    """Show the complainant the way out of this house; without their yes nothing leaves it."""
    if not bodies_for(row):
        _instead(row, step, now, "no_body")
        return
    _note(row, step, now)
    if not row.referrals.exclude(state__in=REFERRAL_OVER).exists():
        tickets.record(row, "way_out", actor="clock", at=now, now=now, key=f"way_out:{row.public_id}")
        outbox.publish(WayOutShown(row.public_id))


def _take_back(row: Ticket, step: Escalation, now: datetime) -> None:
    """Go on without the seller, who did not answer in time: what the buyer says stands for now."""
    if tickets.may_step(row, "resume"):
        tickets.move(row, "resume", actor="clock", at=now, now=now, reason="no_answer")
        row.priority = max(1, row.priority - 1)
        settle_clocks(ticket=row, now=now)
        row.version += 1
        row.save()
    _note(row, step, now)


def _note(row: Ticket, step: Escalation, now: datetime) -> None:
    tickets.record(
        row, "escalated", actor="clock", at=step.due_at, now=now, key=f"escalated:{step.pk}",
        clock=step.clock.kind, level=step.level, **step.result,
    )  # fmt: skip


# what `domain.policy_file` lets a ladder ask for
_DOINGS = {
    "notify": _notify, "raise": _raise, "unassign": _unassign, "reassign": _reassign, "mediate": _mediate,
    "offer": _offer, "refer": _refer, "take_back": _take_back,
}  # fmt: skip
