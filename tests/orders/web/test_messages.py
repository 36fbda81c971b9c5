"""Messages: from an order or a listing, without anybody's address, and on to a claim or complaint."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from complaints.models import Ticket
from marketplace.accounts import operations as accounts
from marketplace.accounts.models import User
from marketplace.kernel import outbox
from orders.domain.errors import TooManyMessages, WrongState
from orders.models import Message, Thread, ThreadReport
from orders.operations import messages
from orders.operations.messages import AboutListing, Written
from orders.queries import messages as queries
from orders.queries.messages import median_answer
from returns.models import Claim
from tests.kernel.test_uploads import picture
from tests.returns import factories
from tests.returns.factories import LATER

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(rates: None) -> Any:
    cache.clear()
    found = factories.delivered()
    outbox.relay()
    mail.outbox.clear()
    return found


@pytest.fixture
def staff(group: Any) -> Client:
    user = User.objects.create_user("seller@example.com", "correct horse battery", is_staff=True)
    group.orders.get().merchant.members.create(user=user, role="owner")
    return signed_in(user)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(group: Any) -> str:
    return reverse("message-new", args=[group.token, group.orders.get().public_id])


def written(client: Client, group: Any, text: str = "It flickers.", **more: Any) -> Thread:
    reply = client.post(address(group), {"text": text, **more})
    assert reply.status_code == 302, reply.context["form"].errors
    return Thread.objects.get()


def test_a_guest_writes_and_neither_side_sees_an_address(client: Client, group: Any, staff: Client):
    thread = written(client, group, "It flickers. Call 030 1234567 or write to me@home.example.com")
    outbox.relay()
    seen = staff.get(reverse("merchant-thread", args=[thread.public_id])).content.decode()
    letter = mail.outbox[-1]
    for place in (seen, letter.body):
        assert ("It flickers." in place, "1234567" in place, "home.example" in place) == (True, False, False)
    assert letter.to == ["seller@example.com"]
    assert "ada@example.com" not in seen
    staff.post(reverse("merchant-thread", args=[thread.public_id]), {"text": "Mail shop@seller.example.com"})
    outbox.relay()
    page = client.get(reverse("thread", args=[thread.token])).content.decode()
    assert ("shop@seller" in page, "shop@seller" in mail.outbox[-1].body) == (False, False)
    assert (mail.outbox[-1].to, "an e-mail address" in page) == (["ada@example.com"], True)


def test_unread_counts_and_the_clock_of_the_answer(client: Client, group: Any, staff: Client):
    thread = written(client, group)
    assert (thread.unread_by_merchant, thread.waiting_since is not None) == (1, True)
    staff.get(reverse("merchant-thread", args=[thread.public_id]))
    staff.post(reverse("merchant-thread", args=[thread.public_id]), {"text": "We look."})
    thread.refresh_from_db()
    assert (thread.unread_by_merchant, thread.unread_by_shopper, thread.waiting_since) == (0, 1, None)
    client.get(reverse("thread", args=[thread.token]))
    thread.refresh_from_db()
    assert thread.unread_by_shopper == 0


def test_the_answer_time_is_a_median_and_needs_enough_answers(group: Any):
    merchant = group.orders.get().merchant
    for n, hours in enumerate((1, 2, 3, 50, 60)):
        assert median_answer(merchant.pk, now=LATER + timedelta(days=5)) is None
        about = AboutListing(f"L-{n}", "Lamp", merchant.pk)
        thread = messages.begin(
            about=about, user_id=None, email=f"a{n}@example.com", name="A", language="en", written=Written("Hm?"), now=LATER
        )  # fmt: skip
        messages.act(thread_id=thread.pk, by="shopper", action="confirm", now=LATER)
        answered = LATER + timedelta(hours=hours)
        messages.write(thread_id=thread.pk, by="merchant", written=Written("Yes."), now=answered)
    assert median_answer(merchant.pk, now=LATER + timedelta(days=5)) == timedelta(hours=3)


def test_a_common_sentence_is_read_in_the_readers_language(client: Client, group: Any, staff: Client):
    from orders.documents.message_templates import template_text

    client.cookies["language"] = "en"
    text = client.get(address(group) + "?template=when").context["form"].initial["text"]
    thread = written(client, group, text, template="when")
    with translation.override("de"):
        german = template_text("when")
    message = thread.messages.get()
    assert (message.template, message.text) == ("when", text)
    with translation.override("de"):
        from orders.documents.message_templates import shown_text

        assert shown_text(message.template, message.text) == german


def test_what_came_while_a_page_was_read_stays_unread(client: Client, group: Any, staff: Client, monkeypatch):
    thread = written(client, group)
    real = queries.find_thread

    def answered_meanwhile(token: str, **more: Any) -> Thread:
        found = real(token, **more)
        messages.write(thread_id=found.pk, by="merchant", written=Written("We look."), now=LATER)
        return found

    messages.write(thread_id=thread.pk, by="merchant", written=Written("Hello."), now=LATER)
    with monkeypatch.context() as patch:
        patch.setattr(queries, "find_thread", answered_meanwhile)
        page = client.get(reverse("thread", args=[thread.token])).content.decode()
    thread.refresh_from_db()
    assert ("Hello." in page, "We look." in page, thread.unread_by_shopper) == (True, False, 1)
    client.get(reverse("thread", args=[thread.token]))
    thread.refresh_from_db()
    assert thread.unread_by_shopper == 0


def begun(merchant: Any, n: int, *, unread: int, waits: bool) -> Thread:
    return Thread.objects.create(
        merchant=merchant, listing=f"L-{n}", subject=f"Lamp {n}", email=f"a{n}@example.com", shopper_name="A",
        language="en", state="open", unread_by_merchant=unread, opened_at=LATER,
        waiting_since=LATER + timedelta(hours=n) if waits else None, last_at=LATER + timedelta(hours=n),
    )  # fmt: skip


def test_the_inbox_shows_the_unread_first_and_of_these_who_waits_longest(group: Any):
    merchant = group.orders.get().merchant
    for n, unread in ((1, 0), (2, 1), (3, 5), (4, 0)):
        begun(merchant, n, unread=unread, waits=n != 4)
    rows, has_more = queries.inbox(frozenset([merchant.pk]))
    assert ([one.subject for one in rows], has_more) == (["Lamp 2", "Lamp 3", "Lamp 1", "Lamp 4"], False)


def test_a_long_inbox_has_pages(group: Any, staff: Client):
    merchant = group.orders.get().merchant
    for n in range(queries.PAGE + 2):
        begun(merchant, n, unread=0, waits=True)
    first, second = (
        staff.get(reverse("merchant-messages"), {"page": page}).content.decode() for page in ("1", "2")
    )
    assert ("?page=2" in first, "?page=2" in second, "?page=1" in second) == (True, False, True)
    assert (f"Lamp {queries.PAGE + 1}<" in first, f"Lamp {queries.PAGE + 1}<" in second) == (False, True)
    assert staff.get(reverse("merchant-messages"), {"page": "²"}).status_code == 200


def test_what_is_sent_to_a_conversation_that_began_meanwhile_is_not_lost(client: Client, group: Any):
    thread = written(client, group, "First.")
    reply = client.post(address(group), {"text": "Second."})
    assert reply["Location"] == reverse("thread", args=[thread.token])
    assert list(thread.messages.order_by("pk").values_list("text", flat=True)) == ["First.", "Second."]


def test_too_many_or_too_large_files_are_refused(client: Client, group: Any, staff: Client):
    thread = written(client, group)
    for who, link in (
        (client, reverse("thread", args=[thread.token])),
        (staff, reverse("merchant-thread", args=[thread.public_id])),
    ):
        for files in (
            [SimpleUploadedFile(f"{n}.jpg", picture()) for n in range(5)],
            [SimpleUploadedFile("a.jpg", b"x" * (8 * 1_048_576 + 1))],
        ):
            assert who.post(link, {"text": "Look", "files": files}).status_code == 422
    assert thread.messages.count() == 1


def test_a_report_is_made_once_and_settled_once(client: Client, group: Any):
    thread = written(client, group)
    first = messages.report_thread(thread_id=thread.pk, by="shopper", text="Rude.", now=LATER)
    assert messages.report_thread(thread_id=thread.pk, by="shopper", text="Rude.", now=LATER) == first
    messages.report_thread(thread_id=thread.pk, by="merchant", text="Ruder.", now=LATER)
    with pytest.raises(IntegrityError), transaction.atomic():
        ThreadReport.objects.create(thread=thread, by="shopper", reported_at=LATER)
    messages.settle_report(report_id=first.pk, outcome="Talked to.", name="Ines", now=LATER)
    with pytest.raises(WrongState):
        messages.settle_report(report_id=first.pk, outcome="Nothing.", name="Jo", now=LATER)
    first.refresh_from_db()
    assert (first.outcome, first.settled_by) == ("Talked to.", "Ines")
    assert messages.report_thread(thread_id=thread.pk, by="shopper", text="Again.", now=LATER) != first


def test_another_account_finds_nothing(client: Client, group: Any):
    group.user = User.objects.create_user("ada@example.com", "correct horse battery")
    group.save()
    owner = signed_in(group.user)
    thread = written(owner, group)
    eve = signed_in(User.objects.create_user("eve@example.com", "correct horse battery"))
    links = (address(group), reverse("thread", args=[thread.token]))
    assert [eve.get(link).status_code for link in links] == [404, 404]
    assert thread.subject in owner.get(reverse("messages-mine")).content.decode()
    assert thread.subject not in eve.get(reverse("messages-mine")).content.decode()


def test_another_merchant_finds_nothing(client: Client, group: Any):
    thread = written(client, group)
    user = User.objects.create_user("other@example.com", "correct horse battery", is_staff=True)
    factories.make_merchant().members.create(user=user, role="owner")
    assert signed_in(user).get(reverse("merchant-thread", args=[thread.public_id])).status_code == 404


def test_files_are_drawn_anew_and_handed_out_to_the_two_sides(client: Client, group: Any, staff: Client):
    bad = SimpleUploadedFile("x.svg", b"<svg/>")
    assert client.post(address(group), {"text": "Look", "files": bad}).status_code == 422
    thread = written(client, group, files=SimpleUploadedFile("a.jpg", picture()))
    file = Message.objects.get().files.get()
    for who, link in (
        (client, reverse("message-file", args=[thread.token, file.public_id])),
        (staff, reverse("merchant-thread-file", args=[thread.public_id, file.public_id])),
    ):
        reply = who.get(link)
        assert (b"Camera" in b"".join(reply.streaming_content), reply["Content-Disposition"][:10]) == (
            False,
            "attachment",
        )


def test_a_guests_message_about_a_listing_waits_for_its_address(client: Client, group: Any, staff: Client):
    listing = group.orders.get().lines.get().listing_public_id
    data = {"text": "Does it fit?", "name": "Bo", "email": "bo@example.com"}
    client.post(reverse("message-ask", args=[listing]), data)
    thread = Thread.objects.get()
    assert thread.state == "unconfirmed"
    outbox.relay()
    link = reverse("thread", args=[thread.token])
    assert ([one.to for one in mail.outbox], link in mail.outbox[0].body) == ([["bo@example.com"]], True)
    client.get(link)
    assert staff.get(reverse("merchant-thread", args=[thread.public_id])).status_code == 404
    client.post(reverse("thread-act", args=[thread.token, "confirm"]))
    outbox.relay()
    assert mail.outbox[-1].to == ["seller@example.com"]
    assert staff.get(reverse("merchant-thread", args=[thread.public_id])).status_code == 200


def test_a_block_ends_writing_and_only_its_author_lifts_it(client: Client, group: Any, staff: Client):
    thread = written(client, group)
    client.post(reverse("thread-act", args=[thread.token, "block"]))
    answer = reverse("merchant-thread", args=[thread.public_id])
    assert staff.post(answer, {"text": "But"}).status_code == 422
    staff.post(reverse("merchant-thread-act", args=[thread.public_id, "unblock"]))
    assert Thread.objects.get().state == "blocked"
    client.post(reverse("thread-act", args=[thread.token, "unblock"]))
    assert Thread.objects.get().state == "open"


def test_officers_read_what_was_reported_with_what_was_taken_out_and_nothing_else(client: Client, group: Any):
    thread = written(client, group, "Pay me at www.evil.example.com")
    agent = User.objects.create_user("ines@example.com", "correct horse battery", name="Ines")
    accounts.give_role(user=agent, kind="agent")
    desk, case = signed_in(agent), reverse("moderation-thread", args=[thread.public_id])
    assert desk.get(case).status_code == 404
    client.post(reverse("thread-act", args=[thread.token, "report"]), {"text": "He threatens me."})
    assert "www.evil.example.com" in desk.get(case).content.decode()
    desk.post(case, {"outcome": "We wrote to the seller."})
    assert "We wrote to the seller." in desk.get(case).content.decode()


def test_a_flood_is_stopped(client: Client, group: Any):
    thread = written(client, group)
    now = thread.opened_at
    for _ in range(9):
        messages.write(thread_id=thread.pk, by="shopper", written=Written("Again."), now=now)
    with pytest.raises(TooManyMessages):
        messages.write(thread_id=thread.pk, by="shopper", written=Written("Again."), now=now)


def test_what_was_said_is_never_rewritten_and_the_database_knows_the_states(client: Client, group: Any):
    thread = written(client, group)
    with pytest.raises(DatabaseError), transaction.atomic():
        Message.objects.update(text="x")
    for wrong in ({"state": "gone"}, {"state": "blocked"}, {"blocked_by": "shopper"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Thread.objects.filter(pk=thread.pk).update(**wrong)


def test_a_message_becomes_a_claim_with_everything_carried_over(client: Client, group: Any):
    thread = written(client, group, files=SimpleUploadedFile("a.jpg", picture()))
    page = client.get(reverse("thread", args=[thread.token]))
    start, _ = (one["url"] for one in page.context["page"]["onwards"])
    link = client.get(start).context["page"]["orders"][0]["lines"][0]["url"]
    assert ("flickers" in link, thread.public_id in link) == (False, True)
    form = client.get(link).context["form"]
    assert form.initial["said"].startswith("It flickers.")
    data = form.initial | {
        "kind": "defective",
        "noticed_on": form.initial["noticed_on"].isoformat(),
        "thread": thread.public_id,
        "nonce": "n-1",
    }
    reply = client.post(link, data)
    assert reply.status_code == 302, reply.context["form"].errors
    claim = Claim.objects.get()
    assert (claim.said.startswith("It flickers."), claim.files.count()) == (True, 1)


def test_a_message_becomes_a_complaint_with_everything_carried_over(client: Client, group: Any):
    thread = written(client, group, files=SimpleUploadedFile("a.jpg", picture()))
    page = client.get(reverse("thread", args=[thread.token]))
    _, complain = (one["url"] for one in page.context["page"]["onwards"])
    form = client.get(complain).context["page"]
    body = form["form"].initial["body"]
    assert (body.startswith("It flickers."), "flickers" in complain) == (True, False)
    data = dict(form["hidden"]) | {"topic": "defective", "body": body}
    assert client.post(reverse("complain"), data).status_code == 302
    message = Ticket.objects.get().messages.order_by("pk").first()
    assert (message.body.startswith("It flickers."), message.attachments.count()) == (True, 1)


def test_a_conversation_of_another_order_is_not_carried(client: Client, group: Any):
    thread = written(client, group)
    other = factories.delivered()
    line = other.orders.get().lines.get().public_id
    link = reverse("claim-file", args=[other.token, line]) + f"?thread={thread.public_id}"
    assert client.get(link).context["form"].initial["said"] == ""
