"""Claims over HTTP: filed, read, shown, followed, by who holds the secret; and what is refused says which field."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from returns import operations
from returns.models import Claim, ClaimFile
from tests.orders.api.test_throttles import REFUSED, told
from tests.returns import factories
from tests.returns.factories import LATER

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _day():
    cache.clear()
    with time_machine.travel(LATER, tick=False):
        yield


def post(client, path: str, body: dict[str, Any], key: str = "c-1") -> Any:
    return client.post(path, body, content_type="application/json", headers={"Idempotency-Key": key})


def file(client, group, key: str = "c-1", **more) -> Any:
    line = group.orders.get().lines.get().public_id
    body = {"line": line, "kind": "defective", "said": "It does not light.", "wanted": "repair", **more}
    return post(client, f"/api/v1/orders/{group.token}/claims", body, key)


def filed(client, **more) -> dict[str, Any]:
    return file(client, factories.delivered(), **more).json()


def picture() -> SimpleUploadedFile:
    kept = BytesIO()
    Image.new("RGB", (40, 30), "red").save(kept, "PNG")
    return SimpleUploadedFile("broken.png", kept.getvalue(), "image/png")


def add(client, token: str, upload: Any, key: str = "f-1") -> Any:
    return client.post(f"/api/v1/claims/{token}/files", {"file": upload}, headers={"Idempotency-Key": key})


def test_a_claim_is_filed_and_answered_with_what_the_law_says(client):
    answer = file(client, factories.delivered())
    body = answer.json()
    assert (answer.status_code, body["state"], body["due_on"]) == (201, "open", "2026-12-05")
    assert (body["remedies_open"], body["may"]) == (["repair", "replacement"], ["drop"])
    assert (body["burden_on_seller_until"], body["rulings"][0]["cites"] != []) == ("2027-11-25", True)
    assert client.get(f"/api/v1/claims/{body['token']}").json() == body


def test_the_same_key_is_the_same_claim_and_another_body_is_refused(client):
    group = factories.delivered()
    first, again, other = file(client, group), file(client, group), file(client, group, said="Torn.")
    assert first.json() == again.json()
    assert (other.status_code, other.json()["field"], Claim.objects.count()) == (422, "Idempotency-Key", 1)


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({"wanted": "termination"}, 409, "wanted"),
        ({"quantity": 4}, 409, "quantity"),
        ({"noticed_on": "2027-01-01"}, 400, "noticed_on"),
        ({"line": "LN-NOBODYS"}, 404, "line"),
    ],
)
def test_what_cannot_be_says_which_field(client, more, status, field):
    answer = file(client, factories.delivered(), **more)
    assert (answer.status_code, answer.json()["field"], Claim.objects.count()) == (status, field, 0)


def test_a_remedy_that_the_law_does_not_open_is_refused_with_those_that_it_does(client):
    body = file(client, factories.delivered(), wanted="termination").json()
    assert (body["type"], body["opened"]) == ("urn:rightful:not_open_by_law", ["repair", "replacement"])


def test_every_field_at_fault_is_named(client):
    answer = file(client, factories.delivered(), kind="colour", said="", shade="red")
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == ["shade"]
    answer = file(client, factories.delivered(), kind="colour", said="")
    assert [one["field"] for one in answer.json()["errors"]] == ["kind", "said"]


def test_a_picture_is_added_without_what_cameras_write_into_it(client):
    token = filed(client)["token"]
    answers = [add(client, token, picture()) for _ in range(2)]
    body = answers[1].json()
    assert ([one.status_code for one in answers], len(body["files"])) == ([200, 200], 1)
    assert body["notes"][-1]["what"] == "added"
    assert ClaimFile.objects.get().file.read(2) == b"\xff\xd8"  # drawn anew, as JPEG


def test_what_is_no_picture_and_what_is_too_many_is_refused(client):
    token = filed(client)["token"]
    answer = add(client, token, SimpleUploadedFile("a.exe", b"MZ not a picture", "image/png"))
    assert (answer.status_code, answer.json()["field"]) == (400, "file")
    for number in range(6):
        add(client, token, picture(), f"k{number}")
    answer = add(client, token, picture(), "one more")
    assert (answer.status_code, answer.json()["field"], ClaimFile.objects.count()) == (400, "file", 6)
    answer = client.post(f"/api/v1/claims/{token}/files", {}, headers={"Idempotency-Key": "none"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "file")


def test_an_offer_is_taken(client):
    body = filed(client)
    operations.offer_remedy(
        claim_id=Claim.objects.get().pk, remedy="price_reduction", amount_minor=300, by="seller", now=LATER
    )
    path = f"/api/v1/claims/{body['token']}"
    told = client.get(path).json()
    assert (told["offer"], told["offer_amount"]["amount"], told["may"]) == (
        "price_reduction", "3.00", ["agree", "dispute", "drop"],
    )  # fmt: skip
    answers = [post(client, f"{path}/choice", {"choice": "agree"}) for _ in range(2)]
    assert [one.json()["state"] for one in answers] == ["remedying", "remedying"]
    assert (answers[1].json()["refunds"][0]["amount"]["amount"], Claim.objects.get().remedies.count()) == (
        "3.00",
        1,
    )


def test_what_did_not_help_opens_the_next_remedy_and_it_is_chosen(client):
    body = filed(client)
    claim, path = Claim.objects.get(), f"/api/v1/claims/{body['token']}/choice"
    operations.accept_claim(claim_id=claim.pk, by="seller", now=LATER)
    operations.send_remedy(
        claim_id=claim.pk, carrier="Post", tracking_number="1", note="", by="seller", now=LATER
    )
    early = post(client, path, {"choice": "failed"}, "a")
    assert (early.status_code, early.json()["errors"][0]["field"]) == (400, "wanted")
    answer = post(client, path, {"choice": "failed", "wanted": "termination", "text": "Dark again."}, "b")
    assert (answer.status_code, answer.json()["wanted"], answer.json()["state"]) == (
        200,
        "termination",
        "open",
    )


def test_what_is_not_its_turn_is_a_conflict(client):
    path = f"/api/v1/claims/{filed(client)['token']}/choice"
    answer = post(client, path, {"choice": "agree"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:rightful:wrong_state")


def test_claims_of_others_do_not_exist_by_any_method(client):
    filed(client)
    answers = [
        client.get("/api/v1/claims/forged"),
        post(client, "/api/v1/claims/forged/choice", {"choice": "agree"}),
        add(client, "forged", picture()),
        post(client, "/api/v1/orders/forged/claims", {}),
    ]
    assert [one.status_code for one in answers] == [404] * 4


def test_whoever_files_too_often_is_told_when_to_come_again(client, settings):
    group = factories.delivered()
    answers = [file(client, group, key=str(number), quantity=9) for number in range(61)]
    assert {one.status_code for one in answers[:60]} == {409}
    assert (answers[60].status_code, answers[60].json()["type"]) == (429, REFUSED[2])
    assert told(answers[60])[:3] == REFUSED[:3]
