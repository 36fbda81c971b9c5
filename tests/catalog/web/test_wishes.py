"""The wish list in the browser: a guest's follows into the account, and nobody else's does."""

from __future__ import annotations

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from catalog.models import WishItem
from catalog.web.views import WISH_COOKIE
from marketplace.accounts.models import User
from tests.catalog.factories import make_listing

pytestmark = pytest.mark.usefixtures("taxonomy")


def signed_in(client: Client, email: str = "ana@example.org") -> User:
    user = User.objects.create_user(email, "correct horse battery")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def owners() -> list[tuple[str, str]]:
    return list(WishItem.objects.order_by("pk").values_list("owner", "listing__code"))


def test_what_a_guest_wished_for_follows_into_the_account(client: Client) -> None:
    lamp, bowl = make_listing(code="lamp"), make_listing(code="bowl")
    for listing in (lamp, bowl):
        client.post(reverse("wish-toggle", args=[listing.public_id]))
    user = signed_in(client)
    WishItem.objects.create(owner=f"user:{user.pk}", listing=lamp)

    client.get(reverse("wishes"))

    assert sorted(owners()) == [(f"user:{user.pk}", "bowl"), (f"user:{user.pk}", "lamp")]
    assert client.cookies[WISH_COOKIE].value == ""


def test_it_follows_with_the_first_wish_too_and_comes_off_by_the_same_button(client: Client) -> None:
    lamp = make_listing(code="lamp")
    client.post(reverse("wish-toggle", args=[lamp.public_id]))
    signed_in(client)

    client.post(reverse("wish-toggle", args=[lamp.public_id]))

    assert owners() == []


def test_the_next_person_at_the_same_browser_gets_nothing_of_it(client: Client) -> None:
    lamp = make_listing(code="lamp")
    client.post(reverse("wish-toggle", args=[lamp.public_id]))
    first = signed_in(client)
    client.get(reverse("wishes"))
    client.logout()

    signed_in(client, "ben@example.org")
    client.get(reverse("wishes"))

    assert owners() == [(f"user:{first.pk}", "lamp")]


def test_a_forged_cookie_takes_nobodys_wishes(client: Client) -> None:
    lamp = make_listing(code="lamp")
    WishItem.objects.create(owner="user:1", listing=lamp)
    signed_in(client)
    client.cookies[WISH_COOKIE] = signing.dumps("user:1", salt="another")

    client.get(reverse("wishes"))

    assert owners() == [("user:1", "lamp")]
