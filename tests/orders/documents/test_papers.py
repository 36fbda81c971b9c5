"""Papers: every language's letters are there, the same content gives the same bytes, sums are shown."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.utils import translation
from pypdf import PdfReader

from orders import operations
from orders.documents import contract_pdf, invoice_pdf
from orders.documents.answering import answering_by_title
from orders.models import Order
from tests.orders.factories import NOW, load_rates, make_checkout, make_merchant, make_variant, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(db: None) -> Order:
    load_rates()
    merchant = make_merchant("PL", "EUR", legal_name="Żółta Łódź Sp. z o.o.", city="Kraków")
    variant = make_variant(merchant, disclosures={"net_quantity": {"value": "250", "unit": "g"}})
    group = pay(make_checkout([(variant, 2)])).group
    assert group is not None
    return group.orders.get()


def text_of(pdf: bytes) -> str:
    """Return the words of a PDF; the reader leaves a zero byte before each glyph of the Chinese font."""
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    return text.replace("\x00", "").replace("\xa0", " ")


def content_of(order: Order, **changes: Any) -> dict[str, Any]:
    content = order.snapshot.content
    content["lines"][0] |= changes
    return content


def test_the_contract_says_who_what_and_how_much(order: Order) -> None:
    text = text_of(contract_pdf(content_of(order), order.snapshot.digest))
    for said in (
        "Żółta Łódź Sp. z o.o.",
        "Kraków",
        "Ada Kowalski",
        "Lindenstraße 1",
        "250 g",
        order.public_id,
    ):
        assert said in text
    assert order.snapshot.digest in text.replace("\n", "")


@pytest.mark.parametrize("title", ["高山绿茶", "ελληνικό μέλι", "мёд", "Čaj ğışöü", "みどり"])
def test_words_of_many_scripts_are_drawn(order: Order, title: str) -> None:
    assert title in text_of(contract_pdf(content_of(order, title=title), "0" * 64))


def test_the_same_contract_is_the_same_bytes(order: Order) -> None:
    first, second = (contract_pdf(content_of(order), order.snapshot.digest) for _ in range(2))
    assert first == second


def test_text_of_any_length_flows_over_pages(order: Order) -> None:
    content = content_of(order)
    content["lines"][0]["promised"]["description"] = "Lang genug. " * 900
    reader = PdfReader(BytesIO(contract_pdf(content, "0" * 64)))
    assert len(reader.pages) > 4


def test_what_the_border_will_ask_for_is_said(order: Order) -> None:
    content = content_of(order)
    content["totals"]["border_minor"] = 1234
    assert "12,34" in text_of(contract_pdf(content, "0" * 64))


def test_the_invoice_shows_tax_by_rate(order: Order) -> None:
    invoice = operations.issue_invoice(order=order, now=NOW)
    text = text_of(invoice_pdf(invoice.content, number="2026-000001", issued_at=NOW))
    for said in ("2026-000001", "19 %", "Żółta Łódź Sp. z o.o.", "28,12 €"):
        assert said in text


LONDON = {"market": "GB", "role": "importer", "name": "Tidewater Ltd", "address": "1 Quay, Hull"}
BERNE = {"market": "CH", "role": "importer", "name": "Alpenhof AG", "address": "Gasse 1, Bern"}
BERLIN = {"market": "DE", "role": "responsible_person", "name": "Anna Tief", "address": "Kai 2, Berlin"}


def test_the_contract_names_who_answers_in_the_buyers_market(order: Order) -> None:
    content = content_of(order)
    content["lines"][0]["promised"] |= {
        "manufacturer": {"name": "Pottery Ltd", "address": "3 Hill, Stoke", "country": "GB"},
        "local_contacts": [LONDON],
    }
    text = " ".join(text_of(contract_pdf(content, "0" * 64)).split())
    assert "Importeur (Vereinigtes Königreich)" in text
    assert "Tidewater Ltd, 1 Quay, Hull" in text
    assert "Pottery Ltd, 3 Hill, Stoke, GB" in text


def test_contracts_made_before_local_contacts_were_kept_are_still_drawn(order: Order) -> None:
    content = content_of(order)
    del content["lines"][0]["promised"]["local_contacts"]
    assert "250 g" in text_of(contract_pdf(content, "0" * 64))


def test_the_same_people_are_named_once_and_others_under_their_titles() -> None:
    with translation.override("en"):
        one = answering_by_title(
            [("Cup", {"local_contacts": [BERLIN]}), ("Jug", {"local_contacts": [BERLIN]})]
        )
        two = answering_by_title([("Cup", {"local_contacts": [BERLIN]}), ("Jug", {})])
    rows = [{"label": "Responsible person (Germany)", "value": "Anna Tief, Kai 2, Berlin"}]
    assert one == [{"title": "Who answers for it", "rows": rows}]
    assert two == [{"title": "Who answers for it: Cup", "rows": rows}]
