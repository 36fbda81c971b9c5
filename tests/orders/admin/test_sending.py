"""Sending many orders: marked together, by a table, with slips; nothing of another merchant's is touched."""

from __future__ import annotations

import io

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from marketplace.accounts.models import Merchant
from orders.models import Invoice, Order, Parcel
from tests.orders import factories
from tests.orders.admin.test_orders import staff_of

pytestmark = pytest.mark.django_db(transaction=True)
DHL, DHL_TOO = "00340434161094022115", "00340434161094022122"


def url(name: str, *args: object) -> str:
    return reverse(f"admin:orders_order_{name}", args=args)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(factories.NOW, tick=False):
        yield


@pytest.fixture
def merchant(rates: None) -> Merchant:
    return factories.make_merchant()


@pytest.fixture
def orders(merchant: Merchant) -> list[Order]:
    for _ in range(2):
        factories.pay(
            factories.make_checkout(
                [(factories.make_variant(merchant), 2), (factories.make_variant(merchant), 1)]
            )
        )
    return list(Order.objects.order_by("pk"))


@pytest.fixture
def client(merchant: Merchant) -> Client:
    return staff_of(merchant)


def states() -> list[str]:
    return list(Order.objects.order_by("pk").values_list("state", flat=True))


def upload(client: Client, text: str, **more: str):
    file = io.BytesIO(text.encode())
    file.name = "tracking.csv"
    return client.post(url("tracking"), {"file": file, **more})


def test_many_are_marked_as_sent_and_what_is_wrong_stays_with_its_reason(
    client: Client, orders: list[Order]
) -> None:
    chosen = {"action": "mark_sent", "_selected_action": [order.pk for order in orders]}
    assert len(client.post(url("changelist"), chosen).context["lines"]) == 2
    data = {"go": "apply"}
    for order, number in zip(orders, (DHL, "12"), strict=True):
        data |= {f"carrier.{order.pk}": "dhl", f"tracking.{order.pk}": number}
    page = client.post(url("changelist"), chosen | data)
    assert (states(), len(page.context["lines"])) == (["shipped", "confirmed"], 1)
    assert "This is not a tracking number of this carrier. Such as:" in page.content.decode()
    data |= {f"tracking.{orders[1].pk}": ""}
    assert client.post(url("changelist"), chosen | data).status_code == 302
    assert (states(), Invoice.objects.count()) == (["shipped", "shipped"], 2)


def test_a_table_is_looked_at_first_then_recorded_once(client: Client, orders: list[Order]) -> None:
    text = f"order,carrier,tracking_number\n{orders[0].public_id},,{DHL}\nR-NOBODY,dhl,{DHL_TOO}\n{orders[1].number},DHL,12\n"
    page = upload(client, text)
    assert [row["meaning"] for row in page.context["done"]] == ["allowed", "blocked", "blocked"]
    assert (Parcel.objects.count(), Invoice.objects.count()) == (0, 0)
    page = client.post(url("tracking"), {"table": page.context["form"]["table"].value(), "go": "apply"})
    assert (states(), Parcel.objects.get().tracking_number) == (["shipped", "confirmed"], DHL)
    again = client.post(url("tracking"), {"table": text, "go": "apply"})
    assert "Nothing of this order is left to send." in again.content.decode()
    assert Parcel.objects.count() == 1


def test_a_part_of_an_order_is_named_by_its_articles(client: Client, orders: list[Order]) -> None:
    first, second = orders[0].lines.order_by("position")
    head = "order;carrier;tracking_number;sku;quantity\n"
    upload(
        client,
        f"{head}{orders[0].public_id};dhl;{DHL};{first.sku};1\n{orders[0].public_id};dhl;{DHL};{second.sku};\n",
        go="apply",
    )
    parcel = Parcel.objects.get()
    assert (sorted(parcel.lines.values_list("line__sku", "quantity")), states()[0]) == (
        sorted([(first.sku, 1), (second.sku, 1)]),
        "confirmed",
    )
    page = upload(
        client,
        f"{head}{orders[0].public_id};dhl;{DHL};{first.sku};1\n{orders[0].public_id};dhl;{DHL_TOO};nothing;1\n",
    )
    problems = [row["problem"] for row in page.context["done"]]
    assert problems == [
        "A parcel with this tracking number is recorded already.",
        "The order has no article of this number.",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "Column: order."),
        ("order,tracking\n,1", "Line 2: The order is not named."),
        ("", "The submitted file is empty"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(
    client: Client, orders: list[Order], text: str, said: str
) -> None:
    assert said in upload(client, text).content.decode()


def test_slips_show_what_is_left_and_no_price(client: Client, orders: list[Order]) -> None:
    answer = client.post(
        url("changelist"), {"action": "print_slips", "_selected_action": [order.pk for order in orders]}
    )
    page = client.get(answer.headers["Location"]).content.decode()
    assert (page.count("<article"), "€" in page) == (2, False)
    assert "Ada Kowalski<br>Lindenstraße 1<br>10115 Berlin<br>Germany<br>" in page


def test_the_table_to_fill_in_is_safe_in_a_spreadsheet_and_comes_back(
    client: Client, orders: list[Order]
) -> None:
    group = orders[0].group
    group.address["name"] = "=cmd|calc"
    group.save(update_fields=["address"])
    chosen = {"action": "as_table", "_selected_action": [order.pk for order in orders]}
    text = client.post(url("changelist"), chosen).content.decode("utf-8-sig")
    assert "'=cmd|calc" in text
    filled = text.replace(",,\r\n", f",,{DHL}\r\n", 1)
    page = upload(client, filled)
    assert [row["meaning"] for row in page.context["done"]] == ["allowed", "allowed"]


@pytest.mark.parametrize(
    "query", ["q=Kowalski", "q=1", "due=late", "due=lost", "state__exact=confirmed", "q=Ding"]
)
def test_orders_are_found(client: Client, orders: list[Order], query: str) -> None:
    if query.startswith("due"):
        Order.objects.update(deliver_by="2026-11-01")
        Parcel.objects.create(order=orders[0], carrier="dhl", state="lost", shipped_at=factories.NOW)
    assert orders[0].public_id in client.get(f"{url('changelist')}?{query}").content.decode()


def test_nothing_of_anothers_is_seen_or_sent(orders: list[Order]) -> None:
    stranger, ids = staff_of(factories.make_merchant()), [order.pk for order in orders]
    for action in ("mark_sent", "print_slips", "as_table"):
        answer = stranger.post(
            url("changelist"),
            {
                "action": action,
                "_selected_action": ids,
                "go": "apply",
                **{f"carrier.{pk}": "dhl" for pk in ids},
            },
            follow=True,
        )
        assert orders[0].public_id not in answer.content.decode()
    slips = stranger.get(url("slips"), {"orders": ",".join(map(str, ids))}).content.decode()
    page = upload(stranger, f"order,tracking\n{orders[0].public_id},{DHL}\n", go="apply")
    assert ("<article" in slips, page.context["taken"], states()) == (False, 0, ["confirmed", "confirmed"])
