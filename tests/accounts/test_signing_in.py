"""The administration's door: a password is enough only where the account asks for no more."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from marketplace.accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def keeper() -> User:
    return User.objects.create_user("keeper@example.org", PASSWORD, is_staff=True)


def sign_in(client: Client) -> tuple[int, str]:
    answer = client.post(
        "/admin/login/?next=/admin/", {"username": "keeper@example.org", "password": PASSWORD}
    )
    return answer.status_code, answer.content.decode()


def test_a_password_opens_where_there_is_no_second_factor(client: Client, keeper: User):
    assert sign_in(client)[0] == 302
    assert client.get("/admin/").status_code == 200


def test_a_password_alone_does_not_open_where_there_is_a_second_factor(client: Client, keeper: User):
    TOTP.activate(keeper, generate_totp_secret())
    status, page = sign_in(client)
    assert (status, client.get("/admin/").status_code) == (200, 302)
    assert '<a href="/auth/login/?next=/admin/">Sign in</a>' in page


def test_the_page_that_asks_for_it_leads_back(client: Client, keeper: User):
    keeper.emailaddress_set.create(email=keeper.email, verified=True, primary=True)
    TOTP.activate(keeper, generate_totp_secret())
    answer = client.post(
        "/auth/login/?next=/admin/", {"login": keeper.email, "password": PASSWORD, "next": "/admin/"}
    )
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/auth/2fa/authenticate/")
    assert Authenticator.objects.get().type == "totp"
    assert client.get("/admin/").status_code == 302
