"""Claims: the remedies of the law in their order, the seller's answer against a clock, the platform's own action."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from catalog.models import Stock
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid
from orders import operations as orders
from orders.domain.errors import WrongState
from orders.models import OrderGroup, OrderLine
from orders.operations import Packed, payout_holds
from returns import operations
from returns.carriers.protocol import Scan
from returns.domain import policy
from returns.domain.errors import NotOpenByLaw, TooManyClaimed
from returns.models import Claim, ClaimNote, ClaimRemedy, LineTally, OwedRefund, Return
from returns.operations import Counted, Filed, claiming, settling
from returns.queries import claim_law
from tests.returns import factories
from tests.returns.factories import GB, LATER, US_CA, make_merchant, make_variant
from tests.returns.operations.test_declaring import declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
DAY = timedelta(days=1)


def line_of(group):
    return group.orders.get().lines.get()


def claim_on(group, *, wanted="repair", kind="defective", quantity=1, now=LATER, key="k1", **more) -> Claim:
    filed = Filed(
        kind=kind,
        quantity=quantity,
        said="It does not light.",
        noticed_on=now.date(),
        wanted=wanted,
        language="de",
        **more,
    )
    return operations.file_claim(
        order=group.orders.get(), line=line_of(group).public_id, filed=filed, key=key, now=now
    )


def accepted(group, **more) -> Claim:
    claim = claim_on(group, **more)
    operations.accept_claim(claim_id=claim.pk, by="seller", now=LATER)
    return claim


def again(claim: Claim) -> Claim:
    return Claim.objects.get(pk=claim.pk)


def come_back(claim: Claim, *, now) -> Return:
    """The goods of the newest remedy are with the seller."""
    ret = claim.remedies.order_by("-number").first().ret
    line = ret.lines.get().line.public_id
    operations.receive_return(
        return_id=ret.pk, counted={line: Counted(good=claim.quantity)}, complete=True, by="seller", now=now
    )
    outbox.relay()
    return Return.objects.get(pk=ret.pk)


def test_a_claim_is_stored_with_what_the_law_says_and_acknowledged_at_once():
    claim = claim_on(factories.delivered())
    outbox.relay()
    told = claim.answer["answer"]
    assert told["remedies_open"] == ["repair", "replacement"]
    assert (told["burden_on_seller_until"], told["liable_until"]) == ("2027-11-25", "2028-11-25")
    assert claim.due_on == date(2026, 12, 5)
    letter = next(one for one in mail.outbox if claim.public_id in one.subject)
    assert "It does not light." in letter.body


def test_the_same_claim_sent_twice_is_one():
    group = factories.delivered()
    assert claim_on(group) == claim_on(group)
    assert Claim.objects.count() == 1


def test_the_law_of_the_market_opens_what_may_be_asked_for():
    with pytest.raises(NotOpenByLaw):
        claim_on(factories.delivered(), wanted="termination")
    assert claim_on(factories.delivered(place=GB), wanted="reject", key="gb").wanted == "reject"
    unlisted = claim_on(factories.delivered(place=US_CA), wanted="termination", key="us")
    assert unlisted.answer["answer"]["remedies_open"] == []


def test_a_fault_that_is_so_serious_opens_the_end_at_once():
    claim = claim_on(factories.delivered(), wanted="termination", is_serious=True)
    assert claim.answer["answer"]["remedies_open"] == ["price_reduction", "termination"]


def test_never_more_pieces_than_there_are():
    group = factories.delivered()
    claim_on(group, quantity=2)
    with pytest.raises(TooManyClaimed) as error:
        claim_on(group, quantity=2, key="k2")
    assert error.value.data["left"] == 1


def test_a_claim_holds_the_payout_until_it_is_over():
    group = factories.delivered()
    line = line_of(group).public_id
    claim = claim_on(group)
    assert "a claim is open" in payout_holds.reasons([line], date(2027, 1, 10))[line]
    operations.drop_claim(claim_id=claim.pk, now=LATER)
    assert "a claim is open" not in payout_holds.reasons([line], date(2027, 1, 10)).get(line, ())


def test_a_repair_makes_the_guarantee_longer_and_its_failure_opens_the_end():
    group = factories.delivered()
    claim = accepted(group)
    ret = Return.objects.get()
    assert (ret.reason, ret.subject, ret.paid_by) == ("claim", claim.public_id, "merchant")
    come_back(claim, now=LATER + 3 * DAY)
    operations.send_remedy(
        claim_id=claim.pk,
        carrier="Post",
        tracking_number="1",
        note="New plug.",
        by="seller",
        now=LATER + 6 * DAY,
    )
    assert LineTally.objects.get().returning == 0  # it can go back once more
    operations.confirm_remedy(claim_id=claim.pk, now=LATER + 9 * DAY)
    assert again(claim).state == "done"

    operations.report_failure(
        claim_id=claim.pk, wanted="termination", text="Dark again.", now=LATER + 40 * DAY
    )
    claim = again(claim)
    assert claim.answer["answer"]["liable_until"] == "2029-11-25"
    assert claim.answer["answer"]["remedies_open"] == ["price_reduction", "termination"]

    operations.accept_claim(claim_id=claim.pk, by="seller", now=LATER + 41 * DAY)
    owed = OwedRefund.objects.get()
    one_piece = line_of(group).unit_price_minor  # delivery stays
    assert (owed.state, owed.amount_minor) == ("waiting", one_piece)
    come_back(claim, now=LATER + 45 * DAY)
    assert OwedRefund.objects.get().state == "due"


def test_what_was_sent_and_not_complained_of_ends_by_itself_and_can_open_again():
    claim = accepted(factories.delivered())
    come_back(claim, now=LATER + DAY)
    operations.send_remedy(
        claim_id=claim.pk, carrier="Post", tracking_number="1", note="", by="seller", now=LATER + 2 * DAY
    )
    assert operations.finish_quiet(today=date(2026, 12, 14), now=LATER + 16 * DAY) == 0
    assert operations.finish_quiet(today=date(2026, 12, 16), now=LATER + 18 * DAY) == 1
    assert again(claim).state == "done"
    operations.report_failure(claim_id=claim.pk, wanted="termination", text="", now=LATER + 30 * DAY)
    assert again(claim).state == "open"


def test_the_end_for_everything_brings_delivery_back_too_and_is_never_owed_twice():
    group = factories.delivered()
    claim = accepted(group, wanted="termination", is_serious=True, quantity=3)
    assert OwedRefund.objects.get().amount_minor == group.total_minor
    withdrawal = declare(group, now=LATER)
    assert withdrawal.lines.get().ground == "already"
    assert OwedRefund.objects.count() == 1
    assert again(claim).state == "remedying"


def test_a_price_reduction_is_taken_off_what_a_later_withdrawal_brings():
    group = factories.delivered([(make_variant(make_merchant()), 1)])
    claim = claim_on(group, wanted="price_reduction", is_serious=True)
    operations.accept_claim(claim_id=claim.pk, by="seller", amount_minor=300, now=LATER)
    declare(group, now=LATER)
    sums = list(OwedRefund.objects.order_by("pk").values_list("amount_minor", flat=True))
    assert (sums[0], sum(sums)) == (300, group.total_minor)


def test_money_that_was_paid_ends_the_claim():
    group = factories.delivered()
    claim = claim_on(group, wanted="price_reduction", is_serious=True)
    operations.accept_claim(claim_id=claim.pk, by="seller", amount_minor=300, now=LATER)
    settling.pay_for(subject=claim.public_id, order=claim.order.public_id, now=LATER)
    owed = OwedRefund.objects.get()
    operations.record_paid(refund=owed.refund, now=LATER)
    from returns.operations import repairing

    repairing.note_paid(subject=claim.public_id, now=LATER)
    assert again(claim).state == "done"


def test_another_piece_leaves_the_shelf_and_nothing_goes_back_for_what_is_missing():
    group = factories.delivered()
    claim = accepted(group, kind="missing", wanted="replacement")
    assert Return.objects.count() == 0
    before = Stock.objects.get().on_hand
    operations.send_remedy(
        claim_id=claim.pk, carrier="Post", tracking_number="1", note="", by="seller", now=LATER
    )
    assert Stock.objects.get().on_hand == before - 1


def test_the_seller_offers_something_else_and_the_shopper_decides():
    group = factories.delivered()
    claim = claim_on(group)
    operations.offer_remedy(
        claim_id=claim.pk, remedy="price_reduction", amount_minor=400, by="seller", now=LATER
    )
    operations.agree_offer(claim_id=claim.pk, now=LATER)
    assert (again(claim).state, OwedRefund.objects.get().amount_minor) == ("remedying", 400)


def test_a_refusal_needs_reasons_and_can_be_disputed():
    claim = claim_on(factories.delivered())
    with pytest.raises(Exception, match="Say why"):
        operations.refuse_claim(claim_id=claim.pk, why=" ", by="seller", now=LATER)
    operations.refuse_claim(claim_id=claim.pk, why="It was dropped.", by="seller", now=LATER)
    operations.dispute_claim(claim_id=claim.pk, why="It was not.", now=LATER)
    operations.decide_claim(
        claim_id=claim.pk, remedy="repair", decision="No trace of a fall.", by="Ben", now=LATER
    )
    assert (again(claim).state, ClaimRemedy.objects.get().kind) == ("remedying", "repair")
    assert list(ClaimNote.objects.order_by("pk").values_list("what", flat=True)) == [
        "filed", "refused", "disputed", "granted",
    ]  # fmt: skip


def test_silence_brings_the_platform_and_then_the_money():
    group = factories.delivered()
    claim = claim_on(group)
    assert (
        operations.lapse_claims(today=claim.due_on, now=LATER + 7 * DAY) == 0
    )  # the last day is the seller's
    assert operations.lapse_claims(today=claim.due_on + DAY, now=LATER + 8 * DAY) == 1
    claim = again(claim)
    assert (claim.state, claim.was_silent, claim.due_on) == ("escalated", True, date(2026, 12, 11))
    assert operations.decide_silent(today=claim.due_on + DAY, now=LATER + 14 * DAY) == 1
    assert again(claim).state == "remedying"
    assert list(ClaimRemedy.objects.order_by("number").values_list("kind", "state")) == [
        ("repair", "late"), ("termination", "due"),
    ]  # fmt: skip
    assert OwedRefund.objects.get().amount_minor == line_of(group).unit_price_minor


def test_a_claim_that_fails_at_night_does_not_keep_the_next_one_waiting(monkeypatch):
    broken, whole = (claim_on(factories.delivered(), key=key) for key in ("k1", "k2"))
    assert operations.lapse_claims(today=broken.due_on + DAY, now=LATER + 8 * DAY) == 2
    honest = claiming.repairing.record_silence

    def record(*, claim, now):
        if claim.pk == broken.pk:
            raise KeyError(claim.public_id)
        return honest(claim=claim, now=now)

    monkeypatch.setattr(claiming.repairing, "record_silence", record)
    with pytest.raises(KeyError):
        operations.decide_silent(today=again(whole).due_on + DAY, now=LATER + 14 * DAY)
    assert (again(broken).state, again(whole).state) == ("escalated", "remedying")


def test_a_seller_that_answers_late_is_still_heard_but_not_twice():
    claim = claim_on(factories.delivered())
    operations.lapse_claims(today=date(2027, 1, 1), now=LATER + 8 * DAY)
    operations.accept_claim(claim_id=claim.pk, by="seller", now=LATER + 8 * DAY)
    with pytest.raises(WrongState):
        operations.accept_claim(claim_id=claim.pk, by="seller", now=LATER + 8 * DAY)
    assert ClaimRemedy.objects.count() == 1


@pytest.mark.parametrize("sent", ["not yet", "by own means", "here", "lost"])
def test_what_is_out_for_a_repair_that_never_came_is_not_sent_once_more(sent):
    group = factories.delivered([(make_variant(make_merchant()), 2)])
    claim, at = accepted(group, quantity=2), LATER
    ret = claim.remedies.get().ret
    if sent == "by own means":
        operations.record_own_sending(
            return_id=ret.pk,
            carrier="Post",
            tracking_number="R1",
            proof=None,
            sent_on=LATER.date(),
            now=LATER,
        )
    if sent == "here":
        come_back(claim, now=LATER)
    if sent == "lost":
        number = operations.issue_label(return_id=ret.pk, method="drop_off", now=LATER).tracking_number
        for code in ("accepted", "lost"):
            operations.record_scans(carrier="rightful", scans=[Scan(number, code, LATER)], now=LATER)
    outbox.relay()
    at += policy.REMEDY_WITHIN + 3 * DAY
    operations.report_failure(claim_id=claim.pk, wanted="termination", text="It never came.", now=at)
    operations.accept_claim(claim_id=claim.pk, by="seller", now=at)

    newest = claim.remedies.order_by("-number").first()
    owed, tally = OwedRefund.objects.get(), LineTally.objects.get()
    assert (newest.kind, newest.ret_id, Return.objects.count()) == ("termination", ret.pk, 1)
    assert (tally.withdrawn, tally.returning) == (2, 2)
    assert (owed.state, owed.amount_minor) == (
        "due" if sent != "not yet" else first_state(group),
        group.total_minor,
    )


def first_state(group) -> str:
    """How money of a claim begins while the goods are with the shopper: by the law of the place."""
    order = group.orders.get()
    named = claim_law.refund_deadline(order, reason="non_conforming", on=LATER.date()).answer["due_on"]
    return "due" if named else "waiting"


def test_a_repair_that_takes_too_long_opens_the_next_step_but_not_before():
    claim = accepted(factories.delivered())
    with pytest.raises(Exception, match="still has time"):
        operations.report_failure(claim_id=claim.pk, wanted="termination", text="", now=LATER + 5 * DAY)
    operations.report_failure(claim_id=claim.pk, wanted="termination", text="", now=LATER + 20 * DAY)
    assert ClaimRemedy.objects.get().state == "late"


def test_the_database_refuses_what_no_table_allows():
    claim = accepted(factories.delivered())
    for change in ({"state": "lost"}, {"state": "refused"}, {"state": "offered"}, {"quantity": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Claim.objects.filter(pk=claim.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClaimRemedy.objects.create(
            claim=claim, number=2, kind="repair", agreed_at=LATER, agreed_by="x", act_by=LATER.date()
        )


def test_the_law_is_asked_again_with_what_was_tried():
    claim = accepted(factories.delivered())
    assert claiming.next_law(claim).answer["extended_because"] == "repair"


def test_money_off_is_never_more_than_what_is_left_of_the_order():
    group = factories.delivered()
    claim = claim_on(group, wanted="price_reduction", is_serious=True)
    declare(group)  # all of it goes back
    with pytest.raises(Invalid) as error:
        operations.accept_claim(claim_id=claim.pk, by="seller", amount_minor=500, now=LATER)
    assert error.value.data["most"] == 0
    owed = OwedRefund.objects.exclude(state="void").values_list("amount_minor", flat=True)
    assert (sum(owed), again(claim).state) == (group.total_minor, "open")


def sent_in_part(*, sent: int) -> tuple[OrderGroup, OrderLine]:
    """Three pieces were bought; so many left, and arrived."""
    group = factories.buy([(make_variant(make_merchant(), stock=10), 3)])
    order = group.orders.get()
    line = order.lines.get()
    parcel = factories.send(order, packed=[Packed(line.public_id, sent)])
    orders.record_delivery(
        parcel_id=parcel.pk, delivered_at=factories.ARRIVED, received_by="consumer", recorded_by="t", now=factories.ARRIVED
    )  # fmt: skip
    return group, line


def test_what_was_never_sent_is_no_claim():
    group, _line = sent_in_part(sent=1)
    with pytest.raises(TooManyClaimed) as error:
        claim_on(group, kind="not_arrived", wanted="replacement", quantity=2)
    assert (error.value.data["left"], Claim.objects.count()) == (1, 0)


def test_a_piece_that_ends_after_it_was_sent_keeps_no_other_from_being_sent():
    group, line = sent_in_part(sent=1)
    accepted(group, wanted="termination", quantity=1, is_serious=True)
    assert orders.left_to_ship(group.orders.get()) == {line.public_id: 2}
    declare(group, {line.public_id: 2}, key="rest")
    tally = LineTally.objects.get()
    assert orders.left_to_ship(group.orders.get()) == {line.public_id: 0}
    assert (tally.withdrawn, tally.ended_after, tally.returning, Stock.objects.get().on_hand) == (3, 1, 1, 9)


def test_a_return_called_off_after_another_piece_was_sent_counts_nothing_twice():
    group = factories.delivered()
    claim = accepted(group, wanted="replacement")
    operations.send_remedy(
        claim_id=claim.pk, carrier="other", tracking_number="N-12345", note="", by="seller", now=LATER
    )
    operations.cancel_return(return_id=Return.objects.get().pk, now=LATER)
    assert (LineTally.objects.get().returning, Return.objects.get().state) == (0, "cancelled")
