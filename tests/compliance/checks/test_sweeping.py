"""Sweeps on profiles: they leave what judging each listing by itself leaves, and read only whom they must."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance import rulebook
from compliance.checks import operations, profiles, registry, runs, sweeping
from compliance.checks.models import Finding, Judgement, LawReading, Profile
from compliance.checks.outcomes import outcomes_of
from compliance.enforcement import measures
from compliance.rulebook.loader import ROOT
from compliance.rulebook.loader import amended as amended_book
from marketplace.kernel.models import Event
from tests.compliance.samples import MERCHANT, honey, listing, scarf

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds: dict[str, registry.Kind] = {}
    for module in (registry, operations, sweeping):
        monkeypatch.setattr(module, "KINDS", kinds)


@pytest.fixture(autouse=True)
def released_law() -> Iterator[None]:
    yield
    rulebook.use(None)


class Shop:
    """Listings that somebody else owns, and a note of whose facts were read."""

    def __init__(self, facts: dict[str, dict[str, Any]]) -> None:
        self.facts, self.read = facts, []
        registry.register_subject("listing", facts_of_many=self.facts_of_many, all_ids=self.all_ids)

    def facts_of_many(self, ids: list[str]) -> dict[str, dict]:
        self.read += ids
        return {one: self.facts[one] for one in ids if one in self.facts}

    def all_ids(self, after: str, limit: int, groups: object) -> list[str]:
        return [one for one in sorted(self.facts) if one > after][:limit]


def goods() -> dict[str, dict[str, Any]]:
    return {
        "L-1": honey(), "L-2": honey(disclosures__allergens=None), "L-3": honey(brand="Other", images=7),
        "L-4": scarf(), "L-5": scarf(merchant={**MERCHANT, "public_id": "M-OTHER234", "verified": False}),
        "L-6": listing("toy.general"), "L-7": honey(disclosures__honey_origins=None),
    }  # fmt: skip


def kept() -> list[list[Any]]:
    """Return all that is open and where who may be sold, without times and keys."""
    findings = [field.name for field in Finding._meta.fields]
    for name in ("id", "rule_version", "first_seen_at", "last_seen_at"):
        findings.remove(name)
    opened = (
        Finding.objects.open().order_by("subject", "rule", "jurisdiction", "field").values_list(*findings)
    )
    judged = ("subject", "sell", "notice", "blocked", "open_findings", "owner", "category", "outcome")
    return [
        list(opened),
        list(Judgement.objects.exclude(judged_at=None).order_by("subject").values_list(*judged)),
    ]


def amended(rule_id: str, old: str, new: str) -> rulebook.Rulebook:
    """Return the released law with one rule file changed."""
    text = (ROOT / rulebook.release().rules[rule_id].file).read_text(encoding="utf-8")
    assert old in text
    return amended_book(rulebook.release(), {rule_id: text.replace(old, new)})


def test_listings_that_no_duty_tells_apart_share_a_profile() -> None:
    Shop(goods())
    sweeping.sweep(kind="listing", now=NOW)
    profiles = dict(Judgement.objects.exclude(profile=None).values_list("subject", "profile"))
    assert profiles["listing:L-1"] == profiles["listing:L-3"]
    assert (len(profiles), Profile.objects.count(), LawReading.objects.count()) == (7, 6, 1)


def test_a_second_sweep_reads_and_writes_nothing() -> None:
    shop = Shop(goods())
    sweeping.sweep(kind="listing", now=NOW)
    before, shop.read = [kept(), Event.objects.count()], []
    run = sweeping.sweep(kind="listing", now=LATER)
    assert (shop.read, run.looked_at, run.changed) == ([], 0, 0)
    assert [kept(), Event.objects.count()] == before


@pytest.mark.parametrize(
    ("rule", "old", "new", "read"),
    [
        # What is found changes, no market does: written by sets of rows.
        ("eu.listing.food.honey_origin", "severity: high", "severity: medium", []),
        ("eu.listing.food.allergens", "what: ", "what: Say which. ", []),
        # Markets close or open: judged on facts read afresh.
        ("eu.listing.food.allergens", "severity: block", "severity: high", ["L-2"]),
    ],
)
def test_a_changed_rule_leaves_what_judging_one_by_one_leaves(
    rule: str, old: str, new: str, read: list[str]
) -> None:
    shop = Shop(goods())
    sweeping.sweep(kind="listing", now=NOW)
    shop.read, before = [], kept()
    rulebook.use(amended(rule, old, new))
    sweeping.judge_touched(kind="listing", now=LATER)
    swept = kept()
    assert (shop.read, swept != before) == (read, True)
    operations.forget(subjects=list(Judgement.objects.values_list("subject", flat=True)))
    operations.judge_again(kind="listing", ids=sorted(shop.facts), now=LATER)
    assert kept() == swept


def test_a_day_that_brings_new_law_leaves_what_judging_one_by_one_leaves() -> None:
    shop = Shop(goods())
    sweeping.sweep(kind="listing", now=datetime(2026, 6, 13, 12, tzinfo=UTC))
    day = datetime(2026, 6, 14, 12, tzinfo=UTC)
    sweeping.sweep(kind="listing", now=day)
    swept = kept()
    operations.forget(subjects=list(Judgement.objects.values_list("subject", flat=True)))
    operations.judge_again(kind="listing", ids=sorted(shop.facts), now=day)
    assert kept() == swept


def test_a_mended_finding_is_closed_by_a_law_that_no_longer_asks() -> None:
    Shop({"L-1": honey(disclosures__net_quantity=None)})
    sweeping.sweep(kind="listing", now=NOW)
    rule = Finding.objects.open().filter(field="net_quantity", jurisdiction="EU").get().rule
    rulebook.use(amended(rule, "needs: [disclosures.net_quantity]", 'must: "true"'))
    sweeping.judge_touched(kind="listing", now=LATER)
    closed = Finding.objects.get(rule=rule)
    assert (closed.state, closed.closed_at, closed.last_seen_at) == ("closed", LATER, NOW)


def test_a_rule_that_looks_at_something_new_has_the_facts_read_again() -> None:
    shop = Shop(goods())
    sweeping.sweep(kind="listing", now=NOW)
    shop.read = []
    rulebook.use(
        amended(
            "eu.listing.food.net_quantity", "needs: [disclosures.net_quantity]", "must: \"brand == 'Other'\""
        )
    )
    sweeping.judge_touched(kind="listing", now=LATER)
    missed = (
        Finding.objects.open().filter(rule="eu.listing.food.net_quantity").values_list("subject", flat=True)
    )
    assert (sorted(shop.read), sorted(missed)) == (
        ["L-1", "L-2", "L-3", "L-7"],
        ["listing:L-1", "listing:L-2", "listing:L-7"],
    )


def test_a_document_that_runs_out_overnight_has_its_listing_read_again() -> None:
    report = {"kind": "childrens_product_certificate", "expires_on": "2026-11-23"}
    shop = Shop({"L-1": listing("toy.general", documents=[report]), "L-2": honey()})
    sweeping.sweep(kind="listing", now=NOW)
    shop.read = []
    sweeping.sweep(kind="listing", now=LATER)
    assert shop.read == ["L-1"]
    assert Finding.objects.open().filter(rule="us.listing.children.certificate", field="cpc_url").exists()


def test_who_is_spared_a_duty_is_judged_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop({"L-1": honey(disclosures__allergens=None), "L-2": honey(disclosures__allergens=None)})
    spared = {"listing:L-1": frozenset({("eu.listing.food.allergens", "allergens")})}
    monkeypatch.setattr(measures, "exempt_from", lambda subjects: spared)
    sweeping.sweep(kind="listing", now=NOW)
    judged = {row.subject: row for row in Judgement.objects.exclude(judged_at=None)}
    assert ["FR" in judged[f"listing:{one}"].blocked for one in ("L-1", "L-2")] == [False, True]
    assert [judged[f"listing:{one}"].profile is None for one in ("L-1", "L-2")] == [True, False]
    shop.read = []
    sweeping.sweep(kind="listing", now=LATER)
    assert shop.read == ["L-1"]


def test_findings_of_a_listing_alone_keep_it_from_being_judged_by_its_profile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What some listing's own words miss is found on its facts; equal profiles do not share it."""
    judge = operations.judge_complete

    def judge_words(facts: dict, book: Any, **how: Any) -> Any:
        judged = judge(facts, book, **how)
        return judge({**facts, "disclosures": {}}, book, **how) if facts["brand"] == "Odd" else judged

    monkeypatch.setattr(operations, "judge_complete", judge_words)
    Shop({"L-1": honey(brand="Odd"), "L-2": honey()})
    sweeping.sweep(kind="listing", now=NOW)
    profiles = {row.subject: row.profile for row in Judgement.objects.exclude(judged_at=None)}
    assert (profiles["listing:L-1"], profiles["listing:L-2"] is None) == (None, False)


def test_an_hour_reads_its_share_afresh_and_all_hours_read_everything() -> None:
    shop = Shop(goods())
    sweeping.sweep(kind="listing", now=NOW)
    shop.read = []
    counts = [
        sweeping.read_afresh(kind="listing", now=NOW + timedelta(hours=n)) for n in range(sweeping.TURNS)
    ]
    assert (sum(counts), sorted(shop.read)) == (7, sorted(shop.facts))


def test_the_statements_of_a_sweep_do_not_grow_with_the_listings() -> None:
    def statements(count: int, day: datetime) -> int:
        rulebook.use(None)
        Shop({f"L-{n:03}": honey(disclosures__honey_origins=None) for n in range(count)})
        sweeping.sweep(kind="listing", now=day)
        rulebook.use(amended("eu.listing.food.honey_origin", "what: ", "what: Say it. "))
        with CaptureQueriesContext(connection) as captured:
            written = sweeping.judge_touched(kind="listing", now=day)
        assert written == count
        return len(captured)

    assert statements(1, NOW) == statements(60, LATER)


def test_who_is_listed_and_was_never_judged_is_found_by_a_query(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any query of one column will do; here the ids stand in a table that nobody else uses."""
    monkeypatch.setattr(sweeping, "UNJUDGED", 2)
    shop = Shop(goods())
    walked = []
    registry.register_subject(
        "listing",
        facts_of_many=shop.facts_of_many,
        all_ids=lambda *how: walked.append(how),
        listed=lambda since: LawReading.objects.filter(digest__startswith="L-").values_list("digest"),
    )
    LawReading.objects.bulk_create([LawReading(digest=one, said={}) for one in (*shop.facts, "L-9")])
    operations.judge_again(kind="listing", ids=["L-1", "L-4"], now=NOW)
    Judgement.objects.create(subject="listing:L-7")  # a blank one, as a judgement that broke off would leave
    shop.read = []
    run = sweeping.sweep(kind="listing", now=NOW)
    unjudged = ["L-2", "L-3", "L-5", "L-6", "L-9"]  # the last is listed and has no facts
    assert (shop.read, walked, run.looked_at, run.finished_at) == ([*unjudged, "L-7"], [], 7, NOW)
    assert Judgement.objects.exclude(judged_at=None).filter(subject__startswith="listing:").count() == 7


def test_all_are_compared_every_week_and_whenever_a_law_was_not_followed_to_its_end() -> None:
    """What should not be is made here: a listing whose findings are not those of its profile."""
    Shop(goods())
    sweeping.sweep(kind="listing", now=NOW)
    found = []

    def spoil_and_sweep(now: datetime) -> None:
        Judgement.objects.filter(subject="listing:L-2").update(outcome="another", facts_digest="")
        run = sweeping.sweep(kind="listing", now=now)
        right = Judgement.objects.exclude(outcome="another").filter(subject="listing:L-2")
        found.append((run.looked_at, right.exists()))

    spoil_and_sweep(LATER)
    rulebook.use(amended("eu.listing.food.honey_origin", "what: ", "what: Say it. "))
    next(profiles.refresh(outcomes_of(rulebook.default(), LATER.date())))  # and dies
    spoil_and_sweep(LATER + timedelta(days=1))
    spoil_and_sweep(LATER + timedelta(days=2))
    spoil_and_sweep(NOW + runs.WHOLE)
    assert found == [(0, False), (7, True), (0, False), (7, True)]


def test_who_is_judged_by_another_law_than_the_profiles_is_judged_again() -> None:
    """A worker that has not heard of the new law, or of the new day, comes after who follows it."""
    shop = Shop(goods())
    sweeping.sweep(kind="listing", now=NOW)
    old = rulebook.default()
    rulebook.use(amended("eu.listing.food.honey_origin", "what: ", "what: Say it. "))
    new = rulebook.default()
    sweeping.judge_touched(kind="listing", now=LATER)
    rulebook.use(old)
    operations.judge_again(kind="listing", ids=["L-7"], now=LATER)
    rulebook.use(new)
    shop.read = []
    sweeping.sweep(kind="listing", now=LATER)
    (finding,) = Finding.objects.open().filter(rule="eu.listing.food.honey_origin")
    assert (shop.read, finding.what.startswith("Say it. ")) == (["L-7"], True)
    sweeping.sweep(kind="listing", now=LATER + timedelta(days=1))
    assert shop.read == ["L-7"]


def test_a_sweep_begun_by_an_earlier_release_begins_anew() -> None:
    Shop(goods())
    run = sweeping.run_of("listing", now=NOW)
    type(run).objects.update(cursor="L-3", looked_at=3)
    run = sweeping.sweep(kind="listing", now=NOW)
    assert (run.looked_at, run.finished_at) == (7, NOW)


def test_profiles_that_nobody_has_are_dropped() -> None:
    Shop({"L-1": honey()})
    sweeping.sweep(kind="listing", now=NOW)
    operations.forget(subjects=["listing:L-1"])
    Shop({"L-2": scarf()})
    sweeping.sweep(kind="listing", now=LATER)
    sweeping.sweep(kind="listing", now=NOW + runs.WHOLE)
    assert Profile.objects.count() == 1
