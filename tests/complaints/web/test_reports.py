"""The quality reports: what is counted, and the same as a file that no spreadsheet runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from complaints import operations
from complaints.models import Rating, Ticket
from complaints.operations.ratings import rate
from complaints.queries.reports import report
from marketplace.kernel import clock
from tests.complaints.factories import NOW, make_agent, make_ticket

pytestmark = pytest.mark.django_db


def a_story() -> None:
    good, late = make_ticket(topic="late"), make_ticket(topic="late")
    make_ticket(topic="refund")
    operations.say(ticket=good.public_id, kind="agent", body="Hello.", now=NOW + timedelta(hours=2))
    operations.say(ticket=late.public_id, kind="agent", body="Hello.", now=NOW + timedelta(days=3))
    operations.take_step(ticket=good.public_id, action="close", actor="agent", now=NOW + timedelta(days=1))
    asked = Rating.objects.create(ticket=good, asked_at=NOW)
    rate(token=asked.token, score=4, words="", now=NOW)


def test_what_was_kept_and_missed_is_counted_by_topic():
    a_story()
    rows = {
        row.key: row
        for row in report(by="topic", since=NOW - timedelta(days=1), until=NOW + timedelta(days=1))
    }
    late = rows["late"]
    assert (late.received, late.closed, late.first_in_time, late.satisfaction, late.rated) == (
        2,
        1,
        0.5,
        4.0,
        1,
    )
    assert (rows["refund"].received, rows["refund"].first_in_time) == (1, None)


@pytest.mark.parametrize("by", ["month", "market", "merchant", "agent", "language", "channel"])
def test_every_group_counts_everything(by: str):
    a_story()
    rows = report(by=by, since=NOW - timedelta(days=1), until=NOW + timedelta(days=1))
    assert sum(row.received for row in rows) == Ticket.objects.count()


def test_the_page_and_its_file_say_the_same():
    a_story()
    client = Client()
    client.force_login(make_agent().user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/desk/reports", {"by": "topic"})
    file = client.get("/desk/reports", {"by": "topic", "format": "csv"})
    assert (page.status_code, file["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert file.content.decode().splitlines()[1].startswith("late,2,1,0,0.5")


def as_agent() -> Client:
    client = Client()
    client.force_login(make_agent().user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize(
    ("column", "subjects"),
    [("url", {"good", "late"}), ("closed_url", {"good"}), ("first_url", {"late"}), ("rated_url", {"good"}), ("reopened_url", {"late"})],
)  # fmt: skip
def test_every_figure_leads_to_the_complaints_that_it_counts(column: str, subjects: set[str]):
    a_story()
    Ticket.objects.filter(topic="late").update(subject="late", received_at=clock.now() - timedelta(days=2))
    Ticket.objects.filter(topic="late", state="closed").update(subject="good")
    Ticket.objects.filter(subject="late").update(reopened=1)
    client = as_agent()
    rows = client.get("/desk/reports", {"by": "topic"}).context["page"]["rows"]
    [late] = [row for row in rows if row["label"] == "It came too late"]
    shown = client.get(late[column]).context["page"]["rows"]
    assert {row["title"] for row in shown} == subjects


@pytest.mark.parametrize("by", ["merchant", "agent"])
def test_those_of_nobody_are_led_to_too(by: str):
    make_ticket(now=clock.now())
    client = as_agent()
    [row] = client.get("/desk/reports", {"by": by}).context["page"]["rows"]
    assert (row["label"], len(client.get(row["url"]).context["page"]["rows"])) == ("none", 1)


def test_months_are_drawn_with_their_values():
    a_story()
    page = as_agent().get("/desk/reports", {"by": "month"})
    [received, first, _decided, rated] = page.context["page"]["plots"]
    assert [bar["value"] for bar in received["bars"]] == ["3"]
    assert ([bar["value"] for bar in first["bars"]], [bar["height"] for bar in first["bars"]]) == (
        ["50 %"],
        [60],
    )
    assert (
        [bar["value"] for bar in rated["bars"]],
        page.content.decode().count('<svg class="desk-plot"'),
    ) == (["4.0"], 4)
