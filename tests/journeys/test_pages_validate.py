"""What leaves the house is valid: the HTML part of every letter, and instants that machines can read."""

from __future__ import annotations

import re
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import html5lib
import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from marketplace.kernel import outbox
from orders import operations
from orders.models import OrderGroup
from orders.operations import Packed
from tests.design.conftest import gallery_html
from tests.house.test_html import wrong_with
from tests.orders.factories import NOW, load_rates, make_checkout, make_merchant, make_variant, pay

LETTERS_OF_THE_LAW = {
    "law_notice": {
        "letter": SimpleNamespace(
            rule="A new duty <for> toys", sources=("Regulation (EU) 2025/2509, Art. 1",), since=date(2027, 1, 1), listings=2,
            markets="DE, FR", url="https://shop.example/admin/", is_reminder=True,
        ),
    },
    "measures": {
        "items": [
            {
                "title": "Plush <panda>", "url": "https://shop.example/admin/", "measure": SimpleNamespace(taken_in=["FR"]),
                "reasons": [{"what": "It lacks a warning.", "fix": "Add it.", "cites": [{"act": "An act", "at": "Art. 1"}]}],
            }
        ],
    },
    "appeal_decided": {
        "appeal": SimpleNamespace(decision="We looked again.\nIt stands.", public_id="A-1"), "is_right": False,
        "url": "https://shop.example/admin/",
    },
}  # fmt: skip
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?")


def bought() -> OrderGroup:
    load_rates()
    group = pay(make_checkout([(make_variant(make_merchant("FR")), 2)])).group
    assert group is not None
    return group


def letters() -> dict[str, str]:
    """Return the HTML part of every letter that left, by its subject."""
    parts = {str(letter.subject): letter.alternatives for letter in mail.outbox}
    return {
        subject: content for subject, found in parts.items() for content, kind in found if kind == "text/html"
    }


def unreadable_times(html: str) -> list[str]:
    root = html5lib.parse(html, namespaceHTMLElements=False)
    return [
        node.get("datetime", "none")
        for node in root.iter("time")
        if not INSTANT.fullmatch(node.get("datetime", "none"))
    ]


@pytest.mark.django_db(transaction=True)
def test_letters_to_shoppers():
    order = bought().orders.get()
    packed = [Packed(order.lines.get().public_id, 2)]
    parcel = operations.ship_parcel(
        order_id=order.pk, packed=packed, carrier="ups", tracking_number="1Z5R89390357567127", recorded_by="test", now=NOW,
    )  # fmt: skip
    operations.record_delivery(
        parcel_id=parcel.pk, delivered_at=NOW, received_by="consumer", recorded_by="test", now=NOW
    )
    operations.cancel_order(order_id=bought().orders.get().pk, because="sold out", now=NOW)
    outbox.relay()
    found = {subject: wrong_with(html) for subject, html in letters().items()}

    assert (len(found) >= 4, {subject: wrong for subject, wrong in found.items() if wrong}) == (True, {})


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", LETTERS_OF_THE_LAW)
def test_letters_to_merchants(name: str, language: str):
    context: dict[str, Any] = {"title": "A <subject>", "site_url": "https://shop.example"}
    with translation.override(language):
        html = render_to_string(f"email/catalog/{name}.html", context | LETTERS_OF_THE_LAW[name])

    assert wrong_with(html) == []


@pytest.mark.django_db(transaction=True)
def test_instants_on_an_order(client: Client):
    group = bought()
    html = client.get(f"/orders/{group.token}").text

    assert ("<time" in html, unreadable_times(html)) == (True, [])


def test_instants_of_every_component():
    assert unreadable_times(gallery_html()) == []


def test_a_time_that_no_machine_reads_is_found():
    now = datetime(2026, 11, 24, 10, 0, 0, 123456)
    assert unreadable_times(f'<time>soon</time><time datetime="{now.isoformat()}">x</time>') == [
        "none",
        now.isoformat(),
    ]
