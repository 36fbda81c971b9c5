"""Whose conversation: other shoppers, other merchants, readers and the reported find nothing that they could do."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from marketplace.accounts.models import User
from orders.models import Message, MessageFile, Thread, ThreadReport
from tests.kernel.test_uploads import picture
from tests.orders.web.test_messages import address, group, signed_in, staff, written
from tests.returns import factories

__all__ = ["group", "staff"]
pytestmark = pytest.mark.django_db


def person(email: str, *, merchant: Any = None, role: str = "owner") -> Client:
    user = User.objects.create_user(email, "correct horse battery", is_staff=merchant is not None)
    if merchant is not None:
        merchant.members.create(user=user, role=role)
    return signed_in(user)


@pytest.fixture
def thread(client: Client, group: Any) -> Thread:
    return written(client, group, files=SimpleUploadedFile("a.jpg", picture()))


def test_the_link_of_another_order_opens_no_conversation_about_this_one(client: Client, group: Any):
    other = factories.delivered()
    wrong = reverse("message-new", args=[other.token, group.orders.get().public_id])
    assert [client.get(wrong).status_code, client.post(wrong, {"text": "Hi"}).status_code] == [404, 404]
    assert Thread.objects.count() == 0


def test_a_file_of_another_conversation_is_not_handed_out(client: Client, thread: Thread):
    file, other = MessageFile.objects.get(), factories.delivered()
    client.post(address(other), {"text": "Mine."})
    own = Thread.objects.exclude(pk=thread.pk).get()
    assert client.get(reverse("message-file", args=[own.token, file.public_id])).status_code == 404


def test_a_conversation_of_an_account_is_nobody_elses_even_with_its_link(client: Client, thread: Thread):
    ada = person("ada@example.com")
    thread.user = User.objects.get(email="ada@example.com")
    thread.save()
    file = MessageFile.objects.get().public_id
    links = [reverse("thread", args=[thread.token]), reverse("message-file", args=[thread.token, file])]
    found = [
        [who.get(link).status_code for link in links] for who in (ada, client, person("eve@example.com"))
    ]
    assert found == [[200, 200], [404, 404], [404, 404]]
    assert client.post(links[0], {"text": "Hi"}).status_code == 404
    for action in ("block", "report", "confirm"):
        assert client.post(reverse("thread-act", args=[thread.token, action])).status_code == 404
    assert (Message.objects.count(), ThreadReport.objects.count()) == (1, 0)


def test_another_merchant_neither_reads_nor_acts(thread: Thread):
    them = person("them@example.com", merchant=factories.make_merchant())
    name, file = thread.public_id, MessageFile.objects.get().public_id
    asked = [
        them.get(reverse("merchant-thread-file", args=[name, file])),
        them.post(reverse("merchant-thread", args=[name]), {"text": "Hi"}),
        *(
            them.post(reverse("merchant-thread-act", args=[name, act]))
            for act in ("close", "block", "report")
        ),
    ]
    assert [reply.status_code for reply in asked] == [404] * 5
    thread.refresh_from_db()
    assert (thread.state, Message.objects.count(), ThreadReport.objects.count()) == ("open", 1, 0)


def test_a_member_who_only_reads_writes_nothing_and_leaves_it_unread(thread: Thread):
    reader = person("reader@example.com", merchant=thread.merchant, role="viewer")
    page = reverse("merchant-thread", args=[thread.public_id])
    assert [reader.get(page).status_code, reader.post(page, {"text": "Hi"}).status_code] == [200, 403]
    acts = ("close", "block", "unblock", "report")
    assert {
        reader.post(reverse("merchant-thread-act", args=[thread.public_id, act])).status_code for act in acts
    } == {403}
    thread.refresh_from_db()
    assert (thread.unread_by_merchant, thread.state, ThreadReport.objects.count()) == (1, "open", 0)


def test_a_report_is_read_and_settled_by_moderators_alone(client: Client, thread: Thread, staff: Client):
    client.post(reverse("thread-act", args=[thread.token, "report"]), {"text": "Rude."})
    case = reverse("moderation-thread", args=[thread.public_id])
    file = reverse("moderation-thread-file", args=[thread.public_id, MessageFile.objects.get().public_id])
    for who in (client, staff, person("eve@example.com")):
        asked = [who.get(case), who.get(file), who.post(case, {"outcome": "Fine."})]
        assert {reply.status_code for reply in asked} <= {302, 403, 404}
    assert ThreadReport.objects.get().settled_at is None
