"""People change their minds: a guest in Germany, an account in the United Kingdom, too late, exempt, in part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import Page

from marketplace.accounts.models import User
from returns.models import OwedRefund, Return, Withdrawal, WithdrawalLine
from tests.journeys.markets import arrived
from tests.returns.factories import DE, GB, make_merchant, make_variant

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def name_order(page: Page, group: Any, go_on: str) -> None:
    page.get_by_label("Bestellnummer").fill(group.orders.get().public_id)
    page.get_by_label("E-Mail-Adresse der Bestellung").fill(group.email)
    page.get_by_role("button", name=go_on).click()
    page.wait_for_url("**/withdraw/order/**")


OPTIONS = [
    pytest.param({}, id="desktop"),
    pytest.param({"java_script_enabled": False}, id="without JavaScript"),
    pytest.param({"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}, id="phone"),
]


@pytest.mark.parametrize("options", OPTIONS)
def test_a_guest_in_germany_withdraws_from_a_part(visit: Callable[..., Page], options: dict[str, Any]):
    page = visit("/", **options)
    group = arrived([(make_variant(make_merchant()), 3)])
    page.goto("/withdraw")

    name_order(page, group, "Weiter")
    page.get_by_label("Ding").select_option("2")
    page.get_by_role("button", name="Weiter").click()
    page.get_by_role("button", name="Widerruf bestätigen").click()
    page.wait_for_url("**/withdrawals/**")

    assert WithdrawalLine.objects.get().quantity == 2
    assert page.get_by_text("Rechtzeitig. Der Vertrag ist dafür beendet.").is_visible()
    assert Return.objects.get().paid_by == "consumer"


def test_the_footer_calls_it_by_the_words_of_the_law(visit: Callable[..., Page]):
    page = visit("/contact")

    page.get_by_role("contentinfo").get_by_role("link", name="Vertrag widerrufen").click()

    assert page.get_by_role("heading", level=1).inner_text() == "Vertrag widerrufen"


def sign_in_with(page: Page, *groups: Any) -> None:
    """Let these orders be of an account, and sign in to it on the way to the withdrawal."""
    user = User.objects.create_user("ann@example.com", "correct horse battery")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    for group in groups:
        group.user = user
        group.save(update_fields=["user"])
    page.goto("/auth/login/?next=/withdraw")
    page.locator("input[name=login]").fill("ann@example.com")
    page.locator("input[name=password]").fill("correct horse battery")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/withdraw")


def test_an_account_withdraws_in_part_too_late_and_from_what_is_exempt(visit: Callable[..., Page]):
    page = visit("/", market="GB", language="en")
    merchant = make_merchant()
    made = make_variant(merchant, category="tex.clothing", disclosures={"made_to_specification": True})
    wants = ((make_variant(merchant), 3, 2), (make_variant(merchant), 1, 40), (made, 1, 2))
    groups = [arrived([(thing, count)], days=days, place=GB) for thing, count, days in wants]
    sign_in_with(page, *groups)

    for group, pieces in zip(groups, ("2", "1", "1"), strict=True):
        page.goto("/withdraw")
        page.get_by_role("link", name=group.orders.get().public_id).click()
        page.locator("main select").first.select_option(pieces)
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Confirm cancellation").click()
        page.wait_for_url("**/withdrawals/**")

    judged = WithdrawalLine.objects.order_by("pk").values_list("quantity", "state", "ground")
    assert list(judged) == [
        (2, "effective", "in_time"),
        (1, "ineffective", "late"),
        (1, "ineffective", "exempt"),
    ]


def test_an_account_in_the_united_kingdom_withdraws_from_everything_and_sends_it_back(
    visit: Callable[..., Page], live_server: Any
):
    page = visit("/", market="GB", language="en")
    group = arrived([(make_variant(make_merchant()), 1)], place=GB)
    sign_in_with(page, group)
    page.get_by_role("link", name=group.orders.get().public_id).click()
    page.get_by_role("button", name="Choose everything").click()
    page.get_by_role("button", name="Confirm cancellation").click()
    page.get_by_role("link", name="Send it back", exact=True).click()
    page.get_by_role("button", name="Make the label").click()

    assert page.get_by_text("Your label is ready.").is_visible()
    assert Return.objects.get().state == "label_issued"
    owed, price = (
        OwedRefund.objects.exclude(state="void").get(),
        Return.objects.get().parcels.get().price_minor,
    )
    assert (price > 0, owed.amount_minor) == (True, group.total_minor - price)


def test_too_late_is_taken_told_why_and_disputed(visit: Callable[..., Page]):
    page = visit("/")
    group = arrived(days=40)
    page.goto(f"/withdraw/order/{group.token}")

    page.get_by_role("button", name="Alles wählen").click()
    page.get_by_role("button", name="Widerruf bestätigen").click()
    assert page.get_by_text("Es kam nach dem letzten Tag.").is_visible()
    page.get_by_text("Ich sehe das anders").click()
    page.get_by_label("Warum sehen Sie es anders?").fill("Ich war krank.")
    page.get_by_role("button", name="Widersprechen").click()
    page.wait_for_load_state()

    assert WithdrawalLine.objects.get().state == "disputed"


def test_what_is_made_to_order_is_exempt_and_a_seal_that_nobody_saw_broken_is_not(visit: Callable[..., Page]):
    page = visit("/")
    merchant = make_merchant()
    made = make_variant(merchant, category="tex.clothing", disclosures={"made_to_specification": True})
    sealed = make_variant(merchant, category="cos.skin_care", disclosures={"sealed_hygiene": True})
    group = arrived([(made, 1), (sealed, 1)], place=DE)
    page.goto(f"/withdraw/order/{group.token}")

    page.get_by_role("button", name="Alles wählen").click()
    page.get_by_role("button", name="Widerruf bestätigen").click()
    page.wait_for_url("**/withdrawals/**")

    judged = WithdrawalLine.objects.order_by("line__position").values_list("state", "ground")
    assert list(judged) == [("ineffective", "exempt"), ("effective", "in_time")]


def test_without_an_order_number_it_is_declared_all_the_same(visit: Callable[..., Page]):
    page = visit("/withdraw/without-order")

    page.get_by_label("Ihr Name").fill("Ada")
    page.get_by_label("E-Mail-Adresse für die Eingangsbestätigung").fill("ada@example.com")
    page.get_by_label("Welchen Vertrag widerrufen Sie?").fill("Die rote Lampe.")
    page.get_by_role("button", name="Weiter").click()
    page.get_by_role("button", name="Widerruf bestätigen").click()
    page.wait_for_url("**/withdrawals/**")

    assert Withdrawal.objects.get().content["as_written"] == "Die rote Lampe."
