"""The whole machine, and how it is run: so many runs of so many steps, each undone at its end."""

from __future__ import annotations

import time
from typing import Any

from django.db import InternalError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, run_state_machine_as_test

from tests.returns.operations.machine import agreements
from tests.returns.operations.machine.money_steps import Money, Time
from tests.returns.operations.machine.steps import (
    AfterTheSale,
    Claims,
    Exchanges,
    Parcels,
    Returns,
    Withdrawals,
)
from tests.returns.operations.machine.world import Look, World

EVERYBODY = (Parcels, Withdrawals, Returns, Claims, Exchanges, Money, Time)


class Run(AfterTheSale):
    """One sale: how it begins, what holds after each step, and how all of it is undone."""

    run = None

    @initialize(name=st.sampled_from(["arrived", "arrived", "arrived", "unsent", "unsent", "abroad"]))
    def begin(self, name: str) -> None:
        self.run = transaction.atomic()
        self.run.__enter__()
        self.world.runs += 1
        self.sale, self.paid_at = self.world.sales[name], None
        self.world.now, self.serial = self.sale.began_at, 0
        self.look, self.changed = Look(self.sale, self.now), False

    @invariant()
    def everything_agrees(self) -> None:
        if self.run is None or not self.changed:
            return
        self.changed = False
        self.world.looks += 1
        self.look = Look(self.sale, self.now)
        for agreement in agreements.ALL:
            agreement(self.sale, self.look)

    def teardown(self) -> None:
        """Let the constraints that wait for the end say what they have to say; then nothing has happened."""
        if self.run is None:
            return
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        except InternalError:  # a step has broken the transaction, and says so itself
            pass
        finally:
            transaction.set_rollback(True)
            self.run.__exit__(None, None, None)
            self.run = None


def run(
    world: World, examples: int, steps: int, *, who: tuple[type[AfterTheSale], ...] = EVERYBODY, **more: Any
) -> float:
    """Run the machine with all steps, or those of some; return the seconds it took."""
    machine = type("Machine", (Run, *who), {"world": world})
    began = time.monotonic()
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
            report_multiple_bugs=False, suppress_health_check=list(HealthCheck), **more,
        ),
    )  # fmt: skip
    return time.monotonic() - began
