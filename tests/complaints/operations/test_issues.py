"""Issues: alike complaints are found, grouped and all answered, each with its own result."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints import operations
from complaints.domain.errors import Incomplete, WrongState
from complaints.domain.issues import WINDOW
from complaints.models import Issue, IssueTicket, Ticket
from complaints.operations import issues as work
from complaints.queries.issues import suggestions
from marketplace.kernel import outbox
from marketplace.kernel.errors import NotFound
from tests.complaints.factories import NOW, make_agent, make_ticket

SELLER = "M-22222222"


def three(**fields: object) -> list[str]:
    return [make_ticket(merchant=SELLER, **fields).public_id for _ in range(3)]


def opened(numbers: list[str]) -> Issue:
    return operations.open_issue(
        title="Lamps break", owner_id=make_agent().pk, actor="a", now=NOW, tickets=numbers
    )


def close(issue: Issue, **more: object) -> Issue:
    given = {
        "cause": "product_quality",
        "answers": {"en": "The maker replaces all.", "de": "Der Hersteller ersetzt alle."},
    }
    return operations.close_issue(
        issue=issue.public_id,
        author_id=make_agent().user_id,
        author_name="Ines",
        actor="a",
        now=NOW,
        **{**given, **more},
    )  # type: ignore[arg-type]


@pytest.mark.django_db
def test_three_of_one_listing_look_alike_and_two_do_not():
    numbers = three(listing="L-22222222")
    [make_ticket(merchant="M-33333333", listing="L-33333333") for _ in range(2)]
    found = suggestions(now=NOW)
    assert [(one.by, one.listing, one.count, set(one.tickets)) for one in found] == [
        ("listing", "L-22222222", 3, set(numbers))
    ]


@pytest.mark.django_db
def test_what_is_older_than_the_window_or_has_an_issue_is_not_shown():
    opened(three())
    for _ in range(3):
        make_ticket(merchant=SELLER, now=NOW - WINDOW - timedelta(days=1))
    assert suggestions(now=NOW) == []


@pytest.mark.django_db
def test_one_root_cause_of_one_seller_is_found_across_topics():
    agent = make_agent()
    for topic in ("late", "refund", "other"):
        ticket = make_ticket(merchant=SELLER, topic=topic)
        verdict = operations.Verdict(outcome="upheld", reason="Yes.", cause="merchant_conduct")
        operations.decide(ticket=ticket.public_id, verdict=verdict, user_id=agent.user_id, now=NOW)
    assert [(one.by, one.cause, one.count) for one in suggestions(now=NOW)] == [
        ("cause", "merchant_conduct", 3)
    ]


@pytest.mark.django_db
def test_suggestions_ask_the_same_number_of_questions(django_assert_num_queries):
    three(listing="L-22222222")
    with django_assert_num_queries(5):
        suggestions(now=NOW)
    three(listing="L-22222222")
    with django_assert_num_queries(5):
        suggestions(now=NOW)


@pytest.mark.django_db
def test_a_complaint_belongs_to_one_issue():
    numbers = three()
    issue, other = opened(numbers), opened([])
    assert operations.add_to_issue(issue=other.public_id, ticket=numbers[0], actor="a", now=NOW) is False
    assert (issue.members.count(), other.members.count()) == (3, 0)
    with pytest.raises(NotFound):
        operations.add_to_issue(issue=other.public_id, ticket="C-22222222", actor="a", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_closing_answers_everybody_in_their_language_and_once():
    numbers = [*three(), make_ticket(merchant=SELLER, language="de", email="bert@example.com").public_id]
    issue = opened(numbers)
    for _ in range(2):
        close(issue)
    for _ in range(3):
        outbox.relay()
    letters = [one for one in mail.outbox if "maker replaces" in one.body or "Hersteller ersetzt" in one.body]
    assert sorted(one.to[0] for one in letters) == ["ada@example.com"] * 3 + ["bert@example.com"]
    assert set(Ticket.objects.values_list("state", flat=True)) == {"closed"}
    assert set(IssueTicket.objects.values_list("result", flat=True)) == {"answered"}
    assert "Hersteller" in next(one.body for one in letters if one.to == ["bert@example.com"])


@pytest.mark.django_db
def test_one_that_cannot_be_answered_keeps_nobody_waiting_and_is_tried_again(monkeypatch: pytest.MonkeyPatch):
    numbers = three()
    issue, bad, say = opened(numbers), numbers[1], work.say

    def refusing(**told: object) -> object:
        if told["ticket"] == bad:
            raise WrongState(state="new", action="say")
        return say(**told)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "say", refusing)
    close(issue)
    results = dict(IssueTicket.objects.values_list("ticket__public_id", "result"))
    assert results == {number: "failed" if number == bad else "answered" for number in numbers}
    assert Ticket.objects.get(public_id=bad).state == "new"
    monkeypatch.undo()
    close(issue)
    assert set(IssueTicket.objects.values_list("result", flat=True)) == {"answered"}


@pytest.mark.django_db
def test_closing_needs_a_root_cause_and_words():
    issue = opened(three())
    for more in ({"cause": ""}, {"answers": {"de": "Nur Deutsch."}}):
        with pytest.raises(Incomplete):
            close(issue, **more)
    assert Issue.objects.get().state == "open"


@pytest.mark.django_db
def test_a_closed_issue_takes_no_more_until_it_is_opened_again():
    issue = close(opened(three()))
    fresh = make_ticket()
    with pytest.raises(WrongState):
        operations.add_to_issue(issue=issue.public_id, ticket=fresh.public_id, actor="a", now=NOW)
    operations.reopen_issue(issue=issue.public_id, now=NOW)
    assert operations.add_to_issue(issue=issue.public_id, ticket=fresh.public_id, actor="a", now=NOW) is True


def agent_words(ticket: str) -> list[str]:
    said = Ticket.objects.get(public_id=ticket).messages.filter(kind="agent")
    return list(said.values_list("body", flat=True))


@pytest.mark.django_db
def test_a_member_that_is_gone_meanwhile_is_passed_over(monkeypatch: pytest.MonkeyPatch):
    numbers = three()
    issue, answer = opened(numbers), work._answer

    def taken_out(one: Issue, pk: int, ticket: str, *told: object) -> None:
        IssueTicket.objects.filter(ticket__public_id=numbers[1]).delete()
        answer(one, pk, ticket, *told)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "_answer", taken_out)
    close(issue)
    assert [len(agent_words(number)) for number in numbers] == [1, 0, 1]


@pytest.mark.django_db
@pytest.mark.parametrize("which", [(0, 1), (1, 0)])
def test_who_complained_twice_and_was_joined_is_answered_once(which: tuple[int, int]):
    numbers = three()
    issue = opened(numbers)
    source, target = (numbers[n] for n in which)
    operations.merge(ticket=source, into=target, actor="a", now=NOW)
    close(issue)
    assert [agent_words(number) for number in (source, target)] == [[], ["The maker replaces all."]]
    assert set(IssueTicket.objects.values_list("result", flat=True)) == {"answered"}
    assert dict(Ticket.objects.values_list("public_id", "state")) == {
        source: "merged", target: "closed", numbers[2]: "closed",
    }  # fmt: skip


@pytest.mark.django_db
def test_one_that_was_joined_with_a_complaint_outside_the_issue_is_answered_there():
    numbers, other = three(), make_ticket().public_id
    issue = opened(numbers)
    for number in numbers[:2]:
        operations.merge(ticket=number, into=other, actor="a", now=NOW)
    close(issue)
    assert (agent_words(other), Ticket.objects.get(public_id=other).state) == (
        ["The maker replaces all."],
        "closed",
    )


@pytest.mark.django_db
def test_complaints_are_locked_in_the_order_of_their_keys():
    numbers = sorted(three(), reverse=True)
    with CaptureQueriesContext(connection) as asked:
        operations.open_issue(title="x", owner_id=make_agent().pk, actor="a", now=NOW, tickets=numbers)
    first = next(
        one["sql"] for one in asked if "FOR UPDATE" in one["sql"] and "complaints_ticket" in one["sql"]
    )
    assert ('ORDER BY "complaints_ticket"."id" ASC' in first, all(number in first for number in numbers)) == (
        True,
        True,
    )


@pytest.mark.django_db
def test_a_closed_issue_keeps_its_root_cause():
    issue = close(opened(three()))
    with pytest.raises(Incomplete):
        operations.change_issue(issue=issue.public_id, cause="", now=NOW)
