"""Complaining in the browser's way: forms, files, the complaint's own page, the letters that follow."""

from __future__ import annotations

import io
import re

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from complaints import operations
from complaints.models import Attachment, Rating, Ticket
from marketplace.accounts.models import User
from marketplace.kernel import outbox
from orders.models import OrderGroup
from tests.complaints.factories import NOW, make_ticket
from tests.orders import factories

pytestmark = pytest.mark.django_db(transaction=True)
SAID = {
    "topic": "other",
    "body": "Nobody answers me.",
    "remedy": "explanation",
    "name": "Ada",
    "email": "ada@example.com",
}


def picture() -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    Image.new("RGB", (40, 30), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_anybody_may_complain_and_sees_at_once_when_we_answer(client: Client):
    answer = client.post("/complain", SAID)
    ticket = Ticket.objects.get()
    page = client.get(answer["Location"]).content.decode()
    assert (answer.status_code, answer["Location"]) == (302, f"/complaints/{ticket.token}")
    assert ticket.public_id in page
    assert "First answer" in page


def test_the_acknowledgement_leaves_once_with_number_content_and_clocks(client: Client):
    client.post("/complain", SAID)
    outbox.relay()
    outbox.relay()
    ticket = Ticket.objects.get()
    letter = mail.outbox[0]
    assert (len(mail.outbox), letter.to, ticket.public_id in letter.subject) == (1, ["ada@example.com"], True)
    assert "Nobody answers me." in letter.body
    assert ticket.acknowledged_at is not None


def test_pressing_twice_sends_one(client: Client):
    for _ in range(2):
        client.post("/complain", {**SAID, "key": "once"})
    assert Ticket.objects.count() == 1


def test_what_is_missing_is_said_and_nothing_lost(client: Client):
    answer = client.post("/complain", {**SAID, "topic": ""})
    page = answer.content.decode()
    assert (answer.status_code, "Nobody answers me." in page, Ticket.objects.count()) == (422, True, 0)


def test_a_buyer_complains_about_an_order_without_saying_who_they_are(client: Client):
    factories.load_rates()
    checkout = factories.make_checkout([(factories.make_variant(factories.make_merchant()), 1)])
    factories.pay(checkout)
    group = OrderGroup.objects.get()
    order = group.orders.get()
    about = {"order": order.public_id, "link": group.token}
    page = client.get("/complain", about).content.decode()
    client.post("/complain", {**about, "topic": "defective", "body": "It is torn.", "remedy": "repair"})
    ticket = Ticket.objects.get()
    assert 'name="email"' not in page
    assert (ticket.order, ticket.merchant, ticket.email, ticket.market) == (
        order.public_id, order.merchant.public_id, "ada@example.com", "DE",
    )  # fmt: skip


def test_nobody_complains_in_anothers_name(client: Client):
    answer = client.get("/complain", {"order": "R-ABCDEFGH", "link": "guessed"})
    assert answer.status_code == 404


def test_a_picture_comes_without_what_it_tells_of_its_maker(client: Client):
    client.post("/complain", {**SAID, "files": SimpleUploadedFile("../../lamp.jpg", picture(), "image/jpeg")})
    kept = Attachment.objects.get()
    with kept.file.open("rb") as file:
        content = file.read()
    answer = client.get(f"/complaints/{Ticket.objects.get().token}/files/{kept.public_id}")
    assert (kept.name, b"Secret Camera" in content) == ("lamp.jpg", False)
    assert (answer["Content-Disposition"], answer["X-Content-Type-Options"], "sandbox" in answer["Content-Security-Policy"]) == (
        'attachment; filename="lamp.jpg"', "nosniff", True,
    )  # fmt: skip


@pytest.mark.parametrize(
    "content", [b"<svg onload=alert(1)>", b"MZ" + b"\0" * 300, b"GIF89a" + b"\0" * 20, b""]
)
def test_a_file_of_another_kind_is_refused_by_name(client: Client, content: bytes):
    answer = client.post("/complain", {**SAID, "files": SimpleUploadedFile("odd.jpg", content, "image/jpeg")})
    assert (
        answer.status_code,
        Ticket.objects.count(),
        "odd.jpg" in answer.content.decode() or not content,
    ) == (422, 0, True)


def test_a_complaint_of_an_account_opens_for_that_account_alone(client: Client):
    user = User.objects.create_user("eve@example.com", "secret")
    content = operations.Complaint(
        subject="Lamp", body="Broken.", market="DE", language="en", email="eve@example.com"
    )
    ticket = operations.open_complaint(complaint=content, now=NOW, user_id=user.pk)
    stranger = client.get(f"/complaints/{ticket.token}").status_code
    client.force_login(user)
    assert (stranger, client.get(f"/complaints/{ticket.token}").status_code) == (404, 200)


def test_what_agents_note_is_for_colleagues_only(client: Client):
    ticket = make_ticket()
    operations.say(ticket=ticket.public_id, kind="note", body="Looks like fraud.", now=NOW)
    assert "Looks like fraud." not in client.get(f"/complaints/{ticket.token}").content.decode()


def test_many_of_one_address_are_all_kept_and_the_late_ones_marked(client: Client):
    for _ in range(12):
        client.post("/complain", SAID)
    assert (Ticket.objects.count(), Ticket.objects.filter(tags__contains=["odd"]).count()) == (12, 2)


def test_one_click_and_one_press_say_how_it_was(client: Client):
    ticket = make_ticket()
    operations.take_step(ticket=ticket.public_id, action="close", actor="agent", now=NOW)
    outbox.relay()
    letter = next(one for one in mail.outbox if "How did we do" in one.subject)
    link = re.search(r"/complaints/rating/\S+\?score=4", letter.body).group()
    assert "checked" in client.get(link).content.decode()
    client.post(link, {"score": "4"})
    client.post(link, {"score": "1", "words": "It took long."})
    rating = Rating.objects.get()
    assert (rating.score, rating.words) == (4, "It took long.")
