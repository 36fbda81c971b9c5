"""The gallery has an address, for staff alone."""

from __future__ import annotations

import pytest
from django.test import Client

from marketplace.accounts import operations
from marketplace.accounts.models import User

pytestmark = pytest.mark.django_db


def client_of(role: str = "") -> Client:
    client, user = Client(), User.objects.create_user("someone@gallery.example", "correct horse battery")
    if role:
        operations.give_role(user=user, kind=role)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_staff_see_every_component():
    answer = client_of("operator").get("/gallery/")

    assert (answer.status_code, answer.text.count('class="specimen"') > 20) == (200, True)


def test_it_keeps_the_visitors_own_place():
    client = client_of("officer")
    client.cookies["market"] = "FR"

    assert "France ·" in client.get("/gallery/").text


def test_shoppers_do_not():
    answer = client_of().get("/gallery/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/login/?next=/gallery/")
