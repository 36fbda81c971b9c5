"""The sidebar shows each kind of person what they work with, and nothing they may not open."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory

from marketplace.accounts.admin_sidebar import navigation
from marketplace.accounts.models import User
from marketplace.accounts.operations import give_role
from tests.accounts.test_operations import make_merchant

pytestmark = pytest.mark.django_db


def who(kind: str) -> User:
    user = User.objects.create_user(f"{kind}@sidebar.example", "correct horse battery")
    if kind == "merchant":
        make_merchant(user)
    else:
        give_role(user=user, kind=kind)
    return User.objects.get(pk=user.pk)


def links(user: User) -> list[str]:
    request = RequestFactory().get("/admin/")
    request.user = user
    return [item["link"] for group in navigation(request) for item in group["items"]]


def groups(user: User) -> list[str]:
    request = RequestFactory().get("/admin/")
    request.user = user
    return [str(group["title"]) for group in navigation(request)]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("merchant", ["Selling", "Range", "Business"]),
        ("officer", ["Law"]),
        ("operator", ["Law", "Selling", "Range", "Business", "Money"]),
        ("agent", []),
    ],
)
def test_each_sees_their_own(kind: str, expected: list[str]):
    if kind == "operator":
        make_merchant(None)
    assert groups(who(kind)) == expected


@pytest.mark.parametrize("kind", ["merchant", "officer", "operator"])
def test_every_link_opens(kind: str):
    user = who(kind)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answers = {link: client.get(link, follow=True).status_code for link in links(user)}
    assert {link: status for link, status in answers.items() if status != 200} == {}
