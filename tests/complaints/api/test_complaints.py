"""Complaining over HTTP."""

from __future__ import annotations

import pytest
import time_machine
from django.core.cache import cache
from rest_framework.throttling import ScopedRateThrottle

from complaints import operations
from complaints.models import Message, Ticket
from marketplace.accounts.models import User
from tests.complaints.factories import NOW, make_order, make_ticket

pytestmark = pytest.mark.django_db
BODY = {"body": "The lamp does not work.", "topic": "defective", "email": "ada@example.com"}


@pytest.fixture(autouse=True)
def _day():
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield


def complain(client, *, key="k-1", **fields):
    return client.post(
        "/api/v1/complaints?market=DE&language=de", {**BODY, **fields}, content_type="application/json",
        headers={"Idempotency-Key": key},
    )  # fmt: skip


def test_a_complaint_is_answered_with_number_secret_and_clocks(client):
    answer = complain(client)
    told, row = answer.json(), Ticket.objects.get()
    assert (answer.status_code, told["public_id"], told["token"], told["state"]) == (
        201,
        row.public_id,
        row.token,
        "new",
    )
    assert (row.channel, row.market, row.language) == ("api", "DE", "de")
    kinds = {one["kind"] for one in told["clocks"] if one["state"] == "running"}
    assert kinds == {"first_response", "next_response", "agent_update", "resolution"}


def test_answers_are_in_the_language_of_the_text_unless_another_is_asked_for(client):
    german = {**BODY, "body": "Die Lampe ist kaputt und ich habe noch keine Antwort."}
    for n, query in enumerate(("?market=FR", "?market=FR&language=fr")):
        client.post(
            f"/api/v1/complaints{query}",
            german,
            content_type="application/json",
            headers={"Idempotency-Key": f"k-{n}"},
        )
    assert list(Ticket.objects.order_by("pk").values_list("language", flat=True)) == ["de", "fr"]


def test_a_complaint_about_a_seller_and_about_nothing_that_there_is(client):
    seller = make_order().merchant.public_id
    told = [complain(client, key=f"k-{about}", about=about).status_code for about in (seller, "M-22222222")]
    assert (told, list(Ticket.objects.values_list("about_kind", "about", "merchant"))) == (
        [201, 404], [("merchant", seller, seller)],
    )  # fmt: skip


def test_words_of_danger_make_it_urgent(client):
    complain(client, body="There was smoke.")
    assert Ticket.objects.get().priority == 1


def test_the_same_key_is_the_same_complaint_and_another_body_is_refused(client):
    first, again = complain(client), complain(client)
    other = complain(client, body="Something else.")
    assert (first.json()["public_id"], Ticket.objects.count()) == (again.json()["public_id"], 1)
    assert (other.status_code, other["Content-Type"], other.json()["type"]) == (
        422, "application/problem+json", "urn:rightful:idempotency_key_reused",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"topic": "weather"}, "topic"), ({"body": " "}, "body"), ({"colour": "red"}, "colour")],
)
def test_what_is_wrong_is_a_problem_that_names_the_field(client, fields, field):
    answer = complain(client, **fields)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_without_an_address_it_says_so(client):
    answer = complain(client, email="")
    assert (answer.status_code, Ticket.objects.count()) == (400, 0)


def test_an_order_opens_only_with_its_own_secret(client):
    answer = complain(client, order="R-22222222", order_token="guessed")
    assert (answer.status_code, Ticket.objects.count()) == (404, 0)


def test_it_reads_back_and_takes_more_once(client):
    token = complain(client).json()["token"]
    for _ in range(2):
        answer = client.post(
            f"/api/v1/complaints/{token}/messages", {"body": "And the switch, too."}, content_type="application/json",
            headers={"Idempotency-Key": "m-1"},
        )  # fmt: skip
    read = client.get(f"/api/v1/complaints/{token}").json()
    assert (answer.status_code, [one["body"] for one in read["messages"]]) == (
        201, ["The lamp does not work.", "And the switch, too."],
    )  # fmt: skip


def test_notes_among_colleagues_are_not_told(client):
    row = make_ticket()
    operations.say(ticket=row.public_id, kind="note", body="Between us.", now=NOW)
    read = client.get(f"/api/v1/complaints/{row.token}").json()
    assert [one["body"] for one in read["messages"]] == ["The lamp does not work."]


def test_ones_own_are_listed_and_nobody_elses(client):
    user = User.objects.create_user("ada@example.com", "secret")
    mine = make_ticket()
    make_ticket()
    Ticket.objects.filter(pk=mine.pk).update(user=user)
    assert client.get("/api/v1/complaints").status_code == 403
    client.force_login(user)
    assert [one["public_id"] for one in client.get("/api/v1/complaints").json()["results"]] == [
        mine.public_id
    ]


def test_one_that_an_account_owns_opens_for_that_account_alone(client):
    row = make_ticket()
    Ticket.objects.filter(pk=row.pk).update(user=User.objects.create_user("ada@example.com", "secret"))
    assert client.get(f"/api/v1/complaints/{row.token}").status_code == 404


def test_too_many_are_told_to_wait_and_none_is_half_taken(client, monkeypatch):
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"complain": "2/hour"})
    answers = [complain(client, key=f"k-{n}") for n in range(3)]
    assert ([one.status_code for one in answers], Message.objects.count()) == ([201, 201, 429], 2)
    assert answers[-1]["Content-Type"] == "application/problem+json"
