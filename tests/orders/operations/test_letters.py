"""Letters: sent through a real mail server, once, in the shopper's language, with the papers attached."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from socket import socket
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client
from pypdf import PdfReader

from catalog.models import Listing
from marketplace.kernel import outbox
from marketplace.kernel.models import Delivery
from orders import operations
from orders.models import ContractSnapshot, Invoice, OrderGroup, SentMail
from orders.operations import Packed, after_sales, letters, withheld
from tests.orders.factories import NOW, US_CA, load_rates, make_checkout, make_merchant, make_variant, pay

pytestmark = pytest.mark.django_db(transaction=True)
OAKLAND = {
    "name": "Ada",
    "street": "1 Oak St",
    "postcode": "94607",
    "city": "Oakland",
    "region": "CA",
    "country": "US",
}


class Mailbox:
    """What a mail server took; it can be made to refuse."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuses = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        if self.refuses:
            return "451 try again later"
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 taken"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """Run a mail server on the loopback and let the site send through it."""
    box = Mailbox()
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield box
    server.stop()


def bought(**fields: Any) -> OrderGroup:
    load_rates()
    merchant = make_merchant("FR", vat_id="FR40303265045")
    group = pay(make_checkout([(make_variant(merchant, **fields), 2)])).group
    assert group is not None
    return group


def words_of(letter: EmailMessage) -> tuple[str, str]:
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()


def papers_of(letter: EmailMessage) -> dict[str, str]:
    """Return the text of every attached PDF by name."""
    found = {}
    for part in letter.iter_attachments():
        reader = PdfReader(BytesIO(part.get_content()))
        found[part.get_filename() or ""] = "\n".join(page.extract_text() for page in reader.pages)
    return found


def test_the_confirmation_leaves_once_with_the_contract(mailbox: Mailbox) -> None:
    group = bought()
    outbox.relay()
    order = group.orders.get()
    (letter,) = mailbox.letters
    plain, html = words_of(letter)
    papers = papers_of(letter)
    assert (letter["To"], letter["Content-Language"]) == ("ada@example.com", "de")
    assert order.public_id in letter["Subject"]
    for text in (plain, html):
        assert "28,70\xa0€" in text
        assert group.token in text
    assert list(papers) == [f"{order.public_id}.pdf"]
    assert "Muster-Widerrufsformular" in papers[f"{order.public_id}.pdf"]
    assert ContractSnapshot.objects.get().pdf.name.endswith(f"{order.public_id}.pdf")


def test_the_contract_and_its_letter_name_who_answers_at_home_and_keep_it(
    mailbox: Mailbox, client: Client
) -> None:
    berlin = {"market": "DE", "role": "importer", "name": "Anna Tief", "address": "Kai 2, Berlin"}
    berne = {"market": "CH", "role": "importer", "name": "Alpenhof AG", "address": "Gasse 1, Bern"}
    group = bought(local_contacts=[berne, berlin])
    order = group.orders.get()
    Listing.objects.update(local_contacts=[])
    outbox.relay()
    (letter,) = mailbox.letters
    page = client.get(f"/orders/{group.token}", headers={"accept-language": "de"}).content.decode()
    paper = " ".join(papers_of(letter)[f"{order.public_id}.pdf"].split())
    for text in (*words_of(letter), paper, page):
        assert "Importeur (Deutschland)" in text
        assert "Anna Tief, Kai 2, Berlin" in text
        assert "Alpenhof AG" not in text
    assert order.snapshot.content["lines"][0]["promised"]["local_contacts"] == [berlin]


def test_the_same_news_twice_is_one_letter(mailbox: Mailbox) -> None:
    group = bought()
    outbox.relay()
    assert letters.send_confirmation(group_id=group.public_id, now=NOW) is False
    Delivery.objects.update(state="waiting")
    outbox.relay()
    assert (len(mailbox.letters), SentMail.objects.count()) == (1, 1)


def test_a_mail_server_that_refuses_gets_the_same_letter_later(mailbox: Mailbox) -> None:
    group = bought()
    mailbox.refuses = True
    outbox.relay()
    assert (len(mailbox.letters), SentMail.objects.count()) == (0, 0)
    mailbox.refuses = False
    assert letters.send_confirmation(group_id=group.public_id, now=NOW) is True
    first = mailbox.letters[0]["Message-ID"]
    assert first == SentMail.objects.get().message_id
    assert first == letters._message_id(f"order-confirmation:{group.public_id}")


def test_several_sellers_are_several_contracts_in_one_letter(mailbox: Mailbox) -> None:
    load_rates()
    wants = [(make_variant(make_merchant("FR")), 1), (make_variant(make_merchant("CN", "CNY")), 1)]
    group = pay(make_checkout(wants)).group
    assert group is not None
    outbox.relay()
    (letter,) = mailbox.letters
    assert sorted(papers_of(letter)) == sorted(f"{order.public_id}.pdf" for order in group.orders.all())


def test_where_the_law_has_no_model_form_the_contract_has_none(mailbox: Mailbox) -> None:
    load_rates()
    checkout = make_checkout([(make_variant(make_merchant("FR")), 1)], place=US_CA, address=OAKLAND)
    group = pay(checkout).group
    outbox.relay()
    (letter,) = mailbox.letters
    (paper,) = papers_of(letter).values()
    assert letter["Content-Language"] == "en"
    assert "Model withdrawal form" not in paper
    assert group is not None
    assert group.market == "US-CA"


def test_the_parcels_letter_brings_number_and_invoice(mailbox: Mailbox) -> None:
    order = bought().orders.get()
    operations.ship_parcel(
        order_id=order.pk, packed=[Packed(order.lines.get().public_id, 2)], carrier="ups",
        tracking_number="1Z5R89390357567127", recorded_by="test", now=NOW,
    )  # fmt: skip
    outbox.relay()
    letter = mailbox.letters[-1]
    plain, html = words_of(letter)
    papers = papers_of(letter)
    for text in (plain, html):
        assert "1Z5R89390357567127" in text
    assert list(papers) == ["2026-000001.pdf"]
    assert "FR40303265045" in papers["2026-000001.pdf"]
    assert Invoice.objects.get().pdf.name


def test_a_cancelled_order_is_told_with_the_sum_that_goes_back(mailbox: Mailbox) -> None:
    order = bought().orders.get()
    operations.cancel_order(order_id=order.pk, because="sold_out", now=NOW)
    outbox.relay()
    plain, _ = words_of(mailbox.letters[-1])
    assert "28,70\xa0€" in plain
    assert f"{order.merchant.name} sagt: Das ist ausverkauft." in plain


def test_an_order_that_ends_without_a_refund_of_its_own_does_not_say_that_nothing_was_paid(
    mailbox: Mailbox,
) -> None:
    """Piece by piece withdrawn from: what goes back is told with each withdrawal."""
    order = bought().orders.get()
    after_sales.register_withheld("test", lambda _orders: {order.lines.get().public_id: 2})
    try:
        after_sales.end_if_nothing_left(order_id=order.pk, because="W-1", now=NOW)
    finally:
        withheld._ASKED.pop("test")
    outbox.relay()
    plain, _ = words_of(mailbox.letters[-1])
    assert "Es wurde kein Geld eingezogen." not in plain
    assert "storniert" in plain
