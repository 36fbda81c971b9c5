"""Every address × every kind of actor: who gets in, who is sent to sign in, for whom there is nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from marketplace.accounts import operations
from marketplace.accounts.models import User
from tests.house.route_rules import (
    AGENT,
    MACHINE,
    MERCHANT,
    MODERATOR,
    OFFICER,
    OPERATOR,
    PUBLIC,
    SIGNED_IN,
    STAFF,
    TOKEN,
    rule_of,
)

SAMPLES = {
    "kind": "contract",
    "provider": "stripe",
    "slug": "nothing",
    "path": "none.webp",
    "uidb36": "1",
    "key": "none",
    "ask": "withdrawal",
    "place": "DE",
    "topic": "withdrawal",
    "app_label": "kernel",
    "object_id": "999999999",
}
ACTORS = ("anonymous", "shopper", "merchant", "agent", "officer", "authority", "operator")
MAY_ENTER = {
    PUBLIC: set(ACTORS),
    TOKEN: set(),
    MACHINE: set(),
    SIGNED_IN: set(ACTORS) - {"anonymous"},
    STAFF: {"merchant", "officer", "operator"},
    MERCHANT: {"merchant", "operator"},
    AGENT: {"agent", "operator"},
    OFFICER: {"officer", "operator"},
    MODERATOR: {"agent", "officer", "operator"},
    OPERATOR: {"operator"},
}


def routes() -> Iterator[tuple[str, str]]:
    """Yield (full name, address with sample values) of every route."""
    yield from _walk(get_resolver(), "", "/")


def _walk(resolver: URLResolver, names: str, address: str) -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        here = address + _sample(entry)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, f"{names}{entry.namespace}:" if entry.namespace else names, here)
        elif entry.name:
            yield names + entry.name, here


def _sample(entry: URLPattern | URLResolver) -> str:
    pattern = entry.pattern
    if isinstance(pattern, RegexPattern):
        text = str(pattern).strip("^$")
        for name in pattern.regex.groupindex:
            start = text.index(f"(?P<{name}>")
            text = text[:start] + SAMPLES.get(name, "x") + text[_closing(text, start) + 1 :]
        return text.replace("\\", "")
    text = str(pattern)
    for name, converter in pattern.converters.items():
        sample = SAMPLES.get(name, "999999999" if "Int" in type(converter).__name__ else "nothing")
        text = text.replace(f"<int:{name}>", sample).replace(f"<slug:{name}>", sample)
        text = (
            text.replace(f"<path:{name}>", sample)
            .replace(f"<str:{name}>", sample)
            .replace(f"<{name}>", sample)
        )
    return text


def _closing(text: str, start: int) -> int:
    depth = 0
    for position in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
    raise ValueError(text)


@pytest.fixture
def clients(db) -> dict[str, Client]:
    """Return a signed-in client for every kind of actor."""
    made: dict[str, Client] = {}
    for actor in ACTORS:
        made[actor] = Client(raise_request_exception=False)
        if actor == "anonymous":
            continue
        user = User.objects.create_user(f"{actor}@rules.example", "correct horse battery")
        if actor == "merchant":
            merchant = operations.create_merchant(
                owner=user, slug="rules", name="Rules", legal_name="Rules Ltd", country="DE", street="Weg 1",
                city="Berlin", email="rules@rules.example", currency="EUR", status="active",
            )  # fmt: skip
            assert merchant.pk
        elif actor != "shopper":
            operations.give_role(user=user, kind=actor)
        user.refresh_from_db()
        made[actor].force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return made


def test_every_address_has_a_rule():
    assert [name for name, _ in routes() if rule_of(name) is None] == []


def test_every_rule_belongs_to_an_address():
    from tests.house.route_rules import BY_NAME

    known = {name for name, _ in routes()}
    assert [name for name in BY_NAME if name not in known] == []


def outcome(response) -> str:
    """Return ``in``, ``sign in`` or ``nothing``."""
    target = response.headers.get("Location", "")
    if response.status_code == 401 or "/login/" in target.split("?")[0]:
        return "sign in"
    if response.status_code == 403 or (response.status_code == 302 and target in ("/admin/", "/")):
        return "nothing"
    return "failed" if response.status_code >= 500 else "not found" if response.status_code == 404 else "in"


@pytest.mark.parametrize("actor", ACTORS)
def test_everybody_gets_exactly_as_far_as_the_rules_say(clients, actor):
    wrong = []
    for name, address in routes():
        rule = rule_of(name)
        got = outcome(clients[actor].get(address))
        if actor in MAY_ENTER[rule]:
            right = (
                {"in", "not found", "nothing"}
                if name.startswith(("admin:", "account_", "mfa_"))
                else {"in", "not found"}
            )
        else:
            right = {"sign in", "nothing", "not found"}
        if rule == MACHINE:
            right |= {"in"}  # only POST with a proof does anything; GET is refused as a method
        if name == "account_logout" or (name.startswith(("account_", "mfa_")) and rule == PUBLIC):
            right |= {"sign in"}  # the sign-in library leads back to its own first step
        if got not in right:
            wrong.append((name, address, got))
    assert wrong == []
