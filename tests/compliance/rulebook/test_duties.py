"""Families of listing duties, each with facts that meet it and facts that do not."""

from __future__ import annotations

from datetime import date

import pytest

from compliance import rulebook
from compliance.rulebook import duties
from compliance.rulebook.categories import categories, duty_groups
from compliance.rulebook.facts import complete, documented, read
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.types import Confidence, Finding, Severity, Verdict
from marketplace.kernel.errors import Invalid
from tests.compliance.samples import honey, in_all, listing, scarf

TODAY = date(2026, 11, 23)
EU = {market for market in selling_markets() if rulebook.default().is_under(market, "EU")}


def judge(facts: dict, on: date = TODAY) -> duties.Judged:
    return duties.judge(facts, rulebook.default(), on=on)


def missed(facts: dict, rule: str, on: date = TODAY) -> list[tuple[str, Severity]]:
    return [(item.field, item.severity) for item in judge(facts, on).findings if item.rule == rule]


def blocked_in(facts: dict) -> set[str]:
    return {m for m, found in judge(facts).markets.items() if found.verdict is Verdict.BLOCKED}


# -- the whole


def test_honey_in_order_is_blocked_nowhere() -> None:
    assert blocked_in(honey()) == set()


def test_a_scarf_in_order_is_blocked_nowhere() -> None:
    assert blocked_in(scarf()) == set()


def test_every_market_gets_a_verdict_in_the_order_of_the_markets() -> None:
    assert tuple(judge(honey()).markets) == selling_markets()


def test_a_listing_without_title_price_or_category_is_sold_nowhere() -> None:
    for broken in (
        honey(title_languages=[]),
        honey(price={"currency": "EUR", "minor": 0}),
        honey(category="food.no_such"),
    ):
        assert blocked_in(broken) == set(selling_markets())


# -- languages


def test_a_food_name_in_german_alone_is_understood_where_german_will_do() -> None:
    german = honey(disclosures__food_name={"de": "Heidehonig"})
    assert EU - blocked_in(german) == {"DE", "AT", "LU"}


def test_belgium_and_finland_want_all_their_languages() -> None:
    some = honey(disclosures__food_name={"de": "Heidehonig", "nl": "Heidehoning", "fi": "Hunaja"})
    assert {"BE", "FI"} <= blocked_in(some)
    more = honey(disclosures__food_name={"de": "H", "nl": "H", "fr": "M", "fi": "H", "sv": "H"})
    assert not {"BE", "FI"} & blocked_in(more)


def test_missing_translations_are_one_finding_that_names_languages_and_markets() -> None:
    facts = honey(disclosures__food_name={code: "x" for code in in_all("") if code not in ("fr", "el")})
    (found,) = [item for item in judge(facts).findings if item.rule == "eu.listing.food.name"]
    assert (found.market, found.params["languages"], found.params["markets"]) == (
        "EU",
        ["fr", "el"],
        ["FR", "BE", "CY", "GR"],
    )


def test_each_market_is_told_only_of_its_own_language() -> None:
    facts = honey(disclosures__food_name={code: "x" for code in in_all("") if code not in ("fr", "el")})
    (found,) = [item for item in judge(facts).markets["GR"].findings if item.rule == "eu.listing.food.name"]
    assert duties.say(found)[0] == "“Legal name of the food” is missing in: el."


def test_warnings_that_are_not_in_french_stop_the_sale_in_france_and_belgium() -> None:
    facts = scarf(disclosures__warnings={code: ["Fire!"] for code in in_all("") if code not in ("fr",)})
    assert blocked_in(facts) == {"FR", "BE"}


def test_standard_warnings_are_translated_by_the_shop() -> None:
    chosen = scarf(disclosures__warnings=None, disclosures__warning_codes=["W-KEEP-OUT-OF-REACH"])
    assert blocked_in(chosen) == set()


# -- duty families: (facts that miss it, rule, field, severity today)

FAMILIES = [
    (scarf(manufacturer={}), "eu.listing.gpsr.manufacturer", "manufacturer.name", Severity.BLOCK),
    (scarf(images=0), "eu.listing.gpsr.picture", "images", Severity.BLOCK),
    (scarf(identifiers={}), "eu.listing.gpsr.identifier", "identifiers", Severity.BLOCK),
    (scarf(disclosures__warnings=None), "eu.listing.gpsr.warnings", "warnings", Severity.HIGH),
    (
        scarf(disclosures__fibre_composition=None),
        "eu.listing.textiles.fibres",
        "fibre_composition",
        Severity.HIGH,
    ),
    (scarf(disclosures__pfas="contains"), "fr.listing.pfas", "pfas", Severity.BLOCK),
    (scarf(disclosures__pfas="contains"), "us-ca.listing.pfas", "pfas", Severity.BLOCK),
    (scarf(), "us.listing.textiles.origin", "made_in_usa", Severity.HIGH),
    (honey(disclosures__allergens=None), "eu.listing.food.allergens", "allergens", Severity.BLOCK),
    (
        honey(disclosures__ingredients_not_required=None),
        "eu.listing.food.ingredients",
        "ingredients",
        Severity.BLOCK,
    ),
    (honey(disclosures__fbo_gb=None), "gb.listing.food.business", "fbo_gb", Severity.BLOCK),
    (honey(disclosures__honey_origins=None), "eu.listing.food.honey_origin", "honey_origins", Severity.HIGH),
    (honey(), "us.listing.food.facility", "food_facility_no", Severity.HIGH),
    (listing("el.large_appliance"), "eu.listing.electrical.energy_label", "energy_class", Severity.BLOCK),
    (listing("el.smartphone"), "eu.listing.electrical.phone_label", "drop_class", Severity.BLOCK),
    (listing("el.audio"), "eu.listing.electrical.common_charger", "charger_included", Severity.HIGH),
    (listing("el.audio"), "eu.listing.batteries.registration", "epr_battery_eu", Severity.BLOCK),
    (listing("tool.power"), "eu.listing.machinery.ce", "ce_marked", Severity.BLOCK),
    (listing("cos.whitening"), "eu.listing.cosmetics.whitening", "peroxide_percent", Severity.BLOCK),
    (listing("cos.skin_care"), "eu.listing.cosmetics.banned_substances", "attestations", Severity.BLOCK),
    (
        listing("cos.nail", {"inci_list": ["Aqua", "Trimethylbenzoyl Diphenylphosphine Oxide"]}),
        "gb.listing.cosmetics_tpo",
        "inci_list",
        Severity.BLOCK,
    ),
    (
        listing("toy.general", {"small_parts": True}),
        "us.listing.toys.choking",
        "warning_codes",
        Severity.BLOCK,
    ),
    (listing("toy.balloons"), "us.listing.toys.balloons", "warning_codes", Severity.BLOCK),
    (listing("toy.general"), "us.listing.children.certificate", "cpc_url", Severity.BLOCK),
    (listing("toy.general"), "cn.listing.ccc", "ccc_no", Severity.BLOCK),
    (listing("toy.under3"), "jp.listing.child_psc", "jp_psc", Severity.BLOCK),
    (listing("el.powerbank"), "jp.listing.pse", "pse_type", Severity.BLOCK),
    (listing("furn.upholstered"), "gb.listing.furniture_fire", "fire_label", Severity.BLOCK),
    (listing("child.cot_sleep"), "au.listing.infant_sleep", "warnings", Severity.BLOCK),
    (listing("el.laptop"), "fr.listing.repair_index", "repair_index_fr", Severity.HIGH),
    (
        listing("spo.ebike", {"assist_watt": 750, "assist_kmh": "45", "battery_wh": "500"}),
        "eu.listing.ebikes.limits",
        "assist_kmh",
        Severity.BLOCK,
    ),
    (listing("gen.other", condition="used"), "world.listing.condition", "secondhand_grade", Severity.HIGH),
    (scarf(price={"minor": 500, "reduced": True}), "eu.listing.prior_price", "price", Severity.BLOCK),
    (scarf(merchant__verified=False), "eu.merchant.verified", "merchant.verified", Severity.BLOCK),
    (scarf(merchant__phone=""), "eu.merchant.identity", "merchant.phone", Severity.BLOCK),
    (
        scarf(merchant__high_volume_us=True, merchant__verified=False),
        "us.merchant.inform",
        "merchant.verified",
        Severity.BLOCK,
    ),
    (scarf(merchant__return_terms=False), "jp.merchant.display", "merchant.return_terms", Severity.HIGH),
]


@pytest.mark.parametrize(("facts", "rule", "field", "severity"), FAMILIES, ids=[f[1] for f in FAMILIES])
def test_a_duty_that_is_missed_is_found(facts: dict, rule: str, field: str, severity: Severity) -> None:
    assert (field, severity) in missed(facts, rule)


MET = [
    (scarf(), "eu.listing.gpsr.manufacturer"),
    (scarf(), "eu.listing.gpsr.responsible_person"),
    (scarf(), "eu.listing.textiles.fibres"),
    (scarf(), "fr.listing.pfas"),
    (honey(), "eu.listing.food.allergens"),
    (honey(), "eu.listing.food.ingredients"),
    (honey(), "eu.merchant.verified"),
    (
        listing("el.audio", {"epr_battery_eu": [{"country": m, "number": "1"} for m in selling_markets()]}),
        "eu.listing.batteries.registration",
    ),
    (listing("cos.skin_care", attestations=["formula_checked"]), "eu.listing.cosmetics.banned_substances"),
    (listing("cos.whitening", {"peroxide_percent": "0.1"}), "eu.listing.cosmetics.whitening"),
    (
        listing("toy.general", {"small_parts": True, "warning_codes": ["W-US-SP"]}),
        "us.listing.toys.choking",
    ),
    (
        listing("toy.general", documents=[{"kind": "childrens_product_certificate"}]),
        "us.listing.children.certificate",
    ),
    (listing("toy.general", attestations=["cn_cbec_retail"]), "cn.listing.ccc"),
    (
        listing("spo.ebike", {"assist_watt": 250, "assist_kmh": "25", "battery_wh": "500"}),
        "eu.listing.ebikes.limits",
    ),
    (scarf(price={"minor": 500, "reduced": True, "prior_price": True}), "eu.listing.prior_price"),
    (scarf(merchant__high_volume_us=True), "us.merchant.inform"),
    (scarf(merchant__kind="private", merchant__verified=False), "eu.merchant.verified"),
]


@pytest.mark.parametrize(("facts", "rule"), MET, ids=[rule for _, rule in MET])
def test_a_duty_that_is_met_is_not_found(facts: dict, rule: str) -> None:
    assert missed(facts, rule) == []


# -- who answers in the Union


def test_goods_made_outside_need_a_responsible_person_in_the_union() -> None:
    chinese = {
        "name": "Ningbo Loom Co.",
        "address": "1 Silk Road, Ningbo",
        "email": "a@b.example",
        "country": "CN",
    }
    assert blocked_in(scarf(manufacturer=chinese)) == EU
    person = {
        "name": "EU Rep BV",
        "address": "Damrak 1, Amsterdam",
        "email": "rep@b.example",
        "country": "NL",
    }
    assert blocked_in(scarf(manufacturer=chinese, responsible_person=person)) == set()
    elsewhere = {**person, "country": "GB"}
    assert blocked_in(scarf(manufacturer=chinese, responsible_person=elsewhere)) == EU


def test_food_needs_no_manufacturer_of_the_product_safety_regulation() -> None:
    assert missed(honey(manufacturer={}), "eu.listing.gpsr.manufacturer") == []


# -- what differs within a jurisdiction


def test_the_plug_must_fit_the_sockets_of_each_country() -> None:
    facts = listing("el.small_appliance", {"plug_type": ["C", "F"]})
    (found,) = [item for item in judge(facts).findings if item.rule == "eu.listing.electrical.plug"]
    assert found.params["markets"] == ["CY", "IE", "MT"]


def test_a_battery_registration_counts_in_its_own_country_only() -> None:
    facts = listing("el.audio", {"epr_battery_eu": [{"country": "DE", "number": "21000000"}]})
    assert "DE" not in blocked_in(facts)
    assert EU - blocked_in(facts) == {"DE"}


def test_national_law_overrides_the_unions_rule_of_the_same_name() -> None:
    facts = scarf(title_languages=["en"], description_languages=["en"])
    (national,) = missed(facts, "fr.listing.language")
    (common,) = [item for item in judge(facts).findings if item.rule == "eu.listing.language"]
    assert national == ("description", Severity.HIGH)
    assert not {"FR", "PL"} & set(common.params["markets"])


# -- documents and days


def test_a_document_counts_while_it_is_valid() -> None:
    def with_report(expires: str) -> dict:
        return listing("spo.helmet", documents=[{"kind": "test_report", "expires_on": expires}])

    assert missed(with_report("2026-11-23"), "us.listing.helmets") == []
    assert missed(with_report("2026-11-22"), "us.listing.helmets") == [("documents", Severity.HIGH)]


def test_a_duty_does_not_bind_before_its_day() -> None:
    facts = honey(disclosures__honey_origins=None)
    assert judge(facts, date(2025, 6, 13)).findings
    assert missed(facts, "eu.listing.food.honey_origin", date(2025, 6, 13)) == []
    assert missed(facts, "eu.listing.food.honey_origin", date(2026, 6, 14)) == [
        ("honey_origins", Severity.HIGH)
    ]


def test_a_coming_duty_is_announced_and_changes_no_verdict() -> None:
    facts = listing("el.battery_portable")
    (found,) = [item for item in judge(facts).findings if item.rule == "eu.listing.batteries.removable"]
    assert (found.severity, found.due_on) == (Severity.INFO, date(2027, 2, 18))
    assert all(item.due_on is None for market in judge(facts).markets.values() for item in market.findings)


# -- house rules


@pytest.mark.parametrize(
    "category", ["tob.tobacco", "wea.knives_airsoft", "fire.fireworks", "pet.live", "food.cbd_hemp"]
)
def test_goods_we_do_not_carry_are_sold_nowhere(category: str) -> None:
    assert blocked_in(listing(category)) == set(selling_markets())


def test_medicines_are_for_licensed_pharmacies() -> None:
    licensed = listing("med.otc_rx", documents=[{"kind": "medicine_licence"}])
    assert set(selling_markets()) - blocked_in(licensed) >= {"DE", "FR", "US"}
    assert "CN" in blocked_in(licensed)


def test_vapes_are_blocked_where_they_may_not_be_posted() -> None:
    assert {"US", "US-CA", "CN", "JP", "AU"} <= blocked_in(listing("tob.ecig_device"))


# -- confidence


def test_law_known_from_knowledge_never_blocks() -> None:
    assert duties.binding_severity(Severity.BLOCK, Confidence.KNOWLEDGE) is Severity.HIGH
    assert duties.binding_severity(Severity.BLOCK, Confidence.SECONDARY) is Severity.BLOCK
    assert duties.binding_severity(Severity.MEDIUM, Confidence.KNOWLEDGE) is Severity.MEDIUM


def test_no_category_is_ever_blocked_by_an_unverified_rule() -> None:
    for code in categories():
        for found in judge({"category": code}).findings:
            assert (found.severity, found.confidence) != (Severity.BLOCK, Confidence.KNOWLEDGE)


# -- the data as a whole


def all_duties() -> list:
    return [
        rule for rule in rulebook.default().rules.values() if rule.kind == "duty" and rule.about == "listing"
    ]


def test_every_duty_names_groups_that_exist() -> None:
    for rule in all_duties():
        assert rule.groups, rule.id
        assert set(rule.groups) <= set(duty_groups()), rule.id


def test_every_condition_can_be_judged_on_an_empty_and_on_a_full_record() -> None:
    full = {
        "hazardous": "yes",
        "small_parts": True,
        "toy_kind": ["ball"],
        "laser_class": "2",
        "battery_wh": "1.5",
    }
    for code in categories():
        judge({"category": code})
        judge(listing(code, full))


def test_merchant_duties_read_nothing_but_the_merchant() -> None:
    for rule in all_duties():
        if rule.name.startswith("merchant."):
            for version in rule.versions:
                names = {need.partition(".")[0] for need in version.needs}
                for condition in filter(None, (version.when, version.must)):
                    names |= set(condition.program.variables())
                assert names <= {"merchant", "market"}, rule.id


def test_every_finding_can_be_said_in_a_sentence() -> None:
    for code in categories():
        for found in judge({"category": code}).findings:
            what, fix = duties.say(found)
            assert what.endswith((".", "”", "!", "?")), (found.rule, what)
            assert "%(" not in what + fix, found.rule


def test_every_sentence_is_known_to_the_translators() -> None:
    known = set(duties.messages())
    found: list[Finding] = [item for code in categories() for item in judge({"category": code}).findings]
    assert {item.what for item in found} | {item.fix for item in found} <= known


# -- facts


def test_facts_from_outside_are_refused_by_name() -> None:
    for facts, field in (
        ({"category": "food.honey", "colour": "gold"}, "colour"),
        ({"category": "food.honey", "groups": ["FOOD"]}, "groups"),
        ({"category": "food.honey", "merchant": {"shoe_size": 43}}, "merchant.shoe_size"),
        ({"category": "food.honey", "images": "two"}, "images"),
        ({"category": "food.honey", "condition": "broken"}, "condition"),
        ({"category": "food.honey", "disclosures": {"taste": "sweet"}}, "taste"),
        ({"category": "food.honey", "disclosures": {"abv_pct": "strong"}}, "abv_pct"),
        ({"category": "food.nothing"}, "category"),
        ({}, "category"),
    ):
        with pytest.raises(Invalid) as refused:
            read(facts, on=TODAY)
        assert refused.value.field == field


def test_unreadable_disclosures_of_our_own_count_as_missing() -> None:
    facts = complete(
        {"category": "food.honey", "disclosures": {"abv_pct": "?", "gone": 1, "food_name": "x"}}, on=TODAY
    )
    assert facts["disclosures"] == {}


def test_every_documented_fact_is_in_a_complete_record() -> None:
    assert set(complete({"category": "food.honey"}, on=TODAY)) == set(documented())
