"""Two at once: two clerks, two refunds, two declarations. Each with a control that fails without the guard."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import QuerySet

from orders.models import Refund
from orders.queries import after_sales
from returns import operations
from returns.domain.parts import Part
from returns.models import (
    LineTally,
    OwedRefund,
    Return,
    ReturnUnit,
    ValueLoss,
    Withdrawal,
    WithdrawalLine,
)
from returns.operations import Counted
from returns.operations.opening import lock_tallies as really
from tests.races import end_behind
from tests.returns import factories
from tests.returns.factories import LATER
from tests.returns.operations.test_declaring import declare
from tests.returns.operations.test_seals import Case

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.concurrency,
    pytest.mark.usefixtures("rates"),
]
DAY = timedelta(days=1)


def unlocked(monkeypatch):
    """Take the locks of orders away: what is left is what the database's constraints hold."""
    rows = after_sales.Order.objects.select_related("group", "merchant")
    monkeypatch.setattr(
        after_sales, "lock_orders", lambda ids: list(rows.filter(pk__in=list(ids)).order_by("pk"))
    )


def withdrawn():
    group = factories.delivered()
    declare(group)
    return group, Return.objects.get(), group.orders.get().lines.get().public_id


def count_once(ret, line, *, seen):
    return operations.receive_return(
        return_id=ret.pk,
        counted={line: Counted(good=3)},
        complete=True,
        by="clerk",
        now=LATER + DAY,
        seen_at=seen,
    )


def test_two_clerks_count_a_parcel_once():
    _, ret, line = withdrawn()
    ended = end_behind(
        lambda: count_once(ret, line, seen=ret.changed_at), lambda: count_once(ret, line, seen=ret.changed_at)
    )
    assert ended == "ReturnChanged"
    assert ReturnUnit.objects.filter(reception="excess").count() == 0


def test_two_clerks_count_it_twice_when_nobody_looks_at_what_they_saw():
    _, ret, line = withdrawn()
    end_behind(lambda: count_once(ret, line, seen=None), lambda: count_once(ret, line, seen=None))
    assert ReturnUnit.objects.filter(reception="excess").count() == 3


def due():
    group, ret, line = withdrawn()
    count_once(ret, line, seen=None)
    return group, OwedRefund.objects.get()


def request(owed):
    return operations.request_owed(owed_id=owed.pk, now=LATER + DAY)


def test_two_ask_for_the_same_refund_at_once():
    group, owed = due()
    ended = end_behind(lambda: request(owed), lambda: request(owed))
    assert ended.state == "requested"
    assert [row.amount_minor for row in Refund.objects.all()] == [group.total_minor]


def test_two_keys_are_two_refunds():
    _, owed = due()
    half = owed.amount_minor // 2
    for key in ("a", "b"):
        operations.owe_refund(
            order=owed.order,
            subject="X",
            parts=[Part("", 0, "goods", half)],
            due_on=None,
            rulings=[],
            key=key,
            now=LATER,
        )
    rows = list(OwedRefund.objects.filter(subject="X"))
    ended = end_behind(lambda: request(rows[0]), lambda: request(rows[1]))
    assert (ended.state, Refund.objects.count()) == ("requested", 2)


def test_never_more_is_asked_for_than_was_paid():
    _, owed = due()
    order = owed.order
    other = operations.owe_refund(
        order=order,
        subject="CL-1",
        parts=[Part("", 0, "goods", owed.amount_minor)],
        due_on=None,
        rulings=[],
        key="c",
        now=LATER,
    )
    end_behind(lambda: request(owed), lambda: request(other))
    assert sum(Refund.objects.values_list("amount_minor", flat=True)) == owed.amount_minor
    assert OwedRefund.objects.get(pk=other.pk).failure == "nothing_to_refund"


def test_two_declarations_share_the_pieces():
    group = factories.delivered()
    line = group.orders.get().lines.get().public_id
    end_behind(lambda: declare(group, {line: 2}, key="a"), lambda: declare(group, {line: 2}, key="b"))
    assert LineTally.objects.get().withdrawn == 3
    assert sum(OwedRefund.objects.values_list("amount_minor", flat=True)) == group.total_minor


def race_without_locks(monkeypatch):
    """One of three pieces is withdrawn; then two declare two more each, and nobody waits before judging."""
    group = factories.delivered()
    line = group.orders.get().lines.get().public_id
    declare(group, {line: 1}, key="before")
    unlocked(monkeypatch)
    for module in ("declaring", "exchanging"):
        monkeypatch.setattr(f"returns.operations.{module}.lock_tallies", _stale)
    return end_behind(lambda: declare(group, {line: 2}, key="a"), lambda: declare(group, {line: 2}, key="b"))


def bound():
    return sum(WithdrawalLine.objects.values_list("binding", flat=True))


def test_without_the_locks_the_second_runs_into_the_count_of_what_goes_back(monkeypatch):
    assert (race_without_locks(monkeypatch), bound()) == ("TooManyAnnounced", 3)


def test_without_the_locks_more_would_be_withdrawn_than_was_bought(monkeypatch):
    """The count of what goes back is taken away too: it is a guard of its own."""
    monkeypatch.setattr("returns.operations.opening.count_returning", lambda deltas, *, now: None)
    ended = race_without_locks(monkeypatch)
    assert (isinstance(ended, Withdrawal), bound()) == (True, 5)


def _stale(ids):
    rows = list(LineTally.objects.filter(line_id__in=list(ids)).select_related("line").order_by("line_id"))
    return rows if rows else really(ids)


def seal_twice():
    """Two clerks record the broken seal of the same pieces: how the second ended, and whether the whole is held once."""
    case = Case()
    ended = end_behind(case.claim, case.claim)
    held = OwedRefund.objects.filter(state="held").values_list("amount_minor", flat=True)
    return ended, ValueLoss.objects.count(), sum(held) == case.group.total_minor


def test_two_clerks_record_a_broken_seal_once():
    assert seal_twice() == ("Conflict", 1, True)


def test_two_clerks_who_record_a_broken_seal_without_locks_run_into_the_constraint(monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)
    assert seal_twice() == ("IntegrityError", 1, True)
