"""Letters on a case's page: offered, seen, sent, kept; by the seller whose case it is, and by the platform."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.urls import reverse

from marketplace.accounts import operations as accounts
from marketplace.accounts.models import Role, User
from marketplace.kernel import outbox
from returns.models import CaseLetter, Return
from tests.returns import factories
from tests.returns.operations.test_claiming import claim_on
from tests.returns.operations.test_declaring import declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


def staff_of(client, merchant, role="owner") -> None:
    user = User.objects.create_user(f"{role}{merchant.pk}@example.com", "correct horse battery")
    accounts.add_member(merchant=merchant, user=user, role=role)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


def hidden(page: str) -> dict[str, str]:
    return {name: re.search(f'name="{name}" value="([^"]+)"', page)[1] for name in ("seen", "nonce")}


def test_a_seller_sees_a_letter_and_sends_it_once(client):
    claim = claim_on(factories.delivered())
    outbox.relay()
    mail.outbox.clear()
    staff_of(client, claim.merchant)
    case = reverse("merchant-return-claim", args=[claim.public_id])
    url = reverse("merchant-return-claim-letter", args=[claim.public_id, "claim-guarantee"])
    assert url in client.get(case).content.decode()
    page = client.get(url).content.decode()
    assert "2 Jahre" in page
    for _ in range(2):
        assert client.post(url, hidden(page))["Location"] == case
    outbox.relay()
    assert (CaseLetter.objects.count(), len(mail.outbox)) == (1, 1)
    assert CaseLetter.objects.get().body.split("\n")[0] in client.get(case).content.decode()
    shown = client.get(reverse("claim", args=[claim.token])).content.decode()
    assert CaseLetter.objects.get().body.split("\n\n")[1][:40] in shown


def test_a_letter_that_reads_otherwise_is_shown_again(client):
    claim = claim_on(factories.delivered())
    staff_of(client, claim.merchant)
    url = reverse("merchant-return-claim-letter", args=[claim.public_id, "claim-guarantee"])
    answer = client.post(url, {"seen": "old", "nonce": "n"})
    assert (answer.status_code, CaseLetter.objects.count()) == (409, 0)


def test_a_return_offers_the_letters_of_its_case(client):
    declare(factories.delivered())
    ret = Return.objects.get()
    staff_of(client, ret.merchant)
    url = reverse("merchant-return-letter", args=[ret.public_id, "withdrawal-money"])
    assert url in client.get(reverse("merchant-return", args=[ret.public_id])).content.decode()
    client.post(url, hidden(client.get(url).content.decode()))
    assert CaseLetter.objects.get().subject == ret.subject


def test_who_may_not_change_the_case_reads_and_sends_nothing(client):
    claim = claim_on(factories.delivered())
    url = reverse("merchant-return-claim-letter", args=[claim.public_id, "claim-guarantee"])
    staff_of(client, claim.merchant, "viewer")
    page = client.get(url)
    assert (page.status_code, "<form" in page.content.decode().split("<h1")[1]) == (200, False)
    assert client.post(url, {"seen": "x", "nonce": "n"}).status_code == 404
    staff_of(client, factories.make_merchant())
    assert client.get(url).status_code == 404
    assert CaseLetter.objects.count() == 0


def test_a_letter_that_does_not_fit_the_case_does_not_exist(client):
    claim = claim_on(factories.delivered())
    staff_of(client, claim.merchant)
    url = reverse("merchant-return-claim-letter", args=[claim.public_id, "withdrawal-money"])
    assert client.get(url).status_code == 404


def test_the_platform_writes_in_its_own_name(client):
    claim = claim_on(factories.delivered())
    officer = User.objects.create_user("officer@example.com", "correct horse battery", is_staff=True)
    Role.objects.create(user=officer, kind=Role.Kind.OFFICER)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("law-claim-letter", args=[claim.public_id, "claim-pictures"])
    assert url in client.get(reverse("law-claim", args=[claim.public_id])).content.decode()
    client.post(url, hidden(client.get(url).content.decode()))
    letter = CaseLetter.objects.get()
    assert (letter.side, letter.by) == ("platform", "officer@example.com")
