"""How the database reads a big catalogue: along indexes, never through the whole of the listings."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from catalog import pages
from catalog.domain.ranking import Sort
from catalog.domain.words import parse_query
from catalog.models import Category, Listing
from catalog.queries import cards, lists
from catalog.queries.facets import Asked, _Rows
from catalog.queries.lists import Scope, Wanted
from tests.catalog.factories import DE, TODAY

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SIZE = 20_000


@pytest.fixture
def shop() -> None:
    call_command("make_listings", SIZE, verbosity=0)


def plan(sql: str, parameters: Any) -> list[dict[str, Any]]:
    """Return every node of the plan that PostgreSQL chose and ran."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters)
        [[[top]]] = cursor.fetchall()
    nodes, waiting = [], [top["Plan"]]
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        waiting += node.get("Plans", [])
    return nodes


def indexes(nodes: list[dict[str, Any]]) -> set[str]:
    return {node["Index Name"] for node in nodes if "Index Name" in node}


def scanned_whole(nodes: list[dict[str, Any]]) -> set[str]:
    return {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}


def most_rows(nodes: list[dict[str, Any]]) -> float:
    return max(n["Actual Rows"] * n["Actual Loops"] + n.get("Rows Removed by Filter", 0) for n in nodes)


def test_plans_at_twenty_thousand_listings(shop: None) -> None:
    """One story because the catalogue is filled once: lists, cards, search, product, generations."""
    group = Category.objects.get(code="home").pk
    walks = {
        (Scope(), Sort.RECOMMENDED): "catalog_index_all_rank",
        (Scope(), Sort.PRICE_UP): "catalog_index_all_price",
        (Scope(), Sort.NEWEST): "catalog_index_all_newest",
        (Scope("group", group), Sort.PRICE_DOWN): "catalog_index_group_price",
        (Scope("group", group), Sort.RATING): "catalog_index_group_rating",
    }
    for (scope, sort), index in walks.items():
        wanted = Wanted(scope=scope, sort=sort)
        asked = Asked([*lists._offered_in("DE"), *scope.conditions()], [], {})
        walk = lists._ordered(wanted, asked, "DE")
        nodes = plan(walk.sql, walk.parameters)
        assert (indexes(nodes), scanned_whole(nodes)) == ({index}, set())
        assert most_rows(nodes) < 200

    language = {
        "ids": list(Listing.objects.values_list("pk", flat=True)[:24]),
        "language": "de",
        "currency": "EUR",
    }
    assert scanned_whole(plan(cards.ROWS, language)) <= {"catalog_category", "accounts_merchant"}

    query = parse_query("copper lamp")
    asked = Asked(lists._offered_in("DE"), [lists._matches(query, "en", {})], {})
    rows, ranked = _Rows.of(asked), lists._ranked(Wanted(query="copper lamp"), asked, "DE")
    found = plan(rows.with_ + ranked.sql, [*rows.parameters, *ranked.parameters])
    assert ("catalog_words_vector" in indexes(found), "catalog_listingwords" in scanned_whole(found)) == (
        True,
        False,
    )

    [(public_id,)] = Listing.objects.values_list("public_id")[:1]
    assert pages.state_of_product(public_id) is not None
    assert lists.build_list_page(Wanted(query="zzzz"), DE, TODAY).cards == ()
