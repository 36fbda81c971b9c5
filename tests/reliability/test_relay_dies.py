"""Fault 18: killed after the commit and before what follows from it; the outbox brings it, its effects once."""

from __future__ import annotations

import pytest

from complaints import operations
from complaints.models import Escalation, Ticket, TicketEvent
from marketplace.kernel.models import Delivery
from tests.reliability.conftest import said_by
from tests.reliability.filling import STEPS, each_once, fill, tally

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
DYING = ("-m", "tests.reliability.dying")


def test_steps_whose_relay_is_killed_are_carried_out_once(env):
    fill(120)
    operations.sweep_clocks()  # whoever swept is gone; nothing was sent
    _started, died = map(int, said_by(env, *DYING, "relay", "--kill=0.1", "--processes=4").split())
    carried = TicketEvent.objects.filter(kind="escalated").count()
    waiting = Delivery.objects.exclude(state="done").count()
    raised = Ticket.objects.filter(priority=2, is_breached=True).count()
    assert (tally(), carried, waiting, raised, died > 5) == (each_once(120), STEPS * 120, 0, 120, True)


def test_a_step_carried_out_twice_would_be_seen(monkeypatch):
    """The negative control: without the mark that it was done, a priority is raised twice."""
    fill(1)
    operations.sweep_clocks()
    step = Escalation.objects.get(level=1)
    for _ in range(2):
        operations.carry_out(escalation_id=step.pk, now=step.detected_at)
        Escalation.objects.filter(pk=step.pk).update(done_at=None)
    assert Ticket.objects.get().priority == 1
