"""Declarations: stored as they came, judged by the law of the contract's day, never refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from catalog.models import Stock
from marketplace.kernel import outbox
from orders.models import OrderGroup, OrderLine
from orders.operations import Packed, left_to_ship, mark_lost
from returns import operations
from returns.domain.declaration import judge
from returns.models import LineTally, OwedRefund, Return, Withdrawal, WithdrawalLine
from returns.operations import Declared
from returns.queries import law
from tests.returns import factories
from tests.returns.factories import ARRIVED, GB, LATER, US_CA, make_merchant, make_variant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
TOO_LATE = datetime(2026, 12, 10, 9, 0, tzinfo=UTC)  # the last day in Germany is 9 December


def declare(group: OrderGroup | None, lines=None, *, now=LATER, key="k1", at=None, **more) -> Withdrawal:
    if group is not None and lines is None:
        lines = {
            line.public_id: line.quantity
            for line in OrderLine.objects.filter(order__group=group).order_by("pk")
        }
    declared = Declared(name="Ada", email="ada@example.com", language="de", lines=lines or {}, **more)
    return operations.declare_withdrawal(
        group=group, declared=declared, key=key, declared_at=at or now, now=now
    )


def judged(withdrawal):
    return list(withdrawal.lines.order_by("line_id").values_list("state", "ground", "binding"))


def test_in_time_everything_follows_at_once():
    group = factories.delivered()
    withdrawal = declare(group)
    assert judged(withdrawal) == [("effective", "in_time", 3)]
    ret = Return.objects.get()
    assert (ret.reason, ret.subject, ret.paid_by) == ("withdrawal", withdrawal.public_id, "consumer")
    assert ret.send_back_by.isoformat() == "2026-12-14"  # 14 days from 28 November end on a Saturday
    owed = OwedRefund.objects.get()
    assert owed.amount_minor == group.total_minor  # goods and standard delivery
    assert (owed.state, owed.due_on.isoformat()) == ("waiting", "2026-12-14")


def test_the_same_declaration_sent_twice_is_one():
    group = factories.delivered()
    assert declare(group) == declare(group)
    assert OwedRefund.objects.count() == 1


def test_too_late_is_stored_and_told_why():
    withdrawal = declare(factories.delivered(), now=TOO_LATE)
    assert judged(withdrawal) == [("ineffective", "late", 0)]
    assert (Return.objects.count(), OwedRefund.objects.count()) == (0, 0)
    assert withdrawal.lines.get().answer["answer"]["last_day"] == "2026-12-09"


def test_the_last_minute_is_in_time_in_the_consumers_zone():
    last = datetime(2026, 12, 9, 22, 59, tzinfo=UTC)  # 23:59 in Berlin
    assert judged(declare(factories.delivered(), now=last))[0][0] == "effective"
    after = last + timedelta(minutes=2)
    assert judged(declare(factories.delivered(), now=after, key="k2"))[0][0] == "ineffective"


def test_a_letter_posted_in_time_counts_though_it_comes_late():
    withdrawal = declare(
        factories.delivered(), now=TOO_LATE, at=datetime(2026, 12, 8, 9, tzinfo=UTC), means="post"
    )
    assert judged(withdrawal) == [("effective", "in_time", 3)]


def test_nobody_knows_which_order_is_meant():
    withdrawal = declare(None, as_written="The red lamp, please.")
    assert (withdrawal.state, withdrawal.content["as_written"]) == ("unmatched", "The red lamp, please.")
    group = factories.delivered()
    line = group.orders.get().lines.get().public_id
    matched = operations.match_withdrawal(
        withdrawal_id=withdrawal.pk, group=group, lines={line: 1}, by="staff", now=TOO_LATE
    )
    assert (matched.state, judged(matched)) == ("open", [("effective", "in_time", 1)])  # by when it was sent


def test_several_parts_add_up_to_what_one_would_bring():
    merchant = make_merchant()
    group = factories.delivered([(make_variant(merchant), 3), (make_variant(merchant, price=5000), 1)])
    lines = [line.public_id for line in group.orders.get().lines.order_by("position")]
    for i, part in enumerate([{lines[0]: 1}, {lines[1]: 1}, {lines[0]: 2}]):
        declare(group, part, key=f"k{i}")
    sums = list(OwedRefund.objects.order_by("pk").values_list("amount_minor", flat=True))
    assert sums == [1190, 4958, 2 * 1190 + 490]  # delivery comes back with the last piece
    assert sum(sums) == group.total_minor


def test_pieces_withdrawn_before_are_not_withdrawn_again():
    group = factories.delivered()
    line = group.orders.get().lines.get().public_id
    declare(group, {line: 2})
    assert judged(declare(group, {line: 3}, key="k2")) == [("effective", "in_time", 1)]
    assert judged(declare(group, {line: 1}, key="k3")) == [("ineffective", "already", 0)]
    assert LineTally.objects.get().withdrawn == 3


def test_one_declaration_over_all_sellers_of_a_checkout():
    group = factories.delivered([(make_variant(make_merchant()), 1), (make_variant(make_merchant()), 2)])
    declare(group)
    assert Return.objects.count() == 2
    assert sum(OwedRefund.objects.values_list("amount_minor", flat=True)) == group.total_minor


def test_before_anything_was_sent_the_order_ends():
    variant = make_variant(make_merchant(), stock=10)
    group = factories.buy([(variant, 3)])
    withdrawal = declare(group)
    order = group.orders.get()
    assert (order.state, judged(withdrawal)) == ("cancelled", [("effective", "before_delivery", 3)])
    assert Stock.objects.get(variant=variant).on_hand == 10
    owed = OwedRefund.objects.get()
    assert (owed.state, owed.amount_minor) == ("requested", group.total_minor)
    assert Return.objects.count() == 0


def test_pieces_that_did_not_leave_are_not_sent_any_more():
    variant = make_variant(make_merchant(), stock=10)
    group = factories.buy([(variant, 3)])
    order = group.orders.get()
    declare(group, {order.lines.get().public_id: 1})
    assert left_to_ship(order) == {order.lines.get().public_id: 2}
    assert Stock.objects.get(variant=variant).on_hand == 8
    assert OwedRefund.objects.get().state == "due"  # there is nothing to wait for


def test_the_united_kingdom_waits_for_the_goods():
    declare(factories.delivered(place=GB))
    owed = OwedRefund.objects.get()
    assert (owed.state, owed.due_on) == ("waiting", None)


def test_an_exemption_without_the_stored_proof_leaves_the_right_open():
    group = factories.delivered()
    line = group.orders.get().lines.get()
    facts = line.rights | {"digital_started": True, "contract_type": "digital_content"}
    proof = {"express_consent": True, "acknowledged_loss": True, "confirmed_on_durable_medium": True}
    kinds = {"express_consent": {"text": "…"}, "acknowledged_loss": {"text": "…"}}
    line.rights, found = facts | proof, []
    for consent in ({}, kinds):
        line.consent = consent
        answer = law.declaration(
            line, group.orders.get(), declared_at=LATER, received_at=LATER, means="function"
        )
        found.append(judge(answer))
    assert found == [(True, "in_time"), (False, "exempt")]


def test_a_judgement_is_disputed_and_granted():
    group = factories.delivered()
    withdrawal = declare(group, now=TOO_LATE)
    line = group.orders.get().lines.get().public_id
    operations.dispute_judgement(withdrawal_id=withdrawal.pk, line=line, why="I was ill.", now=TOO_LATE)
    row = operations.decide_dispute(
        withdrawal_id=withdrawal.pk,
        line=line,
        grant=True,
        decision="Out of goodwill.",
        by="officer",
        now=TOO_LATE,
    )
    assert (row.state, row.binding) == ("granted", 3)
    assert OwedRefund.objects.get().amount_minor == group.total_minor


def test_a_judgement_is_disputed_and_upheld():
    group = factories.delivered()
    withdrawal = declare(group, now=TOO_LATE)
    line = group.orders.get().lines.get().public_id
    operations.dispute_judgement(withdrawal_id=withdrawal.pk, line=line, why="I was ill.", now=TOO_LATE)
    operations.decide_dispute(
        withdrawal_id=withdrawal.pk,
        line=line,
        grant=False,
        decision="The day had passed.",
        by="o",
        now=TOO_LATE,
    )
    assert WithdrawalLine.objects.get().state == "upheld"
    assert OwedRefund.objects.count() == 0


def test_the_receipt_leaves_once_with_its_paper():
    withdrawal = declare(factories.delivered())
    mail.outbox.clear()
    outbox.relay(now=LATER)
    sent = [one for one in mail.outbox if withdrawal.public_id in one.subject]
    assert len(sent) == 1
    assert "3 × Ding" in sent[0].body
    assert [name for name, *_ in sent[0].attachments] == [f"{withdrawal.public_id}.pdf"]
    assert sent[0].alternatives[0][1] == "text/html"
    withdrawal.refresh_from_db()
    assert withdrawal.receipt_sent_at is not None


def test_a_declaration_cannot_be_rewritten():
    declare(factories.delivered())
    with pytest.raises(IntegrityError), transaction.atomic():
        Withdrawal.objects.update(declared_at=ARRIVED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Withdrawal.objects.all().delete()


def test_california_by_the_sellers_promise_or_its_own_law():
    withdrawal = declare(factories.delivered(place=US_CA))
    row = withdrawal.lines.get()
    assert row.answer["answer"]["right_exists"] is (row.state == "effective")


def lost_in_part(*, sent: int) -> tuple[OrderGroup, OrderLine]:
    """Three pieces were bought; so many left in a parcel that the carrier lost."""
    variant = make_variant(make_merchant(), stock=10)
    group = factories.buy([(variant, 3)])
    order = group.orders.get()
    line = order.lines.get()
    parcel = factories.send(order, packed=[Packed(line.public_id, sent)])
    mark_lost(parcel_id=parcel.pk, recorded_by="carrier", now=ARRIVED)
    return group, line


def test_what_the_carrier_lost_is_not_put_back_on_the_shelf():
    group, line = lost_in_part(sent=3)
    assert judged(declare(group, {line.public_id: 2}))[0][2] == 2
    assert (Stock.objects.get().on_hand, Return.objects.count()) == (7, 0)


def test_of_what_was_lost_in_part_only_the_rest_is_put_back():
    group, line = lost_in_part(sent=2)
    assert judged(declare(group, {line.public_id: 1}))[0][2] == 1
    assert Stock.objects.get().on_hand == 8
    assert judged(declare(group, {line.public_id: 2}, key="k2"))[0][2] == 2
    assert Stock.objects.get().on_hand == 8
    owed = OwedRefund.objects.exclude(state="void").values_list("amount_minor", flat=True)
    assert sum(owed) == group.total_minor


def test_a_declaration_on_all_of_an_order_of_which_a_part_was_lost_is_stored():
    group, line = lost_in_part(sent=1)
    assert judged(declare(group, {line.public_id: 3})) == [("effective", "before_delivery", 3)]
    assert (Stock.objects.get().on_hand, OwedRefund.objects.get().amount_minor) == (9, group.total_minor)
