"""Whatever stands in an address or a form, the answer is a page of ours, never a breakdown."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from django.core.cache import cache
from django.test import Client

from catalog.demo import loading
from catalog.models import Variant
from marketplace.accounts.models import User
from marketplace.kernel import clock

ODD = {
    "zero byte": "%00",
    "zero byte inside": "a%00b",
    "half a letter": "%C3",
    "lone surrogate": "%ED%A0%80",
    "quote": "'%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "sql": "1%20OR%201=1--",
    "large number": "9" * 30,
    "negative": "-1",
    "not a number": "NaN",
    "long": "x" * 3000,
    "path": "..%2F..%2Fetc%2Fpasswd",
    "format": "%25(x)s%25n{0}",
    "direction": "%E2%80%AE",
}
QUERIES = (
    "/search?q={}", "/search?page={}", "/search?sort={}", "/search?min={}&max={}", "/search?origin={}&brand={}",
    "/search?after={}", "/c/food?q={}&after={}", "/m/{}", "/c/{}", "/p/{}/{}", "/p/x/{}?v={}", "/orders/{}",
    "/orders/find?email={}&number={}", "/checkout/{}", "/checkout/{}/pay", "/checkout/{}/bank?payment_intent={}",
    "/orders/{}/{}/contract.pdf", "/media/pictures/{}", "/rights?market={}", "/rights/{}", "/sitemap.xml?p={}",
    "/api/v1/listings?q={}", "/api/v1/listings?cursor={}", "/api/v1/listings/{}", "/api/v1/baskets/{}",
    "/api/v1/orders/{}", "/auth/login/?next={}", "/basket?x={}",
)  # fmt: skip
ADMIN = (
    "/admin/catalog/listing/?q={}", "/admin/catalog/listing/?state={}&market={}", "/admin/catalog/listing/?o={}",
    "/admin/catalog/listing/?p={}", "/admin/catalog/listing/{}/change/", "/admin/catalog/listing/?papers={}",
    "/admin/catalog/listing/?_changelist_filters={}", "/admin/catalog/importrun/?q={}", "/admin/orders/order/?q={}",
    "/admin/orders/order/slips/?orders={}", "/admin/orders/order/{}/change/", "/admin/accounts/merchant/{}/change/",
)  # fmt: skip
POSTS = {
    "/basket/add": {"variant": "{}", "quantity": "{}"},
    "/basket/add?real": {"variant": "VARIANT", "quantity": "1", "next": "{}"},
    "/basket/x/quantity": {"quantity": "{}"},
    "/basket/{}/remove": {},
    "/wishes/{}": {"next": "{}"},
    "/place": {"market": "{}", "language": "{}", "currency": "{}", "next": "{}"},
    "/orders/find": {"email": "{}", "number": "{}"},
    "/auth/login/": {"login": "{}", "password": "{}"},
    "/auth/signup/": {"email": "{}@example.org", "password1": "{}"},
}


@pytest.fixture
def shop(db: None) -> Client:
    cache.clear()
    loading.load(now=clock.now(), only=("olive-soap",), pictures=1)
    return Client(raise_request_exception=False)


def broken(client: Client, addresses: tuple[str, ...]) -> list[tuple[str, str, int]]:
    """Return where an odd word in an address breaks a page: kind of word, address, status."""
    answers = [
        (kind, address, client.get(address.replace("{}", word)).status_code)
        for kind, word in ODD.items()
        for address in addresses
    ]
    return [answer for answer in answers if answer[2] >= 500]


def test_odd_words_in_addresses(shop: Client):
    assert broken(shop, QUERIES) == []


def test_odd_words_in_the_admin(shop: Client):
    shop.force_login(
        User.objects.filter(memberships__isnull=False).first(),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    assert broken(shop, ADMIN) == []


def test_odd_words_in_forms(shop: Client):
    found, real = [], Variant.objects.values_list("public_id", flat=True)[0]
    for kind, word in ODD.items():
        for address, form in POSTS.items():
            said = unquote(word, errors="surrogatepass") if kind != "half a letter" else "\udcc3"
            data: dict[str, Any] = {
                name: value.replace("{}", said).replace("VARIANT", real) for name, value in form.items()
            }
            data = {k: v.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for k, v in data.items()}
            status = shop.post(address.replace("{}", word), data).status_code
            if status >= 500:
                found.append((kind, address, status))
    assert found == []


def test_odd_cookies(shop: Client):
    found = []
    for kind, word in ODD.items():
        for name in ("basket", "market", "language", "currency", "sessionid", "csrftoken"):
            client = Client(raise_request_exception=False)
            client.cookies[name] = word
            statuses = [client.get(address).status_code for address in ("/", "/basket", "/search")]
            found += [(kind, name, status) for status in statuses if status >= 500]
    assert found == []


def test_a_form_larger_than_is_taken_is_refused_in_words(shop: Client):
    answer = shop.post("/basket/add", {"variant": "x" * 3_000_000})
    assert (answer.status_code, b"<h1" in answer.content) == (413, True)


def test_more_fields_than_any_form_has_are_refused_in_words(shop: Client):
    answer = shop.post("/basket/add", {f"field{n}": "x" for n in range(3000)})
    assert (answer.status_code, b"<h1" in answer.content) == (400, True)
