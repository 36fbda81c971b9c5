"""Judging: what is kept, what is closed, and how often the database is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance import rulebook
from compliance.checks import operations, queries, registry, sweeping
from compliance.checks.models import Finding, Judgement, Profile
from compliance.rulebook.markets import selling_markets
from marketplace.kernel.models import Event
from tests.compliance.samples import MERCHANT, honey, listing, scarf

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
L = "listing:L-HONEY234"


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, registry.Kind]:
    """Each test registers its own kinds of subject."""
    kinds: dict[str, registry.Kind] = {}
    monkeypatch.setattr(registry, "KINDS", kinds)
    monkeypatch.setattr(operations, "KINDS", kinds)
    monkeypatch.setattr(sweeping, "KINDS", kinds)
    return kinds


def open_rules(subject: str = L) -> set[tuple[str, str]]:
    return set(queries.findings_of(subject).values_list("rule", "field"))


def rows(model: type) -> list[dict[str, Any]]:
    return list(model.objects.order_by("pk").values())


def test_a_blocked_listing_may_be_sold_once_it_is_mended() -> None:
    broken = operations.judge(subject=L, facts=honey(disclosures__allergens=None), now=NOW)
    mended = operations.judge(subject=L, facts=honey(), now=LATER)
    assert (broken["FR"].verdict, mended["FR"].verdict) == ("blocked", "notice")
    closed = Finding.objects.get(subject=L, rule="eu.listing.food.allergens")
    assert (closed.state, closed.first_seen_at, closed.closed_at) == ("closed", NOW, LATER)


def test_a_mended_finding_that_comes_back_is_a_new_one() -> None:
    for at, allergens in ((NOW, None), (LATER, ["none"]), (LATER + timedelta(minutes=5), None)):
        operations.judge(subject=L, facts=honey(disclosures__allergens=allergens), now=at)
    found = Finding.objects.filter(subject=L, rule="eu.listing.food.allergens").order_by("first_seen_at")
    assert list(found.values_list("state", flat=True)) == ["closed", "open"]


def test_there_is_a_clearance_for_every_market_and_one_row_of_sums() -> None:
    clearances = operations.judge(subject=L, facts=honey(), now=NOW)
    sums = queries.judgement_of(L)
    assert set(clearances) == set(selling_markets())
    assert set(sums.sellable_in) | set(sums.blocked) == set(selling_markets())
    assert sums.open_findings == queries.findings_of(L).count()


def test_only_the_clearances_asked_for_are_returned() -> None:
    assert set(operations.judge(subject=L, facts=honey(), now=NOW, markets=["DE", "CN"])) == {"DE", "CN"}


def test_a_clearance_names_the_findings_that_decide_it() -> None:
    broken = honey(disclosures__allergens=None, disclosures__net_quantity=None)
    clearance = operations.judge(subject=L, facts=broken, now=NOW)["DE"]
    assert clearance.deciding == (
        ("eu.listing.food.allergens", "allergens"),
        ("eu.listing.food.net_quantity", "net_quantity"),
    )


def test_one_finding_of_the_union_is_one_row() -> None:
    operations.judge(subject=L, facts=honey(disclosures__allergens=None), now=NOW)
    (row,) = queries.findings_of(L).filter(rule="eu.listing.food.allergens")
    assert (row.jurisdiction, len(row.markets)) == ("EU", 27)


def test_a_finding_knows_the_markets_that_miss_a_translation() -> None:
    german = honey(disclosures__food_name={"de": "Heidehonig", "en": "Heather honey"})
    operations.judge(subject=L, facts=german, now=NOW)
    (row,) = queries.findings_of(L).filter(rule="eu.listing.food.name")
    assert "FR" in row.markets
    assert not {"DE", "IE", "GB"} & set(row.markets)


def test_judging_again_changes_nothing() -> None:
    facts = honey(disclosures__allergens=None)
    operations.judge(subject=L, facts=facts, now=NOW)
    before = [rows(model) for model in (Finding, Profile, Judgement, Event)]
    operations.judge(subject=L, facts=facts, now=LATER)
    assert [rows(model) for model in (Finding, Profile, Judgement, Event)] == before


def test_another_day_of_the_same_law_changes_nothing() -> None:
    facts = honey(disclosures__allergens=None)
    operations.judge(subject=L, facts=facts, now=NOW)
    before = [rows(model) for model in (Finding, Profile, Judgement, Event)]
    operations.judge(subject=L, facts=facts, now=NOW + timedelta(days=1))
    assert [rows(model) for model in (Finding, Profile, Judgement, Event)] == before


def test_a_document_that_expired_overnight_is_missed() -> None:
    report = {"kind": "childrens_product_certificate", "expires_on": "2026-11-23"}
    toy = listing("toy.general", documents=[report])
    operations.judge(subject=L, facts=toy, now=NOW)
    assert ("us.listing.children.certificate", "cpc_url") not in open_rules()
    operations.judge(subject=L, facts=toy, now=NOW + timedelta(days=1))
    assert ("us.listing.children.certificate", "cpc_url") in open_rules()


def test_the_order_of_subjects_makes_no_difference() -> None:
    subjects = {f"listing:L-{n}": honey(disclosures__allergens=None if n % 2 else ["none"]) for n in range(6)}

    def kept(order: list[str]) -> list:
        for model in (Finding, Judgement):
            model.objects.all().delete()
        operations.judge_many(subjects={key: subjects[key] for key in order}, now=NOW)
        return [
            sorted(Finding.objects.values_list("subject", "rule", "field", "severity", "state")),
            sorted(Judgement.objects.values_list("subject", "sell", "notice", "blocked")),
        ]

    assert kept(sorted(subjects)) == kept(sorted(subjects, reverse=True))


def test_what_a_merchant_misses_is_kept_once_on_the_merchant() -> None:
    unverified = {**MERCHANT, "verified": False}
    subjects = {f"listing:L-{n}": scarf(merchant=unverified) for n in range(3)}
    operations.judge_many(subjects=subjects, now=NOW)
    merchant = f"merchant:{MERCHANT['public_id']}"
    assert ("eu.merchant.verified", "merchant.verified") in open_rules(merchant)
    assert Finding.objects.filter(rule="eu.merchant.verified").count() == 1
    assert {queries.clearances_of(one)["DE"].verdict for one in subjects} == {"blocked"}
    operations.judge_many(subjects={key: scarf() for key in subjects}, now=LATER)
    assert ("eu.merchant.verified", "merchant.verified") not in open_rules(merchant)
    assert {queries.clearances_of(one)["DE"].verdict for one in subjects} == {"notice"}


def test_a_category_that_is_gone_stops_one_sale_and_not_the_batch() -> None:
    operations.judge_many(subjects={L: honey(category="food.gone"), "listing:L-2": honey()}, now=NOW)
    assert queries.judgement_of(L).sellable_in == []
    assert queries.judgement_of("listing:L-2").sellable_in != []


def test_the_number_of_queries_does_not_grow_with_the_subjects() -> None:
    def queries_for(count: int, prefix: str, at: datetime, allergens: list[str] | None) -> int:
        facts = {f"listing:{prefix}{n:03}": honey(disclosures__allergens=allergens) for n in range(count)}
        with CaptureQueriesContext(
            connection,
        ) as captured:
            operations.judge_many(subjects=facts, now=at)
        return len(captured)

    for allergens in (None, ["none"]):  # profiles that are new cost two statements more
        queries_for(1, "C", NOW, allergens)
    assert queries_for(1, "A", NOW, None) == queries_for(50, "B", NOW, None)
    assert queries_for(1, "A", LATER, ["none"]) == queries_for(50, "B", LATER, ["none"])
    assert queries_for(50, "B", LATER, ["none"]) <= 5  # nothing changed: only the locks are taken


def test_news_is_told_when_a_market_opens_or_closes() -> None:
    operations.judge(subject=L, facts=honey(disclosures__allergens=None), now=NOW)
    operations.judge(subject=L, facts=honey(disclosures__allergens=None, images=1), now=LATER)
    operations.judge(subject=L, facts=honey(), now=LATER)
    told = Event.objects.filter(name="compliance.ClearanceChanged").order_by("recorded_at")
    assert [event.payload for event in told] == [{"subjects": [L]}] * 2


def test_the_app_that_owns_a_kind_is_told_in_the_same_transaction() -> None:
    told: dict[str, list[str]] = {}

    def on_judged(judgements: dict[str, Judgement], now: datetime) -> None:
        told.update({public_id: row.sellable_in for public_id, row in judgements.items()})

    registry.register_subject(
        "listing", facts_of_many=lambda ids: {}, all_ids=lambda after, limit, groups: [], on_judged=on_judged
    )
    operations.judge(subject=L, facts=honey(), now=NOW)
    assert told == {"L-HONEY234": queries.judgement_of(L).sellable_in}


def test_a_failing_owner_leaves_nothing_half_written() -> None:
    def refuse(judgements: dict[str, Judgement], now: datetime) -> None:
        raise RuntimeError("no")

    registry.register_subject(
        "listing", facts_of_many=dict, all_ids=lambda after, limit, groups: [], on_judged=refuse
    )
    with pytest.raises(RuntimeError):
        operations.judge(subject=L, facts=honey(), now=NOW)
    assert [model.objects.count() for model in (Finding, Profile, Judgement, Event)] == [0, 0, 0, 0]


def test_a_forgotten_subject_leaves_nothing() -> None:
    operations.judge(subject=L, facts=honey(disclosures__allergens=None), now=NOW)
    operations.forget(subjects=[L])
    assert [model.objects.filter(subject=L).count() for model in (Finding, Judgement)] == [0, 0]


# -- sweeps


class Shop:
    """Three listings that somebody else owns."""

    def __init__(self, count: int = 3) -> None:
        self.facts = {f"L-{n:03}": honey() for n in range(count)}
        self.asked: list[str] = []
        registry.register_subject("listing", facts_of_many=self.facts_of_many, all_ids=self.all_ids)

    def facts_of_many(self, ids: list[str]) -> dict[str, dict]:
        self.asked += ids
        return {one: self.facts[one] for one in ids if one in self.facts}

    def all_ids(self, after: str, limit: int, groups: object) -> list[str]:
        return [one for one in sorted(self.facts) if one > after][:limit]


def test_a_sweep_judges_everything_once_a_day() -> None:
    shop = Shop()
    run = sweeping.sweep(kind="listing", now=NOW)
    sweeping.sweep(kind="listing", now=LATER)
    assert (run.looked_at, run.changed, run.finished_at) == (3, 3, NOW)
    assert shop.asked == ["L-000", "L-001", "L-002"]
    assert len(queries.judgements_of(f"listing:{one}" for one in shop.facts)) == 3


def test_an_interrupted_sweep_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "CHUNK", 2)
    shop = Shop(5)
    first = sweeping.sweep(kind="listing", now=NOW, chunks=1)
    assert (first.looked_at, first.cursor, first.finished_at) == (2, "new:L-001", None)
    second = sweeping.sweep(kind="listing", now=LATER)
    assert (second.pk, second.looked_at, second.finished_at) == (first.pk, 5, LATER)
    assert shop.asked == sorted(shop.facts)


def test_a_new_rulebook_is_swept_again_on_profiles_and_nobody_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = Shop()
    operations_run = sweeping.sweep(kind="listing", now=NOW)
    monkeypatch.setattr(rulebook.default(), "version", "another")
    run = sweeping.sweep(kind="listing", now=LATER)
    assert (run.pk == operations_run.pk, run.looked_at, run.changed) == (False, 0, 0)
    assert shop.asked == sorted(shop.facts)


def test_a_new_rulebook_that_says_the_same_of_a_listing_leaves_its_judgement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Shop()
    sweeping.sweep(kind="listing", now=NOW)
    monkeypatch.setattr(rulebook.default(), "version", "another")
    run = sweeping.sweep(kind="listing", now=LATER)
    judged = set(Judgement.objects.exclude(judged_at=None).values_list("judged_at", flat=True))
    assert (run.looked_at, run.changed, judged) == (0, 0, {NOW})


def test_a_day_that_brings_new_law_finds_what_is_missing_then() -> None:
    shop = Shop(1)
    shop.facts["L-000"] = honey(disclosures__honey_origins=None)
    before = datetime(2026, 6, 13, 12, tzinfo=UTC)
    sweeping.sweep(kind="listing", now=before)
    (announced,) = queries.findings_of("listing:L-000").filter(rule="eu.listing.food.honey_origin")
    sweeping.sweep(kind="listing", now=before + timedelta(days=1))
    (binding,) = queries.findings_of("listing:L-000").filter(rule="eu.listing.food.honey_origin")
    assert (announced.severity, binding.severity, announced.pk == binding.pk) == ("info", "high", True)


def test_a_first_judgement_keeps_what_judging_one_by_one_keeps() -> None:
    records = {
        f"listing:L-{at}": record
        for at, record in enumerate([honey(), honey(disclosures__allergens=None), scarf(), honey(), scarf()])
    }
    operations.judge_many(subjects=records, now=NOW)
    together = [_kept(subject) for subject in sorted(records)]
    operations.forget(subjects=sorted(records))
    Judgement.objects.bulk_create([Judgement(subject=subject, judged_at=NOW) for subject in records])
    for (
        subject,
        record,
    ) in records.items():  # judged before, so every finding is compared and written by itself
        operations.judge(subject=subject, facts=record, now=NOW)
    assert [_kept(subject) for subject in sorted(records)] == together
    assert all(findings and judged for findings, judged in together)


def _kept(subject: str) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return all that is kept of a subject but its keys."""
    findings = [field.name for field in Finding._meta.fields if field.name != "id"]
    judged = [field.name for field in Judgement._meta.fields if field.name not in ("id", "profile")]
    return (
        list(
            Finding.objects.filter(subject=subject)
            .order_by("rule", "jurisdiction", "field")
            .values_list(*findings)
        ),
        list(Judgement.objects.filter(subject=subject).values_list(*judged)),
    )


def test_what_a_known_subject_misses_is_compared_and_a_new_one_beside_it_is_written() -> None:
    operations.judge(subject=L, facts=honey(disclosures__allergens=None), now=NOW)
    records = {L: honey(), "listing:L-NEW23456": honey(disclosures__allergens=None)}
    operations.judge_many(subjects=records, now=LATER)
    rule = ("eu.listing.food.allergens", "allergens")
    assert (rule in open_rules(), rule in open_rules("listing:L-NEW23456")) == (False, True)
