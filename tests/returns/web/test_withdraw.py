"""The withdrawal function as a guest meets it: without a script, without an account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse

from marketplace.kernel import outbox
from returns.models import OwedRefund, Return, Withdrawal, WithdrawalLine
from tests.returns import factories
from tests.returns.factories import ARRIVED, GB, LATER
from tests.returns.operations.test_declaring import TOO_LATE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


@pytest.fixture(autouse=True)
def _clean():
    cache.clear()


def page_of(answer) -> str:
    return answer.content.decode()


def signed_in(answer) -> str:
    return re.search(r'name="signed" value="([^"]+)"', page_of(answer))[1]


def walk(client, group, key, pieces, **more):
    """Step one and two; returns the page of the declaration."""
    line = group.orders.get().lines.get().public_id
    url = reverse("withdraw-order", args=[key])
    form = {"name": "Ada", "email": "ada@example.com", f"line.{line}": pieces, **more}
    review = client.post(url, form)
    assert review.status_code == 200, page_of(review)
    done = client.post(reverse("withdraw-confirm", args=[key]), {"signed": signed_in(review)})
    return review, client.get(done["Location"])


def test_a_guest_names_the_order_and_withdraws_from_a_part(client):
    group = factories.delivered()
    order = group.orders.get()
    with time_machine.travel(LATER, tick=False):
        answer = client.post("/withdraw", {"number": order.public_id.lower(), "email": "ADA@example.com"})
        key = answer["Location"].rpartition("/")[2]
        review, shown = walk(client, group, key, 2)
    assert "Confirm withdrawal" in page_of(review)
    assert "In time. The contract has ended for this." in page_of(shown)
    assert list(WithdrawalLine.objects.values_list("quantity", "state")) == [(2, "effective")]
    assert Return.objects.get().lines.get().announced == 2


def test_the_words_are_those_of_the_law_of_the_market(client):
    group = factories.delivered()
    with time_machine.travel(LATER, tick=False):
        client.get("/withdraw", headers={"Accept-Language": "de"})
        client.cookies["rightful_place"] = ""
        url = reverse("withdraw-order", args=[group.token])
        page = page_of(client.get(url, headers={"Accept-Language": "de"}))
    assert "Vertrag widerrufen" in page or "Withdraw from contract here" in page


def test_what_is_confirmed_twice_is_declared_once(client):
    group = factories.delivered()
    line = group.orders.get().lines.get().public_id
    url = reverse("withdraw-order", args=[group.token])
    with time_machine.travel(LATER, tick=False):
        review = client.post(url, {"name": "Ada", "email": "a@example.com", f"line.{line}": 1})
        confirm = reverse("withdraw-confirm", args=[group.token])
        places = [client.post(confirm, {"signed": signed_in(review)})["Location"] for _ in range(2)]
    assert places[0] == places[1]
    assert Withdrawal.objects.count() == 1


def test_nothing_is_declared_by_step_one(client):
    group = factories.delivered()
    line = group.orders.get().lines.get().public_id
    client.post(
        reverse("withdraw-order", args=[group.token]),
        {"name": "A", "email": "a@example.com", f"line.{line}": 1},
    )
    assert Withdrawal.objects.count() == 0


def test_everything_is_chosen_with_one_button(client):
    group = factories.delivered()
    with time_machine.travel(LATER, tick=False):
        walk(client, group, group.token, 0, all="1")
    assert WithdrawalLine.objects.get().quantity == 3


def test_too_late_is_taken_told_and_disputed(client):
    group = factories.delivered()
    with time_machine.travel(TOO_LATE, tick=False):
        _review, shown = walk(client, group, group.token, 3)
        assert "It came after the last day." in page_of(shown)
        line = group.orders.get().lines.get().public_id
        token = Withdrawal.objects.get().token
        client.post(reverse("withdrawal-dispute", args=[token]), {"line": line, "why": "I was ill."})
    assert WithdrawalLine.objects.get().state == "disputed"


def test_which_of_the_two_is_wrong_is_not_said(client):
    group = factories.delivered()
    number = group.orders.get().public_id
    said = set()
    for form in (
        {"number": number, "email": "b@example.com"},
        {"number": "R-22222222", "email": group.email},
    ):
        answer = client.post("/withdraw", form)
        assert answer.status_code == 422
        said.add(re.sub(r"value=\"[^\"]*\"|href=\"[^\"]*\"", "", page_of(answer)))
    assert len({re.sub(r"csrf\S+", "", text) for text in said}) == 1


def test_guessing_ends_but_declaring_does_not(client, settings):
    group = factories.delivered()
    form = {"number": "R-22222222", "email": "x@example.com"}
    for _ in range(20):
        client.post("/withdraw", form)
    right = {"number": group.orders.get().public_id, "email": group.email}
    assert client.post("/withdraw", right).status_code == 422
    free = {"name": "Ada", "email": "ada@example.com", "number": "", "text": "The red lamp."}
    review = client.post("/withdraw/without-order", free)
    done = client.post("/withdraw/without-order", {"signed": signed_in(review)})
    assert Withdrawal.objects.get().state == "unmatched"
    assert "The red lamp." in page_of(client.get(done["Location"]))


def test_a_link_by_number_and_address_grows_old(client):
    group = factories.delivered()
    form = {"number": group.orders.get().public_id, "email": group.email}
    with time_machine.travel(LATER, tick=False):
        url = client.post("/withdraw", form)["Location"]
    with time_machine.travel(LATER + timedelta(hours=3), tick=False):
        assert client.get(url).status_code == 404


def test_an_accounts_order_opens_for_that_account_alone(client, django_user_model):
    group = factories.delivered()
    user = django_user_model.objects.create_user("ada@example.com", "correct horse battery")
    group.user = user
    group.save(update_fields=["user"])
    url = reverse("withdraw-order", args=[group.token])
    assert client.get(url).status_code == 404
    client.force_login(user)
    assert client.get(url).status_code == 200
    assert group.orders.get().public_id in page_of(client.get("/withdraw"))


def test_the_order_page_tells_what_happened_and_what_is_next(client):
    group = factories.delivered(place=GB)
    with time_machine.travel(LATER, tick=False):
        walk(client, group, group.token, 3)
        page = page_of(client.get(reverse("order", args=[group.token])))
    assert "Withdrawn" in page
    assert "Send it back by" in page
    assert reverse("return", args=[Return.objects.get().token]) in page


def test_the_receipt_is_a_pdf(client):
    group = factories.delivered()
    with time_machine.travel(LATER, tick=False):
        walk(client, group, group.token, 1)
        found = Withdrawal.objects.get()
        answer = client.get(reverse("withdrawal-receipt", args=[found.token]))
    assert answer.content.startswith(b"%PDF-")


def test_a_return_is_sent_by_label_and_by_own_means(client):
    group = factories.delivered()
    with time_machine.travel(LATER, tick=False):
        walk(client, group, group.token, 3)
        token = Return.objects.get().token
        url = reverse("return", args=[token])
        assert client.get(url).status_code == 200
        client.post(reverse("return-send", args=[token]), {"method": "drop_off", "price_drop_off": "1299"})
        assert client.get(reverse("return-label", args=[token])).content.startswith(b"%PDF-")
        assert client.post(reverse("return-own", args=[token]), {"sent_on": "2026-11-28"}).status_code == 422
        sent = {"sent_on": "2026-11-28", "carrier": "DHL", "tracking_number": "123"}
        assert client.post(reverse("return-own", args=[token]), sent).status_code == 302
        assert client.get(url).status_code == 200
    assert OwedRefund.objects.exclude(state="void").get().state == "due"


@pytest.mark.parametrize("lines", [1, 3])
def test_a_declarations_page_asks_the_same_queries(client, django_assert_num_queries, lines):
    merchant = factories.make_merchant()
    group = factories.delivered([(factories.make_variant(merchant), 1) for _ in range(lines)])
    with time_machine.travel(LATER, tick=False):
        client.post(reverse("withdraw-order", args=[group.token]))
        form = {"name": "Ada", "email": "ada@example.com", "all": "1"}
        review = client.post(reverse("withdraw-order", args=[group.token]), form)
        done = client.post(reverse("withdraw-confirm", args=[group.token]), {"signed": signed_in(review)})
        client.get(done["Location"])
        with django_assert_num_queries(7):
            client.get(done["Location"])
    assert ARRIVED < LATER
    outbox.relay(now=LATER)


def test_a_label_says_what_it_costs_before_it_is_chosen_and_takes_no_other_sum(client):
    group = factories.delivered([(factories.make_variant(factories.make_merchant(), price=3000), 1)])
    with time_machine.travel(LATER, tick=False):
        walk(client, group, group.token, 1)
        ret = Return.objects.get()
        url, send = (reverse(name, args=[ret.token]) for name in ("return", "return-send"))
        shown = client.get(url).content.decode()
        assert ("8,99" in shown or "8.99" in shown, "taken off what you get back" in shown) == (True, True)
        again = client.post(send, {"method": "drop_off", "price_drop_off": "1"}, follow=True)
        assert ("another sum than was shown" in again.content.decode(), ret.parcels.count()) == (True, 0)
        made = client.post(send, {"method": "drop_off", "price_drop_off": "899"}, follow=True)
        assert "only if you use it" in made.content.decode()
    assert OwedRefund.objects.exclude(state="void").get().amount_minor == group.total_minor - 899
