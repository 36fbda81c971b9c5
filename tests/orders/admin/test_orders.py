"""A merchant sends a parcel and records its delivery in the admin; others see no order."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from marketplace.accounts.models import Merchant, MerchantMember, User
from orders.models import Order, Refund
from orders.operations import fulfilment
from tests.orders import factories


def staff_of(merchant: Merchant) -> Client:
    user = User.objects.create_user(f"{merchant.slug}@staff.example", "correct horse battery", is_staff=True)
    MerchantMember.objects.create(user=user, merchant=merchant, role=MerchantMember.Role.OWNER)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(name: str, *args: object) -> str:
    return reverse(f"admin:orders_order_{name}", args=args)


@pytest.mark.django_db(transaction=True)
def test_an_order_is_sent_and_delivered(rates: None) -> None:
    merchant, other = factories.make_merchant(), factories.make_merchant()
    with time_machine.travel(factories.NOW, tick=False):
        factories.pay(factories.make_checkout([(factories.make_variant(merchant), 2)]))
        order = Order.objects.get(merchant=merchant)
        client, stranger = staff_of(merchant), staff_of(other)
        assert stranger.get(url("change", order.pk)).status_code == 404
        assert stranger.post(url("ship", order.pk), {}).status_code == 404
        assert order.public_id in client.get(url("changelist")).content.decode()
        form = client.get(url("change", order.pk)).context["form"]
        data = {field.html_name: field.value() or "" for field in form} | {
            "carrier": form.fields["carrier"].choices[0][0]
        }
        assert client.post(url("ship", order.pk), data).status_code == 302
        parcel = order.parcels.get()
        client.post(
            url("deliver", order.pk), {"parcel": parcel.pk, "delivered_at": f"{factories.NOW:%Y-%m-%dT%H:%M}"}
        )
        order.refresh_from_db()
        assert order.state == "delivered"
        assert client.get(url("change", order.pk)).status_code == 200


@pytest.mark.django_db
def test_what_was_chosen_is_shown_on_the_order_and_on_its_slip(rates: None) -> None:
    merchant = factories.make_merchant()
    mug = factories.make_variant(merchant, option_names=["Colour", "Size"])
    mug.options = ["Blue", "M"]
    mug.save()
    with time_machine.travel(factories.NOW, tick=False):
        group = factories.pay(factories.make_checkout([(mug, 1)])).group
        assert group is not None
        order, staff = group.orders.get(), staff_of(merchant)
        pages = [staff.get(url("change", order.pk)), staff.get(f"{url('slips')}?orders={order.pk}")]
    assert ["Blue / M" in page.content.decode() for page in pages] == [True, True]


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_delivered_is_cancelled_with_a_reason(rates: None) -> None:
    merchant, other = factories.make_merchant(), factories.make_merchant()
    with time_machine.travel(factories.NOW, tick=False):
        factories.pay(factories.make_checkout([(factories.make_variant(merchant), 2)]))
        order = Order.objects.get(merchant=merchant)
        client, stranger = staff_of(merchant), staff_of(other)
        assert stranger.post(url("cancel", order.pk), {"reason": "sold_out"}).status_code == 404
        assert client.get(url("change", order.pk)).context["cancel_form"] is not None
        unsaid = client.post(url("cancel", order.pk), {"reason": ""})
        assert list(unsaid.context["cancel_form"].errors) == ["reason"]
        assert client.post(url("cancel", order.pk), {"reason": "damaged"}).status_code == 302
        order.refresh_from_db()
        assert (order.state, order.cancel_reason) == ("cancelled", "damaged")
        assert Refund.objects.get().amount_minor == order.total_minor
        assert client.get(url("change", order.pk)).context["cancel_form"] is None
        again = client.post(url("cancel", order.pk), {"reason": "damaged"}, follow=True)
        assert (again.status_code, Refund.objects.count()) == (200, 1)


@pytest.mark.django_db
def test_of_what_has_left_in_part_no_cancelling_is_offered(rates: None) -> None:
    merchant = factories.make_merchant()
    with time_machine.travel(factories.NOW, tick=False):
        factories.pay(factories.make_checkout([(factories.make_variant(merchant), 2)]))
        order = Order.objects.get(merchant=merchant)
        client = staff_of(merchant)
        fulfilment.ship_parcel(
            order_id=order.pk, packed=[fulfilment.Packed(order.lines.get().public_id, 1)], carrier="other",
            tracking_number="", recorded_by="test", now=factories.NOW,
        )  # fmt: skip
        page = client.get(url("change", order.pk))
    assert (page.context["form"] is not None, page.context["cancel_form"]) == (True, None)
