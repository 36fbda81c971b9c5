"""The public pages of the law: valid, without queries for rules, known again by their tag; feeds as their standards say."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from compliance import rulebook
from compliance.edition.models import RuleChange
from compliance.publishing.topics import TOPICS
from marketplace.accounts.models import User
from marketplace.kernel import clock
from tests.house.test_html import wrong_with

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
PAGES = (
    "/law/", "/law/?q=toys+age&place=DE", "/law/?q=nothingofthekind", "/law/DE/", "/law/US-CA/", "/law/EU/", "/law/WORLD/",
    "/law/DE/withdrawal", "/law/DE/products", "/law/BR/border", "/law/GB/guarantee", "/law/DE/marketplaces", "/law/changes",
    "/law/DE/changes", "/law/rules/eu.withdrawal.period", "/law/rules/eu.listing.toys.age", "/law/rules/eu.order.inertia",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_are_valid(path: str):
    found = Client().get(path)
    assert (found.status_code, wrong_with(found.content.decode())) == (200, [])


def test_every_place_has_its_pages():
    client = Client()
    bad = [
        code for code in rulebook.release().jurisdictions if client.get(f"/law/{code}/").status_code != 200
    ]
    bad += [topic.key for topic in TOPICS if client.get(f"/law/FR/{topic.key}").status_code != 200]
    assert bad == []


@pytest.mark.parametrize(
    "path", ["/law/XX/", "/law/DE/nothing", "/law/rules/eu.nothing", "/law/XX/changes.atom"]
)
def test_what_is_not_there_is_not_found(path: str):
    assert Client().get(path).status_code == 404


def test_small_letters_lead_to_the_address_as_it_is_written():
    found = Client().get("/law/de/withdrawal")
    assert (found.status_code, found["Location"]) == (301, "/law/DE/withdrawal")


@pytest.mark.parametrize("path", ["/law/DE/", "/law/DE/products", "/law/rules/eu.listing.toys.age"])
def test_no_page_asks_the_database_for_its_rules(path: str, django_assert_max_num_queries: Any):
    with django_assert_max_num_queries(1):  # the history of a rule
        Client().get(path)


def test_a_page_is_known_again_until_something_on_it_changes():
    client = Client()
    first = client.get("/law/DE/withdrawal")
    again = client.get("/law/DE/withdrawal", headers={"If-None-Match": first["ETag"]})
    client.cookies["language"] = "de"
    german = client.get("/law/DE/withdrawal", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, german.status_code) == (304, b"", 200)
    assert german["ETag"] != first["ETag"]


def test_a_rule_known_only_from_knowledge_is_marked():
    rule = next(one for one in rulebook.release().rules.values() if one.confidence == "knowledge")
    assert b"not yet checked against the text" in Client().get(f"/law/rules/{rule.id}").content


def test_machines_read_what_a_rule_is():
    html = Client().get("/law/rules/eu.withdrawal.period").content.decode()
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert found is not None
    graph = json.loads(found[1])["@graph"]
    law = next(one for one in graph if one["@type"] == "Legislation")
    assert (law["legislationIdentifier"], law["legislationLegalForce"]) == ("eu.withdrawal.period", "InForce")


def test_calculators_lead_to_the_law_and_back():
    client = Client()
    page = client.get("/rights/withdrawal?market=DE").content
    assert b'href="/law/DE/withdrawal"' in page
    assert b'href="/rights/withdrawal?market=DE"' in client.get("/law/DE/withdrawal").content


def test_why_leads_to_the_rules_own_page():
    page = Client().get("/rights/withdrawal?market=DE&concluded_on=2026-11-20&received_on=2026-11-24").content
    assert b'href="/law/rules/eu.withdrawal.period"' in page


# -- feeds


@pytest.mark.parametrize("path", ["/law/changes.atom", "/law/DE/changes.atom"])
def test_the_atom_feed_is_as_its_standard_says(path: str):
    found = Client().get(path)
    root = ET.fromstring(found.content)
    entries = root.findall(f"{ATOM}entry")
    ids = [one.findtext(f"{ATOM}id") for one in entries]
    dates = [one.findtext(f"{ATOM}updated") for one in (root, *entries)]
    assert found["Content-Type"].startswith("application/atom+xml")
    assert (len(ids), len(set(ids))) == (len(entries), len(entries))
    assert len(entries) > 20
    assert all(re.fullmatch(r"tag:[a-z0-9.-]+,\d{4}-\d\d-\d\d:law/\S+", one or "") for one in ids)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one or "") for one in dates)
    assert dates[0] == max(filter(None, dates))


def test_the_json_feed_says_the_same():
    client = Client()
    feed = client.get("/law/DE/changes.json").json()
    root = ET.fromstring(client.get("/law/DE/changes.atom").content)
    ids = [one.findtext(f"{ATOM}id") for one in root.findall(f"{ATOM}entry")]
    assert (feed["version"], [one["id"] for one in feed["items"]]) == (
        "https://jsonfeed.org/version/1.1",
        ids,
    )
    assert all(
        datetime.fromisoformat(one["date_published"]) <= datetime.fromisoformat(one["date_modified"])
        for one in feed["items"]
    )


def test_a_reader_that_has_the_feed_is_told_so():
    client = Client()
    first = client.get("/law/changes.atom")
    by_tag = client.get("/law/changes.atom", headers={"If-None-Match": first["ETag"]})
    by_day = client.get("/law/changes.atom", headers={"If-Modified-Since": first["Last-Modified"]})
    assert (by_tag.status_code, by_day.status_code) == (304, 304)


def test_a_place_hears_of_its_own_law_only():
    feed = Client().get("/law/BR/changes.json").json()
    assert {one["tags"][0] for one in feed["items"]} <= {"BR", "WORLD"}


def test_what_officers_changed_is_news_and_the_note_stays_inside():
    users = [User.objects.create_user(f"{name}@rightful.example", "x") for name in ("una", "leo")]
    RuleChange.objects.create(
        rule="eu.withdrawal.period", kind="confirm", content="x", note="asked Petra on the phone", state="accepted",
        proposed_by=users[0], proposed_at=clock.now(), decided_by=users[1], decided_at=clock.now(),
    )  # fmt: skip
    client = Client()
    feed = client.get("/law/DE/changes.json").json()
    pages = client.get("/law/rules/eu.withdrawal.period").content + client.get("/law/DE/changes").content
    assert "confirmed at the source" in feed["items"][0]["content_text"]
    assert (b"confirmed at the source" in pages, b"Petra" in pages or "Petra" in json.dumps(feed)) == (
        True,
        False,
    )


def test_the_map_for_search_engines_names_every_rule():
    found = Client().get("/law/sitemap.xml").content.decode()
    assert found.count("/law/rules/") == len(rulebook.release().rules)
    assert "/law/sitemap.xml" in Client().get("/robots.txt").content.decode()
