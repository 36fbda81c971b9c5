"""The pages beside the desk: news, prepared replies, suggestions, the month as a sheet."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from complaints import operations
from complaints.models import Macro, Suggestion, Ticket, Vote
from complaints.operations.notices import note
from complaints.operations.suggestions import answer, suggest
from marketplace.accounts.models import User
from marketplace.kernel import clock
from tests.complaints.factories import NOW, make_agent, make_ticket

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def chief(client):
    agent = make_agent(is_supervisor=True)
    client.force_login(agent.user, backend=BACKEND)
    return agent


def test_news_are_shown_and_seen_by_pressing(client, chief):
    ticket = make_ticket()
    note(
        agents=[chief],
        ticket=ticket,
        kind="mention",
        key="k",
        now=NOW,
        who="Lin",
        words="Look at <b>this</b>.",
    )
    page = client.get("/desk/notices").content.decode()
    client.post("/desk/notices")
    after = client.get("/desk/notices").content.decode()
    assert ("Look at &lt;b&gt;this" in page, "I have seen" in page, "I have seen" in after) == (
        True,
        True,
        False,
    )


def test_a_supervisor_writes_a_reply_after_seeing_it(client, chief):
    said = {
        "name": "Sorry",
        "body_en": "Dear {{name}}: {{law:withdrawal.period}}.",
        "market": "DE",
        "is_active": "on",
    }
    shown = client.post("/desk/macros/new", said)
    assert ("Dear Ada Kowalski: 14 days." in shown.content.decode(), Macro.objects.count()) == (True, 0)
    client.post("/desk/macros/new", {**said, "save": "yes"})
    client.post("/desk/macros/sorry", {**said, "body_en": "Dear {{name}}.", "save": "yes"})
    assert Macro.objects.get(slug="sorry").bodies == {"en": "Dear {{name}}."}


def test_a_wrong_placeholder_is_said_beside_its_text(client, chief):
    answered = client.post(
        "/desk/macros/new", {"name": "Sorry", "body_en": "{{nmae}}", "market": "DE", "save": "yes"}
    )
    assert (answered.status_code, "Nothing is known as nmae." in answered.content.decode()) == (422, True)


def test_a_title_that_is_taken_overwrites_nothing(client, chief):
    said = {"name": "Sorry", "body_en": "One", "market": "DE", "save": "yes"}
    client.post("/desk/macros/new", said)
    again = client.post("/desk/macros/new", {**said, "body_en": "Two"})
    assert (again.status_code, Macro.objects.get().bodies) == (422, {"en": "One"})


def test_agents_read_replies_and_may_not_change_them(client):
    client.force_login(make_agent().user, backend=BACKEND)
    answers = [
        client.get("/desk/macros").status_code,
        client.post("/desk/macros/new", {"name": "x"}).status_code,
    ]
    assert answers == [200, 403]


def test_a_suggestion_goes_its_whole_way(client, chief):
    ada, bo = (User.objects.create_user(f"{name}@example.com", "secret") for name in ("ada", "bo"))
    client.force_login(ada, backend=BACKEND)
    client.post("/suggestions/new", {"title": "Evening delivery", "body": "I work.", "key": "k"})
    number = Suggestion.objects.get().public_id
    unseen = client.get("/suggestions").content.decode()
    client.force_login(chief.user, backend=BACKEND)
    client.post(f"/desk/suggestions/{number}", {"action": "show"})
    client.force_login(bo, backend=BACKEND)
    client.post(f"/suggestions/{number}/vote", {"wanted": "yes"})
    seen = client.get("/suggestions").content.decode()
    client.force_login(chief.user, backend=BACKEND)
    empty = client.post(f"/desk/suggestions/{number}", {"action": "do", "answer": ""})
    client.post(f"/desk/suggestions/{number}", {"action": "do", "answer": "It comes until nine."})
    client.logout()
    told = client.get("/you-said-we-did").content.decode()
    assert ("Evening delivery" in unseen, "Evening delivery" in seen, Vote.objects.count()) == (
        False,
        True,
        2,
    )
    assert (empty.status_code, "It comes until nine." in told) == (422, True)


def test_lists_of_suggestions_ask_the_same_whatever_their_number(client, django_assert_num_queries, chief):
    for n in range(3):
        row = suggest(user_id=chief.user_id, title=f"No {n}", body="", language="en", key=str(n), now=NOW)
        answer(suggestion=row.public_id, action="show", words="", user_id=chief.user_id, now=NOW)
        if n in (0, 2):
            with django_assert_num_queries(2):  # who it is, the rows
                client.get("/suggestions")


def test_the_month_is_a_sheet_with_its_figures(client, chief):
    now = clock.now()
    for _ in range(3):
        make_ticket(now=now, topic="late")
    pdf = client.get("/desk/reports/monthly.pdf", {"month": f"{now:%Y-%m}"})
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)
    assert (pdf["Content-Type"], "It came too late" in text, "Received 3" in text.replace("\n", " ")) == (
        "application/pdf",
        True,
        True,
    )


def test_a_month_without_complaints_says_so(client, chief):
    pdf = client.get("/desk/reports/monthly.pdf", {"month": "2020-01"})
    assert "No complaint was received" in PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()


@pytest.mark.parametrize("by", ["month", "topic", "market", "channel", "language"])
def test_every_line_of_a_report_leads_to_the_complaints_that_it_counts(client, chief, by):
    now = clock.now()
    open_one, closed = make_ticket(now=now), make_ticket(now=now)
    operations.take_step(ticket=closed.public_id, action="close", actor="agent", now=now)
    page = client.get("/desk/reports", {"by": by, "days": "30"})
    [row] = [row for row in page.context["page"]["rows"] if row["received"] == 2]
    found = client.get(row["url"]).content.decode()
    assert (open_one.public_id in found, closed.public_id in found, Ticket.objects.count()) == (True, True, 2)
