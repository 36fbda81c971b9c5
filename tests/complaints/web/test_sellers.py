"""The seller's pages of complaints: what is asked, without the buyer's contact data, and the answer."""

from __future__ import annotations

import pytest
from django.test import Client

from complaints import operations
from marketplace.accounts.models import MerchantMember, User
from marketplace.kernel import clock
from tests.complaints.factories import NOW, make_agent, make_ticket
from tests.orders.factories import make_merchant

pytestmark = pytest.mark.django_db


def seller(role: str = "owner") -> tuple[Client, str]:
    merchant = make_merchant()
    user = User.objects.create_user(f"{merchant.slug}-{role}@example.com", "secret", is_staff=True)
    MerchantMember.objects.create(merchant=merchant, user=user, role=role)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client, merchant.public_id


def test_a_question_waits_on_top_and_is_answered():
    client, merchant = seller()
    ticket = make_ticket(merchant=merchant)
    operations.say(ticket=ticket.public_id, kind="agent", body="Is it in stock?", now=NOW, to_merchant=True)
    operations.wait(ticket=ticket.public_id, whom="merchant", actor="agent", now=NOW, reason="asked")
    assert ticket.public_id in client.get("/admin/complaints").content.decode()
    client.post(f"/admin/complaints/{ticket.public_id}", {"body": "Yes, tomorrow."})
    ticket.refresh_from_db()
    assert (ticket.state, ticket.messages.get(kind="merchant").body) == ("open", "Yes, tomorrow.")


def test_the_seller_sees_no_contact_data_and_nothing_that_was_not_for_it():
    client, merchant = seller()
    ticket = make_ticket(merchant=merchant)
    operations.say(ticket=ticket.public_id, kind="note", body="Between us.", now=NOW)
    operations.say(ticket=ticket.public_id, kind="agent", body="Dear Ada.", now=NOW)
    page = client.get(f"/admin/complaints/{ticket.public_id}").content.decode()
    hidden = ("ada@example.com", "Between us.", "Dear Ada.")
    assert ("The lamp does not work." in page, [word for word in hidden if word in page]) == (True, [])


def test_anothers_complaint_does_not_exist():
    client, _merchant = seller()
    ticket = make_ticket(merchant=make_merchant().public_id)
    assert client.get(f"/admin/complaints/{ticket.public_id}").status_code == 404


def test_who_may_only_look_answers_nothing():
    client, merchant = seller("viewer")
    ticket = make_ticket(merchant=merchant)
    answer = client.post(f"/admin/complaints/{ticket.public_id}", {"body": "Yes."})
    assert (answer.status_code, ticket.messages.filter(kind="merchant").count()) == (403, 0)


def at_two_sellers() -> tuple[Client, str]:
    """Somebody who only looks at one seller, and writes for another; return the first's id."""
    user = User.objects.create_user("two@example.com", "secret", is_staff=True)
    looks, writes = make_merchant(), make_merchant()
    MerchantMember.objects.create(merchant=looks, user=user, role="viewer")
    MerchantMember.objects.create(merchant=writes, user=user, role="owner")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client, looks.public_id


def test_who_writes_for_one_seller_does_not_write_for_another():
    client, merchant = at_two_sellers()
    ticket, user = make_ticket(merchant=merchant), make_agent().user_id
    operations.open_room(ticket=ticket.public_id, user_id=user, actor="a", now=clock.now())
    pages = (f"/admin/complaints/{ticket.public_id}", f"/admin/complaints/{ticket.public_id}/room")
    looked = [client.get(page) for page in pages]
    wrote = [client.post(page, {"body": "Yes.", "what": "say"}).status_code for page in pages]
    assert ([one.status_code for one in looked], wrote) == ([200, 200], [403, 403])
    assert ["<textarea" in one.content.decode() for one in looked] == [False, False]
    assert ticket.messages.filter(kind="merchant").count() == 0
