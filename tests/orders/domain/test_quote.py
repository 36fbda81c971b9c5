"""Quotes: whatever the law answers, lines, consignments and totals add up to the minor unit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from compliance import rulebook
from marketplace.kernel.money import Money
from orders.domain.quote import (
    PARTS,
    Consignment,
    Service,
    Wanted,
    assemble_quote,
    digest_of,
    landed_facts,
    price_consignment,
    took_prices_as_net,
)

ON = date(2026, 11, 23)
RATES = {"EUR/USD": Decimal("1.1"), "EUR/GBP": Decimal("0.85"), "EUR/CHF": Decimal("0.95"), "EUR/NOK": Decimal("11.5"),
         "EUR/JPY": Decimal("160"), "EUR/CNY": Decimal("7.8"), "EUR/AUD": Decimal("1.65")}  # fmt: skip
CURRENCIES = {
    "DE": "EUR",
    "FR": "EUR",
    "GB": "GBP",
    "CH": "CHF",
    "NO": "NOK",
    "US-CA": "USD",
    "JP": "JPY",
    "CN": "CNY",
    "AU": "AUD",
}
CATEGORIES = ("", "food.honey", "tex.apparel", "cos.skin_care", "book.print")
HS = ("610910", "330499", "040900", "490199", "")


def line(currency: str, minor: int, quantity: int, percent: str, hs: str, category: str, n: int) -> Wanted:
    shown = Money(minor, currency)
    net = shown.amount / (1 + Decimal(percent) / 100)
    return Wanted(f"V-{n}", f"L-{n}", "Thing", quantity, shown, net, hs, "CN", category)


@st.composite
def consignments(draw: st.DrawFn) -> tuple[str, Consignment]:
    market = draw(st.sampled_from(sorted(CURRENCIES)))
    currency = CURRENCIES[market]
    lines = tuple(
        line(currency, draw(st.integers(1, 40_000)), draw(st.integers(1, 9)), draw(st.sampled_from(["0", "19", "7"])),
             draw(st.sampled_from(HS)), draw(st.sampled_from(CATEGORIES)), n)
        for n in range(draw(st.integers(1, 4)))
    )  # fmt: skip
    service = Service("standard", Money(draw(st.integers(0, 5000)), currency), 2, 5, "")
    ship_from = draw(st.sampled_from(["DE", "FR", "CN", "US", "GB"]))
    return market, Consignment("M-1", "Seller", ship_from, lines, (service,), service)


def landed(consignment: Consignment, market: str) -> dict[str, Any]:
    answer = rulebook.answer(
        "landed_price", landed_facts(consignment, market=market, on=ON, rates=RATES, with_tax=True)
    )
    if took_prices_as_net(consignment, answer):
        facts = landed_facts(consignment, market=market, on=ON, rates=RATES, with_tax=False)
        answer = rulebook.answer("landed_price", facts)
    return price_consignment(consignment, answer, on=ON) | {"answer": answer.answer}


@settings(max_examples=300, deadline=None)
@given(consignments())
def test_every_sum_is_the_sum_of_its_parts(case: tuple[str, Consignment]) -> None:
    market, consignment = case
    priced = landed(consignment, market)
    for one in priced["lines"]:
        assert one["total_minor"] == sum(one[f"{part}_minor"] for part in PARTS)
    for name in (*(f"{part}_minor" for part in PARTS), "total_minor", "border_minor"):
        assert priced[name] == sum(one[name] for one in priced["lines"])
    whole = Money.of(priced["answer"]["total"], CURRENCIES[market]).minor
    assert priced["total_minor"] + priced["border_minor"] == whole
    assert priced["border_minor"] >= 0


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 99_999), st.integers(1, 20), st.sampled_from(["19", "7"]))
def test_inside_the_union_the_shopper_pays_exactly_the_price_shown(
    minor: int, quantity: int, percent: str
) -> None:
    category = "book.print" if percent == "7" else "tex.apparel"
    one = line("EUR", minor, quantity, percent, "", category, 1)
    service = Service("standard", Money(0, "EUR"), 2, 5, "")
    priced = landed(Consignment("M-1", "Seller", "FR", (one,), (service,), service), "DE")
    assert priced["total_minor"] == minor * quantity


def quote(total: int, **more: Any) -> dict[str, Any]:
    one = {"variant": "V-1", "quantity": 1, "unit_minor": total, "border_minor": 0, "total_minor": total}
    one |= {f"{part}_minor": 0 for part in PARTS} | {"goods_minor": total}
    part = {"merchant": "M-1", "service": "standard", "lines": [one], "landed": {"explain": []}}
    part |= {name: one[name] for name in one if name.endswith("_minor")}
    return assemble_quote([part | more], market="DE", currency="EUR", on=ON, rulebook_version="1")


def test_the_digest_commits_to_amounts_and_services_not_to_explanations() -> None:
    same = quote(100, landed={"explain": ["Said otherwise."]})
    assert digest_of(quote(100)) == digest_of(same)
    assert len({digest_of(quote(100)), digest_of(quote(101)), digest_of(quote(100, service="express"))}) == 3
