"""The checkout asks for the consents that a line needs by law, keeps them as evidence, and asks nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.models import Variant
from marketplace.kernel import clock
from orders.domain.consents import WORDINGS
from orders.models import Checkout, OrderLine
from tests.orders import factories as make
from tests.orders.factories import load_rates, make_checkout, make_merchant, make_variant

pytestmark = pytest.mark.django_db(transaction=True)
SHANGHAI = {
    "name": "Li", "street": "南京路1号", "city": "上海", "region": "Shanghai", "country": "CN", "postcode": "200000",
}  # fmt: skip


@pytest.fixture(autouse=True)
def rates(transactional_db: None) -> None:
    load_rates()


@pytest.fixture
def cream() -> Variant:
    return make_variant(make_merchant(), category="cos.skin_care", disclosures={"sealed_hygiene": True})


def send(client: Client, checkout: Checkout, action: str, **more: str) -> Any:
    checkout.refresh_from_db()
    data = {
        "email": "ada@example.com", **checkout.address, "method": "offline", "card": "card_ok", "action": action,
        "quote": checkout.quote_digest, **more,
    }  # fmt: skip
    return client.post(f"/checkout/{checkout.token}", data)


def boxes(answer: Any) -> list[tuple[str, bool]]:
    """Return the boxes of a page, and whether each is ticked."""
    return [(field.name, bool(field.value())) for field in answer.context["form"].consent_fields]


def rights(answer: Any) -> list[tuple[str, str]]:
    return [(line["key"], line["state"]) for line in answer.context["page"]["rights"]["lines"]][:1]


def open_page(client: Client, checkout: Checkout) -> Any:
    client.cookies["language"] = "en"
    return client.get(f"/checkout/{checkout.token}")


@pytest.mark.parametrize(
    ("category", "disclosures", "told"),
    [
        ("tex.clothing", {}, ("withdrawal", "yes")),
        ("tex.clothing", {"made_to_specification": True}, ("exemption", "no")),
        ("cos.skin_care", {"sealed_hygiene": True}, ("withdrawal", "yes")),
        ("food.confectionery", {"perishable": True}, ("exemption", "no")),
    ],
)
def test_nobody_in_the_union_ticks_a_box_for_goods_and_the_card_says_what_holds(
    client: Client, category: str, disclosures: dict[str, bool], told: tuple[str, str]
):
    thing = make_variant(make_merchant(), category=category, disclosures=disclosures)
    page = open_page(client, make_checkout([(thing, 1)], now=clock.now()))
    assert (boxes(page), rights(page)) == ([], [told])
    assert b'value="pay"' in page.content


def test_a_line_with_another_right_is_named(client: Client):
    merchant = make_merchant()
    plain = make_variant(merchant, category="tex.clothing")
    fitted = make_variant(merchant, category="tex.clothing", disclosures={"made_to_specification": True})
    page = open_page(client, make_checkout([(plain, 1), (fitted, 1)], now=clock.now()))
    said = {line["key"]: line["label"] for line in page.context["page"]["rights"]["lines"]}
    title = fitted.listing.texts.get(language="de").title
    assert said["exemption"] == f"No change of mind: {title}"


def test_a_box_is_never_ticked_beforehand_and_without_it_nothing_is_bought(client: Client, cream: Variant):
    checkout = make_checkout([(cream, 1)], address=SHANGHAI, now=clock.now())
    name = f"consent-{cream.public_id}-exclusion"
    page = open_page(client, checkout)
    assert (boxes(page), b'value="pay"' in page.content) == ([(name, False)], False)
    assert "Tick what stands" in page.content.decode()

    pressed = send(client, checkout, "pay")
    assert (pressed.status_code, list(pressed.context["form"].errors)) == (422, [name])
    checkout.refresh_from_db()
    assert (checkout.state, checkout.consents) == ("open", {})


def test_a_tick_is_kept_with_its_words_and_taken_back_with_them(client: Client, cream: Variant):
    checkout = make_checkout([(cream, 1)], address=SHANGHAI, now=clock.now())
    name = f"consent-{cream.public_id}-exclusion"
    open_page(client, checkout)
    send(client, checkout, "quote", **{name: "on"})
    assert boxes(open_page(client, checkout)) == [(name, True)]
    send(client, checkout, "quote")
    checkout.refresh_from_db()
    assert (boxes(open_page(client, checkout)), checkout.consents) == ([(name, False)], {})


def test_the_order_holds_the_evidence_and_the_right_it_ends(client: Client, cream: Variant):
    checkout = make_checkout([(cream, 1)], address=SHANGHAI, now=clock.now())
    name = f"consent-{cream.public_id}-exclusion"
    open_page(client, checkout)
    send(client, checkout, "quote", **{name: "on"})
    checkout.refresh_from_db()
    given_at = checkout.consents[cream.public_id]["exclusion"]["given_at"]
    send(client, checkout, "pay", **{name: "on"})

    line = OrderLine.objects.get(order__group__checkout=checkout)
    title = cream.listing.texts.get(language="de").title
    assert line.consent == {
        "exclusion": {
            "text": WORDINGS["exclusion"].sentence % {"title": title}, "version": "2026-11-24", "language": "en",
            "ground": "cn.withdrawal.exception.sealed_hygiene", "given_at": given_at,
        }
    }  # fmt: skip
    assert (line.rights["exclusion_confirmed_per_line"], line.rights["card"][0]["key"]) == (True, "exemption")
    frozen = line.order.snapshot.content
    assert (frozen["lines"][0]["consent"], frozen["final_screen"]["returns"]) == (line.consent, {"1": None})

    page = client.get(f"/orders/{checkout.group.token}").context["page"]
    [told] = [one for one in page["orders"][0]["rights"]["lines"] if one["key"] == "withdrawal"]
    assert (told["label"], told["state"]) == ("No change of mind", "no")
    assert "Once opened, this cannot come back" in told["sentence"]


def test_a_download_needs_two_boxes_in_the_union(client: Client):
    download = make_variant(
        make_merchant(), category="dig.software_ebook", disclosures={"digital_content": True}
    )
    checkout = make_checkout([(download, 1)], now=clock.now())
    names = [f"consent-{download.public_id}-{kind}" for kind in ("express_consent", "acknowledged_loss")]
    assert boxes(open_page(client, checkout)) == [(name, False) for name in names]
    half = send(client, checkout, "pay", **{names[0]: "on"})
    assert list(half.context["form"].errors) == [names[1]]
    send(client, checkout, "pay", **dict.fromkeys(names, "on"))
    line = OrderLine.objects.get(order__group__checkout=checkout)
    assert (sorted(line.consent), line.rights["card"][0]["key"]) == (
        ["acknowledged_loss", "express_consent"],
        "exemption",
    )


def test_another_address_asks_for_nothing_and_forgets_what_was_ticked(client: Client, cream: Variant):
    checkout = make_checkout([(cream, 1)], address=SHANGHAI, now=clock.now())
    name = f"consent-{cream.public_id}-exclusion"
    open_page(client, checkout)
    send(client, checkout, "quote", **{name: "on"})
    home = send(client, checkout, "quote", **make.ADDRESS, region="", **{name: "on"})
    checkout.refresh_from_db()
    assert (home.status_code, checkout.market, checkout.consents) == (302, "DE", {})
    assert boxes(open_page(client, checkout)) == []


def test_the_last_page_shows_the_six_items_of_japan(client: Client):
    tea = make_variant(make_merchant(voluntary_days=30), category="food.coffee_tea")
    tokyo = {
        "name": "Aoi", "street": "1-1 Chiyoda", "postcode": "100-0001", "city": "Tokyo", "region": "Tokyo",
        "country": "JP",
    }  # fmt: skip
    checkout = make_checkout([(tea, 2)], address=tokyo, now=clock.now())
    page = open_page(client, checkout)
    shown, text = page.context["page"], page.content.decode()
    title = tea.listing.texts.get(language="de").title
    assert f"2 × {title}" in text  # how many
    assert shown["sums"][-1]["amount"] in text  # the price
    assert (
        "You are charged when you press the button" in text
    )  # when it is paid; the means are chosen beside it
    assert "Arrives by" in text  # when it comes
    assert "We hold these things for you until" in text  # how long the offer stands
    assert "within 30 days of delivery because you changed your mind" in text  # how to send it back
    send(client, checkout, "pay")
    frozen = OrderLine.objects.get(order__group__checkout=checkout).order.snapshot.content["final_screen"]
    assert sorted(frozen) == ["delivered_by", "held_until", "payment", "quantities", "returns", "total_minor"]
    assert (frozen["quantities"], frozen["returns"]) == ({"1": 2}, {"1": 30})


@pytest.mark.parametrize(("address", "asked"), [(make.ADDRESS, 1), (SHANGHAI, 0)])
def test_a_service_is_asked_to_begin_only_where_its_used_part_would_be_owed(
    client: Client, address: dict[str, str], asked: int
):
    course = make_variant(make_merchant(), category="dig.software_ebook", disclosures={"service_days": 30})
    checkout = make_checkout([(course, 1)], address=address, now=clock.now())
    page = open_page(client, checkout)
    names = [name for name, _ in boxes(page)]
    assert (len(names), [ticked for _, ticked in boxes(page)]) == (asked, [False] * asked)
    assert all("service_request" in name for name in names)
