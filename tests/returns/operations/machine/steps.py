"""What shoppers, sellers, carriers and officers do: withdrawals, parcels, returns, losses, claims, exchanges, delays."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from marketplace.kernel.errors import RightfulError
from orders import operations as orders
from returns import operations
from returns.carriers.protocol import Scan
from returns.domain.claims import KINDS
from returns.models import ReturnParcel
from returns.operations import Counted, Filed, Verdict
from returns.queries.exchanges import choice_of
from tests.returns.operations.machine.agreements import may_withdraw_until, never_left
from tests.returns.operations.machine.world import Look, Sale, World, parts_of_order
from tests.returns.operations.test_declaring import declare

WHICH = st.integers(0, 5)  # of the rows that there are, counted from the newest
LINE = st.sampled_from([0, 0, 0, 1])
WANTED = (
    "repair",
    "replacement",
    "replacement",
    "price_reduction",
    "termination",
    "reject",
    "final_rejection",
)
REMEDIES = ("repair", "replacement", "price_reduction", "termination")


def seen(name: str, **where: Any) -> Callable[[Any], bool]:
    """Tell whether there is a row of this kind that is so, so that a step can be taken."""
    return lambda machine: any(
        all(row[key] in value for key, value in where.items()) for row in machine.look.rows[name]
    )


class AfterTheSale(RuleBasedStateMachine):
    """What is common to all steps; a run's own savepoint ends with it."""

    world: World
    sale: Sale
    look: Look
    changed: bool

    @property
    def now(self) -> datetime:
        return self.world.now

    def attempt(self, work: Callable[[], Any]) -> Any:
        """Do what somebody tries; being refused is one of the ways it can go, and then nothing has changed."""
        try:
            with transaction.atomic():
                done = work()
        except RightfulError as error:
            self.world.refused[f"{sys._getframe(1).f_code.co_name}: {error.code}"] += 1
            return None
        if done is not None and done != 0:
            self.changed = True
            self.world.did[sys._getframe(1).f_code.co_name] += 1
        return done

    def one(self, name: str, which: int, **where: Any) -> dict[str, Any]:
        """Return one of the rows that were seen, those that are so first."""
        rows = self.look.rows[name]
        fitting = [row for row in rows if all(row[key] in value for key, value in where.items())] or rows
        return fitting[-1 - which % len(fitting)]


class Parcels(AfterTheSale):
    """Goods on their way to the shopper."""

    @precondition(seen("order", state=("confirmed",)))
    @rule(line=LINE, count=st.integers(1, 3), arrives=st.booleans())
    def send(self, line: int, count: int, arrives: bool) -> None:
        def work() -> Any:
            parcel = orders.ship_parcel(
                order_id=self.sale.order.pk, packed=[orders.Packed(self.sale.lines[line].public_id, count)],
                carrier="other", tracking_number="", recorded_by="t", now=self.now,
            )  # fmt: skip
            return self._arrive(parcel.pk) if arrives else parcel

        self.attempt(work)

    @precondition(seen("parcels", state=("shipped", "lost")))
    @rule(which=WHICH, lost=st.booleans())
    def arrive(self, which: int, lost: bool) -> None:
        parcel = self.one("parcels", which, state=["shipped", "lost"])["id"]
        if lost:
            self.attempt(lambda: orders.mark_lost(parcel_id=parcel, recorded_by="t", now=self.now))
        else:
            self.attempt(lambda: self._arrive(parcel))

    def _arrive(self, parcel: int) -> Any:
        return orders.record_delivery(
            parcel_id=parcel, delivered_at=self.now, received_by="consumer", recorded_by="t", now=self.now
        )

    @precondition(lambda self: seen("order", state=("confirmed",))(self) and not self.look.sent)
    @rule()
    def the_seller_cancels(self) -> None:
        self.attempt(lambda: orders.cancel_order(order_id=self.sale.order.pk, because="t", now=self.now))

    @precondition(seen("order", state=("confirmed", "shipped")))
    @rule(what=st.sampled_from(["report", "period", "end"]))
    def miss_it(self, what: str) -> None:
        order = self.sale.order.pk
        self.attempt(
            {
                "report": lambda: operations.report_late(order_id=order, now=self.now),
                "period": lambda: operations.set_period(
                    order_id=order, until=self.now.date() + timedelta(days=3), now=self.now
                ),
                "end": lambda: operations.end_late(order_id=order, now=self.now),
            }[what]
        )


class Withdrawals(AfterTheSale):
    """Declarations, and what is said about them."""

    serial = 0

    @precondition(lambda self: len(self.look.declared) < 5)
    @rule(line=LINE, count=st.integers(1, 3))
    def withdraw(self, line: int, count: int) -> None:
        """A declaration is stored whatever happens; in time it binds for all pieces that are left."""
        row = self.sale.lines[line]
        count = min(count, row.quantity)
        until = may_withdraw_until(self.sale, self.look, row)
        in_time = until is None or until > self.now
        left = row.quantity - sum(one["withdrawn"] for one in self.look.tallies if one["line"] == row.pk)
        self.serial += 1
        shelved, unsent = never_left(self.sale, self.look, row)
        made = declare(
            self.sale.group, {row.public_id: count}, key=f"{self.sale.group.pk}:{self.serial}", now=self.now
        )
        self.changed = True
        self.world.did["withdraw"] += 1
        bound = made.lines.get().binding
        assert bound == (min(count, left) if in_time else 0), (bound, count, left, in_time)
        now_shelved, _ = never_left(self.sale, Look(self.sale, self.now), row)
        assert now_shelved - shelved == min(bound, unsent), (now_shelved, shelved, bound, unsent)

    @precondition(seen("declared", state=("ineffective", "disputed", "upheld")))
    @rule(which=WHICH, grant=st.booleans(), decides=st.booleans())
    def dispute(self, which: int, grant: bool, decides: bool) -> None:
        row = self.one("declared", which, state=["ineffective", "disputed"])
        where = {"withdrawal_id": row["withdrawal"], "line": self._public(row["line"]), "now": self.now}
        self.attempt(lambda: operations.dispute_judgement(**where, why="x"))
        if decides:
            self.attempt(lambda: operations.decide_dispute(**where, grant=grant, decision="x", by="o"))

    def _public(self, line: int) -> str:
        return next(str(one.public_id) for one in self.sale.lines if one.pk == line)


class Returns(AfterTheSale):
    """What goes back: sent, counted, looked at, worth less."""

    @precondition(seen("returns", state=("announced", "label_issued", "in_transit")))
    @rule(which=WHICH, how=st.sampled_from(["accepted", "delivered", "lost", "own", "own"]))
    def travel(self, which: int, how: str) -> None:
        ret = self.one("returns", which, state=["announced", "label_issued", "in_transit"])["id"]
        if how == "own":
            self.attempt(
                lambda: operations.record_own_sending(
                    return_id=ret, carrier="Post", tracking_number=f"XY{ret}", proof=None, sent_on=self.now.date(),
                    now=self.now,
                )
            )  # fmt: skip
            return
        self.attempt(lambda: operations.issue_label(return_id=ret, method="drop_off", now=self.now))
        for carrier, number in (
            ReturnParcel.objects.filter(ret=ret)
            .exclude(tracking_number="")
            .values_list("carrier", "tracking_number")
        ):
            self.attempt(
                lambda carrier=carrier, number=number: operations.record_scans(
                    carrier=carrier, scans=[Scan(number, how, self.now)], now=self.now
                )
            )

    @precondition(
        seen("returns", state=("announced", "label_issued", "in_transit", "received", "cancelled", "lost"))
    )
    @rule(
        which=WHICH,
        line=LINE,
        good=st.integers(0, 3),
        wrong=st.sampled_from([0, 0, 1]),
        complete=st.booleans(),
    )
    def receive(self, which: int, line: int, good: int, wrong: int, complete: bool) -> None:
        ret = self.one("returns", which, state=["announced", "label_issued", "in_transit", "received"])
        own = [unit["line"] for unit in self.look.units if unit["ret"] == ret["id"]]
        row = next((one for one in self.sale.lines if one.pk in own), self.sale.lines[line])
        counted = {row.public_id: Counted(good=good, wrong=wrong)}
        self.attempt(
            lambda: operations.receive_return(
                return_id=ret["id"], counted=counted, complete=complete, by="c", now=self.now
            )
        )

    @precondition(lambda self: sum(ret["reason"] == "unannounced" for ret in self.look.returns) < 2)
    @rule(line=LINE, good=st.integers(1, 2))
    def receive_what_nobody_announced(self, line: int, good: int) -> None:
        counted = {self.sale.lines[line].public_id: Counted(good=good)}
        self.attempt(
            lambda: operations.receive_unannounced(
                order=self.sale.order, counted=counted, by="c", now=self.now
            )
        )

    @precondition(seen("units", reception=("received",), acceptance=("pending", "rejected")))
    @rule(
        which=WHICH,
        accept=st.sampled_from([True, True, False]),
        grade=st.sampled_from("AABCD"),
        all_of=st.booleans(),
    )
    def inspect(self, which: int, accept: bool, grade: str, all_of: bool) -> None:
        unit = self.one("units", which, reception=["received"], acceptance=["pending", "rejected"])
        same = [
            one for one in self.look.units if one["ret"] == unit["ret"] and one["reception"] == "received"
        ]
        same = [one for one in same if one["acceptance"] == "pending"] if all_of else []
        verdicts = [
            Verdict(one["public_id"], accept=accept, grade=grade, resellable=accept) for one in same or [unit]
        ]
        self.attempt(
            lambda: operations.inspect_return(return_id=unit["ret"], verdicts=verdicts, by="c", now=self.now)
        )

    @precondition(seen("units", reception=("excess", "wrong_item")))
    @rule(which=WHICH, way=st.sampled_from(["receive", "send_back"]))
    def settle_what_is_too_much(self, which: int, way: str) -> None:
        unit = self.one("units", which, reception=["excess", "wrong_item"])["id"]
        self.attempt(lambda: operations.settle_unit(unit_id=unit, action=way, by="c", now=self.now))

    @precondition(seen("returns", reason=("withdrawal",)))
    @rule(which=WHICH, amount=st.integers(1, 3000))
    def claim_a_loss(self, which: int, amount: int) -> None:
        ret = self.one("returns", which, reason=["withdrawal"])["id"]
        line = next(unit["line"] for unit in self.look.units if unit["ret"] == ret)
        self.attempt(
            lambda: operations.claim_loss(
                return_id=ret, line=self._public(line), amount_minor=amount, why="Worn.", evidence=("a.jpg", b"x"),
                by="m", now=self.now,
            )
        )  # fmt: skip

    @precondition(seen("losses", state=("claimed", "contested", "silent")))
    @rule(which=WHICH, what=st.sampled_from(["agree", "contest", "uphold", "drop"]))
    def argue_about_a_loss(self, which: int, what: str) -> None:
        loss = self.one("losses", which, state=["claimed", "contested", "silent"])["id"]
        if what in ("agree", "contest"):
            work = lambda: operations.answer_loss(  # noqa: E731
                loss_id=loss, agree=what == "agree", reply="", now=self.now
            )
        else:
            work = lambda: operations.decide_loss(  # noqa: E731
                loss_id=loss, stands=what == "uphold", decision="x", by="o", now=self.now
            )
        self.attempt(work)

    @precondition(seen("returns", state=("announced", "label_issued")))
    @rule(which=WHICH)
    def call_off(self, which: int) -> None:
        ret = self.one("returns", which, state=["announced", "label_issued"])["id"]
        self.attempt(lambda: operations.cancel_return(return_id=ret, now=self.now))


class Claims(AfterTheSale):
    """Something is wrong with what came."""

    serial = 0

    @rule(
        line=LINE, quantity=st.integers(1, 2), kind=st.sampled_from(KINDS), wanted=st.sampled_from(WANTED),
        serious=st.booleans(),
    )  # fmt: skip
    def file(self, line: int, quantity: int, kind: str, wanted: str, serious: bool) -> None:
        filed = Filed(
            kind=kind, quantity=min(quantity, self.sale.lines[line].quantity), said="x", noticed_on=self.now.date(), wanted=wanted, language="de",
            is_serious=serious,
        )  # fmt: skip
        self.serial += 1
        self.attempt(
            lambda: operations.file_claim(
                order=self.sale.order, line=self.sale.lines[line].public_id, filed=filed,
                key=f"c{self.sale.group.pk}:{self.serial}", now=self.now,
            )
        )  # fmt: skip

    @precondition(seen("claims", state=("open", "escalated", "refused", "resting", "remedying")))
    @rule(
        which=WHICH, what=st.sampled_from(["accept", "accept", "offer", "refuse", "send", "send"]),
        remedy=st.sampled_from(REMEDIES), amount=st.integers(1, 1500), keep=st.booleans(),
    )  # fmt: skip
    def answer(self, which: int, what: str, remedy: str, amount: int, keep: bool) -> None:
        states = ["remedying"] if what == "send" else ["open", "escalated", "refused", "resting"]
        claim = {"claim_id": self.one("claims", which, state=states)["id"], "by": "m", "now": self.now}
        self.attempt(
            {
                "accept": lambda: operations.accept_claim(**claim, amount_minor=amount, keep=keep),
                "offer": lambda: operations.offer_remedy(**claim, remedy=remedy, amount_minor=amount),
                "refuse": lambda: operations.refuse_claim(**claim, why="x"),
                "send": lambda: operations.send_remedy(**claim, carrier="Post", tracking_number="N", note=""),
            }[what]
        )

    @precondition(seen("claims"))
    @rule(
        which=WHICH, what=st.sampled_from(["agree", "dispute", "drop", "confirm", "fail"]),
        wanted=st.sampled_from(WANTED),
    )  # fmt: skip
    def go_on(self, which: int, what: str, wanted: str) -> None:
        states = {"confirm": ["remedying"], "fail": ["remedying", "done"], "drop": ["open", "refused"]}
        row = self.one("claims", which, state=states.get(what, ["offered", "refused", "resting"]))
        claim = {"claim_id": row["id"], "now": self.now}
        self.attempt(
            {
                "agree": lambda: operations.agree_offer(**claim),
                "dispute": lambda: operations.dispute_claim(**claim, why="x"),
                "drop": lambda: operations.drop_claim(**claim),
                "confirm": lambda: operations.confirm_remedy(**claim),
                "fail": lambda: operations.report_failure(**claim, wanted=wanted, text="x"),
            }[what]
        )

    @precondition(seen("claims", state=("escalated", "upheld")))
    @rule(
        which=WHICH, remedy=st.sampled_from(["", *REMEDIES]), amount=st.integers(1, 1500), keep=st.booleans()
    )
    def decide(self, which: int, remedy: str, amount: int, keep: bool) -> None:
        claim = self.one("claims", which, state=["escalated", "upheld"])["id"]
        self.attempt(
            lambda: operations.decide_claim(
                claim_id=claim,
                remedy=remedy,
                decision="x",
                by="o",
                now=self.now,
                amount_minor=amount,
                keep=keep,
            )
        )


class Exchanges(AfterTheSale):
    """Another piece for the same line, with what it costs more or less."""

    serial = 0

    @rule(
        other=st.integers(0, 2),
        quantity=st.integers(1, 2),
        ship_on=st.sampled_from(["", "scan", "receipt"]),
        of_claim=st.booleans(),
    )
    def exchange(self, other: int, quantity: int, ship_on: str, of_claim: bool) -> None:
        order, line = parts_of_order(self.sale), self.sale.lines[0]
        live = [
            one for one in self.look.remedies
            if of_claim and one["kind"] == "replacement" and one["state"] == "due" and one["line"] == line.pk
        ]  # fmt: skip
        claimed = live[-1]["quantity"] if live else 0
        choice = choice_of(order, line, today=self.now.date(), language="de", claimed=claimed)
        variant = self.sale.variants[1 + other].public_id
        wish = next((one for one in choice.wishes if one.variant == variant), None)
        if wish is None:
            return
        self.serial += 1

        def work() -> Any:
            if ship_on:
                operations.set_policy(
                    merchant_id=order.merchant_id, is_offered=True, days=30, ship_on=ship_on, now=self.now
                )
            return operations.ask_exchange(
                order=order, line=line.public_id, variant=variant, quantity=claimed or quantity,
                seen_minor=wish.each_minor * (claimed or quantity), key=f"x{self.sale.group.pk}:{self.serial}",
                language="de", now=self.now, claim_id=live[-1]["claim"] if live else None,
            )  # fmt: skip

        self.attempt(work)

    @precondition(seen("exchanges", state=("to_pay", "waiting", "ready")))
    @rule(which=WHICH, what=st.sampled_from(["ship", "ship", "cancel", "run_out"]))
    def end(self, which: int, what: str) -> None:
        states = {"ship": ["ready"], "run_out": ["ready", "waiting"]}.get(
            what, ["to_pay", "waiting", "ready"]
        )
        exchange = self.one("exchanges", which, state=states)["id"]
        if what == "ship":
            self.attempt(
                lambda: operations.ship_exchange(
                    exchange_id=exchange, carrier="Post", tracking_number="N", by="m", now=self.now
                )
            )
        elif what == "cancel":
            self.attempt(lambda: operations.cancel_exchange(exchange_id=exchange, now=self.now))
        else:
            self.attempt(lambda: operations.run_out(exchange_id=exchange, why="", by="m", now=self.now))
