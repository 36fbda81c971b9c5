"""A complaint's whole way: somebody complains, an agent takes it with Next, answers, decides; axe over all of its pages."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from complaints.models import Ticket
from marketplace.accounts import operations as accounts
from marketplace.accounts.models import User
from marketplace.kernel import outbox
from tests.journeys.looking import look

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"
DESK = ("/desk/", "/desk/?queue=all", "/desk/floor", "/desk/reports", "/desk/phone")


def test_a_complaint_is_taken_answered_and_decided(open_page: Any, axe: Any):
    options = {"viewport": {"width": 1360, "height": 900}}
    page = open_page("/complain", **options)
    found = look(page, axe, "complain")
    page.get_by_label("How the seller behaved").check()
    page.get_by_label("Tell us what happened").fill("The seller does not answer. I wrote three times.")
    page.get_by_label("What would put it right?").select_option("explanation")
    page.get_by_label("Your name").fill("Ada Kowalska")
    page.get_by_label("E-mail address").fill("ada@example.com")
    page.get_by_role("button", name="Send the complaint").click()
    page.get_by_text("Why these dates?").wait_for()
    found += look(page, axe, "complaint")
    outbox.relay()
    ticket = Ticket.objects.get()
    assert (ticket.acknowledged_at is not None, ticket.public_id in mail.outbox[-1].subject) == (True, True)

    agent = User.objects.create_user("ines@rightful.example", PASSWORD, name="Ines")
    EmailAddress.objects.create(user=agent, email=agent.email, verified=True, primary=True)
    accounts.give_role(user=agent, kind="agent")
    desk = open_page("/auth/login/?next=/desk/", **options)
    desk.locator("input[name=login]").fill("ines@rightful.example")
    desk.locator("input[name=password]").fill(PASSWORD)
    desk.locator("main button[type=submit]").first.click()
    desk.wait_for_url("**/desk/")
    for number, address in enumerate(DESK):
        desk.goto(address)
        found += look(desk, axe, f"desk{number}")
    desk.goto("/desk/")
    desk.get_by_role("button", name="Next").click()
    desk.get_by_role("heading", name="How the seller behaved").wait_for()
    found += look(desk, axe, "ticket")
    desk.get_by_label("Reply", exact=True).fill("Dear Ada, we asked the seller and will tell you by Friday.")
    desk.get_by_role("button", name="Send", exact=True).click()
    desk.get_by_text("Sent.").wait_for()
    desk.locator("summary", has_text="Decide").click()
    desk.get_by_label("Outcome").select_option("upheld")
    desk.get_by_label("Where it went wrong").select_option("merchant_conduct")
    desk.get_by_label("The reason, for the buyer to read").fill("You were right to expect an answer.")
    desk.get_by_role("button", name="Decide").click()
    desk.get_by_text("Decided and told.").wait_for()
    found += look(desk, axe, "decided")

    page.reload()
    page.get_by_text("You were right to expect an answer.").wait_for()
    found += look(page, axe, "told")
    assert found == []
