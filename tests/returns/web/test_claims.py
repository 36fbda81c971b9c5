"""Something is wrong: as a guest meets it, without a script; and what the seller and the platform do about it."""

from __future__ import annotations

import io

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from compliance import rulebook
from marketplace.accounts import operations as accounts
from marketplace.accounts.models import Role, User
from marketplace.kernel import outbox
from orders import operations as orders
from orders.models import Refund
from returns import operations
from returns.models import Claim, LateDelivery, OwedRefund
from returns.web.claim_pages import law_card
from tests.returns import factories
from tests.returns.factories import LATER, SENT, make_merchant, make_variant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


@pytest.fixture(autouse=True)
def _day():
    cache.clear()
    with time_machine.travel(LATER, tick=False):
        yield


def page_of(answer) -> str:
    return answer.content.decode()


def photo() -> SimpleUploadedFile:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Secret camera"
    Image.new("RGB", (8, 8), "red").save(out, "JPEG", exif=exif)
    return SimpleUploadedFile("fault.jpg", out.getvalue(), content_type="image/jpeg")


def file_claim(client, group, **more):
    line = group.orders.get().lines.get().public_id
    form = {
        "kind": "defective", "said": "It does not light.", "quantity": "1", "noticed_on": "2026-11-27", "wanted": "repair",
        "nonce": "n1", **more,
    }  # fmt: skip
    return client.post(reverse("claim-file", args=[group.token, line]), form)


def sign_in(client, merchant=None):
    user = User.objects.create_user("staff@example.com", "correct horse battery", is_staff=True)
    if merchant is not None:
        accounts.add_member(merchant=merchant, user=user, role="owner")
    else:
        Role.objects.create(user=user, kind=Role.Kind.OFFICER)
    client.force_login(user)


def test_from_the_order_to_a_claim_with_a_picture(client):
    group = factories.delivered()
    order = group.orders.get()
    assert f"/claims/order/{group.token}?order={order.public_id}" in page_of(
        client.get(f"/orders/{group.token}")
    )
    assert "Ding" in page_of(client.get(reverse("claim-start", args=[group.token])))
    line = order.lines.get().public_id
    shown = page_of(client.get(reverse("claim-file", args=[group.token, line])))
    assert "Thursday, 25 November 2027 the seller must prove" in shown
    assert f"/complain?order={order.public_id}" in shown

    answer = file_claim(client, group, files=[photo()])
    claim = Claim.objects.get()
    assert answer["Location"] == reverse("claim", args=[claim.token])
    with claim.files.get().file.open("rb") as kept:
        assert b"Secret" not in kept.read()
    assert "The seller answers by Saturday, 5 December 2026. If not, we act." in page_of(
        client.get(answer["Location"])
    )
    assert "Claim" in page_of(client.get(f"/orders/{group.token}"))
    shown = client.get(reverse("claim-evidence", args=[claim.token, claim.files.get().pk]))
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")


def test_sent_twice_it_is_one_claim(client):
    group = factories.delivered()
    assert file_claim(client, group)["Location"] == file_claim(client, group)["Location"]
    assert Claim.objects.count() == 1


def test_what_the_law_opens_later_is_explained_and_everything_is_kept(client):
    answer = file_claim(client, factories.delivered(), wanted="termination")
    assert answer.status_code == 422
    assert "The law opens this only after a repair" in page_of(answer)
    assert "It does not light." in page_of(answer)
    assert file_claim(client, factories.delivered(), wanted="termination", is_serious="on").status_code == 302


def test_strangers_find_nothing(client):
    group = factories.delivered()
    assert client.get(reverse("claim-start", args=["wrong"])).status_code == 404
    assert client.get(reverse("claim", args=["wrong"])).status_code == 404
    assert client.get(reverse("claim-file", args=[group.token, "LN-NOTHING"])).status_code == 404


def test_the_seller_answers_and_the_shopper_takes_the_offer(client):
    merchant = make_merchant()
    group = factories.delivered([(make_variant(merchant), 1)])
    file_claim(client, group)
    claim = Claim.objects.get()
    sign_in(client, merchant)
    assert claim.public_id in page_of(client.get("/admin/returns/claims"))
    assert "It does not light." in page_of(client.get(f"/admin/returns/claims/{claim.public_id}"))
    client.post(
        f"/admin/returns/claims/{claim.public_id}/offer", {"remedy": "price_reduction", "amount": "3.50"}
    )
    client.logout()
    assert "€3.50" in page_of(client.get(reverse("claim", args=[claim.token])))
    client.post(reverse("claim-act", args=[claim.token, "agree"]))
    assert OwedRefund.objects.get().amount_minor == 350


def test_claims_against_others_do_not_exist_for_a_seller(client):
    file_claim(client, factories.delivered())
    claim = Claim.objects.get()
    sign_in(client, make_merchant())
    assert client.get(f"/admin/returns/claims/{claim.public_id}").status_code == 404
    assert client.post(f"/admin/returns/claims/{claim.public_id}/accept").status_code == 404
    assert client.get("/admin/returns/late/claims").status_code in (302, 403)


def test_a_dispute_is_decided_by_the_platform_with_reasons(client):
    file_claim(client, factories.delivered())
    claim = Claim.objects.get()
    operations.refuse_claim(claim_id=claim.pk, why="It was dropped.", by="seller", now=LATER)
    client.post(reverse("claim-act", args=[claim.token, "dispute"]), {"why": "It was not."})
    sign_in(client)
    assert claim.public_id in page_of(client.get("/admin/returns/late/claims"))
    assert "It was dropped." in page_of(client.get(f"/admin/returns/late/claims/{claim.public_id}"))
    client.post(
        f"/admin/returns/late/claims/{claim.public_id}/decide",
        {"remedy": "repair", "decision": "No trace of a fall."},
    )
    assert "No trace of a fall." in page_of(client.get(reverse("claim", args=[claim.token])))


@pytest.mark.parametrize(
    ("market", "said"),
    [
        ("CN", "We do not know for certain how long the law here gives you."),
        ("JP", "The law here sets no fixed end."),
        ("US-CA", "The law here lists no remedies for certain."),
    ],
)
def test_no_end_is_claimed_where_none_is_known(market, said):
    line = factories.delivered().orders.get().lines.get()
    facts = {
        "market": market, "concluded_on": "2026-11-23", "delivered_on": "2026-11-25", "condition": "new",
        "defect_on": "2026-11-27", "repairs": [], "remedy_history": [],
    }  # fmt: skip
    card = law_card(rulebook.answer("guarantee", facts), line, "en", LATER.date())
    assert card["lines"][0]["sentence"].startswith(said)


@pytest.mark.parametrize("remedy", ["termination", "reject", "final_rejection", "refund"])
def test_whatever_ended_the_contract_it_is_said_that_it_has_ended(client, remedy):
    group = factories.delivered([(make_variant(make_merchant()), 1)])
    file_claim(client, group)
    claim = Claim.objects.get()
    operations.refuse_claim(claim_id=claim.pk, why="It was dropped.", by="seller", now=LATER)
    operations.dispute_claim(claim_id=claim.pk, why="It was not.", now=LATER)
    Claim.objects.update(answer={"answer": {"remedies_open": [remedy]}})
    operations.decide_claim(
        claim_id=claim.pk, remedy=remedy, decision="It is broken.", by="officer", keep=True, now=LATER
    )
    operations.request_owed(owed_id=OwedRefund.objects.get().pk, now=LATER)
    outbox.relay()
    orders.send_refund(refund_id=Refund.objects.get().pk, now=LATER)
    outbox.relay()
    client.cookies["language"] = "en"
    shown = page_of(client.get(reverse("claim", args=[claim.token])))
    said = ("The contract has ended for it, and your money is paid.", "If the fault comes back, say so here.")
    assert [one for one in said if one in shown] == [said[0]]


def test_an_order_that_has_not_come(client):
    group = factories.buy([(make_variant(make_merchant()), 1)])
    order = group.orders.get()
    url = reverse("late", args=[group.token, order.public_id])
    assert url in page_of(client.get(reverse("claim-start", args=[group.token])))
    assert "It is not late yet." in page_of(client.get(url))
    parcel = factories.send(order)
    orders.mark_lost(parcel_id=parcel.pk, recorded_by="test", now=SENT)
    assert "The carrier lost it." in page_of(client.get(url))
    client.post(reverse("late-act", args=[group.token, order.public_id, "end"]))
    assert LateDelivery.objects.get().state == "cancelled"
    assert "Your money comes back." in page_of(client.get(url))


def test_the_seller_tells_of_a_delay(client):
    merchant = make_merchant()
    group = factories.buy([(make_variant(merchant), 1)])
    order = group.orders.get()
    sign_in(client, merchant)
    client.post(
        "/admin/returns/claims/delay", {"order": order.public_id, "revised_on": "2026-12-24", "why": "Snow"}
    )
    client.logout()
    url = reverse("late", args=[group.token, order.public_id])
    assert "Thursday, 24 December 2026" in page_of(client.get(url))
    client.post(reverse("late-act", args=[group.token, order.public_id, "agree"]))
    assert LateDelivery.objects.get().notices.get().reply == "consent"
