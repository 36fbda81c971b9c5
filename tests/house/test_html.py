"""Every page a shopper meets is valid HTML: no parse errors, no id twice, one h1, every picture with a text."""

from __future__ import annotations

from typing import Any

import html5lib
import pytest
from django.core.cache import cache
from django.test import Client

from catalog.demo import loading
from catalog.models import Listing
from marketplace.accounts.models import User
from marketplace.kernel import clock
from orders.models import Checkout

pytestmark = pytest.mark.django_db
PAGES = (
    "/", "/search", "/search?q=scarf", "/search?q=nothingofthekind", "/basket", "/wishes", "/place", "/terms", "/privacy",
    "/imprint", "/withdraw", "/ranking", "/reviews-policy", "/contact", "/accessibility", "/orders/find", "/auth/login/",
    "/auth/signup/", "/auth/password/reset/", "/m/garance", "/api/v1/docs/", "/there-is-nothing-here",
)  # fmt: skip
SIGNED_IN = (
    "/account/",
    "/account/addresses",
    "/account/addresses/new",
    "/account/details",
    "/auth/2fa/",
    "/gallery/",
)


def wrong_with(html: str) -> list[str]:
    """Return what a browser would have to repair or guess."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(html)
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    found = [f"{code} at {position}" for position, code, _ in parser.errors]
    found += [f"id twice: {one}" for one in sorted({one for one in ids if ids.count(one) > 1})]
    found += ["no alt" for node in root.iter("img") if node.get("alt") is None]
    headings = len(list(root.iter("h1")))
    return found + ([] if headings == 1 else [f"{headings} h1"])


@pytest.fixture
def shelf(settings: Any) -> None:
    cache.clear()
    loading.load(now=clock.now(), only=("olive-soap", "crane-silk-scarf", "plush-panda"), pictures=1)


def visitor(language: str) -> Client:
    client = Client()
    client.cookies.load({"market": "DE", "language": language, "currency": "EUR"})
    return client


def address(code: str) -> str:
    listing = Listing.objects.get(code=code)
    return f"/p/{listing.slug}/{listing.public_id}"


@pytest.mark.parametrize("language", ["en", "de"])
def test_pages_of_the_shop(shelf: None, language: str):
    client = visitor(language)
    paths = (*PAGES, address("olive-soap"), address("crane-silk-scarf"), address("plush-panda"))
    found = {path: wrong_with(client.get(path, follow=True).content.decode()) for path in paths}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_pages_of_buying(shelf: None):
    client = visitor("en")
    variant = Listing.objects.get(code="olive-soap").variants.first()
    client.post("/basket/add", {"variant": variant.public_id, "quantity": 1})
    pages = {"basket": client.get("/basket"), "checkout": client.post("/checkout", follow=True)}
    token = Checkout.objects.get().token
    filled = {
        "email": "ada@example.com", "name": "Ada", "street": "Weg 1", "postcode": "10115", "city": "Berlin", "country": "DE",
        "method": "offline", "card": "card_ok", "action": "quote",
    }  # fmt: skip
    pages["refused"] = client.post(f"/checkout/{token}", {**filled, "postcode": "nonsense", "email": "x"})
    pages["quoted"] = client.post(f"/checkout/{token}", filled, follow=True)
    quoted = Checkout.objects.get()
    pages["order"] = client.post(
        f"/checkout/{token}",
        {**filled, "action": "pay", "quote": quoted.quote_digest, "key": "k" * 20},
        follow=True,
    )
    found = {name: wrong_with(page.content.decode()) for name, page in pages.items()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert "/orders/" in pages["order"].redirect_chain[-1][0]


def test_pages_of_an_account(shelf: None):
    user = User.objects.create_user("ada@example.com", "correct horse battery", is_staff=True)
    client = visitor("en")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    found = {path: wrong_with(client.get(path, follow=True).content.decode()) for path in SIGNED_IN}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_what_breaks_html_is_found():
    assert wrong_with("<!doctype html><html lang=en><title>x</title><p id=a><div id=a></p></html>") != []
