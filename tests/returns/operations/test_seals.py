"""A seal that came back broken: held, answered, decided; where it stands the right ended with it, and the contract lives on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail

from marketplace.kernel import outbox
from marketplace.kernel.errors import Conflict, Invalid
from orders.queries.books import trial_balance
from returns import operations
from returns.models import LineTally, OwedRefund, Return, ReturnUnit, ValueLoss, WithdrawalLine
from returns.operations import Counted, Filed, Verdict
from tests.returns import factories
from tests.returns.factories import GB, LATER, US_CA, make_merchant, make_variant
from tests.returns.operations.test_declaring import declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
DAY = timedelta(days=1)
JPEG = b"\xff\xd8\xff picture"


class Case:
    """Two pots of cream under a seal, withdrawn from and back at the seller; a shirt beside them if wanted."""

    def __init__(self, *, shirt: bool = False, place=factories.DE, promised=None, sealed=True) -> None:
        seller = make_merchant(voluntary_days=promised)
        cream = make_variant(
            seller, category="cos.skin_care", disclosures={"sealed_hygiene": True} if sealed else {}
        )
        wants = [(cream, 2), *([(make_variant(seller), 1)] if shirt else [])]
        self.group = factories.delivered(wants, place=place)
        declare(self.group)
        self.ret = Return.objects.get()
        self.order = self.group.orders.get()
        self.line = self.order.lines.order_by("position").first()
        everything = {line.public_id: Counted(good=line.quantity) for line in self.order.lines.all()}
        operations.receive_return(
            return_id=self.ret.pk, counted=everything, complete=True, by="clerk", now=LATER + DAY
        )

    def claim(self) -> ValueLoss:
        return operations.claim_broken_seal(
            return_id=self.ret.pk, line=self.line.public_id, why="The foil is torn.", evidence=("a.jpg", JPEG),
            by="seller", now=LATER + DAY,
        )  # fmt: skip

    def answer(self, *, agree: bool) -> None:
        operations.answer_loss(
            loss_id=ValueLoss.objects.get().pk, agree=agree, reply="So it was.", now=LATER + 2 * DAY
        )

    def decide(self, *, stands: bool) -> None:
        operations.decide_loss(
            loss_id=ValueLoss.objects.get().pk, stands=stands, decision="As the picture shows.", by="officer",
            now=LATER + 3 * DAY,
        )  # fmt: skip

    def units(self) -> list[tuple[str, str]]:
        rows = ReturnUnit.objects.filter(return_line__line=self.line).order_by("pk")
        return list(rows.values_list("reception", "acceptance"))


def live() -> list[tuple[int, str]]:
    return sorted(OwedRefund.objects.exclude(state="void").values_list("amount_minor", "state"))


def judged(case: Case) -> tuple[str, str, int, str]:
    row = WithdrawalLine.objects.get(line=case.line)
    return row.state, row.ground, row.binding, row.answer["answer"]["ground"]


@pytest.mark.parametrize(
    ("place", "law"),
    [
        pytest.param(factories.DE, "eu.withdrawal.exception.sealed_hygiene", id="DE"),
        pytest.param(GB, "gb.withdrawal.exception.sealed_hygiene", id="GB"),
    ],
)
def test_a_broken_seal_that_is_agreed_ends_the_right_by_the_law_and_not_the_contract(place, law):
    case = Case(place=place)
    assert judged(case)[:3] == ("effective", "in_time", 2)
    case.claim()
    assert live() == [(case.group.total_minor, "held")]
    case.answer(agree=True)
    assert (judged(case), live()) == (("ineffective", "exempt", 0, law), [])
    assert (case.units(), LineTally.objects.get().withdrawn) == ([("received", "rejected")] * 2, 0)
    case.ret.refresh_from_db()
    assert case.ret.state == "closed"
    filed = Filed(
        kind="defective", quantity=2, said="It smells.", noticed_on=LATER.date(), wanted="replacement", language="de"
    )  # fmt: skip
    claim = operations.file_claim(
        order=case.order, line=case.line.public_id, filed=filed, key="c1", now=LATER + 4 * DAY
    )
    assert (claim.state, trial_balance().is_zero) == ("open", True)


def test_what_was_not_sealed_is_paid_in_time_without_the_delivery_of_what_stays():
    case = Case(shirt=True)
    case.claim()
    paid_now = live()
    case.answer(agree=True)
    shirt = case.order.lines.order_by("position").last()
    assert paid_now == sorted(
        [(shirt.unit_price_minor, "due"), (case.group.total_minor - shirt.unit_price_minor, "held")]
    )
    assert live() == [(shirt.unit_price_minor, "due")]


def test_a_seal_that_does_not_stand_brings_the_money_and_an_ordinary_inspection():
    case = Case()
    case.claim()
    case.answer(agree=False)
    case.decide(stands=False)
    assert (judged(case)[0], live()) == ("effective", [(case.group.total_minor, "due")])
    verdicts = [
        Verdict(unit, True, "A", resellable=True) for unit in ReturnUnit.objects.values_list("public_id", flat=True)
    ]  # fmt: skip
    operations.inspect_return(return_id=case.ret.pk, verdicts=verdicts, by="seller", now=LATER + 4 * DAY)
    assert case.units() == [("received", "accepted")] * 2


def test_silence_holds_the_money_and_decides_nothing():
    case = Case()
    loss = case.claim()
    operations.lapse_losses(today=loss.answer_by + DAY, now=LATER + 9 * DAY)
    assert (judged(case)[0], live()) == ("effective", [(case.group.total_minor, "held")])


def test_what_was_upheld_can_still_be_disputed_and_granted():
    case = Case()
    case.claim()
    case.answer(agree=False)
    case.decide(stands=True)
    assert judged(case)[:3] == ("ineffective", "exempt", 0)
    row = WithdrawalLine.objects.get()
    told = {"withdrawal_id": row.withdrawal_id, "line": case.line.public_id, "now": LATER + 4 * DAY}
    operations.dispute_judgement(**told, why="It came torn.")
    operations.decide_dispute(**told, grant=True, decision="The carrier tore it.", by="officer")
    assert (judged(case)[0], [amount for amount, _ in live()]) == ("granted", [case.group.total_minor])
    assert (LineTally.objects.get().withdrawn, trial_balance().is_zero) == (2, True)


def test_what_stays_the_shoppers_goes_back_to_them_once():
    case = Case()
    case.claim()
    unit = ReturnUnit.objects.order_by("pk").first()
    with pytest.raises(Conflict):
        operations.hand_back(unit_id=unit.pk, by="seller", now=LATER + 2 * DAY)  # nothing is decided
    case.answer(agree=True)
    operations.hand_back(unit_id=unit.pk, by="seller", now=LATER + 3 * DAY)
    with pytest.raises(Conflict):
        operations.hand_back(unit_id=unit.pk, by="seller", now=LATER + 3 * DAY)
    assert (case.units()[0], LineTally.objects.get().returning) == (("sent_back", "rejected"), 1)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"sealed": False}, id="not sealed"),
        pytest.param({"place": US_CA, "promised": 30}, id="by the seller's promise"),
    ],
)
def test_where_the_law_does_not_end_the_right_with_the_seal_nothing_is_held(facts):
    case = Case(**facts)
    before = live()
    with pytest.raises(Invalid):
        case.claim()
    assert (live(), ValueLoss.objects.count()) == (before, 0)


def test_what_was_accepted_or_claimed_before_is_claimed_no_more():
    case = Case()
    case.claim()
    with pytest.raises(Conflict):
        case.claim()
    case.decide(stands=False)
    unit = ReturnUnit.objects.order_by("pk").first().public_id
    operations.inspect_return(
        return_id=case.ret.pk, verdicts=[Verdict(unit, True, "A")], by="seller", now=LATER + 4 * DAY
    )
    with pytest.raises(Conflict):
        case.claim()
    assert ValueLoss.objects.count() == 1


def test_a_seal_needs_a_picture():
    case = Case()
    with pytest.raises(Invalid):
        operations.claim_broken_seal(
            return_id=case.ret.pk,
            line=case.line.public_id,
            why="Torn.",
            evidence=("", b""),
            by="m",
            now=LATER,
        )
    assert live() == [(case.group.total_minor, "due")]


def test_the_shopper_is_asked_by_letter_with_what_the_law_says():
    case = Case()
    outbox.relay(now=LATER + DAY)
    mail.outbox.clear()
    case.claim()
    outbox.relay(now=LATER + DAY)
    body = mail.outbox[0].body
    assert "The foil is torn." in body
    assert "Siegel" in body
