"""Papers: every language's letters are there, the same content gives the same bytes, sums are shown."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from orders import operations
from orders.documents import contract_pdf, invoice_pdf
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
