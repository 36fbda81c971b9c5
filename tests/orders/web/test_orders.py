"""The pages of what was bought, as their readers meet them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from marketplace.accounts.models import User
from orders import operations
from orders.models import Order, OrderGroup
from orders.operations import Packed
from tests.orders.factories import NOW, load_rates, make_checkout, make_merchant, make_variant, pay

pytestmark = pytest.mark.django_db
OPEN = "You may withdraw at any time until the goods arrive, and for a while after that."


@pytest.fixture
def group(db: None) -> OrderGroup:
    load_rates()
    merchant = make_merchant()
    found = pay(make_checkout([(make_variant(merchant), 1), (make_variant(merchant), 1)])).group
    assert found is not None
    return found


def arrive(order: Order, position: int, days: int) -> None:
    """Ship one line in a parcel of its own and let it arrive."""
    line = order.lines.order_by("position")[position]
    parcel = operations.ship_parcel(
        order_id=order.pk, packed=[Packed(line.public_id, 1)], carrier="other", tracking_number="",
        recorded_by="x", now=NOW,
    )  # fmt: skip
    at = NOW + timedelta(days=days)
    operations.record_delivery(
        parcel_id=parcel.pk, delivered_at=at, received_by="consumer", recorded_by="x", now=at
    )


def withdrawal_lines(client: Client, group: OrderGroup) -> list[dict[str, Any]]:
    client.cookies["language"] = "en"
    page = client.get(f"/orders/{group.token}").context["page"]
    return [line for line in page["orders"][0]["rights"]["lines"] if line["key"] == "withdrawal"]


def test_one_of_two_parcels_does_not_start_the_period(client: Client, group: OrderGroup):
    arrive(group.orders.get(), 0, days=2)

    assert [(line["sentence"], line["when"]) for line in withdrawal_lines(client, group)] == [(OPEN, "")]


def test_the_last_parcel_starts_the_period(client: Client, group: OrderGroup):
    arrive(group.orders.get(), 0, days=2)
    arrive(group.orders.get(), 1, days=7)

    assert [line["when"] for line in withdrawal_lines(client, group)] == ["2026-12-14"]


def test_a_line_with_another_right_has_a_line_of_its_own_on_the_card(client: Client, group: OrderGroup):
    merchant = make_merchant()
    plain, to_measure = (
        make_variant(merchant),
        make_variant(merchant, category="tex.clothing", disclosures={"made_to_specification": True}),
    )
    mixed = pay(make_checkout([(plain, 1), (to_measure, 1)])).group
    assert mixed is not None

    assert sorted(line["state"] for line in withdrawal_lines(client, mixed)) == ["no", "yes"]


def test_an_account_s_order_opens_for_nobody_else(client: Client, group: OrderGroup):
    owner = User.objects.create_user("owner@example.org", "correct horse battery")
    OrderGroup.objects.filter(pk=group.pk).update(user=owner)
    other = User.objects.create_user("other@example.org", "correct horse battery")
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(f"/orders/{group.token}").status_code == 404


def test_the_contract_is_handed_to_whoever_has_the_link(client: Client, group: OrderGroup):
    order = group.orders.get()

    answer = client.get(f"/orders/{group.token}/{order.public_id}/contract.pdf")

    assert answer.content[:5] == b"%PDF-"


def test_an_invented_link_opens_nothing(client: Client, group: OrderGroup):
    order = group.orders.get()

    assert [
        client.get("/orders/invented").status_code,
        client.get(f"/orders/invented/{order.public_id}/contract.pdf").status_code,
        client.get(f"/orders/{group.token}/R-INVENTED/contract.pdf").status_code,
        client.get(f"/orders/{group.token}/{order.public_id}/secret.pdf").status_code,
    ] == [404] * 4


def test_the_link_is_sent_to_the_address_of_the_order_only(client: Client, group: OrderGroup):
    number = group.orders.get().public_id
    sent = []
    for email in (group.email, "stranger@example.org"):
        answer = client.post("/orders/find", {"number": number, "email": email})
        sent.append((answer.status_code, [message.to for message in mail.outbox]))

    assert sent == [(302, [[group.email]]), (302, [[group.email]])]


def test_the_list_says_where_each_order_stands(client: Client):
    shirt, scarf = make_variant(make_merchant()), make_variant(make_merchant())
    group = pay(make_checkout([(shirt, 1), (scarf, 1)])).group
    owner = User.objects.create_user("owner@example.org", "correct horse battery")
    OrderGroup.objects.filter(pk=group.pk).update(user=owner)
    first = group.orders.order_by("pk").first()
    packed = [Packed(line, count) for line, count in operations.left_to_ship(first).items()]
    operations.ship_parcel(
        order_id=first.pk,
        packed=packed,
        carrier="other",
        tracking_number="ABC-12345",
        recorded_by="t",
        now=NOW,
    )
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    (row,) = client.get("/account/").context["page"]["groups"]
    assert sorted(one["label"] for one in row["states"]) == ["confirmed", "on its way"]
