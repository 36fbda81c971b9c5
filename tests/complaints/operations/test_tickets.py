"""What happens to a ticket, told as short stories."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection

from complaints import operations
from complaints.domain.errors import Incomplete, NewerMessages, WrongState
from complaints.models import Message, Ticket, TicketEvent
from marketplace.kernel.models import Event
from tests.complaints.factories import NOW, make_agent, make_ticket
from tests.races import end_behind

pytestmark = pytest.mark.django_db


def test_a_complaint_comes_in_with_its_clocks_running():
    ticket = make_ticket()
    clocks = dict(ticket.clocks.order_by("generation").values_list("kind", "state"))
    assert (ticket.state, ticket.priority, clocks["first_response"], clocks["resolution"]) == (
        "new",
        3,
        "running",
        "running",
    )
    assert ticket.due_at == NOW + timedelta(hours=8)
    assert (
        Event.objects.filter(name="complaints.ComplaintReceived", payload__ticket=ticket.public_id).count()
        == 1
    )


def test_the_same_key_is_the_same_complaint():
    content = operations.Complaint(subject="Lamp", body="Broken.", market="DE", language="en")
    first = operations.open_complaint(complaint=content, now=NOW, key="mail-1")
    again = operations.open_complaint(complaint=content, now=NOW, key="mail-1")
    assert (first.pk, Ticket.objects.count()) == (again.pk, 1)


def test_words_of_danger_jump_the_queue():
    ticket = make_ticket(body="It caught fire in my kitchen.")
    assert (ticket.priority, ticket.hazards, ticket.policy.name) == (1, ["fire"], "danger")


@pytest.mark.parametrize(
    ("field", "value"), [("body", " "), ("subject", ""), ("topic", "weather"), ("remedy", "gold")]
)
def test_what_is_missing_is_named(field: str, value: str):
    with pytest.raises(Incomplete) as refused:
        make_ticket(**{field: value})
    assert (refused.value.field, Ticket.objects.count()) == (field, 0)


def test_an_answer_meets_the_first_clock_and_starts_the_update_clock():
    ticket = make_ticket()
    operations.say(
        ticket=ticket.public_id, kind="agent", body="We look into it.", now=NOW + timedelta(hours=1)
    )
    clocks = dict(ticket.clocks.order_by("generation").values_list("kind", "state"))
    assert (clocks["first_response"], clocks["next_response"], clocks["agent_update"]) == (
        "met",
        "met",
        "running",
    )


def test_who_read_an_older_ticket_is_stopped_and_nothing_is_sent():
    ticket = make_ticket()
    read = ticket.version
    operations.say(ticket=ticket.public_id, kind="customer", body="One more thing.", now=NOW)
    with pytest.raises(NewerMessages):
        operations.say(ticket=ticket.public_id, kind="agent", body="Done.", now=NOW, read_version=read)
    assert ticket.messages.filter(kind="agent").count() == 0


def test_a_draft_of_one_agent_survives_whatever_others_do():
    ticket, one, two = make_ticket(), make_agent(), make_agent()
    operations.keep_draft(ticket_id=ticket.pk, agent_id=one.pk, body="Dear Ada", read_version=1, now=NOW)
    operations.claim(ticket=ticket.public_id, agent_id=two.pk, take_over=True, now=NOW)
    operations.say(ticket=ticket.public_id, kind="agent", body="Hello.", now=NOW, author_id=two.user_id)
    operations.take_step(ticket=ticket.public_id, action="close", actor="x", now=NOW)
    assert [draft.body for draft in one.drafts.all()] == ["Dear Ada"]


def test_an_answer_of_the_complainant_opens_a_closed_complaint_again():
    ticket = make_ticket()
    operations.take_step(ticket=ticket.public_id, action="close", actor="agent", now=NOW)
    operations.say(
        ticket=ticket.public_id, kind="customer", body="Still broken.", now=NOW + timedelta(days=1)
    )
    ticket.refresh_from_db()
    assert (ticket.state, ticket.reopened, ticket.closed_at) == ("open", 1, None)


def test_waiting_needs_a_reason():
    ticket = make_ticket()
    with pytest.raises(Incomplete):
        operations.wait(ticket=ticket.public_id, whom="customer", actor="agent", now=NOW, reason="")


def test_a_merged_complaint_passes_its_stricter_deadline_on():
    calm, urgent = make_ticket(), make_ticket(body="It gave me an electric shock.")
    operations.merge(ticket=urgent.public_id, into=calm.public_id, actor="agent", now=NOW)
    calm.refresh_from_db()
    urgent.refresh_from_db()
    assert (urgent.state, calm.priority, calm.policy.name, calm.due_at) == (
        "merged", 1, "danger", NOW + timedelta(hours=1),
    )  # fmt: skip


def test_what_is_said_on_a_merged_complaint_goes_to_the_one_that_stays():
    first, second = make_ticket(), make_ticket()
    operations.merge(ticket=first.public_id, into=second.public_id, actor="agent", now=NOW)
    said = operations.say(ticket=first.public_id, kind="customer", body="Hello?", now=NOW)
    assert said.ticket_id == second.pk


def test_nothing_is_merged_twice_or_into_itself():
    first, second = make_ticket(), make_ticket()
    with pytest.raises(Incomplete):
        operations.merge(ticket=first.public_id, into=first.public_id, actor="agent", now=NOW)
    operations.merge(ticket=first.public_id, into=second.public_id, actor="agent", now=NOW)
    with pytest.raises(WrongState):
        operations.merge(ticket=first.public_id, into=second.public_id, actor="agent", now=NOW)


def test_a_part_becomes_a_complaint_of_its_own():
    ticket = make_ticket()
    other = operations.say(ticket=ticket.public_id, kind="customer", body="And my refund is late.", now=NOW)
    fresh = operations.split(
        ticket=ticket.public_id, messages=[other.public_id], subject="Refund", actor="agent", now=NOW
    )
    assert (fresh.subject, fresh.messages.get().body, fresh.links_to.get().first_id) == (
        "Refund", "And my refund is late.", ticket.pk,
    )  # fmt: skip


def test_what_was_said_is_found_by_its_words():
    ticket = make_ticket(language="de", body="Die Lampen sind zerbrochen.", subject="Lampen")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT public_id FROM complaints_ticket WHERE searchable @@ websearch_to_tsquery('german', 'Lampe')"
        )
        assert cursor.fetchall() == [(ticket.public_id,)]


def test_what_happened_cannot_be_rewritten():
    make_ticket()
    with pytest.raises(IntegrityError):
        TicketEvent.objects.update(kind="nothing")


def test_what_was_said_cannot_be_rewritten():
    make_ticket()
    with pytest.raises(IntegrityError):
        Message.objects.update(body="nothing")


@pytest.mark.django_db(transaction=True)
def test_what_is_said_while_a_complaint_is_joined_is_said_where_it_goes():
    source, target = make_ticket(), make_ticket()
    end_behind(
        lambda: operations.merge(ticket=source.public_id, into=target.public_id, actor="a", now=NOW),
        lambda: operations.say(ticket=source.public_id, kind="customer", body="It smells.", now=NOW).pk,
    )
    assert list(target.messages.order_by("pk").values_list("body", flat=True))[-1] == "It smells."
    assert source.messages.count() == 1
