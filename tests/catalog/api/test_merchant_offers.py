"""A merchant's system reads and writes its own prices and stock."""

from __future__ import annotations

import pytest

from catalog.models import Offer, PriceRecord
from marketplace.accounts.models import MerchantMember
from tests.orders import factories as make

OFFERS = "/api/v1/merchant/offers"
WANTED = {
    "prices": [{"amount": "14.50", "currency": "EUR"}, {"amount": "16.00", "currency": "USD"}],
    "on_hand": 7,
}


def put(client, variant, key, body=WANTED):
    return client.put(f"{OFFERS}/{variant.sku}", body, content_type="application/json", headers=key)


def test_price_and_stock_are_set_and_the_price_history_keeps_them(client, key_of):
    variant = make.make_variant(make.make_merchant())

    answer = put(client, variant, key_of(variant.merchant))

    history = PriceRecord.objects.filter(variant=variant).values_list("currency", "price_minor")
    assert (answer.status_code, answer.json()["prices"], answer.json()["on_hand"], sorted(history)) == (
        200,
        WANTED["prices"],
        7,
        [("EUR", 1450), ("USD", 1600)],
    )


def test_the_same_again_changes_nothing_and_a_currency_left_out_is_withdrawn(client, key_of):
    variant = make.make_variant(make.make_merchant())
    key = key_of(variant.merchant)
    put(client, variant, key)
    before = PriceRecord.objects.count()
    put(client, variant, key)
    again = PriceRecord.objects.count()

    put(client, variant, key, {"prices": [{"amount": "14.50", "currency": "EUR"}], "on_hand": 7})

    left = list(Offer.objects.filter(variant=variant).values_list("currency", flat=True))
    assert (again - before, left) == (0, ["EUR"])


def test_what_belongs_to_others_does_not_exist(client, key_of):
    theirs, own = make.make_variant(make.make_merchant()), make.make_merchant()
    key = key_of(own)

    answers = [client.get(f"{OFFERS}/{theirs.sku}", headers=key), put(client, theirs, key)]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_own_offers_are_listed_page_by_page(client, key_of):
    merchant = make.make_merchant()
    skus = sorted(make.make_variant(merchant).sku for _ in range(3))
    make.make_variant(make.make_merchant())
    key = key_of(merchant)

    first = client.get(OFFERS, {"limit": 2}, headers=key).json()
    second = client.get(first["next"], headers=key).json()

    assert ([row["sku"] for row in first["results"] + second["results"]], second["next"]) == (skus, None)


def test_without_a_key_or_with_a_false_one_nobody_gets_in(client, key_of):
    false = {"Authorization": "Bearer rf_aaaaaaaa_bbbbbbbb"}

    assert [client.get(OFFERS).status_code, client.get(OFFERS, headers=false).status_code] == [401, 401]


def test_a_viewer_may_read_and_somebody_who_left_may_not(client, key_of):
    variant = make.make_variant(make.make_merchant())
    key = key_of(variant.merchant, role="viewer")
    read, written = client.get(OFFERS, headers=key).status_code, put(client, variant, key).status_code

    MerchantMember.objects.all().delete()

    assert (read, written, client.get(OFFERS, headers=key).status_code) == (200, 403, 403)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colour": "blue"}, "colour"),
        ({"on_hand": -1}, "on_hand"),
        ({"prices": []}, "prices"),
        ({"prices": [{"amount": "14.505", "currency": "EUR"}]}, "prices.0.amount"),
        ({"prices": [{"amount": "0", "currency": "EUR"}]}, "prices.0.amount"),
        ({"prices": [{"amount": "NaN", "currency": "EUR"}]}, "prices.0.amount"),
        ({"prices": [{"amount": "1", "currency": "XXX"}]}, "prices.0.currency"),
    ],
)
def test_a_wrong_offer_is_refused_by_name_and_changes_nothing(client, key_of, change, field):
    variant = make.make_variant(make.make_merchant(), price=1200)

    answer = put(client, variant, key_of(variant.merchant), WANTED | change)

    named = answer.json()["errors"][0]["field"]
    assert (answer.status_code, named, variant.offers.get().price_minor) == (400, field, 1200)
