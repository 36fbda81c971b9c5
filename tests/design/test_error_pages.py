"""Every error answers in one look and in the reader's language; machines get problem+json."""

from __future__ import annotations

import html5lib
import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation

from marketplace.accounts.place import read_place
from marketplace.kernel import requests
from marketplace.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, RightfulError, Unavailable

PAGES = ("400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html", "error.html")


def drawn(template: str, language: str = "en") -> str:
    request = RequestFactory().get("/nowhere")
    request.place, request.user, request.request_id = read_place(request), AnonymousUser(), "a-number-to-tell"
    with translation.override(language):
        return render_to_string(template, {"title": "Not now", "status": 409, "back": "/basket"}, request)


@pytest.mark.parametrize("template", PAGES)
def test_an_error_page_has_a_number_a_heading_and_a_way_on(template: str):
    root = html5lib.parse(drawn(template), namespaceHTMLElements=False)
    page = next(node for node in root.iter("div") if node.get("class") == "error-page")
    code = next(node.text for node in page.iter("p") if node.get("class") == "error-page__code")
    links = [node.get("href") for node in page.iter("a") if "button--primary" in node.get("class", "")]

    assert (len(code or ""), len(list(page.iter("h1"))), len(links)) == (3, 1, 1)


@pytest.mark.parametrize("template", PAGES[:-1])
def test_an_error_page_speaks_german(template: str):
    def heading(language: str) -> str:
        root = html5lib.parse(drawn(template, language), namespaceHTMLElements=False)
        return next(root.iter("h1")).text or ""

    assert heading("de") != heading("en")


@pytest.mark.parametrize("error", [Invalid, NotAllowed, NotFound, Conflict, Unavailable])
def test_a_domain_error_is_a_page_with_its_status(error: type[RightfulError]):
    request = RequestFactory().get("/nowhere")
    request.place, request.user = read_place(request), AnonymousUser()
    answer = requests.ErrorMiddleware(lambda _: None).process_exception(request, error())  # type: ignore[arg-type,return-value]

    assert (answer.status_code, f'<p class="error-page__code">{error.status}</p>' in answer.text) == (
        error.status,
        True,
    )


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1/nothing", "/api/v1/nothing/", "/api/v2/listings"])
def test_an_unknown_address_of_the_api_is_a_problem_for_machines(client: Client, path: str):
    answer = client.get(path)

    assert (answer.status_code, answer.headers["Content-Type"], answer.json()["status"]) == (
        404,
        "application/problem+json",
        404,
    )


def test_the_icon_is_where_browsers_look_for_it(client: Client):
    answer = client.get("/favicon.ico")

    assert (answer.status_code, b"".join(answer.streaming_content)[:4]) == (200, b"\x00\x00\x01\x00")
