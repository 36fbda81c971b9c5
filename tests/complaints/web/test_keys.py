"""Everything that can be done on a ticket has a key, and every key stands on the sheet of keys."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.db import transaction
from django.test import Client

from complaints import operations
from complaints.events import ComplaintClosed
from complaints.models import Settlement, Ticket
from complaints.operations.macros import load_macros
from complaints.operations.referring import bodies_for, refer
from complaints.web.desk import _STEPS
from marketplace.kernel import clock, outbox
from marketplace.kernel.models import Delivery
from marketplace.kernel.money import Money
from orders.operations.refunds import record_refund
from orders.payments import RefundResult
from tests.complaints.factories import NOW, make_agent, make_order, make_order_ticket, make_ticket

pytestmark = pytest.mark.django_db
NOT_KEYS = {"Enter", "Esc", "Ctrl", "Shift", "j", "k", "x", "g"}  # of lists and texts; desk.js knows them


class Page(HTMLParser):
    """The forms of a page by their step, each with whether a key leads to it, and all keys."""

    VOID = {"input", "br", "img", "meta", "link", "hr", "use", "path", "source"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[dict[str, object]] = []
        self.forms: dict[str, bool] = {}
        self.keys: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in self.VOID:
            self.stack.append(
                {"tag": tag, "action": given.get("action", "") if tag == "form" else "", "key": False}
            )
        if key := given.get("data-key"):
            self.keys.add(key)
            for one in self.stack:  # a key inside a form leads to it; on a summary, to what it opens
                if one["tag"] in ("form", "details"):
                    one["key"] = True
        if tag == "form":
            opened = any(one["tag"] == "details" and one["key"] for one in self.stack)
            self.forms[str(given.get("action", ""))] = (
                self.forms.get(str(given.get("action", "")), False) or opened
            )

    def handle_endtag(self, tag: str) -> None:
        while self.stack:
            one = self.stack.pop()
            if one["tag"] == "form" and one["key"]:
                self.forms[str(one["action"])] = True
            if one["tag"] == tag:
                return


def busy_ticket() -> Ticket:
    """A ticket on which nearly everything can be done: to agree to, to try again, to go on with, to follow outside."""
    ticket, other = make_order_ticket(make_order(price=40_000)), make_agent()
    verdict = {"outcome": "upheld", "reason": "Yes.", "cause": "no_fault", "remedy": "refund"}
    for minor in (1_000, 50_000):
        operations.decide(
            ticket=ticket.public_id, verdict=operations.Verdict(**verdict, amount=Money(minor, "EUR")),
            user_id=other.user_id, now=NOW,
        )  # fmt: skip
    gift = operations.Gift("goodwill", "Sorry.", Money(30_000, "EUR"))
    operations.give(ticket=ticket.public_id, gift=gift, user_id=other.user_id, now=NOW)
    settled = Settlement.objects.get()
    record_refund(
        refund_id=settled.ref, result=RefundResult(ref="x", state="failed", failure="closed"), now=NOW
    )
    operations.follow_refund(refund=settled.ref, now=NOW)
    with transaction.atomic():
        news = outbox.publish(ComplaintClosed(ticket.public_id))
    Delivery.objects.create(event=news, subscriber="complaints.ask-rating", state="parked", not_before=NOW)
    refer(ticket=ticket.public_id, body=bodies_for(ticket)[0]["name"], consented=True, actor="c", now=NOW)
    return ticket


def look(address: str) -> str:
    client = Client()
    client.force_login(make_agent().user, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(address).content.decode()


def undone() -> str:
    """The page of a ticket on which an agent has just done something."""
    client, ticket = Client(), make_ticket(now=clock.now())
    client.force_login(make_agent().user, backend="django.contrib.auth.backends.ModelBackend")
    return client.post(f"/desk/{ticket.public_id}/change", {"topic": "late"}, follow=True).content.decode()


def pages() -> list[str]:
    waiting, closed = make_order_ticket(), make_order_ticket()
    operations.wait(
        ticket=waiting.public_id,
        whom="customer",
        actor="a",
        now=NOW,
        reason="x",
        until=NOW + timedelta(days=1),
    )
    operations.take_step(ticket=closed.public_id, action="close", actor="a", now=NOW)
    load_macros()
    return [*(look(f"/desk/{ticket.public_id}") for ticket in (busy_ticket(), waiting, closed)), undone()]


def test_every_step_on_a_ticket_has_a_key():
    without = {
        action.rsplit("/", 1)[-1]
        for page in pages()
        for action, has_key in Page(page).forms.items()
        if "/desk/C-" in action and not has_key
    }
    assert without == set()


def test_the_steps_that_were_looked_at_are_all_there_are():
    steps = {
        action.rsplit("/", 1)[-1] for page in pages() for action in Page(page).forms if "/desk/C-" in action
    }
    assert set(_STEPS) - steps == set()


def test_every_key_is_on_the_sheet_and_the_sheet_names_no_other():
    whole = [*pages(), look("/desk/?queue=all")]
    keys = set().union(*(Page(page).keys for page in whole))
    sheet = set(re.findall(r"<kbd>([^<]+)</kbd>", whole[0])) - NOT_KEYS
    assert (keys - sheet - {"?"}, sheet - keys) == (set(), set())
