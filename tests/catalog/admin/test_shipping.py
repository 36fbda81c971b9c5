"""A merchant's shipping rates: several markets at once, changed, taken away and put back."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from catalog.domain.drafts import RateDraft
from catalog.models import ShippingRate
from catalog.operations import save_shipping_rates
from marketplace.accounts.models import Merchant
from tests.catalog.admin.conftest import NOW

RATE = {"service": "standard", "price": "4.90", "min_days": "2", "max_days": "5"}


def url(name: str, *args: object) -> str:
    return reverse(f"admin:catalog_shippingrate_{name}", args=args)


def rates(merchant: Merchant) -> list[tuple[str, int]]:
    rows = ShippingRate.objects.filter(merchant=merchant).order_by("market", "service")
    return list(rows.values_list("market", "price_minor"))


@pytest.fixture
def german(merchant: Merchant) -> ShippingRate:
    save_shipping_rates(merchant_id=merchant.pk, rates=[RateDraft("DE", 390, "EUR", 1, 3)], now=NOW)
    return ShippingRate.objects.get(merchant=merchant)


def test_a_rate_for_a_union_is_a_rate_for_each_of_its_markets(client: Client, merchant: Merchant) -> None:
    client.post(url("add"), RATE | {"merchant": merchant.pk, "markets": ["EU", "GB"]})
    assert len(rates(merchant)) == 28
    client.post(url("undo"))
    assert rates(merchant) == []


def test_a_new_rate_takes_the_place_of_the_old_and_gives_it_back(
    client: Client, merchant: Merchant, german: ShippingRate
) -> None:
    client.post(url("add"), RATE | {"merchant": merchant.pk, "markets": ["DE", "FR"]})
    assert rates(merchant) == [("DE", 490), ("FR", 490)]
    client.post(url("undo"))
    assert rates(merchant) == [("DE", 390)]


def test_the_list_names_the_markets_without_a_rate(client: Client, german: ShippingRate) -> None:
    [missing] = client.get(url("changelist")).context["missing"]
    assert "Germany" not in missing["markets"]
    assert "France" in missing["markets"]


@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("price", {"price": "-1"}),
        ("max_days", {"min_days": "9"}),
        ("markets", {"markets": ["XX"]}),
        ("price", {"price": "1e30"}),
    ],
)
def test_what_cannot_be_stands_at_its_field(
    client: Client, merchant: Merchant, field: str, data: dict
) -> None:
    page = client.post(url("add"), RATE | {"merchant": merchant.pk, "markets": ["DE"]} | data)
    assert (field in page.context["form"].errors, rates(merchant)) == (True, [])


def test_one_is_changed(client: Client, merchant: Merchant, german: ShippingRate) -> None:
    page = client.get(url("change", german.pk))
    assert str(page.context["form"]["price"].value()) == "3.90"
    client.post(url("change", german.pk), RATE | {"price": "5.50", "free_from": "60"})
    german = ShippingRate.objects.get(merchant=merchant)
    assert (german.price_minor, german.free_from_minor, german.market) == (550, 6000, "DE")


def test_many_are_changed_taken_away_and_put_back(client: Client, merchant: Merchant) -> None:
    client.post(url("add"), RATE | {"merchant": merchant.pk, "markets": ["DE", "FR"]})
    ids = list(ShippingRate.objects.values_list("pk", flat=True))
    chosen = {"_selected_action": ids}
    assert client.post(url("changelist"), chosen | {"action": "change_rates"}).status_code == 200
    client.post(url("changelist"), chosen | {"action": "change_rates", "go": "apply"} | RATE | {"price": "7"})
    assert rates(merchant) == [("DE", 700), ("FR", 700)]
    ids = list(ShippingRate.objects.values_list("pk", flat=True))
    client.post(url("changelist"), {"_selected_action": ids, "action": "take_away"})
    assert rates(merchant) == []
    client.post(url("undo"))
    assert rates(merchant) == [("DE", 700), ("FR", 700)]


def test_others_rates_do_not_exist(stranger: Client, merchant: Merchant, german: ShippingRate) -> None:
    assert stranger.get(url("change", german.pk)).status_code == 404
    assert stranger.post(url("change", german.pk), RATE).status_code == 404
    assert "Germany" not in stranger.get(url("changelist")).content.decode().split("sends nothing to")[0]
    for action in ("take_away", "change_rates"):
        stranger.post(
            url("changelist"), RATE | {"_selected_action": [german.pk], "action": action, "go": "apply"}
        )
    page = stranger.post(url("add"), RATE | {"merchant": merchant.pk, "markets": ["FR"]})
    assert "merchant" in page.context["form"].errors
    assert rates(merchant) == [("DE", 390)]
