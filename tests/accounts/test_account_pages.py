"""The pages of signing in and of the account: one frame, one form of address."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from marketplace.accounts.models import User

pytestmark = pytest.mark.django_db
ENTRANCE = (
    "/auth/login/",
    "/auth/signup/",
    "/auth/password/reset/",
    "/auth/password/reset/done/",
    "/auth/confirm-email/",
)
MANAGED = (
    "/account/addresses",
    "/account/details",
    "/auth/email/",
    "/auth/password/change/",
    "/auth/2fa/",
    "/auth/logout/",
)
FAMILIAR = re.compile(r"\b([Dd]u|[Dd]ir|[Dd]ich|[Dd]ein\w*)\b")


def german(*, signed_in: bool) -> Client:
    client = Client()
    client.cookies["language"] = "de"
    if signed_in:
        user = User.objects.create_user("ada@account.example", "correct horse battery")
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def words_of(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", html)


@pytest.mark.parametrize("path", [*ENTRANCE, *MANAGED])
def test_german_addresses_people_formally(path: str):
    page = german(signed_in=path in MANAGED).get(path)

    assert (page.status_code, FAMILIAR.findall(words_of(page.text))) == (200, [])


@pytest.mark.parametrize("path", MANAGED)
def test_every_page_of_the_account_has_its_ways(path: str):
    assert 'class="plain-list account-nav"' in german(signed_in=True).get(path).text
