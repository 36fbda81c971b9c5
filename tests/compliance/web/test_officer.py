"""The officer's pages: filters, proposals and decisions, refusals said at the form."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from compliance.edition import keeping
from compliance.edition.models import RuleChange
from compliance.simulator.models import Simulation
from marketplace.accounts import operations as accounts
from marketplace.accounts.models import User

pytestmark = pytest.mark.django_db
RULE = "eu.listing.toys.age"


@pytest.fixture(autouse=True)
def _released_law() -> Iterator[None]:
    yield
    keeping.reset()


def officer(name: str) -> Client:
    user = User.objects.create_user(f"{name}@rightful.example", "correct horse battery")
    accounts.give_role(user=user, kind="officer")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def titles(page: bytes) -> int:
    return page.decode().count("/admin/law/rules/eu.")


def test_rules_are_found_by_words_place_and_confidence():
    una = officer("una")
    found = una.get("/admin/law/rules?q=toys+age&place=EU").content
    none = una.get("/admin/law/rules?q=toys+age&place=EU&confidence=official").content
    assert (titles(found), b"No rule fits" in none) == (1, True)


def test_the_list_asks_a_fixed_number_of_queries(django_assert_max_num_queries):
    una = officer("una")
    with django_assert_max_num_queries(10):
        una.get("/admin/law/rules")


@pytest.mark.parametrize("stale", ["-1", "x", "99999999999999999999", ""])
def test_odd_filters_are_not_errors(stale: str):
    assert officer("una").get("/admin/law/rules", {"stale": stale, "page": "zz"}).status_code == 200


def test_one_officer_proposes_and_another_accepts(django_capture_on_commit_callbacks):
    una, otto = officer("una"), officer("otto")
    una.post(
        f"/admin/law/rules/{RULE}/propose", {"way": "confirm", "confidence": "official", "note": "Read it."}
    )
    change = RuleChange.objects.get()
    own = una.post(f"/admin/law/changes/{change.public_id}/decide", {"way": "accept"}, follow=True)
    with django_capture_on_commit_callbacks(execute=True):
        otto.post(f"/admin/law/changes/{change.public_id}/decide", {"way": "accept"})
    change.refresh_from_db()
    page = una.get(f"/admin/law/rules/{RULE}").content
    assert b"Somebody else has to decide" in own.content
    assert (change.state, b"read in the law" in page) == ("accepted", True)


def test_a_broken_correction_stays_in_the_form_with_its_reason():
    una = officer("una")
    answer = una.post(
        f"/admin/law/rules/{RULE}/propose",
        {"way": "correct", "note": "x", "content": f"id: {RULE}\nkind: dut"},
    )
    page = answer.content.decode()
    assert (answer.status_code, "line 2: kind must be one of" in page, "kind: dut</textarea>" in page) == (
        422, True, True,
    )  # fmt: skip


def test_a_file_that_is_too_large_or_no_text_is_refused():
    from django.core.files.uploadedfile import SimpleUploadedFile

    una = officer("una")
    large = SimpleUploadedFile("big.yaml", b"#" * 70_000)
    binary = SimpleUploadedFile("bin.yaml", b"\xff\xfe\x00")
    said = [
        una.post("/admin/law/rules/new", {"way": "check", "file": file}).content for file in (large, binary)
    ]
    assert [b"at most 64 kB" in said[0], b"not UTF-8" in said[1]] == [True, True]


def test_the_difference_to_what_binds_is_shown():
    from compliance.edition.queries import text_in_use

    content = text_in_use(RULE).replace("severity: high", "severity: medium")
    page = officer("una").post("/admin/law/rules/new", {"way": "check", "content": content}).content.decode()
    assert [part for part in ("severity: medium", "rf-diff__removed") if part not in page] == []


def test_a_day_in_the_past_is_refused_at_the_field():
    answer = officer("una").post("/admin/law/simulations", {"on": "2020-01-01"})
    assert (answer.status_code, Simulation.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    "address", ["rules/no.such.rule", "simulations/SIM-NONE", "simulations/SIM-NONE.csv"]
)
def test_what_is_not_there_is_not_found(address: str):
    assert officer("una").get(f"/admin/law/{address}").status_code == 404


def test_the_calendar_shows_what_comes_for_one_market():
    page = officer("una").get("/admin/law/calendar?market=DE").content.decode()
    assert "machine" in page.lower()
