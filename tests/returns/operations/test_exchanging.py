"""Exchanges: stock held, difference settled, sent by the promise, and every way in which they come to nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from catalog import operations as catalogue
from catalog.domain.errors import OutOfStock
from catalog.models import Listing, Offer, Stock, Variant
from marketplace.kernel import outbox
from orders import operations as orders
from orders.domain.errors import WrongState
from orders.models import Invoice, Order, Payment, Refund, Supplement
from orders.operations import payout_holds
from orders.queries.books import trial_balance
from returns import operations
from returns.domain.errors import DifferenceChanged, NotExchangeable
from returns.models import Exchange, LineTally, OwedRefund, Return, ReturnUnit
from returns.operations import Counted, Verdict
from returns.queries.exchanges import choice_of
from tests.returns import factories
from tests.returns.factories import GB, LATER, make_merchant, make_variant
from tests.returns.operations.test_claiming import accepted
from tests.returns.operations.test_declaring import declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
DAY = timedelta(days=1)


def other_of(variant: Variant, *, price: int, stock: int = 5, options: list[str] | None = None) -> Variant:
    """Another variant of the same listing."""
    Listing.objects.filter(pk=variant.listing_id).update(option_names=["Size"])
    made = Variant.objects.create(
        listing=variant.listing,
        merchant=variant.merchant,
        sku=f"{variant.sku}-L{price}",
        options=options or ["L"],
    )
    Offer.objects.create(variant=made, currency=variant.merchant.currency, price_minor=price)
    Stock.objects.create(variant=made, on_hand=stock)
    return made


class Case:
    """Three pieces that arrived, and another variant at another price."""

    def __init__(self, *, price: int = 1200, stock: int = 5, pieces: int = 3, **more) -> None:
        self.old = make_variant(make_merchant())
        self.group = factories.delivered([(self.old, pieces)], **more)
        self.new = other_of(self.old, price=price, stock=stock)
        self.order = self.group.orders.get()
        self.line = self.order.lines.get()

    def choice(self, now=LATER):
        order = Order.objects.select_related("group", "merchant").get(pk=self.order.pk)
        return choice_of(order, self.line, today=now.date(), language="de")

    def ask(self, quantity: int = 1, *, now=LATER, key: str = "k1", **more) -> Exchange:
        seen = next(one for one in self.choice(now).wishes if one.variant == self.new.public_id).each_minor
        return operations.ask_exchange(
            order=self.order, line=self.line.public_id, variant=self.new.public_id, quantity=quantity,
            seen_minor=seen * quantity, key=key, language="de", now=now, **more,
        )  # fmt: skip

    def held(self) -> tuple[int, int]:
        stock = Stock.objects.get(variant=self.new)
        return stock.on_hand, stock.reserved


def again(exchange: Exchange) -> Exchange:
    return Exchange.objects.get(pk=exchange.pk)


def pay(exchange: Exchange, token: str = "card_ok", now=LATER) -> Payment:
    supplement = Supplement.objects.get(public_id=exchange.supplement)
    payment = orders.start_supplement(
        supplement_id=supplement.pk, provider="offline", method={"token": token}, return_url="/", now=now
    )
    payment = orders.settle_payment(payment_id=payment.pk, now=now)
    outbox.relay()
    return payment


def send_back(exchange: Exchange, now=LATER) -> Return:
    ret = again(exchange).ret
    operations.record_own_sending(
        return_id=ret.pk, carrier="Post", tracking_number="XY1", proof=None, sent_on=now.date(), now=now
    )
    outbox.relay()
    return Return.objects.get(pk=ret.pk)


def come_back(exchange: Exchange, *, now=LATER, accept: bool = True, good: int | None = None) -> Return:
    ret = again(exchange).ret
    line = exchange.line.public_id
    count = exchange.quantity if good is None else good
    operations.receive_return(
        return_id=ret.pk, counted={line: Counted(good=count)}, complete=True, by="seller", now=now
    )
    outbox.relay()
    units = ReturnUnit.objects.filter(return_line__ret=ret, reception="received")
    verdicts = [
        Verdict(
            unit.public_id, accept, "A" if accept else "D", resellable=accept, note="" if accept else "Torn."
        )
        for unit in units
    ]
    operations.inspect_return(return_id=ret.pk, verdicts=verdicts, by="seller", now=now)
    outbox.relay()
    return Return.objects.get(pk=ret.pk)


def ship(exchange: Exchange, now=LATER) -> Exchange:
    made = operations.ship_exchange(
        exchange_id=exchange.pk, carrier="Post", tracking_number="NEW1", by="seller", now=now
    )
    outbox.relay()
    return made


def shipped(case: Case, quantity: int = 1) -> Exchange:
    """An exchange from the wish to the new piece on its way."""
    exchange = case.ask(quantity)
    if exchange.state == "to_pay":
        pay(exchange)
    come_back(exchange)
    return ship(exchange)


def went_back() -> list[int]:
    return sorted(Refund.objects.exclude(state="failed").values_list("amount_minor", flat=True))


def books_differ() -> list[Any]:
    """Every difference between the books and what should agree with them; with the trial balance."""
    return [*filter(None, trial_balance().off_by.values()), *orders.check_books(now=LATER + DAY).differences]


def test_an_even_exchange_holds_the_new_piece_and_opens_the_return():
    case = Case()
    exchange = case.ask(2)
    assert (exchange.state, exchange.difference_minor, case.held()) == ("waiting", 0, (5, 2))
    ret = exchange.ret
    assert (ret.reason, ret.subject, ret.lines.get().announced) == ("exchange", exchange.public_id, 2)
    assert payout_holds.reasons([case.line.public_id], LATER.date())[case.line.public_id]


def test_the_same_wish_sent_twice_is_one():
    case = Case()
    assert case.ask() == case.ask()
    assert case.held() == (5, 1)


def test_it_is_sent_once_the_old_one_is_back_and_accepted():
    case = Case()
    exchange = case.ask()
    send_back(exchange)
    assert again(exchange).state == "waiting"
    come_back(exchange)
    assert again(exchange).state == "ready"
    ship(exchange)
    assert (again(exchange).state, case.held()) == ("shipped", (4, 0))
    assert Stock.objects.get(variant=case.old).on_hand == 8  # ten, three sold, one back
    assert (LineTally.objects.get().returning, went_back(), not books_differ()) == (0, [], True)
    assert Return.objects.get().state == "closed"


def test_it_is_sent_at_the_first_scan_where_the_merchant_promises_that():
    case = Case()
    operations.set_policy(
        merchant_id=case.order.merchant_id, is_offered=True, days=30, ship_on="scan", now=LATER
    )
    exchange = case.ask()
    with pytest.raises(WrongState):
        ship(exchange)
    send_back(exchange)
    assert ship(exchange).state == "shipped"


def test_a_dearer_one_waits_for_its_supplement():
    case = Case(price=1500)
    exchange = case.ask(2)
    assert (exchange.state, exchange.ret, case.held()) == ("to_pay", None, (5, 2))
    assert exchange.difference_minor > 0
    payment = pay(exchange)
    assert (payment.purpose, payment.state, payment.amount_minor) == (
        "supplement", "captured", exchange.difference_minor,
    )  # fmt: skip
    assert (again(exchange).state, again(exchange).is_paid, again(exchange).ret.reason) == (
        "waiting", True, "exchange",
    )  # fmt: skip
    paper = Invoice.objects.get(kind="supplement")
    assert (paper.total_minor, paper.label[:3]) == (exchange.difference_minor, "SI-")
    assert books_differ() == []


def test_a_supplement_that_the_bank_asks_about_is_paid_after_the_answer():
    case = Case(price=1500)
    exchange = case.ask()
    payment = pay(exchange, "card_challenge")
    assert (payment.state, again(exchange).state) == ("needs_action", "to_pay")
    orders.answer_challenge(ref=payment.provider_ref, passed=True)
    orders.settle_payment(payment_id=payment.pk, now=LATER)
    outbox.relay()
    assert again(exchange).state == "waiting"


def test_after_a_declined_card_another_one_pays():
    case = Case(price=1500)
    exchange = case.ask()
    assert pay(exchange, "card_declined").state == "failed"
    assert again(exchange).state == "to_pay"
    pay(exchange)
    assert (again(exchange).state, not books_differ()) == ("waiting", True)


def test_a_supplement_that_is_not_paid_in_time_ends_it_and_frees_the_stock():
    case = Case(price=1500)
    exchange = case.ask()
    late = LATER + 3 * DAY
    assert operations.follow_exchanges(now=late) == 1
    assert (again(exchange).state, again(exchange).because, case.held()) == ("lapsed", "not_paid", (5, 0))
    with pytest.raises(WrongState):
        orders.start_supplement(
            supplement_id=Supplement.objects.get().pk, provider="offline", method={"token": "card_ok"},
            return_url="/", now=late,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("left", "ends"), [(5, ("waiting", "", (5, 2), "exchange")), (1, ("sold_out", "no_stock", (1, 0), None))]
)
def test_news_of_the_money_that_comes_after_the_hold_lapsed_holds_anew_or_ends_it(left, ends):
    case = Case(price=1500)
    exchange = case.ask(2)
    supplement = Supplement.objects.get(public_id=exchange.supplement)
    payment = orders.start_supplement(
        supplement_id=supplement.pk,
        provider="offline",
        method={"token": "card_ok"},
        return_url="/",
        now=LATER,
    )
    orders.settle_payment(payment_id=payment.pk, now=LATER)
    catalogue.release_expired(now=LATER + 15 * DAY)
    Stock.objects.filter(variant=case.new).update(on_hand=left)  # others bought the rest
    operations.note_supplement_paid(key=f"exchange:{exchange.public_id}", now=LATER + 15 * DAY)
    found = again(exchange)
    assert (found.state, found.because, case.held(), found.ret and found.ret.reason) == ends
    owed = OwedRefund.objects.filter(subject=exchange.public_id).values_list("amount_minor", flat=True)
    assert list(owed) == ([exchange.difference_minor] if left == 1 else [])


def test_money_that_is_authorised_after_the_end_is_let_go():
    case = Case(price=1500)
    exchange = case.ask()
    payment = pay(exchange, "card_challenge")
    operations.follow_exchanges(now=LATER + 3 * DAY)
    orders.answer_challenge(ref=payment.provider_ref, passed=True)
    payment = orders.settle_payment(payment_id=payment.pk, now=LATER + 3 * DAY)
    assert (payment.state, payment.captured_minor, again(exchange).state) == ("cancelled", 0, "lapsed")
    assert books_differ() == []


def test_a_cheaper_one_brings_the_difference_back_when_it_is_sent():
    case = Case(price=900)
    exchange = case.ask(2)
    come_back(exchange)
    assert went_back() == []
    ship(exchange)
    orders.reconcile_payments(now=LATER + DAY)
    outbox.relay()
    assert went_back() == [-exchange.difference_minor]
    assert OwedRefund.objects.get().state == "paid"
    assert books_differ() == []


def test_never_more_is_held_than_there_is():
    case = Case(stock=1)
    with pytest.raises(OutOfStock):
        case.ask(2)
    assert (Exchange.objects.count(), Return.objects.count(), case.held()) == (0, 0, (1, 0))


def test_a_price_that_moved_is_shown_again_and_nothing_is_agreed():
    case = Case()
    with pytest.raises(DifferenceChanged) as raised:
        operations.ask_exchange(
            order=case.order, line=case.line.public_id, variant=case.new.public_id, quantity=1, seen_minor=-500,
            key="k", language="de", now=LATER,
        )  # fmt: skip
    assert (raised.value.data["difference_minor"], Exchange.objects.count()) == (0, 0)


def test_each_piece_is_exchanged_once_and_none_that_is_on_its_way_back():
    case = Case()
    shipped(case)
    declare(case.group, {case.line.public_id: 1})
    assert case.choice().left == 1
    with pytest.raises(NotExchangeable):
        case.ask(2, key="k2")


def test_after_the_days_that_were_promised_it_is_too_late():
    case = Case()
    assert case.choice(LATER + 60 * DAY).reason == "too_late"


def test_a_merchant_may_offer_none():
    case = Case()
    operations.set_policy(
        merchant_id=case.order.merchant_id, is_offered=False, days=30, ship_on="receipt", now=LATER
    )
    assert case.choice().reason == "not_offered"


def test_called_off_by_the_shopper_before_anything_is_sent():
    case = Case(price=1500)
    exchange = case.ask()
    pay(exchange)
    operations.cancel_exchange(exchange_id=exchange.pk, now=LATER)
    outbox.relay()
    orders.reconcile_payments(now=LATER + DAY)
    outbox.relay()
    assert (again(exchange).state, case.held(), Return.objects.get().state) == (
        "cancelled",
        (5, 0),
        "cancelled",
    )
    assert (went_back(), LineTally.objects.get().returning, not books_differ()) == (
        [exchange.difference_minor], 0, True,
    )  # fmt: skip
    assert Refund.objects.get().payment.purpose == "supplement"


def test_once_the_goods_are_sent_it_is_not_called_off_but_a_withdrawal_ends_it():
    case = Case(price=1500)
    exchange = case.ask()
    pay(exchange)
    ret = send_back(exchange)
    with pytest.raises(WrongState):
        operations.cancel_exchange(exchange_id=exchange.pk, now=LATER)
    withdrawal = declare(case.group)
    outbox.relay()
    assert (again(exchange).state, again(exchange).because, case.held()) == ("cancelled", "withdrawn", (5, 0))
    ret.refresh_from_db()
    assert (ret.reason, ret.subject) == ("withdrawal", withdrawal.public_id)
    assert withdrawal.lines.get().binding == 3
    owed = sum(OwedRefund.objects.exclude(state="void").values_list("amount_minor", flat=True))
    assert owed == case.group.total_minor + exchange.difference_minor


def test_what_never_comes_back_ends_it_and_the_shopper_keeps_the_piece():
    case = Case()
    exchange = case.ask()
    assert operations.follow_exchanges(now=LATER + 20 * DAY) == 1
    assert (again(exchange).state, again(exchange).because, case.held()) == ("lapsed", "never_sent", (5, 0))
    assert (Return.objects.get().state, LineTally.objects.get().returning) == ("cancelled", 0)


def test_what_is_on_its_way_is_held_for():
    case = Case()
    exchange = case.ask()
    send_back(exchange, now=LATER + 13 * DAY)
    assert operations.follow_exchanges(now=LATER + 20 * DAY) == 0
    assert operations.follow_exchanges(now=LATER + 40 * DAY) == 0
    assert (again(exchange).state, case.held()) == ("waiting", (5, 1))


def test_a_piece_that_is_rejected_ends_it_and_what_was_paid_comes_back():
    case = Case(price=1500)
    exchange = case.ask()
    pay(exchange)
    come_back(exchange, accept=False)
    orders.reconcile_payments(now=LATER + DAY)
    assert (again(exchange).state, again(exchange).because, case.held()) == ("rejected", "Torn.", (5, 0))
    assert (went_back(), not books_differ()) == ([exchange.difference_minor], True)


def test_an_empty_box_ends_it():
    case = Case()
    exchange = case.ask()
    come_back(exchange, good=0)
    assert (again(exchange).state, again(exchange).because) == ("rejected", "none_came")


def test_stock_that_ran_out_all_the_same_brings_all_the_money_back():
    case = Case(price=1500, pieces=1, stock=1)
    exchange = case.ask()
    pay(exchange)
    come_back(exchange)
    from catalog import operations as catalogue

    catalogue.release_reservations(holder=f"exchange:{exchange.public_id}", now=LATER)
    catalogue.set_stock(variant_id=case.new.pk, on_hand=0, now=LATER)
    assert ship(exchange).state == "sold_out"
    orders.reconcile_payments(now=LATER + DAY)
    outbox.relay()
    assert sum(went_back()) == case.group.total_minor + exchange.difference_minor
    assert (LineTally.objects.get().withdrawn, not books_differ()) == (1, True)


def test_after_a_dearer_exchange_a_withdrawal_brings_the_supplement_back_too():
    case = Case(price=1500)
    exchange = shipped(case, 2)
    declare(case.group)
    ret = Return.objects.exclude(subject=exchange.public_id).get()
    assert sorted(unit.variant_id or 0 for unit in ReturnUnit.objects.filter(return_line__ret=ret)) == [
        0, case.new.pk, case.new.pk,
    ]  # fmt: skip
    operations.receive_return(
        return_id=ret.pk,
        counted={case.line.public_id: Counted(good=3)},
        complete=True,
        by="seller",
        now=LATER,
    )
    verdicts = [
        Verdict(unit.public_id, True, "A", resellable=True)
        for unit in ReturnUnit.objects.filter(return_line__ret=ret)
    ]
    operations.inspect_return(return_id=ret.pk, verdicts=verdicts, by="seller", now=LATER)
    outbox.relay()
    orders.reconcile_payments(now=LATER + DAY)
    outbox.relay()
    assert sum(went_back()) == case.group.total_minor + exchange.difference_minor
    assert (case.held(), Stock.objects.get(variant=case.old).on_hand, not books_differ()) == (
        (5, 0),
        10,
        True,
    )


@pytest.mark.parametrize("place", [factories.DE, GB, factories.US_CA])
def test_after_a_cheaper_exchange_a_withdrawal_brings_what_was_left_of_the_price(place):
    case = Case(price=900, place=place)
    shipped(case, 2)
    orders.reconcile_payments(now=LATER + DAY)
    outbox.relay()
    declare(case.group)
    owed = [row for row in OwedRefund.objects.all() if row.state != "paid"]
    for row in owed:
        if row.state == "waiting":
            operations.release_owed(owed_id=row.pk, due_on=LATER.date(), now=LATER)
        operations.request_owed(owed_id=row.pk, now=LATER)
    orders.reconcile_payments(now=LATER + 2 * DAY)
    total = sum(OwedRefund.objects.exclude(state="void").values_list("amount_minor", flat=True))
    assert total == sum(went_back())
    assert total <= case.group.total_minor
    assert books_differ() == []


def test_a_claim_gets_another_variant_instead_of_the_same_again():
    case = Case(price=1500)
    claim = accepted(case.group, wanted="replacement")
    exchange = case.ask(1, claim_id=claim.pk)
    pay(exchange)
    assert again(exchange).ret == claim.remedies.get().ret
    ret = again(exchange).ret
    operations.receive_return(
        return_id=ret.pk,
        counted={case.line.public_id: Counted(good=1)},
        complete=True,
        by="seller",
        now=LATER,
    )
    outbox.relay()
    assert again(exchange).state == "ready"
    operations.send_remedy(
        claim_id=claim.pk, carrier="Post", tracking_number="NEW1", note="", by="seller", now=LATER
    )
    assert (again(exchange).state, claim.remedies.get().state, case.held()) == ("shipped", "sent", (4, 0))
    assert Stock.objects.get(variant=case.old).on_hand == 7  # no second one left


def test_a_claim_whose_other_variant_is_not_paid_for_goes_on_as_a_claim():
    case = Case(price=1500)
    claim = accepted(case.group, wanted="replacement")
    exchange = case.ask(1, claim_id=claim.pk)
    operations.follow_exchanges(now=LATER + 3 * DAY)
    assert again(exchange).state == "lapsed"
    operations.send_remedy(
        claim_id=claim.pk, carrier="Post", tracking_number="SAME1", note="", by="seller", now=LATER
    )
    assert (claim.remedies.get().state, Stock.objects.get(variant=case.old).on_hand) == ("sent", 6)


def test_the_shopper_hears_of_each_step_once():
    case = Case(price=1500)
    exchange = case.ask()
    outbox.relay()
    pay(exchange)
    come_back(exchange)
    ship(exchange)
    outbox.relay()
    letters = [one for one in mail.outbox if exchange.public_id in one.subject]
    assert len(letters) == 4  # agreed, send it back, to be sent, sent
    assert "NEW1" in letters[-1].body


def test_a_state_that_nobody_knows_and_unpaid_goods_on_their_way_are_refused_by_the_database():
    case = Case(price=1500)
    exchange = case.ask()
    for change in ({"state": "lost"}, {"state": "waiting"}, {"state": "shipped", "is_paid": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Exchange.objects.filter(pk=exchange.pk).update(**change)


def test_pieces_of_a_return_that_was_called_off_cease_to_count_once():
    case = Case()
    exchange = case.ask(2)
    operations.cancel_return(return_id=exchange.ret.pk, now=LATER)
    Exchange.objects.filter(pk=exchange.pk).update(state="ready", due_on=LATER.date())
    ship(exchange)
    assert (again(exchange).state, LineTally.objects.get().returning) == ("shipped", 0)


def test_an_exchange_whose_return_was_called_off_and_never_came_counts_nothing_down_twice():
    case = Case()
    exchange = case.ask(2)
    operations.cancel_return(return_id=exchange.ret.pk, now=LATER)
    operations.receive_return(return_id=exchange.ret.pk, counted={}, complete=True, by="c", now=LATER + DAY)
    outbox.relay()
    assert (again(exchange).state, LineTally.objects.get().returning) == ("rejected", 0)


def test_pieces_that_were_called_off_and_come_all_the_same_count_again_until_the_new_ones_leave():
    case = Case()
    exchange = case.ask(2)
    operations.cancel_return(return_id=exchange.ret.pk, now=LATER)
    come_back(exchange)
    came = LineTally.objects.get().returning
    ship(exchange)
    assert (came, again(exchange).state, LineTally.objects.get().returning) == (2, "shipped", 0)


def test_pieces_that_were_called_off_and_went_back_otherwise_are_too_much_when_they_come():
    case = Case()
    exchange = case.ask(2)
    operations.cancel_return(return_id=exchange.ret.pk, now=LATER)
    declare(case.group)
    come_back(exchange)
    received = exchange.ret.lines.get().units.order_by("pk").values_list("reception", flat=True)
    assert (list(received), LineTally.objects.get().returning) == (
        ["cancelled", "cancelled", "excess", "excess"],
        3,
    )


def test_pieces_that_come_after_the_new_ones_left_do_not_keep_those_from_going_back():
    case = Case()
    exchange = case.ask(2)
    operations.cancel_return(return_id=exchange.ret.pk, now=LATER)
    Exchange.objects.filter(pk=exchange.pk).update(state="ready", due_on=LATER.date())
    ship(exchange)
    come_back(exchange)
    assert (again(exchange).state, LineTally.objects.get().returning) == ("shipped", 0)
