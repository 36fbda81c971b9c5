"""The demo range is what its README says: complete, checked, drawn, and lawful where it claims to be."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from PIL import Image
from stdnum import ean, luhn
from stdnum.cn import uscc
from stdnum.de import handelsregisternummer
from stdnum.eu import vat
from stdnum.fr import siren
from stdnum.gb import vat as gb_vat
from stdnum.jp import cn as japanese_number
from stdnum.us import ein

from catalog.demo.draw import MOST_BYTES, stale
from catalog.demo.reading import DemoMerchant, DemoProduct, Reduction, merchants, products
from compliance.rulebook import answer, categories, fields
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.tables import DIRECTORY
from marketplace.kernel.money import Money

TODAY = date(2026, 11, 23)
PRODUCTS = products()
LANGUAGES = {"en", "de", "fr", "es", "it", "pl", "sv", "zh-hans"}
MOST_SVG_BYTES = 12 * 1024
LEFT = [product for product in PRODUCTS if product.left_to_fix]
DONE = [product for product in PRODUCTS if not product.left_to_fix]
MARKETS = {rate.market for merchant in merchants().values() for rate in merchant.rates}


def by_code(product: DemoProduct) -> str:
    return product.code


@cache
def tariff_codes() -> frozenset[str]:
    with (DIRECTORY / "tariffs.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["hs6"] for row in csv.DictReader(file))


def markets_of(product: DemoProduct) -> list[str]:
    rates = [rate.market for rate in merchants()[product.merchant].rates]
    return [market for market in rates if not product.ships_to or market in product.ships_to]


def merchant_facts(merchant: DemoMerchant) -> dict[str, Any]:
    said = merchant.identity
    same = (
        "kind",
        "country",
        "name",
        "legal_name",
        "email",
        "phone",
        "register_name",
        "register_number",
        "vat_id",
        "eori",
    )
    address = ", ".join((said["street"], said["postcode"], said["city"], said["country"]))
    promises = dict.fromkeys(("verified", "self_certified", "return_terms", "delivery_time_stated"), True)
    return {key: said[key] for key in same} | promises | {"public_id": "M-DEMO", "address": address}


def listing_facts(product: DemoProduct) -> dict[str, Any]:
    merchant, first = merchants()[product.merchant], product.variants[0]
    currency = merchant.identity["currency"]
    documents = [{key: str(value) for key, value in document.items()} for document in product.documents]
    return {
        "category": product.category,
        "condition": product.condition,
        "title_languages": list(product.title),
        "description_languages": list(product.text),
        "images": len(product.pictures),
        "brand": product.brand,
        "identifiers": {
            "gtin": first.gtin,
            "model": product.model,
            "sku": first.sku,
            "batch": product.disclosures.get("batch_or_serial", ""),
        },
        "manufacturer": product.manufacturer,
        "responsible_person": product.responsible_person,
        "local_contacts": list(product.local_contacts),
        "merchant": merchant_facts(merchant),
        "price": {
            "currency": currency,
            "minor": Money.of(first.price, currency).minor,
            "unit_price": True,
            "available": True,
        },
        "disclosures": product.disclosures,
        "traits": list(product.traits),
        "attestations": list(product.attestations),
        "documents": documents,
    }


def clearance(product: DemoProduct, market: str) -> dict[str, Any]:
    return answer(
        "clearance", {"market": market, "on": TODAY.isoformat(), "listing": listing_facts(product)}
    ).answer


# --- how much there is ------------------------------------------------------------------------------------


def test_there_are_eight_merchants_in_six_countries_selling_to_ten_markets() -> None:
    assert len(merchants()) >= 8
    assert len({merchant.identity["country"] for merchant in merchants().values()}) >= 6
    assert len(MARKETS) >= 10
    assert all(len(merchant.rates) >= 10 for merchant in merchants().values())
    assert Counter(merchant.identity["kind"] for merchant in merchants().values())["private"] == 1


def test_eighty_products_are_fully_disclosed_and_some_are_left_to_mend() -> None:
    assert len(DONE) >= 80
    assert len(LEFT) == 8
    assert len({product.category for product in PRODUCTS}) >= 10
    assert {product.merchant for product in PRODUCTS} == set(merchants())


# --- who sells --------------------------------------------------------------------------------------------


def test_every_number_of_a_merchant_passes_its_check() -> None:
    said = {slug: merchant.identity for slug, merchant in merchants().items()}
    european = ("laternenhaus", "garance", "serra", "drzewiak")
    assert [slug for slug in european if not vat.is_valid(said[slug]["vat_id"])] == []
    assert gb_vat.is_valid(said["fellharbour"]["vat_id"])
    assert uscc.is_valid(said["yunlan"]["register_number"])
    assert ein.is_valid(said["cedarwren"]["vat_id"])
    assert japanese_number.is_valid(said["moritote"]["register_number"])
    assert siren.is_valid(said["garance"]["register_number"])
    assert luhn.is_valid(said["garance"]["eori"][2:])
    court = said["laternenhaus"]
    assert handelsregisternummer.is_valid(f"Berlin (Charlottenburg) {court['register_number']}")


@pytest.mark.parametrize("slug", merchants())
def test_a_merchant_tells_its_story_and_can_be_reached_nowhere_real(slug: str) -> None:
    merchant = merchants()[slug]
    assert set(merchant.story) >= {"en", "de"}
    assert merchant.identity["email"].endswith(".example")
    assert all(rate.min_days <= rate.max_days and rate.price >= 0 for rate in merchant.rates)


# --- what is sold -----------------------------------------------------------------------------------------


def test_codes_skus_and_gtins_are_unique() -> None:
    variants = [variant for product in PRODUCTS for variant in product.variants]
    gtins = [variant.gtin for variant in variants if variant.gtin]
    assert max(Counter(product.code for product in PRODUCTS).values()) == 1
    assert max(Counter(variant.sku for variant in variants).values()) == 1
    assert max(Counter(gtins).values()) == 1


@pytest.mark.parametrize("product", PRODUCTS, ids=by_code)
def test_a_variant_has_a_price_a_weight_and_a_code_of_no_real_product(product: DemoProduct) -> None:
    for variant in product.variants:
        assert len(variant.options) == len(product.options)
        assert variant.price > 0
        assert variant.weight_grams > 0
        assert variant.stock >= 0
        if product.condition == "new":
            assert ean.is_valid(variant.gtin)
            assert len(variant.gtin) == 13
            assert variant.gtin.startswith("2")


@pytest.mark.parametrize("product", PRODUCTS, ids=by_code)
def test_every_text_is_there_in_english_and_german(product: DemoProduct) -> None:
    for texts in (
        product.title,
        product.subtitle,
        product.text,
        *(picture.alt for picture in product.pictures),
    ):
        assert set(texts) >= {"en", "de"}
        assert set(texts) <= LANGUAGES
        assert all(text.strip() for text in texts.values())


def test_thirty_products_speak_french_spanish_and_chinese() -> None:
    wanted = {"fr", "es", "zh-hans"}
    assert sum(wanted <= set(product.title) and wanted <= set(product.text) for product in PRODUCTS) >= 30


@pytest.mark.parametrize("product", PRODUCTS, ids=by_code)
def test_category_and_disclosures_are_of_the_registry(product: DemoProduct) -> None:
    assert product.category in categories.categories()
    assert fields.clean_all(product.disclosures)
    for key, value in product.disclosures.items():
        if fields.fields()[key].translatable:
            assert set(value) >= {"en", "de"}, key


def test_nothing_says_both_that_it_warns_and_that_no_warning_is_needed() -> None:
    both = [p.code for p in PRODUCTS if "no_warnings_needed" in p.disclosures and "warnings" in p.disclosures]
    assert both == []


def test_customs_codes_have_six_digits_and_nearly_all_have_a_tariff() -> None:
    assert all(len(product.hs) == 6 and product.hs.isdigit() for product in PRODUCTS)
    known = sum(product.hs in tariff_codes() for product in PRODUCTS)
    assert known >= 0.9 * len(PRODUCTS)


# --- what the law says ------------------------------------------------------------------------------------


@pytest.mark.parametrize("product", DONE, ids=by_code)
def test_a_finished_product_may_be_sold_wherever_it_is_sent(product: DemoProduct) -> None:
    blocked = {
        market: [finding["rule"] for finding in said["findings"] if finding["severity"] == "block"]
        for market in markets_of(product)
        if (said := clearance(product, market))["verdict"] == "blocked"
    }
    assert blocked == {}


@pytest.mark.parametrize(
    ("code", "market", "rule"),
    [
        ("candle-bulb-e14", "DE", "eu.listing.electrical.energy_label"),
        ("orange-toner", "FR", "eu.listing.cosmetics.ingredients"),
        ("hazelnut-biscuits", "IT", "eu.listing.food.allergens"),
        ("plush-panda", "FR", "eu.listing.gpsr.warnings_language"),
        ("cloud-lantern", "DE", "eu.listing.gpsr.responsible_person"),
        ("field-satchel", "DE", "eu.listing.gpsr.responsible_person"),
        ("quartz-watch", "US", "us.listing.button_cells"),
        ("meadow-dress", "GB", "gb.listing.textiles"),
    ],
)
def test_what_is_left_to_fix_is_found(code: str, market: str, rule: str) -> None:
    product = next(product for product in LEFT if product.code == code)
    assert rule in {finding["rule"] for finding in clearance(product, market)["findings"]}


def reduction_facts(reduction: Reduction, market: str) -> dict[str, Any]:
    def day(ago: int) -> str:
        return (TODAY - timedelta(days=ago)).isoformat()

    starts = [ago for ago, _ in reduction.history]
    ends = [*starts[1:], reduction.since_days]
    percent = (1 - reduction.price / reduction.regular) * 100
    return {
        "market": market,
        "history": [
            {"from": day(ago), "until": day(end), "price": str(price), "kind": "regular"}
            for (ago, price), end in zip(reduction.history, ends, strict=True)
        ],
        "reduction_from": day(reduction.since_days),
        "new_price": str(reduction.price),
        "announced_percent": str(int(percent)),
    }


@pytest.mark.parametrize("product", [p for p in PRODUCTS if p.reduction], ids=by_code)
def test_a_reduction_is_lawful_or_caught(product: DemoProduct) -> None:
    reduction = product.reduction
    assert reduction is not None
    said = answer("prior_price", reduction_facts(reduction, "DE")).answer
    assert said["lawful"] is (reduction.expect == "lawful")


def test_exactly_one_reduction_misleads() -> None:
    assert [p.code for p in PRODUCTS if p.reduction and p.reduction.expect == "misleading"] == ["evo-oil-tin"]
    assert all(p.reduction.price < p.reduction.regular for p in PRODUCTS if p.reduction)


# --- pictures ---------------------------------------------------------------------------------------------


def test_every_picture_is_what_the_code_draws() -> None:
    assert stale(PRODUCTS) == []


@pytest.mark.parametrize("product", PRODUCTS, ids=by_code)
def test_three_pictures_are_small_and_rendered(product: DemoProduct) -> None:
    assert len(product.pictures) == 3
    for picture in product.pictures:
        svg, webp = picture.path.with_suffix(".svg"), picture.path.with_suffix(".webp")
        assert svg.stat().st_size <= MOST_SVG_BYTES
        assert webp.stat().st_size <= MOST_BYTES
        with Image.open(webp) as image:
            assert image.size == (1200, 1200)


def test_no_picture_belongs_to_nobody() -> None:
    folders = {path.name for path in PRODUCTS[0].pictures[0].path.parent.parent.iterdir()}
    assert folders == {product.code for product in PRODUCTS}


def test_prices_are_in_whole_minor_units() -> None:
    for product in PRODUCTS:
        currency = merchants()[product.merchant].identity["currency"]
        for variant in product.variants:
            assert Money.of(variant.price, currency).amount == Decimal(variant.price)


def test_goods_are_sent_to_known_markets() -> None:
    assert set(selling_markets()) >= MARKETS
