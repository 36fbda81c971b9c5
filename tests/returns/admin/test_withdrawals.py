"""A withdrawal's own page and letters, also where nothing goes back: for its seller, and for the platform."""

from __future__ import annotations

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from marketplace.accounts.models import Role, User
from marketplace.kernel import outbox
from returns.models import CaseLetter, OwedRefund, Return, Withdrawal
from returns.queries.case_letters import case_of_withdrawal, drafts_for
from returns.queries.withdrawals import withdrawal_by_number
from tests.returns import factories
from tests.returns.admin.test_case_letters import hidden, staff_of
from tests.returns.factories import LATER, US_CA, make_merchant, make_variant
from tests.returns.operations.test_declaring import TOO_LATE, declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


@pytest.fixture(autouse=True)
def _day():
    with time_machine.travel(LATER, tick=False):
        yield


def unsent(**more):
    return factories.buy([(make_variant(make_merchant()), 2)], **more)


def officer(client) -> None:
    user = User.objects.create_user("officer@example.com", "correct horse battery", is_staff=True)
    Role.objects.create(user=user, kind=Role.Kind.OFFICER)
    client.force_login(user)


def offered(declared: Withdrawal) -> list[str]:
    found = withdrawal_by_number(declared.public_id, None)
    (order,) = {row.line.order for row in found.lines.all()}
    case = case_of_withdrawal(found, order)
    return [one.template for one in drafts_for(case)]


def test_what_was_not_sent_yet_has_letters_that_ask_for_no_parcel():
    declared = declare(unsent())
    assert (Return.objects.count(), offered(declared)) == (
        0,
        ["withdrawal-nothing-back", "withdrawal-kept-money"],
    )


def test_where_the_law_names_no_days_for_the_money_no_letter_does():
    assert offered(declare(unsent(place=US_CA))) != ["withdrawal-nothing-back", "withdrawal-kept-money"]


def test_what_goes_back_has_the_letters_of_its_return():
    assert offered(declare(factories.delivered())) == [
        "withdrawal-send-back",
        "withdrawal-money",
        "return-arrived",
    ]


def test_what_came_too_late_has_letters_with_the_reasons():
    declared = declare(factories.delivered(), now=TOO_LATE)
    assert offered(declared) == ["withdrawal-late", "withdrawal-reasons"]


def test_what_is_exempt_has_reasons_but_no_talk_of_days():
    merchant = make_merchant()
    made = make_variant(merchant, category="tex.clothing", disclosures={"made_to_specification": True})
    declared = declare(factories.delivered([(made, 1)]))
    assert offered(declared) == ["withdrawal-reasons"]


def test_a_seller_reads_the_case_and_sends_a_letter_once(client):
    declared = declare(unsent())
    outbox.relay()
    mail.outbox.clear()
    order = declared.group.orders.get()
    staff_of(client, order.merchant)
    case = reverse("merchant-return-withdrawal", args=[declared.public_id])
    page = client.get(case)
    text = page.content.decode()
    assert [line["state"] for line in page.context["lines"]] == ["in time"]
    assert (page.context["lines"][0]["rulings"] != [], "Nothing goes back." in text) == (True, True)
    assert len(page.context["refunds"]) == OwedRefund.objects.count() == 1
    url = reverse(
        "merchant-return-withdrawal-letter",
        args=[declared.public_id, order.public_id, "withdrawal-kept-money"],
    )
    assert url in text
    draft = client.get(url).content.decode()
    assert ("14 Tage" in draft, "2011/83" in draft or "BGB" in draft) == (True, True)
    for _ in range(2):
        assert client.post(url, hidden(draft))["Location"] == case
    outbox.relay()
    letter = CaseLetter.objects.get()
    assert (letter.subject, letter.side, len(mail.outbox)) == (declared.public_id, "seller", 1)
    assert reverse("withdrawal", args=[declared.token]) in mail.outbox[0].body


def test_a_seller_lists_its_withdrawals_page_by_page(client, monkeypatch):
    monkeypatch.setattr("returns.queries.withdrawals.PAGE", 2)
    merchant = make_merchant()
    made = []
    for n in range(3):
        group = factories.buy([(make_variant(merchant), 1)])
        made.append(declare(group, key=f"k{n}").public_id)
    declare(unsent(), key="of another")
    staff_of(client, merchant)
    first = client.get(reverse("merchant-return-withdrawals"))
    rest = client.get(reverse("merchant-return-withdrawals") + first.context["next_url"])
    shown = [[row["number"] for row in page.context["rows"]] for page in (first, rest)]
    assert shown == [[made[2], made[1]], [made[0]]]
    assert rest.context["next_url"] == ""


def test_of_a_checkout_with_two_sellers_each_sees_its_own(client):
    one, other = make_merchant(), make_merchant()
    group = factories.buy([(make_variant(one), 1), (make_variant(other), 2)])
    declared = declare(group)
    staff_of(client, one)
    page = client.get(reverse("merchant-return-withdrawal", args=[declared.public_id]))
    assert [line["quantity"] for line in page.context["lines"]] == [1]
    assert [number for number, _letters in page.context["letters"]] == [
        group.orders.get(merchant=one).public_id
    ]
    foreign = group.orders.get(merchant=other).public_id
    url = reverse(
        "merchant-return-withdrawal-letter", args=[declared.public_id, foreign, "withdrawal-nothing-back"]
    )
    assert (client.get(url).status_code, client.post(url, {}).status_code) == (404, 404)


def test_for_other_sellers_it_does_not_exist_and_who_only_reads_sends_nothing(client):
    declared = declare(unsent())
    order = declared.group.orders.get()
    case = reverse("merchant-return-withdrawal", args=[declared.public_id])
    url = reverse(
        "merchant-return-withdrawal-letter",
        args=[declared.public_id, order.public_id, "withdrawal-nothing-back"],
    )
    staff_of(client, make_merchant())
    assert [client.get(one).status_code for one in (case, url)] == [404, 404]
    staff_of(client, order.merchant, role="viewer")
    assert [client.get(one).status_code for one in (case, url)] == [200, 200]
    assert (client.post(url, {"seen": "x"}).status_code, CaseLetter.objects.count()) == (404, 0)


def test_an_officer_reads_it_and_sends_a_letter_as_the_platform(client):
    declared = declare(factories.delivered(), now=TOO_LATE)
    officer(client)
    case = reverse("law-withdrawal", args=[declared.public_id])
    order = declared.group.orders.get().public_id
    url = reverse("law-withdrawal-letter", args=[declared.public_id, order, "withdrawal-late"])
    assert url in client.get(case).content.decode()
    assert client.post(url, hidden(client.get(url).content.decode()))["Location"] == case
    assert CaseLetter.objects.get().side == "platform"


def test_a_declaration_of_an_unknown_order_is_shown_without_letters(client):
    declared = declare(None, as_written="The blue lamp.")
    officer(client)
    page = client.get(reverse("law-withdrawal", args=[declared.public_id]))
    assert (page.context["letters"], "The blue lamp." in page.content.decode()) == ([], True)
