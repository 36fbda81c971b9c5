"""A merchant's system and the claims against it: listed page by page, read, answered as on the admin's page."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from marketplace.accounts import operations as accounts
from marketplace.accounts.models import MerchantMember, User
from marketplace.kernel import clock
from returns import operations
from returns.models import Claim
from returns.queries import claims as queries
from tests.returns import factories
from tests.returns.factories import LATER, make_merchant, make_variant
from tests.returns.operations.test_claiming import claim_on
from tests.returns.operations.test_seals import JPEG

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
PATH = "/api/v1/merchant/claims"


@pytest.fixture(autouse=True)
def _day():
    cache.clear()
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def claim() -> Claim:
    return claim_on(factories.delivered())


def answer(client, claim: Claim, key: dict[str, str], once: str = "a-1", **body: Any) -> Any:
    headers = {**key, "Idempotency-Key": once}
    return client.post(
        f"{PATH}/{claim.public_id}/answer", body, content_type="application/json", headers=headers
    )


def test_claims_are_listed_page_by_page_each_once_the_newest_first(client, key_of, monkeypatch):
    merchant = make_merchant()
    made = [
        claim_on(factories.delivered([(make_variant(merchant), 1)]), key=f"c{n}").public_id for n in range(5)
    ]
    claim_on(factories.delivered(), key="of another")
    monkeypatch.setattr(queries.claims_page, "__kwdefaults__", {"state": "", "after": None, "limit": 2})
    key, url, seen = key_of(merchant), PATH, []
    while url:
        page = client.get(url, headers=key).json()
        seen += [row["public_id"] for row in page["results"]]
        url = page["next"]
    assert seen == list(reversed(made))


def test_the_list_can_show_what_waits_for_an_answer_alone(client, key_of, claim):
    key = key_of(claim.merchant)
    assert [row["due_on"] for row in client.get(PATH, {"state": "open"}, headers=key).json()["results"]] == [
        "2026-12-05"
    ]
    operations.refuse_claim(claim_id=claim.pk, why="No.", by="test", now=clock.now())
    assert client.get(PATH, {"state": "open"}, headers=key).json()["results"] == []
    assert client.get(PATH, {"state": "odd"}, headers=key).status_code == 400


def test_a_claim_is_read_with_the_law_and_what_can_be_done_but_without_the_shopper_s_secret(
    client, key_of, claim
):
    answered = client.get(f"{PATH}/{claim.public_id}", headers=key_of(claim.merchant))
    body = answered.json()
    assert (body["may"], body["remedies_open"]) == (["accept", "offer", "refuse"], ["repair", "replacement"])
    assert (body["may_offer"], body["needs_amount"]) == (
        ["replacement", "price_reduction", "termination"],
        False,
    )
    assert body["rulings"][0]["cites"]
    assert claim.token not in answered.content.decode()


@pytest.mark.parametrize(
    ("body", "state", "note"),
    [
        ({"answer": "accept"}, "remedying", "accepted"),
        ({"answer": "offer", "instead": "price_reduction", "amount_minor": 500}, "offered", "offered"),
        ({"answer": "refuse", "text": "It was cut."}, "refused", "refused"),
    ],
)
def test_it_is_answered_once_per_key(client, key_of, claim, body, state, note):
    key = key_of(claim.merchant)
    first, again = answer(client, claim, key, **body), answer(client, claim, key, **body)
    assert (first.status_code, again.status_code, again.json()["state"]) == (200, 200, state)
    (row,) = [one for one in first.json()["notes"] if one["what"] == note]
    assert (row["side"], claim.notes.filter(what=note).count()) == ("seller", 1)
    other = answer(client, claim, key, answer="refuse", text="Or not.")
    assert (other.status_code, other["Content-Type"]) == (422, "application/problem+json")


def test_what_is_put_right_is_sent(client, key_of, claim):
    key = key_of(claim.merchant)
    answer(client, claim, key, answer="accept", keep=True)
    read = client.get(f"{PATH}/{claim.public_id}", headers=key).json()
    assert (read["may"], read["remedies"][0]["state"]) == (["send"], "due")
    sent = answer(
        client, claim, key, "a-2", answer="send", carrier="dhl", tracking_number="X1", text="New cable."
    )
    assert (sent.json()["may"], sent.json()["remedies"][0]["tracking_number"]) == ([], "X1")


def test_what_is_not_possible_any_more_is_a_problem(client, key_of, claim):
    key = key_of(claim.merchant)
    answer(client, claim, key, answer="refuse", text="It was cut.")
    late = answer(client, claim, key, "a-2", answer="offer", instead="termination")
    assert (late.status_code, late["Content-Type"], late.json()["state"]) == (
        409,
        "application/problem+json",
        "refused",
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"answer": "refuse"}, "text"),
        ({"answer": "offer"}, "instead"),
        ({"answer": "offer", "instead": "price_reduction"}, "amount"),
        ({"answer": "send", "carrier": "dhl"}, "tracking_number"),
        ({"answer": "accept", "text": "Yes."}, "text"),
        ({"answer": "pay"}, "answer"),
    ],
)
def test_what_does_not_fit_is_named(client, key_of, claim, body, field):
    refused = answer(client, claim, key_of(claim.merchant), **body)
    assert (refused.status_code, field in str(refused.json())) == (400, True)
    assert Claim.objects.get().state == "open"


def test_a_file_is_fetched_by_the_seller_alone(client, key_of, claim):
    operations.add_claim_file(claim_id=claim.pk, file=("a.jpg", JPEG), now=clock.now())
    key = key_of(claim.merchant)
    (file,) = client.get(f"{PATH}/{claim.public_id}", headers=key).json()["files"]
    url = f"{PATH}/{claim.public_id}/files/{file['id']}"
    own = client.get(url, headers=key)
    assert (own.status_code, own.content, own["X-Content-Type-Options"]) == (200, JPEG, "nosniff")
    assert client.get(url, headers=key_of(make_merchant())).status_code == 404
    assert client.get(f"{url}9", headers=key).status_code == 404


def test_claims_of_others_do_not_exist(client, key_of, claim):
    key = key_of(make_merchant())
    assert client.get(f"{PATH}/{claim.public_id}", headers=key).status_code == 404
    assert answer(client, claim, key, answer="accept").status_code == 404
    assert Claim.objects.get().state == "open"


def test_the_key_of_who_only_reads_answers_nothing(client, claim):
    user = User.objects.create_user("viewer@example.com", "correct horse battery")
    accounts.add_member(merchant=claim.merchant, user=user, role="owner")
    _, secret = accounts.make_api_key(merchant=claim.merchant, label="shop", by=user, now=clock.now())
    MerchantMember.objects.filter(user=user).update(role="viewer")
    key = {"Authorization": f"Bearer {secret}"}
    assert client.get(f"{PATH}/{claim.public_id}", headers=key).status_code == 200
    assert answer(client, claim, key, answer="accept").status_code == 403
    assert client.get(PATH).status_code == 401
