"""Cases after the sale decided at the desk: carried out at once, or above a sum with a colleague's agreement; once."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import IntegrityError, InternalError, transaction

from complaints import operations
from complaints.domain.errors import CaseMoved, CaseWaits, GestureOver, Incomplete, SecondPairOfEyes
from complaints.models import CaseDecision
from complaints.operations import CaseVerdict
from marketplace.kernel.errors import NotFound
from returns import operations as returns
from returns.models import Claim, OwedRefund, Return, ValueLoss, WithdrawalLine
from tests.complaints.factories import make_agent
from tests.races import end_behind
from tests.returns import factories
from tests.returns.factories import LATER, make_merchant, make_variant
from tests.returns.operations.test_claiming import claim_on
from tests.returns.operations.test_declaring import TOO_LATE, declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
DAY = timedelta(days=1)
DEAR = settings.COMPLAINTS_FOUR_EYES_MINOR["EUR"] + 5000


@pytest.fixture
def fixed_rates(db):
    factories.factories.load_rates()


def disputed_claim(*, price: int = 1200, now: datetime = LATER) -> Claim:
    """A claim that its seller refused and its shopper brought before the platform."""
    group = factories.delivered([(make_variant(make_merchant(), price=price), 1)])
    claim = claim_on(group, now=now, key=f"claim on {group.public_id}")
    returns.refuse_claim(claim_id=claim.pk, why="It was cut.", by="seller", now=now)
    return returns.dispute_claim(claim_id=claim.pk, why="It was not.", now=now)


def disputed_line(*, price: int = 1200) -> WithdrawalLine:
    """A withdrawal that came too late and is disputed."""
    group = factories.delivered([(make_variant(make_merchant(), price=price), 1)])
    declared = declare(group, now=TOO_LATE)
    row = declared.lines.get()
    return returns.dispute_judgement(
        withdrawal_id=declared.pk, line=row.line.public_id, why="It came on the last day.", now=TOO_LATE
    )


def for_claim(claim: Claim, **more) -> CaseVerdict:
    said = {"grants": True, "remedy": "termination", "reason": "The cut is a fault of sewing.", **more}
    return CaseVerdict(case=claim.public_id, part="", **said)


def decide(verdict: CaseVerdict, *, agent=None, key: str = "", now: datetime = LATER) -> CaseDecision:
    return operations.decide_case(verdict=verdict, user_id=(agent or make_agent()).user_id, now=now, key=key)


def test_a_claim_is_decided_at_once_and_both_sides_read_why():
    claim = disputed_claim()
    agent = make_agent()
    made = decide(for_claim(claim), agent=agent)
    claim.refresh_from_db()
    assert (made.needs_agreement, made.worth_minor > 1200) == (False, True)  # with its share of the delivery
    assert (claim.state, claim.decision, claim.decided_by) == (
        "remedying",
        "The cut is a fault of sewing.",
        agent.user.email,
    )


def test_a_refusal_is_upheld_without_a_second_pair_of_eyes():
    claim = disputed_claim(price=DEAR)
    made = decide(for_claim(claim, grants=False, remedy=""))
    claim.refresh_from_db()
    assert (made.needs_agreement, made.worth_minor, claim.state) == (False, 0, "upheld")


def test_above_the_sum_a_colleague_agrees_first():
    claim, agent = disputed_claim(price=DEAR), make_agent()
    made = decide(for_claim(claim), agent=agent)
    claim.refresh_from_db()
    assert (made.needs_agreement, claim.state, OwedRefund.objects.count()) == (True, "escalated", 0)
    with pytest.raises(SecondPairOfEyes):
        operations.agree_case(decision=made.public_id, user_id=agent.user_id, now=LATER)
    for _ in range(2):
        operations.agree_case(decision=made.public_id, user_id=make_agent().user_id, now=LATER)
    claim.refresh_from_db()
    assert (claim.state, claim.notes.filter(what="granted").count()) == ("remedying", 1)


def test_another_piece_costs_no_money_and_needs_nobody():
    made = decide(for_claim(disputed_claim(price=DEAR), remedy="replacement"))
    assert (made.needs_agreement, made.worth_minor) == (False, 0)


def test_a_lower_price_counts_by_its_sum():
    claim = disputed_claim(price=DEAR)
    made = decide(for_claim(claim, remedy="price_reduction", amount_minor=500))
    assert (made.worth_minor, made.needs_agreement) == (500, False)
    with pytest.raises(Incomplete):
        decide(for_claim(disputed_claim(), remedy="price_reduction"))


def test_what_waits_is_dropped_and_then_decided_anew():
    claim, agent = disputed_claim(price=DEAR), make_agent()
    made = decide(for_claim(claim), agent=agent)
    with pytest.raises(CaseWaits):
        decide(for_claim(claim, grants=False, remedy=""))
    for _ in range(2):
        operations.drop_case(decision=made.public_id, user_id=agent.user_id, now=LATER)
    with pytest.raises(GestureOver):
        operations.agree_case(decision=made.public_id, user_id=make_agent().user_id, now=LATER)
    decide(for_claim(claim, grants=False, remedy=""))
    claim.refresh_from_db()
    assert claim.state == "upheld"


def test_what_took_effect_is_not_dropped():
    made = decide(for_claim(disputed_claim()))
    with pytest.raises(GestureOver):
        operations.drop_case(decision=made.public_id, user_id=make_agent().user_id, now=LATER)


def test_a_colleague_s_agreement_to_what_was_decided_otherwise_meanwhile_changes_nothing():
    claim = disputed_claim(price=DEAR)
    made = decide(for_claim(claim))
    returns.accept_claim(claim_id=claim.pk, by="seller", now=LATER)  # the seller thinks better of it
    with pytest.raises(CaseMoved):
        operations.agree_case(decision=made.public_id, user_id=make_agent().user_id, now=LATER)
    made.refresh_from_db()
    assert (made.agreed_by, claim.remedies.count()) == (None, 1)


def test_the_same_key_is_the_same_decision():
    claim = disputed_claim()
    first, again = decide(for_claim(claim), key="k"), decide(for_claim(claim), key="k")
    assert (first, claim.notes.filter(what="granted").count()) == (again, 1)


def test_what_is_not_open_is_not_decided():
    claim = claim_on(factories.delivered())  # the seller has its days
    with pytest.raises(CaseMoved):
        decide(for_claim(claim))
    assert CaseDecision.objects.count() == 0


@pytest.mark.parametrize(
    "more", [{"reason": " "}, {"remedy": "a pony"}, {"reason": "x" * 20_001}], ids=["no why", "pony", "long"]
)
def test_what_is_missing_or_odd_is_refused(more):
    claim = disputed_claim()
    with pytest.raises(Incomplete):
        decide(for_claim(claim, **more))


@pytest.mark.parametrize(("case", "part"), [("CL-NONE", ""), ("X-1", ""), ("", ""), ("W-1", "LN-1")])
def test_what_there_is_not_is_not_found(case, part):
    with pytest.raises(NotFound):
        decide(CaseVerdict(case, part, grants=True, reason="Why."))


def test_a_late_withdrawal_is_granted_and_its_money_is_owed():
    row = disputed_line()
    made = decide(
        CaseVerdict(row.withdrawal.public_id, row.line.public_id, grants=True, reason="The parcel was late."),
        now=TOO_LATE,
    )
    row.refresh_from_db()
    assert (row.state, row.decision, made.order) == (
        "granted",
        "The parcel was late.",
        row.line.order.public_id,
    )
    assert OwedRefund.objects.get().subject == row.withdrawal.public_id


def test_lines_of_one_withdrawal_count_together():
    merchant = make_merchant()
    half = settings.COMPLAINTS_FOUR_EYES_MINOR["EUR"] * 6 // 10
    things = [(make_variant(merchant, price=half), 1) for _n in range(2)]
    declared = declare(factories.delivered(things), now=TOO_LATE)
    made = []
    for row in declared.lines.order_by("pk"):
        verdict = CaseVerdict(declared.public_id, row.line.public_id, grants=True, reason="By goodwill.")
        made.append(decide(verdict, now=TOO_LATE).needs_agreement)
    assert made == [False, True]


def test_a_loss_of_value_is_decided_once_it_was_answered():
    group = factories.delivered()
    declare(group)
    ret = Return.objects.get()
    line = group.orders.get().lines.get().public_id
    returns.receive_return(
        return_id=ret.pk, counted={line: returns.Counted(good=3)}, complete=True, by="m", now=LATER + DAY
    )
    loss = returns.claim_loss(
        return_id=ret.pk, line=line, amount_minor=500, why="Worn.", evidence=("a.jpg", b"\xff\xd8\xff"), by="m",
        now=LATER + DAY,
    )  # fmt: skip
    verdict = CaseVerdict(
        ret.public_id, loss.public_id, grants=True, reason="One looks at it like that in a shop."
    )
    with pytest.raises(CaseMoved):  # it is the shopper's turn
        decide(verdict, now=LATER + DAY)
    returns.answer_loss(loss_id=loss.pk, agree=False, reply="No.", now=LATER + DAY)
    made = decide(verdict, now=LATER + DAY)
    assert (made.worth_minor, ValueLoss.objects.get().state) == (500, "dropped")


def test_a_decision_is_never_rewritten():
    made = decide(for_claim(disputed_claim()))
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        CaseDecision.objects.filter(pk=made.pk).update(reason="Another.")


def _race(claim: Claim, agents) -> tuple[str | None, int]:
    """Two agents decide the same claim at once; return what became of the second, and how often it was granted."""
    second = end_behind(
        hold=lambda: decide(for_claim(claim), agent=agents[0]),
        work=lambda: decide(for_claim(claim, remedy="repair"), agent=agents[1]),
    )
    return (second if isinstance(second, str) else None), claim.notes.filter(what="granted").count()


@pytest.mark.django_db(transaction=True)
def test_of_two_agents_at_once_one_decides():
    claim = disputed_claim()
    assert _race(claim, [make_agent(), make_agent()]) == ("CaseMoved", 1)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_of_the_order_the_second_thinks_that_it_may(monkeypatch):
    """Negative control: it gets as far as carrying it out, which then finds the claim decided."""
    claim, agents = disputed_claim(), [make_agent(), make_agent()]
    monkeypatch.setattr(
        "complaints.operations.cases.after_sales", SimpleNamespace(lock_orders=lambda ids: [])
    )
    assert _race(claim, agents) == ("WrongState", 1)
