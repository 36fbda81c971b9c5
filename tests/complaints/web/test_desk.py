"""The agents' desk over HTTP: lists, next, every step, drafts that are never lost, many at once."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from complaints import operations
from complaints.models import Agent, Draft, Notice, Referral, SavedView, Ticket
from complaints.operations.notices import note
from complaints.operations.referring import bodies_for, refer
from marketplace.kernel.money import Money
from orders.models import Refund
from tests.complaints.factories import NOW, make_agent, make_order, make_order_ticket, make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent() -> Agent:
    return make_agent()


@pytest.fixture
def desk(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def act(desk: Client, ticket: Ticket, what: str, **said: object):
    return desk.post(f"/desk/{ticket.public_id}/{what}", said, follow=True)


def test_next_opens_the_most_urgent(desk: Client, agent: Agent):
    make_ticket()
    urgent = make_ticket(body="It burned my hand, there was fire.")
    answer = desk.post("/desk/next")
    urgent.refresh_from_db()
    assert (answer["Location"], urgent.agent_id) == (f"/desk/{urgent.public_id}", agent.pk)


def test_next_says_when_there_is_nothing(desk: Client):
    page = desk.post("/desk/next", follow=True).content.decode()
    assert "no complaint waiting" in page


def test_a_reply_reaches_the_buyer_and_clears_the_draft(desk: Client, agent: Agent):
    ticket = make_ticket()
    desk.post(
        f"/desk/{ticket.public_id}/keep", {"version": ticket.version, "body": "Dear Ad", "kind": "agent"}
    )
    act(
        desk,
        ticket,
        "write",
        body="Dear Ada, we look into it.",
        version=ticket.version,
        kind="agent",
        to="customer",
    )
    assert (ticket.messages.get(kind="agent").body, Draft.objects.count()) == (
        "Dear Ada, we look into it.",
        0,
    )


def test_who_is_overtaken_keeps_the_text_and_is_told(desk: Client, agent: Agent):
    ticket = make_ticket()
    read = ticket.version
    operations.say(ticket=ticket.public_id, kind="customer", body="It smells, too.", now=NOW)
    page = act(desk, ticket, "write", body="All is well.", version=read, kind="agent").content.decode()
    assert "Your text is kept" in page
    assert (ticket.messages.filter(kind="agent").count(), Draft.objects.get().body) == (0, "All is well.")


def test_pressing_send_twice_sends_once(desk: Client):
    ticket = make_ticket()
    for _ in range(2):
        act(desk, ticket, "write", body="Hello.", kind="agent", key="once")
    assert ticket.messages.filter(kind="agent").count() == 1


def test_a_note_is_kept_among_colleagues(desk: Client):
    ticket = make_ticket()
    act(desk, ticket, "write", body="Third time this week.", kind="note")
    assert ticket.messages.get(kind="note").body == "Third time this week."


def test_asking_the_seller_starts_its_clock(desk: Client):
    ticket = make_ticket()
    act(desk, ticket, "write", body="Is it in stock?", kind="agent", to="merchant", version=ticket.version)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.clocks.filter(kind="merchant_answer").count()) == ("waiting_merchant", 1)


def test_a_rejection_names_the_way_out_by_itself(desk: Client):
    ticket = make_ticket()
    act(desk, ticket, "decide", outcome="rejected", reason="It is as described.", cause="no_fault")
    ticket.refresh_from_db()
    assert (ticket.state, len(ticket.decisions.get().way_out) > 0) == ("decided", True)


def test_what_is_wrong_is_said_on_the_page(desk: Client):
    ticket = make_ticket()
    page = act(desk, ticket, "decide", outcome="upheld", reason="", cause="no_fault").content.decode()
    assert "A decision needs its reason." in page


def test_many_at_once_are_shown_first_and_answered_one_by_one(desk: Client, agent: Agent):
    first, second = make_ticket(), make_ticket()
    operations.claim(ticket=second.public_id, agent_id=make_agent().pk, take_over=False, now=NOW)
    chosen = {"tickets": [first.public_id, second.public_id], "what": "take"}
    preview = desk.post("/desk/bulk", chosen).content.decode()
    before = agent.tickets.count()
    done = desk.post("/desk/bulk", {**chosen, "sure": "yes"}).content.decode()
    assert ("would touch 2 complaints" in preview, before, agent.tickets.count()) == (True, 0, 1)
    assert "A colleague has this complaint." in done


def test_words_are_found_in_their_own_language(desk: Client):
    make_ticket(subject="Lampen", body="Die Lampen sind zerbrochen.", language="de")
    make_ticket(subject="Shoes", body="Wrong size.")
    page = desk.get("/desk/", {"queue": "all", "q": "zerbrochen"}).content.decode()
    assert ("Lampen" in page, "Shoes" in page) == (True, False)


def test_a_list_is_walked_page_by_page_without_gaps(desk: Client, monkeypatch):
    from complaints.queries import desk as queries

    monkeypatch.setattr(queries, "PAGE", 2)
    made = [make_ticket() for _ in range(5)]
    seen, after = [], ""
    while True:
        page = queries.page_of(Ticket.objects.all(), after=after)
        seen += [row.pk for row in page.rows]
        after = page.after
        if not after:
            break
    assert seen == [row.pk for row in made]


@pytest.mark.parametrize("address", ["/desk/?queue=all", "/desk/{number}"])
def test_pages_ask_the_same_number_of_questions_whatever_there_is(desk: Client, address: str):
    def questions() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert desk.get(address.format(number=first.public_id)).status_code == 200
        return len(asked)

    first = make_ticket()
    questions()
    one = questions()
    for _ in range(3):
        make_ticket()
        operations.say(ticket=first.public_id, kind="agent", body="More.", now=NOW)
    assert questions() == one


def test_a_view_is_kept_and_found_again(desk: Client):
    desk.post("/desk/view", {"name": "French late", "queue": "late", "language": "fr"})
    assert "queue=late&amp;language=fr" in desk.get("/desk/").content.decode()


def test_a_view_is_forgotten_by_whom_it_belongs_to_and_shown_to_all_if_it_is_for_all(
    desk: Client, agent: Agent
):
    other = Client()
    other.force_login(make_agent().user, backend="django.contrib.auth.backends.ModelBackend")
    desk.post("/desk/view", {"name": "Mine alone", "queue": "late"})
    desk.post("/desk/view", {"name": "For us all", "queue": "late", "language": "fr", "shared": "yes"})
    seen = other.get("/desk/").content.decode()
    other.post("/desk/view", {"forget": SavedView.objects.get(is_shared=True).pk})
    kept = SavedView.objects.count()
    desk.post("/desk/view", {"forget": SavedView.objects.get(is_shared=True).pk})
    assert ("Mine alone" in seen, "For us all" in seen, kept, SavedView.objects.get().name) == (
        False, True, 2, "Mine alone",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "body", "words"),
    [
        ("de", "Die Lampen sind zerbrochen.", "Lampe zerbrochen"),
        ("en", "The lamps were broken.", "lamp"),
        ("fr", "Les lampes étaient cassées.", "lampe cassée"),
        ("es", "Las lámparas llegaron rotas.", "lámpara rota"),
        ("pl", "Lampy są zepsute.", "zepsute"),
    ],
)
def test_what_is_closed_is_found_too_by_its_own_languages_forms(
    desk: Client, language: str, body: str, words: str
):
    ticket = make_ticket(language=language, body=body, subject="X")
    make_ticket(subject="Shoes", body="Wrong size.")
    operations.take_step(ticket=ticket.public_id, action="close", actor="a", now=NOW)
    search = {"queue": "every", "q": words}
    place = {"HTTP_ACCEPT_LANGUAGE": language}
    shown = desk.get("/desk/", search, **place).context["page"]["rows"]
    assert [row["number"] for row in shown] == [ticket.public_id]
    assert 'name="queue" value="every"' in desk.get("/desk/").content.decode()


def test_a_complaint_on_the_phone_belongs_to_who_took_the_call(desk: Client, agent: Agent):
    said = {
        "name": "Ada",
        "market": "DE",
        "language": "de",
        "topic": "late",
        "subject": "Paket",
        "body": "Es kommt nicht.",
    }
    desk.post("/desk/phone", said)
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.agent_id, ticket.language) == ("phone", agent.pk, "de")


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"market": "XX"}, "valid choice"),
        ({"market": ""}, "required"),
        ({"order": "R-22222222"}, "There is no order of this number."),
        ({"order": "own", "market": "FR"}, "This order went to another country: Germany."),
    ],
)
def test_on_the_phone_country_and_order_are_looked_at_before_anything_is_opened(desk: Client, given, word):
    said = {
        "name": "Ada",
        "market": "DE",
        "language": "de",
        "topic": "late",
        "subject": "Paket",
        "body": "Es kommt nicht.",
        **given,
    }
    if said.get("order") == "own":
        said["order"] = make_order().public_id
    page = desk.post("/desk/phone", said)
    assert (page.status_code, Ticket.objects.count(), word in page.content.decode()) == (422, 0, True)


def test_the_floor_counts_what_is_open(desk: Client):
    make_ticket()
    assert desk.get("/desk/floor").status_code == 200


def test_shoppers_do_not_come_in():
    client = Client()
    assert client.get("/desk/").status_code == 302


ENDLESS = "9" * 40


@pytest.mark.parametrize(("what", "said"), [
    ("write", {"body": "Dear Ada.", "kind": "agent", "version": ENDLESS}),
    ("write", {"body": "Dear Ada.", "kind": "agent", "key": "k" * 400}),
    ("decide", {"outcome": "upheld", "cause": "no_fault", "reason": "Yes.", "remedy": "refund", "amount": ENDLESS}),
    ("decide", {"outcome": "upheld", "cause": "no_fault", "reason": "Yes.", "version": ENDLESS}),
    ("decide", {"outcome": "upheld", "cause": "no_fault", "reason": "Yes.", "key": "k" * 400}),
    ("hand-on", {"to": ENDLESS}),
    ("change", {"priority": ENDLESS}),
    ("change", {"subject": "s" * 500}),
    ("change", {"language": "l" * 500}),
])  # fmt: skip
def test_no_number_or_text_is_too_much_for_the_desk(desk: Client, what: str, said: dict[str, str]):
    assert act(desk, make_order_ticket(), what, **said).status_code == 200


@pytest.mark.parametrize("said", [{"forget": ENDLESS}, {"forget": "none"}])
def test_a_view_that_there_never_was_is_forgotten_in_peace(desk: Client, said: dict[str, str]):
    assert desk.post("/desk/view", said).status_code == 302


@pytest.mark.parametrize("query", [
    f"priority={'9' * 5000}", f"days={'9' * 5000}", "month=9999-12", f"queue=closed&priority={ENDLESS}",
])  # fmt: skip
def test_a_filter_that_nothing_fits_finds_nothing(desk: Client, query: str):
    assert desk.get(f"/desk/?queue=all&{query}").status_code == 200


def test_an_unsent_text_with_an_endless_version_is_answered(desk: Client):
    ticket = make_ticket()
    said = {"version": ENDLESS, "body": "Dear", "kind": "agent"}
    assert (desk.post(f"/desk/{ticket.public_id}/keep", said).status_code, Draft.objects.count()) == (200, 0)


# -- what a form names belongs to its ticket


def test_a_colleagues_decision_of_another_ticket_is_not_agreed_to_from_here(desk: Client, agent: Agent):
    other, here = make_order_ticket(make_order(price=40_000)), make_ticket()
    verdict = operations.Verdict(
        outcome="upheld", reason="Yes.", cause="no_fault", remedy="refund", amount=Money(50_000, "EUR")
    )
    decision = operations.decide(
        ticket=other.public_id, verdict=verdict, user_id=make_agent().user_id, now=NOW
    )
    act(desk, here, "agree", decision=decision.public_id)
    decision.refresh_from_db()
    assert (decision.agreed_by_id, Refund.objects.count()) == (None, 0)
    act(desk, other, "agree", decision=decision.public_id)
    assert Refund.objects.count() == 1


def test_a_case_of_another_ticket_is_not_followed_from_here(desk: Client):
    here, referral = make_ticket(), handed_outside()
    act(desk, here, "follow", referral=referral.public_id, action="send")
    before = Referral.objects.get().state
    act(desk, referral.ticket, "follow", referral=referral.public_id, action="send")
    assert (before, Referral.objects.get().state) == ("prepared", "sent")


def test_an_agent_does_not_take_the_buyers_consent_back(desk: Client):
    referral = handed_outside()
    page = act(desk, referral.ticket, "follow", referral=referral.public_id, action="withdraw")
    kept = Referral.objects.get()
    assert (kept.state, bool(kept.dossier), "Only who gave the consent" in page.content.decode()) == (
        "prepared",
        True,
        True,
    )


def handed_outside() -> Referral:
    ticket = make_ticket()
    return refer(
        ticket=ticket.public_id, body=bodies_for(ticket)[0]["name"], consented=True, actor="customer", now=NOW
    )


# -- saying and waiting are one step


def test_a_question_to_the_seller_that_cannot_wait_is_not_sent_at_all(desk: Client, agent: Agent):
    ticket = make_order_ticket()
    verdict = operations.Verdict(outcome="upheld", reason="Yes.", cause="no_fault")
    operations.decide(ticket=ticket.public_id, verdict=verdict, user_id=agent.user_id, now=NOW)
    said = {"body": "Is it in stock?", "kind": "agent", "to": "merchant", "key": "k"}
    act(desk, ticket, "write", **said)
    assert (ticket.messages.filter(kind="agent").count(), Draft.objects.get().body) == (0, "Is it in stock?")


def test_a_question_to_the_seller_that_is_pressed_twice_is_one(desk: Client):
    ticket = make_order_ticket()
    said = {"body": "Is it in stock?", "kind": "agent", "to": "merchant", "key": "k"}
    pages = [act(desk, ticket, "write", **said).content.decode() for _ in range(2)]
    ticket.refresh_from_db()
    assert (ticket.state, ticket.messages.filter(kind="agent").count()) == ("waiting_merchant", 1)
    assert ["Sent." in page for page in pages] == [True, True]


def test_opening_a_complaint_means_having_seen_its_news(desk: Client, agent: Agent):
    ticket, other = make_ticket(), make_ticket()
    for one in (ticket, other):
        note(agents=[agent], ticket=one, kind="given", key=f"k{one.pk}", now=NOW)
    desk.get(f"/desk/{ticket.public_id}")
    assert list(Notice.objects.filter(seen_at=None).values_list("ticket", flat=True)) == [other.pk]
