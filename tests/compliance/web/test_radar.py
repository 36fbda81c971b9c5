"""The radar's page: one dimension at a time, down to the finding, out as CSV."""

from __future__ import annotations

import pytest

from tests.compliance.radar.test_queries import NOW, found
from tests.compliance.web.test_officer import officer

pytestmark = pytest.mark.django_db


def test_a_row_leads_to_its_findings():
    found("listing:L-1", "eu.listing.toys.age", "block", ["DE"], params={"label": "Age"})
    found("listing:L-2", "eu.listing.toys.activity", "high", ["FR"], params={"label": "Warning"})
    page = officer("una").get("/admin/law/radar?by=market&market=DE").content.decode()
    assert ("“Age” is missing." in page, "“Warning” is missing." in page) == (True, False)


@pytest.mark.parametrize(
    "query", ["by=nonsense", "market=XX", "age=x", "after=zz", "severity=terrible", "after=9" + "9" * 30]
)
def test_odd_addresses_show_the_whole(query: str):
    assert officer("una").get(f"/admin/law/radar?{query}").status_code == 200


def test_the_page_asks_a_fixed_number_of_queries(django_assert_max_num_queries):
    client = officer("una")
    for n in range(30):
        found(
            f"listing:L-{n}", "eu.listing.toys.age", "block", ["DE"], params={"label": "Age"}, owner=f"M-{n}"
        )
    with django_assert_max_num_queries(12):
        client.get("/admin/law/radar?by=merchant")


def test_csv_has_every_finding():
    for n in range(60):
        found(f"listing:L-{n:02}", "eu.listing.toys.age", "block", ["DE", "FR"], params={"label": "Age"})
    text = b"".join(officer("una").get("/admin/law/radar.csv?market=DE").streaming_content).decode()
    lines = text.splitlines()
    assert (len(lines), lines[1]) == (
        61, f"L-00,M-1,toys,eu.listing.toys.age,EU,DE FR,block,official,,“Age” is missing.,{found_at()}",
    )  # fmt: skip


def found_at() -> str:
    from datetime import timedelta

    return (NOW - timedelta(hours=2)).isoformat()
