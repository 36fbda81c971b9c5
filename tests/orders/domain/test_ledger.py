"""What movements put on the books adds up, whoever collects the tax and however little is left."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from orders.domain.ledger import ACCOUNTS, Draft, Leg, OnBooks, Sold, opposite, return_legs, sale_legs
from orders.domain.refunds import OWED

NOW = datetime(2026, 11, 23, tzinfo=UTC)
minor = st.integers(0, 10**7)
amounts = st.tuples(minor, minor, minor, minor, minor).map(lambda found: dict(zip(OWED, found, strict=True)))
sold = st.builds(
    lambda kinds, by_platform, percent: Sold(
        1, 1, by_platform, kinds, kinds["goods"] * percent // 100, kinds["goods"] * percent // 500
    ),
    amounts,
    st.booleans(),
    st.integers(0, 30),
)


def total(legs: tuple[Leg, ...]) -> int:
    return sum(leg.amount for leg in legs)


@given(sold)
def test_a_sale_adds_up_to_nothing_and_splits_the_whole(one: Sold):
    legs = sale_legs([one])
    assert total(legs) == 0
    assert legs[0].amount == sum(one.amounts.values())
    assert {leg.account for leg in legs} <= set(ACCOUNTS)


@given(sold, st.data())
def test_what_goes_back_is_taken_from_those_who_had_it(one: Sold, data: st.DataObject):
    parts = {kind: data.draw(st.integers(0, amount), label=kind) for kind, amount in one.amounts.items()}
    share = -sum(leg.amount for leg in sale_legs([one]) if leg.account == "held")
    books = OnBooks(data.draw(st.integers(0, max(share, 0))), one.commission, one.commission_tax)
    legs = return_legs(one, parts, one.amounts["goods"] - parts["goods"], books)
    assert total(legs) == sum(parts.values())
    assert sum(leg.amount for leg in legs if leg.account == "held") <= books.held
    assert total(legs) + total(opposite(legs)) == 0
    back = sum(leg.amount for leg in legs if leg.account == "commission")
    assert back == one.commission if parts["goods"] == one.amounts["goods"] else back <= one.commission


def test_the_digest_is_of_what_is_posted_whatever_its_order():
    legs = (Leg("bank", 5), Leg("provider_fees", -5))
    drafts = [Draft("k", "fees", "EUR", some, NOW) for some in (legs, legs[::-1], (legs[0],))]
    assert [draft.digest() == drafts[0].digest() for draft in drafts] == [True, True, False]
