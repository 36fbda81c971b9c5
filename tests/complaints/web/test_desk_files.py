"""Files that the desk sends with its answers, and texts that are kept while they are written."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from complaints.models import Agent, Attachment, Draft, Message
from complaints.operations import letters
from marketplace.accounts.models import Merchant
from marketplace.kernel import outbox
from tests.complaints.factories import make_agent, make_order_ticket, make_ticket

pytestmark = pytest.mark.django_db(transaction=True)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


@pytest.fixture
def agent() -> Agent:
    return make_agent()


@pytest.fixture
def desk(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def write(desk: Client, number: str, **said: object) -> str:
    given = {"kind": "agent", "body": "See the paper.", "files": SimpleUploadedFile("terms.pdf", PDF), **said}
    return desk.post(f"/desk/{number}/write", given, follow=True).content.decode()


def test_a_file_goes_with_the_letter_and_lies_on_the_buyers_page(desk: Client):
    ticket = make_ticket()
    outbox.relay()
    mail.outbox.clear()
    write(desk, ticket.public_id)
    outbox.relay()
    [letter] = mail.outbox
    page = Client().get(f"/complaints/{ticket.token}").content.decode()
    file = Attachment.objects.get()
    assert ([(one[0], one[1], one[2]) for one in letter.attachments], "terms.pdf" in page) == (
        [("terms.pdf", PDF, "application/pdf")], True,
    )  # fmt: skip
    assert Client().get(f"/complaints/{ticket.token}/files/{file.public_id}").status_code == 200


def test_files_too_large_for_a_letter_are_named_in_it(desk: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(letters, "MOST_ENCLOSED", 10)
    ticket = make_ticket()
    outbox.relay()
    mail.outbox.clear()
    write(desk, ticket.public_id)
    outbox.relay()
    assert (mail.outbox[0].attachments, "On the page: terms.pdf" in mail.outbox[0].body) == ([], True)


def test_a_file_for_the_seller_is_the_sellers_and_a_notes_file_nobodys(desk: Client):
    ticket = make_order_ticket()
    write(desk, ticket.public_id, to="merchant")
    write(desk, ticket.public_id, kind="note")
    note = Attachment.objects.get(message__kind="note")
    assert (Message.objects.get(to_merchant=True).attachments.count(), Merchant.objects.count()) == (1, 1)
    assert Client().get(f"/complaints/{ticket.token}/files/{note.public_id}").status_code == 404


def test_a_file_of_another_kind_is_refused_and_the_text_is_kept(desk: Client):
    ticket = make_ticket()
    page = write(desk, ticket.public_id, files=SimpleUploadedFile("run.exe", b"MZ" + bytes(400)))
    assert ("run.exe" in page, Draft.objects.get().body, ticket.messages.filter(kind="agent").count()) == (
        True, "See the paper.", 0,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["agent", "note", "decision", "gesture"])
def test_every_text_is_kept_while_it_is_written_and_stands_there_again(desk: Client, kind: str):
    ticket = make_order_ticket()
    said = {"version": ticket.version, "kind": kind, "body": f"Half a {kind} text"}
    desk.post(f"/desk/{ticket.public_id}/keep", said)
    page = desk.get(f"/desk/{ticket.public_id}").content.decode()
    assert (Draft.objects.get().kind, f">Half a {kind} text</textarea>" in page) == (kind, True)
    assert (f'data-composer="{kind}"' in page) is True
