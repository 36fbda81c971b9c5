"""The facts of a purchase are made in one place, and they are true."""

from __future__ import annotations

from datetime import date

import pytest

from catalog.operations import ensure_categories
from catalog.queries.rights import Terms, consents_needed, contract_facts, rights_on, terms_of
from tests.catalog.factories import make_listing, make_merchant

ON = date(2026, 11, 24)


def terms(**more: object) -> Terms:
    plain = {
        "condition": "new", "exemptions": {}, "seller_kind": "trader", "voluntary_days": None, "voluntary_months": None,
        "free_returns": False,
    }  # fmt: skip
    return Terms(**(plain | more))  # type: ignore[arg-type]


def first(found: Terms, market: str, **more: object) -> tuple[str, str]:
    line = rights_on(found, market=market, time_zone="UTC", on=ON, **more)[0]  # type: ignore[arg-type]
    return line.key, line.state


@pytest.mark.parametrize(
    ("days", "market", "told"),
    [
        (None, "JP", ("withdrawal", "yes")),  # nothing was stated: the law's eight days
        (None, "US-CA", ("withdrawal", "yes")),  # nothing was shown: thirty days
        (30, "US-CA", ("withdrawal", "yes")),
        (None, "US", ("withdrawal", "no")),
    ],
)
def test_return_terms_are_shown_only_where_the_seller_stated_some(
    days: int | None, market: str, told: tuple[str, str]
):
    found = terms(voluntary_days=days)
    facts = contract_facts(found, market=market, time_zone="UTC")
    shown = days is not None
    assert (facts["return_clause_in_ad"], facts["return_clause_on_final_screen"]) == (shown, shown)
    assert first(found, market) == told


def ground(found: Terms, market: str) -> str:
    return str(rights_on(found, market=market, time_zone="UTC", on=ON)[0].answer.answer["ground"])


def test_a_stated_promise_takes_the_place_of_the_law_in_japan():
    assert ground(terms(voluntary_days=30), "JP") == "voluntary"
    assert ground(terms(), "JP") == "jp.withdrawal.period"


@pytest.mark.parametrize("market", ["DE", "FR", "CN"])
def test_no_promise_reaches_what_is_made_for_one_buyer_or_goes_off(market: str):
    for fact in ("made_to_specification", "perishable"):
        found = terms(exemptions={fact: True}, voluntary_days=30)
        assert first(found, market) == ("exemption", "no")


def test_a_seal_keeps_the_right_and_the_promise_while_it_is_whole():
    sealed = {"sealed_hygiene": True}
    assert first(terms(exemptions=sealed), "DE") == ("withdrawal", "yes")
    line = rights_on(terms(exemptions=sealed, voluntary_days=30), market="US", time_zone="UTC", on=ON)[0]
    assert "as long as the seal is unbroken" in line.sentence


def test_the_card_before_a_purchase_counts_the_consents_that_the_checkout_will_ask_for():
    sealed = terms(exemptions={"sealed_hygiene": True})
    assert first(sealed, "CN") == ("exemption", "no")
    assert first(sealed, "CN", confirmed=()) == ("withdrawal", "yes")


def test_a_private_seller_s_buyer_confirms_nothing():
    private = terms(exemptions={"sealed_hygiene": True}, seller_kind="private")
    assert consents_needed(private, market="CN", on=ON) == ()


@pytest.mark.django_db
def test_a_listing_s_own_words_become_terms():
    ensure_categories()
    merchant = make_merchant(voluntary_days=45, free_returns=True)
    cup = make_listing(
        merchant,
        offered=False,
        disclosures={"made_to_specification": True, "perishable": True, "guarantee_months": 36},
    )
    assert terms_of(cup) == terms(
        exemptions={"made_to_specification": True}, voluntary_days=45, voluntary_months=36, free_returns=True
    )
