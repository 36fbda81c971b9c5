"""What a label costs is shown before, taken off what comes back, and given back where the label is not used."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.models import Variant
from marketplace.kernel import outbox
from orders import operations as orders
from orders.models import OrderLine, Refund
from orders.queries.books import trial_balance
from returns import carriers, operations
from returns.carriers.protocol import Scan
from returns.domain.errors import LabelPriceChanged, LabelTooDear
from returns.models import OwedRefund, Return
from returns.operations import Counted, Verdict
from returns.queries.labels import label_prices
from tests.returns import factories
from tests.returns.factories import GB, LATER, make_merchant, make_variant
from tests.returns.operations.test_claiming import accepted
from tests.returns.operations.test_declaring import declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
DAY = timedelta(days=1)
TO_FRANCE, FETCHED = 899, 1199  # from Germany, up to two kilograms


def withdrawn(pieces: int = 1, *, price: int = 3000, weight: int | None = 500, **more) -> Return:
    variant = make_variant(make_merchant(), price=price)
    Variant.objects.filter(pk=variant.pk).update(weight_grams=weight)
    group = factories.delivered([(variant, pieces)], **more)
    declare(group)
    return Return.objects.get()


def prices(ret: Return) -> dict[str, int]:
    return label_prices(ret, on=LATER.date())


def label(ret: Return, *, method: str = "drop_off", agreed: int | None = TO_FRANCE, now=LATER):
    day = (LATER + 2 * DAY).date() if method == "pick_up" else None
    return operations.issue_label(
        return_id=ret.pk, method=method, pick_up_on=day, agreed_minor=agreed, now=now
    )


def owed() -> list[tuple[str, int]]:
    rows = OwedRefund.objects.exclude(state="void").order_by("pk")
    return list(rows.values_list("state", "amount_minor"))


def came_back_and_paid(ret: Return) -> int:
    line = OrderLine.objects.get(order=ret.order_id)
    operations.receive_return(
        return_id=ret.pk, counted={line.public_id: Counted(good=line.quantity)}, complete=True, by="seller",
        now=LATER + DAY,
    )  # fmt: skip
    units = [unit for row in ret.lines.all() for unit in row.units.all()]
    verdicts = [Verdict(unit.public_id, True, "A", resellable=True) for unit in units]
    operations.inspect_return(return_id=ret.pk, verdicts=verdicts, by="seller", now=LATER + DAY)
    outbox.relay()
    orders.reconcile_payments(now=LATER + 2 * DAY)
    outbox.relay()
    return sum(Refund.objects.filter(state="done").values_list("amount_minor", flat=True))


def books_differ() -> list[object]:
    return [
        *filter(None, trial_balance().off_by.values()),
        *orders.check_books(now=LATER + 3 * DAY).differences,
    ]


def test_the_price_is_the_carriers_by_way_and_weight():
    ret = withdrawn(3)
    assert prices(ret) == {"drop_off": TO_FRANCE, "pick_up": FETCHED}
    Variant.objects.update(weight_grams=None)
    assert prices(ret)["drop_off"] == 1299  # three times a kilogram


def test_it_is_taken_off_what_comes_back_and_stays_the_sellers():
    ret = withdrawn()
    label(ret)
    whole = ret.order.total_minor
    assert owed() == [("waiting", whole - TO_FRANCE)]
    assert (came_back_and_paid(ret), books_differ()) == (whole - TO_FRANCE, [])


def test_another_price_than_was_shown_is_not_taken():
    ret = withdrawn()
    with pytest.raises(LabelPriceChanged) as raised:
        label(ret, agreed=500)
    assert (raised.value.data["price_minor"], ret.parcels.count()) == (TO_FRANCE, 0)


def test_what_nobody_showed_costs_nothing():
    ret = withdrawn()
    label(ret, agreed=None)
    assert owed() == [("waiting", ret.order.total_minor)]


def test_another_label_takes_the_place_of_the_first_and_own_means_of_both():
    ret = withdrawn()
    whole = ret.order.total_minor
    label(ret)
    label(ret)  # pressed twice
    assert owed() == [("waiting", whole - TO_FRANCE)]
    label(ret, method="pick_up", agreed=FETCHED)
    assert owed() == [("waiting", whole - FETCHED)]
    operations.record_own_sending(
        return_id=ret.pk, carrier="DHL", tracking_number="1", proof=None, sent_on=LATER.date(), now=LATER
    )
    assert owed() == [("due", whole)]


def test_a_label_that_the_carrier_lost_costs_nothing():
    ret = withdrawn()
    number = label(ret).tracking_number
    for code in ("accepted", "lost"):
        operations.record_scans(carrier="rightful", scans=[Scan(number, code, LATER)], now=LATER)
    assert owed() == [("due", ret.order.total_minor)]


def test_a_label_that_was_paid_for_and_lost_comes_back_by_a_sum_of_its_own():
    ret = withdrawn()
    number = label(ret).tracking_number
    carriers.carrier("rightful").hand_over(number, at=LATER)
    operations.record_scans(carrier="rightful", scans=[Scan(number, "accepted", LATER)], now=LATER)
    operations.pay_due(today=LATER.date() + timedelta(days=30), now=LATER)
    operations.record_scans(carrier="rightful", scans=[Scan(number, "lost", LATER)], now=LATER)
    assert [amount for _, amount in owed()] == [ret.order.total_minor - TO_FRANCE, TO_FRANCE]
    operations.pay_due(today=LATER.date() + timedelta(days=30), now=LATER)
    orders.reconcile_payments(now=LATER + DAY)
    total = sum(Refund.objects.values_list("amount_minor", flat=True))
    assert (total, books_differ()) == (ret.order.total_minor, [])


def test_a_second_declaration_of_the_order_does_not_give_the_label_back():
    variant = make_variant(make_merchant(), price=3000)
    group = factories.delivered([(variant, 2)])
    line = group.orders.get().lines.get().public_id
    declare(group, {line: 1})
    label(Return.objects.get())
    declare(group, {line: 1}, key="k2")
    assert sum(amount for _, amount in owed()) == group.total_minor - TO_FRANCE


def test_where_the_law_or_a_promise_puts_it_on_the_seller_it_costs_nothing():
    ret = withdrawn()
    Return.objects.update(paid_by="merchant")
    ret.refresh_from_db()
    assert prices(ret) == {"drop_off": 0, "pick_up": 0}
    label(ret, agreed=0)
    assert owed() == [("waiting", ret.order.total_minor)]


def test_a_claim_never_costs_a_label():
    claim = accepted(factories.delivered(), wanted="repair")
    ret = claim.remedies.get().ret
    assert (ret.paid_by, set(label_prices(ret, on=LATER.date()).values())) == ("merchant", {0})


def test_a_label_that_costs_more_than_comes_back_is_not_offered():
    ret = withdrawn(price=100, weight=30_000)
    assert prices(ret) == {}
    with pytest.raises(LabelTooDear):
        label(ret, agreed=2999)


def test_the_price_is_said_in_the_currency_of_the_order():
    ret = withdrawn(place=GB)
    assert prices(ret) == {"drop_off": 1274, "pick_up": 1614}  # 14.99 and 18.99 euros at 0.85
