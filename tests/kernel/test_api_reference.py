"""The reference of the API shows every operation, and needs nothing that the security policy refuses."""

from __future__ import annotations

import shlex
from html.parser import HTMLParser

import pytest
import yaml
from django.test import Client

from marketplace.kernel.api_reference import read, reference
from tests.conftest import ROOT

DOCUMENT = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
SMALL = {
    "paths": {
        "/things/{id}": {
            "put": {
                "operationId": "things_set", "tags": ["things"], "summary": "Set a thing", "description": "Whole.",
                "security": [{"merchantKey": []}],
                "parameters": [
                    {"in": "path", "name": "id", "schema": {"type": "string"}, "required": True, "description": "Its id."},
                    {"in": "header", "name": "Idempotency-Key", "schema": {"type": "string"}, "required": True},
                ],
                "requestBody": {"content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Thing"},
                    "examples": {"One": {"value": {"name": "it's"}}}}}},
                "responses": {"204": {"description": ""}, "400": {"content": {"application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/Thing"}, "examples": {"Bad": {"value": {"status": 400}}}}}}},
            }
        }
    },
    "components": {"schemas": {
        "Thing": {"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string", "maxLength": 9, "description": "What it is called."},
            "kind": {"type": "string", "enum": ["a", "b"], "default": "a"},
            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}}}},
        "Part": {"type": "object", "properties": {
            "on": {"type": "string", "format": "date", "nullable": True},
            "size": {"oneOf": [{"type": "integer"}, {"type": "string"}]}}}}},
}  # fmt: skip


class Page(HTMLParser):
    """Collects what a page has inline, and the ids of its articles."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.articles: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "style" or "style" in named or (tag == "script" and "src" not in named):
            self.inline.append(tag)
        if tag == "article":
            self.articles.append(named.get("id"))


def test_a_small_schema_is_read_into_fields_answers_and_a_command():
    [(group, [one])] = read(SMALL)

    told = [(field.name, field.type, field.is_required, field.note) for field in one.body]
    assert (group, one.method, one.path, one.who, told) == (
        "things", "PUT", "/things/{id}", "merchant",
        [
            ("name", "string", True, "What it is called. At most 9 characters."),
            ("kind", "string", False, "One of: a, b. If left out: a."),
            ("parts", "list of object", False, ""),
            ("parts[].on", "day or null", False, ""),
            ("parts[].size", "integer or string", False, ""),
        ],
    )  # fmt: skip
    assert [(answer.status, answer.phrase, answer.fields, answer.example) for answer in one.answers] == [
        ("204", "No Content", (), ""),
        ("400", "Bad Request", (), '{\n  "status": 400\n}'),
    ]


def test_the_command_can_be_pasted_into_a_shell(settings):
    settings.SITE_URL = "https://rightful.example"

    [(_, [one])] = read(SMALL)

    assert shlex.split(one.curl.replace("\\\n", " ")) == [
        "curl", "-X", "PUT", "https://rightful.example/things/{id}", "-H", "Authorization: Bearer $KEY",
        "-H", "Idempotency-Key: $(uuidgen)", "-H", "Content-Type: application/json",
        "-d", '{\n  "name": "it\'s"\n}',
    ]  # fmt: skip


def test_every_operation_of_the_schema_is_there_once():
    shown = [one.id for _, operations in reference() for one in operations]

    wanted = [
        told["operationId"]
        for item in DOCUMENT["paths"].values()
        for method, told in item.items()
        if method != "parameters"
    ]
    assert sorted(shown) == sorted(wanted)


@pytest.mark.django_db
def test_the_page_has_nothing_inline():
    answer = Client().get("/api/v1/docs/")

    page = Page()
    page.feed(answer.content.decode())
    shown = [one.id for _, operations in reference() for one in operations]
    assert (answer.status_code, page.inline, page.articles) == (200, [], shown)


@pytest.mark.parametrize(
    ("security", "who"),
    [
        pytest.param([{"merchantKey": []}], "merchant", id="a merchant's key"),
        pytest.param([{"cookieAuth": []}], "account", id="somebody signed in"),
        pytest.param([{"cookieAuth": []}, {}], "everybody", id="signed in or not"),
        pytest.param([], "everybody", id="nothing asked"),
    ],
)
def test_it_says_who_may_ask(security: list[dict[str, list[str]]], who: str):
    one = {**SMALL["paths"]["/things/{id}"]["put"], "security": security}

    [(_, [read_again])] = read({**SMALL, "paths": {"/things/{id}": {"put": one}}})

    assert read_again.who == who


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/docs/", "/api/v1/schema/"])
def test_it_says_the_same_whatever_language_the_first_visitor_reads(path: str):
    said = []
    for language in ("de", "en"):
        reference.cache_clear()
        client = Client()
        client.cookies["language"] = language
        answer = client.get(path)
        said.append(answer.content.decode().partition("<main")[2].partition("</main")[0] or answer.content)
    reference.cache_clear()

    assert said[0] == said[1]
