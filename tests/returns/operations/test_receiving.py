"""Parcels come back: sent, counted, inspected, paid."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core import mail

from catalog.models import Stock
from marketplace.kernel import outbox
from marketplace.kernel.errors import Conflict, Invalid
from orders.domain.errors import WrongState
from orders.models import Refund
from orders.operations import send_refund
from returns import carriers, operations
from returns.carriers.offline import sign
from returns.carriers.protocol import Scan
from returns.domain.errors import NotInspectable
from returns.models import OwedRefund, Return, ReturnEvent, ReturnUnit, ValueLoss, Withdrawal
from returns.operations import Counted, Verdict
from tests.returns import factories
from tests.returns.factories import LATER, make_merchant, make_variant
from tests.returns.operations.test_declaring import declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
DAY = timedelta(days=1)
JPEG = b"\xff\xd8\xff picture"


def withdrawn(**more):
    variant = make_variant(make_merchant(), stock=10)
    group = factories.delivered([(variant, 3)], **more)
    declare(group)
    return group, variant, Return.objects.get(), group.orders.get().lines.get().public_id


def receive(ret, line, counted, *, complete=True, now=LATER + DAY):
    return operations.receive_return(
        return_id=ret.pk, counted={line: counted}, complete=complete, by="clerk", now=now
    )


def units(ret):
    rows = ReturnUnit.objects.filter(return_line__ret=ret).order_by("pk")
    return list(rows.values_list("reception", flat=True))


def test_a_label_is_booked_once_and_its_number_has_a_check_digit():
    *_, ret, _line = withdrawn()
    first = operations.issue_label(return_id=ret.pk, method="drop_off", now=LATER)
    again = operations.issue_label(return_id=ret.pk, method="drop_off", now=LATER)
    assert first == again
    assert first.tracking_number.startswith("RR47000001")
    fetched = operations.issue_label(
        return_id=ret.pk, method="pick_up", pick_up_on=(LATER + DAY).date(), now=LATER
    )
    first.refresh_from_db()
    assert (first.state, fetched.state) == ("cancelled", "booked")


def test_the_first_scan_ends_the_waiting_for_the_goods():
    *_, ret, _line = withdrawn()
    parcel = operations.issue_label(return_id=ret.pk, method="drop_off", now=LATER)
    carriers.carrier("rightful").hand_over(parcel.tracking_number, at=LATER)
    assert operations.follow_parcels(now=LATER + DAY) == 2
    ret.refresh_from_db()
    assert (ret.state, ret.dispatched_at) == ("in_transit", LATER)
    assert OwedRefund.objects.get().state == "due"


def test_news_out_of_order_and_twice_is_kept_once_and_goes_forward_only():
    *_, ret, _line = withdrawn()
    number = operations.issue_label(return_id=ret.pk, method="drop_off", now=LATER).tracking_number
    late = Scan(number, "delivered", LATER + 2 * DAY, "merchant")
    early = Scan(number, "accepted", LATER, "shop")
    for scans in ([late], [early], [late, early]):
        operations.record_scans(carrier="rightful", scans=scans, now=LATER + 3 * DAY)
    ret.refresh_from_db()
    assert (ret.state, ReturnEvent.objects.count(), ret.parcels.get().state) == ("in_transit", 2, "delivered")


def test_a_signed_message_is_taken_and_another_is_not():
    body = json.dumps({"scans": [{"number": "X", "code": "accepted", "at": LATER.isoformat()}]}).encode()
    assert carriers.carrier("rightful").read_webhook(body, sign(body))[0].code == "accepted"
    with pytest.raises(Invalid):
        carriers.carrier("rightful").read_webhook(body, "0" * 64)


def test_a_number_that_is_sent_twice_is_one_parcel():
    *_, ret, _line = withdrawn()
    said = {"carrier": "DHL", "tracking_number": "JJD1", "proof": None, "sent_on": LATER.date(), "now": LATER}
    assert operations.record_own_sending(return_id=ret.pk, **said) == operations.record_own_sending(
        return_id=ret.pk, **said
    )
    assert ret.parcels.count() == 1


def test_a_number_is_of_one_return():
    *_, ret, _line = withdrawn()
    said = {"carrier": "DHL", "tracking_number": "JJD1", "proof": None, "sent_on": LATER.date(), "now": LATER}
    operations.record_own_sending(return_id=ret.pk, **said)
    group = factories.delivered()
    declare(group, key="k2")
    other = Return.objects.exclude(pk=ret.pk).get()
    with pytest.raises(Invalid) as error:
        operations.record_own_sending(return_id=other.pk, **said)
    assert (error.value.field, other.parcels.count()) == ("tracking_number", 0)


def test_own_sending_needs_a_proof():
    *_, ret, _line = withdrawn()
    with pytest.raises(Invalid):
        operations.record_own_sending(
            return_id=ret.pk, carrier="", tracking_number="", proof=None, sent_on=LATER.date(), now=LATER
        )
    operations.record_own_sending(
        return_id=ret.pk,
        carrier="DHL",
        tracking_number="",
        proof=("a.jpg", JPEG),
        sent_on=LATER.date(),
        now=LATER,
    )
    ret.refresh_from_db()
    assert (ret.state, OwedRefund.objects.get().state) == ("in_transit", "due")


def test_what_came_is_counted_against_what_was_announced():
    *_, ret, line = withdrawn()
    ret = receive(ret, line, Counted(good=1, wrong=1))
    assert units(ret) == ["received", "wrong_item", "missing"]
    assert ret.lines.get().received == 1
    one = ret.order.lines.get().unit_price_minor
    assert owed() == [("due", one), ("waiting", ret.order.total_minor - one)]  # two pieces are still not back


def test_the_rest_comes_later():
    *_, ret, line = withdrawn()
    receive(ret, line, Counted(good=1), complete=False)
    ret = receive(ret, line, Counted(good=2), now=LATER + 2 * DAY)
    assert units(ret) == ["received"] * 3
    assert [state for state, _ in owed()] == ["due", "due"]
    assert sum(amount for _, amount in owed()) == ret.order.total_minor


def owed():
    """What is owed and still counts."""
    rows = OwedRefund.objects.exclude(state="void").order_by("pk")
    return list(rows.values_list("state", "amount_minor"))


def test_what_is_too_much_waits_for_a_decision():
    *_, ret, line = withdrawn()
    ret = receive(ret, line, Counted(good=4))
    assert units(ret) == ["received"] * 3 + ["excess"]
    extra = ReturnUnit.objects.get(reception="excess")
    operations.settle_unit(unit_id=extra.pk, action="send_back", by="clerk", now=LATER + DAY)
    assert units(ret)[-1] == "sent_back"


def test_a_parcel_that_nobody_announced_is_taken_in():
    group = factories.delivered()
    order = group.orders.get()
    ret = operations.receive_unannounced(
        order=order, counted={order.lines.get().public_id: Counted(good=1)}, by="clerk", now=LATER
    )
    assert (ret.reason, ret.state, units(ret)) == ("unannounced", "received", ["excess"])


def inspect(ret, *verdicts, now=LATER + 2 * DAY):
    rows = list(ReturnUnit.objects.filter(return_line__ret=ret).order_by("pk"))
    given = [Verdict(unit=row.public_id, **verdict) for row, verdict in zip(rows, verdicts, strict=False)]
    return operations.inspect_return(return_id=ret.pk, verdicts=given, by="clerk", now=now)


NEW = {"accept": True, "grade": "A", "resellable": True}


def test_only_what_can_be_sold_again_goes_on_the_shelf_once():
    _, variant, ret, line = withdrawn()
    receive(ret, line, Counted(good=3))
    scrap = {"accept": True, "grade": "D", "resellable": True}
    ret = inspect(ret, NEW, NEW, scrap)
    assert (ret.state, Stock.objects.get(variant=variant).on_hand) == ("inspected", 9)
    with pytest.raises(WrongState):
        inspect(ret, NEW)
    assert Stock.objects.get(variant=variant).on_hand == 9


def test_what_is_not_here_cannot_be_inspected():
    *_, ret, line = withdrawn()
    receive(ret, line, Counted(good=1))
    with pytest.raises(NotInspectable):
        inspect(ret, NEW, NEW)


def test_after_the_inspection_the_money_goes_back_and_everything_is_settled():
    group, _, ret, line = withdrawn()
    receive(ret, line, Counted(good=3))
    inspect(ret, NEW, NEW, NEW)
    outbox.relay(now=LATER + 3 * DAY)
    refund = Refund.objects.get()
    if refund.state == "requested":
        send_refund(refund_id=refund.pk, now=LATER + 3 * DAY)
        outbox.relay(now=LATER + 4 * DAY)
    refund.refresh_from_db()
    ret.refresh_from_db()
    assert (refund.state, refund.amount_minor) == ("done", group.total_minor)
    assert (OwedRefund.objects.get().state, ret.state, Withdrawal.objects.get().state) == (
        "paid",
        "closed",
        "settled",
    )


def test_what_is_due_is_paid_on_its_day_and_not_before():
    *_, ret, _line = withdrawn()
    operations.record_own_sending(
        return_id=ret.pk, carrier="DHL", tracking_number="1", proof=None, sent_on=LATER.date(), now=LATER
    )
    due = OwedRefund.objects.get().due_on
    assert operations.pay_due(today=due - DAY, now=LATER) == 0
    assert operations.pay_due(today=due, now=LATER) == 1
    assert operations.pay_due(today=due, now=LATER) == 0


def test_what_is_overdue_is_told_once():
    *_, ret, _line = withdrawn()
    operations.record_own_sending(
        return_id=ret.pk, carrier="DHL", tracking_number="1", proof=None, sent_on=LATER.date(), now=LATER
    )
    late = OwedRefund.objects.get().due_on + DAY
    assert [operations.escalate_overdue(today=late, now=LATER) for _ in range(2)] == [1, 0]


def claim(ret, line, amount=500):
    return operations.claim_loss(
        return_id=ret.pk,
        line=line,
        amount_minor=amount,
        why="Worn.",
        evidence=("a.jpg", JPEG),
        by="m",
        now=LATER + DAY,
    )


def live():
    return sorted(OwedRefund.objects.exclude(state="void").values_list("amount_minor", "state"))


def test_a_loss_of_value_splits_the_refund_and_the_shopper_agrees():
    group, _, ret, line = withdrawn()
    receive(ret, line, Counted(good=3))
    loss = claim(ret, line)
    assert live() == [(500, "held"), (group.total_minor - 500, "due")]
    operations.answer_loss(loss_id=loss.pk, agree=True, reply="", now=LATER + 2 * DAY)
    assert live() == [(group.total_minor - 500, "due")]


def test_a_loss_of_value_is_contested_and_dropped():
    group, _, ret, line = withdrawn()
    receive(ret, line, Counted(good=3))
    loss = claim(ret, line)
    operations.answer_loss(loss_id=loss.pk, agree=False, reply="It was so.", now=LATER + 2 * DAY)
    operations.decide_loss(
        loss_id=loss.pk, stands=False, decision="No proof.", by="officer", now=LATER + 3 * DAY
    )
    assert live() == [(500, "due"), (group.total_minor - 500, "due")]


def test_silence_is_not_consent():
    *_, ret, line = withdrawn()
    receive(ret, line, Counted(good=3))
    loss = claim(ret, line)
    assert operations.lapse_losses(today=loss.answer_by + DAY, now=LATER + 9 * DAY) == 1
    loss.refresh_from_db()
    assert (loss.state, loss.held.state) == ("silent", "held")


def test_a_loss_of_the_same_pieces_is_claimed_once_until_it_is_dropped():
    *_, ret, line = withdrawn()
    receive(ret, line, Counted(good=3))
    loss = claim(ret, line)
    before = live()
    with pytest.raises(Conflict):
        claim(ret, line)
    assert live() == before
    operations.decide_loss(loss_id=loss.pk, stands=False, decision="No.", by="m", now=LATER + 2 * DAY)
    assert claim(ret, line).state == "claimed"


def test_a_loss_needs_evidence():
    *_, ret, line = withdrawn()
    receive(ret, line, Counted(good=3))
    with pytest.raises(Invalid):
        operations.claim_loss(
            return_id=ret.pk, line=line, amount_minor=500, why="Worn.", evidence=("", b""), by="m", now=LATER
        )
    assert ValueLoss.objects.count() == 0


def test_the_shopper_is_asked_by_letter():
    *_, ret, line = withdrawn()
    receive(ret, line, Counted(good=3))
    claim(ret, line)
    mail.outbox.clear()
    outbox.relay(now=LATER + DAY)
    assert [one.subject for one in mail.outbox if ret.public_id in one.subject]


def test_a_lost_return_turns_up():
    *_, ret, line = withdrawn()
    number = operations.issue_label(return_id=ret.pk, method="drop_off", now=LATER).tracking_number
    for code in ("accepted", "lost"):
        operations.record_scans(carrier="rightful", scans=[Scan(number, code, LATER)], now=LATER)
    ret.refresh_from_db()
    assert (ret.state, set(units(ret))) == ("lost", {"lost"})
    ret = receive(ret, line, Counted(good=3))
    assert (ret.state, set(units(ret))) == ("received", {"received"})
