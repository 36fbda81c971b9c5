"""The calculators' pages: every question has one, the address holds the question, wrong input is said at its field."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import html5lib
import pytest
import time_machine
from django.test import Client
from django.utils.html import escape

from compliance import rulebook
from compliance.web.rights_forms import BY_ASK, RightsForm
from marketplace.kernel import clock
from tests.house.test_html import wrong_with

pytestmark = pytest.mark.django_db
# one real case for each question, as its form sends it
CASES = {
    "withdrawal": "market=DE&concluded_on=2026-11-20&received_on=2026-11-24",
    "withdrawal_declaration": "market=DE&concluded_on=2026-11-20&received_on=2026-11-24&declared_on=2026-12-08",
    "return_deadline": "market=DE&declared_on=2026-11-30",
    "return_cost": "market=DE&declared_on=2026-11-30&reason=no_reason&told_of_return_cost=no&cost=6.90",
    "refund_deadline": "market=GB&declared_on=2026-11-30&reason=no_reason&goods_back_on=2026-12-04",
    "refund_amount": "market=DE&currency=EUR&price=25.00&quantity=2&withdrawn_quantity=2&delivery_paid=9.90&cheapest_standard_delivery=4.90",
    "delivery": "market=US&concluded_on=2026-10-01&today=2026-12-02",
    "guarantee": "market=ES&delivered_on=2026-11-24&condition=new&defect_on=2027-10-01&repair_chosen_on=2027-10-05&repair_returned_on=2027-10-19",
    "landed_price": "market=DE&ship_from=CN&on=2026-11-23&currency=EUR&value=12.00&shipping=4.90&category=tex.clothing&hs=610910&importer_scheme=IOSS",
    "prior_price": "market=DE&reduction_from=2026-11-23&new_price=75.00&announced_percent=25&from_1=2026-09-01&price_1=80.00&from_2=2026-11-10&price_2=100.00",
    "deadline": "rule=eu.privacy.request_period&market=DE&happened_on=2026-11-30&extended=on",
    "clock": "tz=Europe%2FBerlin&opens=08%3A00&closes=18%3A00&open_days=mon&open_days=tue&open_days=wed&open_days=thu&open_days=fri&created_on=2026-11-23&created_time=16%3A30&first_response_min=240",
    "trader_status": "market=US&on=2026-11-23&new=215&gross=5500.00&notice_sent_on=2026-11-15",
    "clearance": "market=DE&on=2026-11-23&category=cos.skin_care&title_languages=en",
}
SAID = {
    "withdrawal": "You can change your mind until Tuesday, 8 December 2026, 23:59 your time.",
    "withdrawal_declaration": "Your withdrawal is in time. It counts from Tuesday, 8 December 2026.",
    "return_deadline": "Send it back by Monday, 14 December 2026.",
    "return_cost": "The seller pays for the return.",
    "refund_deadline": "Your money must be back by Friday, 18 December 2026.",
    "refund_amount": "You get €54.90 back.",
    "delivery": "You can end the contract at once.",
    "guarantee": "The seller answers for faults until Sunday, 24 November 2030.",
    "landed_price": "It costs at least €23.68 at your door.",
    "prior_price": "The reduction is not as announced: it is 6.25 percent.",
    "deadline": "The time ends on Monday, 1 March 2027.",
    "clock": "An answer is due by Tuesday, 24 November 2026, 10:30 (GMT+01:00).",
    "trader_status": "3 duties are open.",
    "clearance": "This must not be sold to Germany yet: 13 things are missing.",
}


def text_of(html: str, css_class: str) -> str:
    root = html5lib.parse(html, namespaceHTMLElements=False)
    return " ".join(
        "".join(node.itertext()).strip()
        for node in root.iter()
        if css_class in (node.get("class") or "").split()
    )


def errors_of(html: str) -> dict[str, str]:
    """Return what is said at each field, by the field's id."""
    pairs = re.findall(
        r'<p class="field__error" id="q_(\w+?)_error">.*?<span>(.*?)</span>', html, flags=re.DOTALL
    )
    return dict(pairs)


def test_every_question_has_a_page():
    assert (set(BY_ASK), set(CASES), set(SAID)) == (set(rulebook.asks()),) * 3


@pytest.mark.parametrize("ask", CASES)
def test_an_answer_in_one_sentence(client: Client, ask: str):
    with time_machine.travel(datetime(2026, 11, 28, 12, tzinfo=UTC), tick=False):
        page = client.get(f"/rights/{ask}?{CASES[ask]}", follow=True)

    assert (page.status_code, text_of(page.text, "answer__first")) == (200, SAID[ask])


@pytest.mark.parametrize("ask", CASES)
def test_the_address_holds_the_question_and_nothing_else(client: Client, ask: str):
    page = client.get(f"/rights/{ask}?{CASES[ask]}&contract_type=goods&utm=letter&nothing=", follow=True)
    kept = page.request["QUERY_STRING"]
    again = client.get(f"/rights/{ask}?{kept}")

    assert (again.status_code, "utm" in kept, "nothing" in kept) == (200, False, False)


@pytest.mark.parametrize("ask", CASES)
def test_programs_get_the_same_answer(client: Client, ask: str):
    page = client.get(f"/rights/{ask}?{CASES[ask]}", follow=True)
    facts = json.loads(page.context["programs"]["facts"])
    answer = client.post(f"/api/v1/rights/{ask}", json.dumps(facts), content_type="application/json").json()
    line = json.loads(page.context["programs"]["line"])

    assert (len(answer["rulings"]), line["ask"], line["facts"]) == (
        len(page.context["answer"]["rulings"]),
        ask,
        facts,
    )


@pytest.mark.parametrize("ask", CASES)
def test_every_field_of_a_page_is_a_fact_of_its_question(client: Client, ask: str):
    """Filled in one at a time beside a good question, no field is unknown to the calculator."""
    calculator = BY_ASK[ask]
    form = RightsForm(calculator, language="en")
    tried = {"date": "2026-12-01", "time": "10:00", "text": "1", "number": "1"}
    unknown = {}
    for name, field in form.fields.items():
        widget = field.widget
        value = next((code for code, _ in getattr(field, "choices", ()) if code), None) or tried.get(
            widget.attrs.get("type") or getattr(widget, "input_type", ""), "on"
        )
        value = value if isinstance(value, str) else "on"
        if f"{name}=" in CASES[ask] or isinstance(value, tuple):
            continue
        page = client.get(f"/rights/{ask}?{CASES[ask]}&{name}={value}", follow=True)
        if "is not known here" in page.text or "There is no field" in page.text or page.status_code == 500:
            unknown[name] = page.status_code
    assert unknown == {}


@pytest.mark.parametrize(
    ("ask", "query", "errors"),
    [
        ("withdrawal", "market=DE&concluded_on=", {"concluded_on": "This field is required."}),
        ("withdrawal", "market=XX&concluded_on=2026-11-20", {"market": "Select a valid choice. XX is not one of the available choices."}),
        ("withdrawal", "market=DE&concluded_on=yesterday", {"concluded_on": "Enter a valid date."}),
        (
            "withdrawal", "market=DE&concluded_on=2026-11-20&received_on=2300-01-01",
            {"received_on": "Ensure this value is less than or equal to 2200-01-01."},
        ),
        (
            "prior_price", f"{CASES['prior_price']}&from_3=2026-11-01&price_3=9",
            {"from_3": "A price ends after it begins."},
        ),
        ("prior_price", f"{CASES['prior_price']}&from_3=2026-11-20", {"price_3": "This is needed too."}),
        ("clock", CASES["clock"].replace("18%3A00", "07%3A00"), {"closes": "This is not later than the opening."}),
        ("clock", CASES["clock"].replace("Europe%2FBerlin", "Mars"), {"tz": "We do not know the time zone 'Mars'."}),
        ("clock", CASES["clock"].replace("16%3A30", "25%3A99"), {"created_time": "Enter a valid value."}),
        (
            "guarantee", "market=ES&delivered_on=2026-11-24&repair_returned_on=2027-01-01",
            {"repair_chosen_on": "This is needed too."},
        ),
        ("deadline", "rule=eu.privacy.request_period&market=US&happened_on=2026-11-30", {"market": "eu.privacy.request_period is not law in US."}),
    ],
)  # fmt: skip
def test_wrong_input_is_said_at_its_field(client: Client, ask: str, query: str, errors: dict[str, str]):
    page = client.get(f"/rights/{ask}?{query}")

    assert (page.status_code, errors_of(page.text)) == (422, {k: escape(v) for k, v in errors.items()})


def test_what_is_given_stays_when_something_is_wrong(client: Client):
    page = client.get("/rights/withdrawal?market=FR&concluded_on=2026-11-20&received_on=soon")
    form = page.context["form"]

    assert (form["market"].value(), form["received_on"].value()) == ("FR", "soon")


def test_where_the_rulebook_has_no_rule_the_page_says_so(client: Client):
    query = "market=%s&on=2026-11-28&category=tex.clothing&title_languages=en"
    pages = {
        market: client.get(f"/rights/clearance?{query % market}", follow=True).text for market in ("NO", "DE")
    }
    said = "The rulebook has no rule on what an offer may claim in NO."
    assert {market: said in page for market, page in pages.items()} == {"NO": True, "DE": False}


def test_an_empty_page_knows_the_visitors_market_and_this_day(client: Client):
    client.cookies["market"] = "FR"
    form = client.get("/rights/delivery").context["form"]

    assert (form["market"].value(), form["today"].value(), form.is_bound) == (
        "FR",
        clock.today().isoformat(),
        False,
    )


def test_a_market_alone_is_no_question_yet(client: Client):
    page = client.get("/rights/withdrawal?market=SE")

    assert (page.status_code, page.context["form"]["market"].value()) == (200, "SE")


def test_an_unknown_question_is_not_there(client: Client):
    codes = [
        client.get(path).status_code for path in ("/rights/luck", "/rights/luck.ics", "/rights/delivery.ics")
    ]

    assert codes == [404, 404, 404]


def test_the_index_leads_to_every_question(client: Client):
    html = client.get("/rights/").text

    assert {ask for ask in BY_ASK if f'href="/rights/{ask}"' not in html} == set()


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_pages_are_valid(client: Client, language: str):
    client.cookies["language"] = language
    paths = [
        "/rights/",
        *(f"/rights/{ask}" for ask in CASES),
        *(f"/rights/{ask}?{CASES[ask]}" for ask in CASES),
    ]
    found = {path: wrong_with(client.get(path, follow=True).text) for path in paths}

    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_a_page_asks_the_database_nothing(client: Client, django_assert_num_queries: Any):
    client.get("/rights/withdrawal")
    with django_assert_num_queries(0):
        page = client.get(f"/rights/withdrawal?{CASES['withdrawal']}")

    assert page.status_code == 200


def test_what_always_has_an_answer_is_not_called_optional(client: Client):
    form = client.get("/rights/landed_price").context["form"]

    assert {name for name, field in form.fields.items() if getattr(field, "is_settled", False)} == {
        "ship_from",
        "importer_scheme",
    }


@pytest.mark.parametrize(
    ("ask", "fact", "field"),
    [
        ("withdrawal", "deliveries[0].received_on", "received_on"),
        ("withdrawal_declaration", "received_on", "received_by_seller_on"),
        ("withdrawal_declaration", "deliveries[0].received_on", "received_on"),
        ("refund_amount", "lines[0].returned_value_loss", "returned_value_loss"),
        ("prior_price", "history[2].until", None),
        ("prior_price", "history[1].until", "from_3"),
        ("trader_status", "notices[0].sent_on", "notice_sent_on"),
        ("clock", "calendar.weekly.fri", "closes"),
        ("delivery", "notices[0].revised_on", None),
    ],
)
def test_a_fact_deep_in_the_question_finds_its_field(ask: str, fact: str, field: str | None):
    assert BY_ASK[ask].field_of(fact, RightsForm(BY_ASK[ask], language="en")) == field


@pytest.mark.parametrize("ask", CASES)
def test_nothing_in_an_address_breaks_a_page(client: Client, ask: str):
    client.raise_request_exception = False
    broken = {}
    for name in RightsForm(BY_ASK[ask], language="en").fields:
        for value in ("-1", "9999-12-31", "\x00", "../<b>" * 400):
            given = [(key, said) for key, said in parse_qsl(CASES[ask]) if key != name]
            page = client.get(f"/rights/{ask}?{urlencode([*given, (name, value)])}", follow=True)
            if page.status_code not in (200, 400 if "\x00" in value else 422, 422):
                broken[name, value] = page.status_code
    assert broken == {}


def test_nothing_is_also_a_number(client: Client):
    query = "market=DE&currency=EUR&price=25.00&quantity=2&withdrawn_quantity=0&delivery_paid=0"
    page = client.get(f"/rights/refund_amount?{query}", follow=True)
    facts = json.loads(page.context["programs"]["facts"])

    assert (facts["lines"][0]["withdrawn_quantity"], facts["delivery_paid"]) == (0, "0")
