"""What cannot be sent back by law: never without the proof, and never without a way to dispute it. Germany, United Kingdom, China."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page

from catalog.models import Variant
from marketplace.kernel import clock, outbox
from orders.models import Order, OrderLine
from returns import operations
from returns.models import OwedRefund, Return, ReturnUnit, ValueLoss
from tests.journeys.looking import look
from tests.journeys.markets import (
    MARKETS,
    PHONE,
    WIDE,
    arrived,
    live_in,
    place_in,
    seller_everywhere,
    sold_everywhere,
)  # fmt: skip
from tests.journeys.test_returns_by_keyboard import clerk
from tests.journeys.test_withdraws_everywhere import declare, judged
from tests.orders.factories import make_checkout

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
DOWNLOAD = ("dig.software_ebook", {"digital_content": True})
CREAM = ("cos.skin_care", {"sealed_hygiene": True})
FLOWERS = ("food.confectionery", {"perishable": True})
TWO = ["express_consent", "acknowledged_loss"]
NO_RETURN = "this cannot be sent back because you changed your mind"


def go_to_checkout(page: Page, market: str, thing: Variant) -> None:
    checkout = make_checkout(
        [(thing, 1)], place=place_in(market), address=MARKETS[market][2], now=clock.now()
    )  # fmt: skip
    page.goto(f"/checkout/{checkout.token}")


@pytest.mark.parametrize(
    ("market", "what", "kinds", "options"),
    [
        pytest.param("DE", DOWNLOAD, TWO, WIDE, id="DE, a download"),
        pytest.param("GB", DOWNLOAD, TWO, PHONE, id="GB, a download"),
        pytest.param(
            "CN", CREAM, ["exclusion"], {**WIDE, "color_scheme": "dark"}, id="CN, sealed for hygiene"
        ),
    ],
)
def test_a_right_ends_only_with_the_consent_that_is_recorded(
    visit: Callable[..., Page],
    axe: Any,
    monkeypatch: pytest.MonkeyPatch,
    market: str,
    what: tuple[str, dict[str, bool]],
    kinds: list[str],
    options: dict[str, Any],
):
    page = visit("/contact", market=market, language="en", **options)
    live_in(market, monkeypatch)
    category, disclosures = what
    thing = sold_everywhere(seller_everywhere(), category=category, disclosures=disclosures)
    go_to_checkout(page, market, thing)
    boxes = [page.locator(f"input[name='consent-{thing.public_id}-{kind}']") for kind in kinds]
    assert [box.is_checked() for box in boxes] == [False] * len(kinds)  # nobody ticks for the shopper
    found = look(page, axe, f"exempt-{market}-1-checkout")
    assert page.locator("button[name=action][value=pay]").count() == 0  # without the proof nothing is sold
    for box in boxes:
        box.check()
    page.get_by_label("Which test card").select_option("card_ok")
    page.get_by_role("button", name="Show the whole price").click()
    page.locator("button[name=action][value=pay]").click()
    page.wait_for_url("**/orders/**")
    outbox.relay()
    line, order = OrderLine.objects.get(), Order.objects.get()
    assert sorted(line.consent) == sorted(kinds)
    assert all(one["text"] and one["given_at"] and one["language"] == "en" for one in line.consent.values())

    page.goto(f"/withdraw/order/{order.group.token}")
    declare(page)
    found += look(page, axe, f"exempt-{market}-2-withdrawn")
    page.get_by_text("I see it differently").click()
    page.get_by_label("Why do you see it differently?").fill("It never began.")
    page.get_by_role("button", name="Dispute this").click()
    page.get_by_text("It never began.").wait_for()
    assert list(judged()) == [(1, 0, "disputed", "exempt")]
    assert (OwedRefund.objects.count(), found) == (0, [])


@pytest.mark.parametrize("market", ["DE", "GB", "CN"])
def test_what_goes_off_is_exempt_and_what_is_sealed_is_not_without_proof(
    visit: Callable[..., Page], monkeypatch: pytest.MonkeyPatch, market: str
):
    page = visit("/contact", market=market, language="en", java_script_enabled=False, **PHONE)
    place, seller = live_in(market, monkeypatch), seller_everywhere()
    flowers = sold_everywhere(seller, category=FLOWERS[0], disclosures=FLOWERS[1])
    sealed = sold_everywhere(seller, category="dig.software_ebook", disclosures={"sealed_media": True})
    group = arrived([(flowers, 1), (sealed, 1)], place=place)
    page.goto(f"/withdraw/order/{group.token}")
    declare(page)

    assert list(judged()) == [(1, 0, "ineffective", "exempt"), (1, 1, "effective", "in_time")]
    assert page.get_by_text("I see it differently").count() == 1


@pytest.mark.parametrize(
    ("market", "agree", "options"),
    [
        pytest.param("GB", True, PHONE, id="GB, agreed"),
        pytest.param(
            "DE", False, {**WIDE, "color_scheme": "dark"}, id="DE, decided by a third, disputed again"
        ),
    ],
)
def test_a_seal_that_came_back_broken_is_recorded_answered_and_ends_the_right(
    visit: Callable[..., Page],
    axe: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
    market: str,
    agree: bool,
    options: dict[str, Any],
):
    page = visit("/contact", market=market, language="en", **options)
    place, seller = live_in(market, monkeypatch), seller_everywhere()
    cream = sold_everywhere(seller, category=CREAM[0], disclosures=CREAM[1])
    group = arrived([(cream, 1)], place=place)
    page.goto(f"/withdraw/order/{group.token}")
    declare(page)
    withdrawal = page.url
    assert list(judged()) == [(1, 1, "effective", "in_time")]  # nobody saw the seal broken

    ret = Return.objects.get()
    desk = clerk(visit, seller, **WIDE)
    desk.goto(f"/admin/returns/inbox/{ret.public_id}")
    desk.get_by_label(f"Right: {ret.lines.get().line.title}").fill("1")
    desk.get_by_role("button", name="Count", exact=True).click()
    desk.get_by_text("Its seal is broken", exact=True).click()
    found = look(desk, axe, f"seal-{market}-1-desk", widths=(1280, 390))
    desk.get_by_label("What the seal looks like").fill("The foil is torn.")
    picture = tmp_path / "seal.jpg"
    Image.new("RGB", (40, 40), "brown").save(picture)
    form = desk.locator("form", has=desk.get_by_label("What the seal looks like"))
    form.locator("input[type=file]").set_input_files(picture)
    form.get_by_role("button", name="Ask the shopper").click()
    desk.get_by_text("The shopper is asked.").wait_for()
    assert [one.state for one in OwedRefund.objects.exclude(state="void")] == ["held"]

    page.goto(f"/orders/{group.token}")
    found += look(page, axe, f"seal-{market}-2-order")
    page.goto(f"/returns/{ret.token}")
    page.get_by_text("Once opened, this cannot come back").wait_for()
    found += look(page, axe, f"seal-{market}-3-asked")
    page.get_by_label("I agree" if agree else "I do not agree", exact=True).check()
    page.get_by_role("button", name="Send the answer").click()
    page.get_by_text("Your answer is recorded.").wait_for()
    if not agree:
        operations.decide_loss(
            loss_id=ValueLoss.objects.get().pk, stands=True, decision="The picture shows it.", by="officer",
            now=clock.now(),
        )  # fmt: skip
    page.goto(withdrawal)
    page.get_by_text("Once opened, this cannot come back").wait_for()
    page.get_by_text("I see it differently").wait_for()
    found += look(page, axe, f"seal-{market}-4-ended")
    assert list(judged()) == [(1, 0, "ineffective", "exempt")]
    assert OwedRefund.objects.exclude(state="void").count() == 0
    desk.goto(f"/admin/returns/inbox/{ret.public_id}")
    desk.get_by_role("button", name="Sent back to the shopper").click()
    desk.get_by_text("Recorded.").wait_for()
    page.goto(f"/returns/{ret.token}")
    page.get_by_text("What came with a broken seal stays yours.").wait_for()
    found += look(page, axe, f"seal-{market}-5-back")
    assert ReturnUnit.objects.get().reception == "sent_back"
    assert found == []
