"""Order, parcels, withdrawal, claim, exchange, return, refund, chargeback and payout under any sequence of what people,
banks, carriers and clocks may do.

After every step the shelf, the pieces, the money and the rights must agree (`machine.agreements`): what came back and
can be sold is on the shelf once; what is owed is exactly what the law says; never more goes back than was paid; each
refund was asked for once; the books balance; nothing becomes due to a merchant for which there is a reason to wait; a
declaration is stored whatever happens and binds in time. Planted faults show that the machine sees what it looks for.

    RIGHTFUL_EXAMPLES=2000 bin/test -s tests/returns/operations/test_machine.py -k agrees    the long form

The everyday run takes the same few sequences each time; the long form takes others each time, in batches of 100 runs of
50 steps, and says after each how far it is. A batch that finds something fails the test and is told with its steps; the
others go on.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError
from hypothesis import Phase

from orders.operations import refunds, withheld
from orders.queries import payouts
from returns.operations import declaring, receiving, reckoning
from tests.returns.operations.machine.money_steps import Money, Time
from tests.returns.operations.machine.running import EVERYBODY, run
from tests.returns.operations.machine.steps import AfterTheSale, Parcels, Returns, Withdrawals
from tests.returns.operations.machine.world import World, inhabited

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LONG, STEPS, BATCH = int(os.environ.get("RIGHTFUL_EXAMPLES", "0")), 50, 100
QUICK = {"phases": [Phase.generate], "derandomize": True}
Plant = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with inhabited(monkeypatch) as made:
        yield made


def test_everything_agrees_whatever_happens(world: World) -> None:
    if not LONG:
        run(world, 10, 25, **QUICK)
        return
    found, seconds = [], 0.0
    for number in range(1, -(-LONG // BATCH) + 1):
        try:
            seconds += run(world, min(BATCH, LONG), STEPS, phases=[Phase.generate])
        except Exception as error:
            found.append(error)
            print(
                "".join(traceback.format_exception(error)),
                *getattr(error, "__notes__", ()),
                sep="\n",
                flush=True,
            )
        print(
            f"batch {number}: {world.runs} runs, {seconds:.0f} s, {world.looks} looks, {len(found)} found",
            flush=True,
        )
    print(f"done: {world.did.most_common()}\nrefused: {world.refused.most_common()}", flush=True)
    if found:
        raise ExceptionGroup("found", found)


def _owes_everything_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reckoning, "difference", lambda whole, before: tuple(whole))


def _shelves_everything_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    really = receiving.catalogue.adjust_stock

    def adjust(*, delta: int, reason: str, **more: Any) -> Any:
        return really(delta=delta * 2 if reason == "returned" else delta, reason=reason, **more)

    monkeypatch.setattr(receiving.catalogue, "adjust_stock", adjust)


def _pays_merchants_before_the_time_to_withdraw_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payouts, "withdrawal_ends", lambda *_: None)


def _forgets_what_was_refunded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refunds, "left_of", lambda payment: payment.captured_minor)


def _sends_what_was_withdrawn_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declaring.ending, "put_back", lambda **_: None)
    monkeypatch.setattr(withheld, "_ASKED", {})


# Each fault, and whose steps show it; to look among all steps would take everyday tests too long.
PLANTED = [
    (_owes_everything_again, (Withdrawals,)),
    (_shelves_everything_twice, (Withdrawals, Returns)),
    (_pays_merchants_before_the_time_to_withdraw_is_over, EVERYBODY),
]
MORE = [
    (_forgets_what_was_refunded, (Withdrawals, Money, Time)),
    (_sends_what_was_withdrawn_from, (Parcels, Withdrawals, Time)),
]


@pytest.mark.parametrize(("plant", "who"), PLANTED + (MORE if LONG else []))
def test_a_planted_fault_is_found(
    plant: Plant, who: tuple[type[AfterTheSale], ...], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    with pytest.raises((AssertionError, IntegrityError)):
        run(world, 400, 30, who=who, **QUICK)
