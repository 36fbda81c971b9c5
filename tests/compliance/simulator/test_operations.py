"""The catalogue judged by another day's law or by a draft; notices once per merchant and change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from compliance.checks import registry
from compliance.checks.models import Finding
from compliance.rulebook.strict_yaml import BookRefused
from compliance.simulator import operations
from compliance.simulator.models import LawNotice, SalesShare
from marketplace.kernel.errors import Invalid
from marketplace.kernel.models import Event
from tests.compliance.samples import honey, scarf

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DAY = date(2027, 1, 1)
DRAFT = {
    "jp.listing.textiles.samples": """\
id: jp.listing.textiles.samples
title: Textiles come with a sample certificate
kind: duty
right: safety
about: listing
groups: [TEX]
severity: block
must: "'sample_certificate' in attestations"
field: attestations
what: "You have not confirmed: %(statement)s"
fix: "If it is true, confirm it under Declarations."
versions:
  - from: 2027-01-01
    cites: [{act: "An act for a test", at: "Art. 1", url: "https://example.org/act"}]
    params: {statement: "A sample was certified.", attestation: "sample_certificate"}
status: in_force
checked: {on: 2026-11-24, confidence: official}
source_id: jp.test
"""
}


class Shop:
    """Three scarves and two jars of honey, and whose facts were asked for."""

    def __init__(self) -> None:
        self.facts = {f"L-{n}": (scarf() if n < 3 else honey()) for n in range(5)}
        self.asked: list[str] = []

    def facts_of_many(self, ids: Any) -> dict[str, Any]:
        self.asked += ids
        return {one: self.facts[one] for one in ids}

    def all_ids(self, after: str, limit: int, groups: Any) -> list[str]:
        touched = lambda one: groups is None or (one < "L-3") == ("TEX" in groups) or "ALL" in groups  # noqa: E731
        return [one for one in sorted(self.facts) if one > after and touched(one)][:limit]


@pytest.fixture
def shop() -> Iterator[Shop]:
    kept, shop = dict(registry.KINDS), Shop()
    registry.register_subject("listing", facts_of_many=shop.facts_of_many, all_ids=shop.all_ids)
    yield shop
    registry.KINDS.clear()
    registry.KINDS.update(kept)


def simulate(**options: Any) -> Any:
    simulation = operations.start_simulation(on=DAY, user_id=None, now=NOW, drafts=DRAFT, **options)
    return operations.run_simulation(simulation_id=simulation.pk, now=NOW)


def test_a_draft_blocks_whom_it_concerns_and_no_one_else(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(operations.duties, "groups_between", lambda *_: frozenset({"TEX"}))
    done = simulate()
    lost = {effect.subject: (effect.lost, effect.rules) for effect in done.effects.all()}
    assert lost == {f"listing:L-{n}": (["JP"], ["jp.listing.textiles.samples"]) for n in range(3)}
    assert (done.state, done.total, done.looked_at, done.broken, sorted(shop.asked)) == (
        "done", 3, 3, 3, ["L-0", "L-1", "L-2"],
    )  # fmt: skip


def test_the_groups_of_a_draft_are_those_it_names():
    simulation = operations.start_simulation(on=NOW.date(), user_id=None, now=NOW, drafts={})
    drafted = operations.start_simulation(on=NOW.date(), user_id=None, now=NOW, drafts=DRAFT)
    assert (simulation.groups, simulation.rules, drafted.groups) == ([], [], ["TEX"])


def test_sales_at_risk_are_those_of_the_markets_lost(shop: Shop):
    operations.record_sales(sales={("L-0", "JP"): 12_000, ("L-0", "DE"): 90_000, ("L-3", "JP"): 5}, now=NOW)
    done = simulate()
    sales = {effect.subject: effect.sales_minor for effect in done.effects.filter(lost=["JP"])}
    assert sales == {"listing:L-0": 12_000, "listing:L-1": 0, "listing:L-2": 0}


def test_sales_are_replaced_not_added(shop: Shop):
    operations.record_sales(sales={("L-0", "JP"): 12_000, ("L-1", "JP"): 7}, now=NOW)
    operations.record_sales(sales={("L-0", "JP"): 11_000}, now=NOW + timedelta(days=1))
    assert list(SalesShare.objects.values_list("subject", "sales_minor")) == [("listing:L-0", 11_000)]


def test_a_simulation_goes_on_where_it_stopped(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(operations, "CHUNK", 2)
    simulation = operations.start_simulation(on=DAY, user_id=None, now=NOW, drafts=DRAFT)
    first = operations.run_simulation(simulation_id=simulation.pk, now=NOW, chunks=1)
    done = operations.run_simulation(simulation_id=simulation.pk, now=NOW)
    assert (first.state, first.looked_at, done.state, len(shop.asked)) == (
        "running", 2, "done", len(set(shop.asked)),
    )  # fmt: skip


def test_a_cancelled_simulation_stays_cancelled(shop: Shop):
    simulation = operations.start_simulation(on=DAY, user_id=None, now=NOW, drafts=DRAFT)
    operations.cancel_simulation(simulation_id=simulation.pk, now=NOW)
    again = operations.run_simulation(simulation_id=simulation.pk, now=NOW)
    assert (again.state, shop.asked) == ("cancelled", [])


@pytest.mark.parametrize("on", [date(2026, 11, 23), date(2040, 1, 1)])
def test_days_that_cannot_be_tried_are_refused(on: date):
    with pytest.raises(Invalid) as refused:
        operations.start_simulation(on=on, user_id=None, now=NOW)
    assert refused.value.field == "on"


def test_a_draft_that_is_no_rule_is_refused():
    with pytest.raises(BookRefused):
        operations.start_simulation(on=DAY, user_id=None, now=NOW, drafts={"jp.x": "id: jp.x"})


def test_a_merchant_is_told_once_of_a_change(shop: Shop):
    done = simulate()
    queued = [operations.queue_notices(simulation_id=done.pk, now=NOW) for _ in range(2)]
    notice = LawNotice.objects.get(rule="jp.listing.textiles.samples")
    assert (queued[1], notice.owner, notice.subjects, notice.markets, notice.since) == (
        0, "M-IMKER234", 3, ["JP"], DAY,
    )  # fmt: skip


def test_a_notice_is_sent_once_then_reminded_before_the_day(shop: Shop):
    LawNotice.objects.create(owner="M-1", rule="r", since=DAY, subjects=1, queued_at=NOW)
    days = [
        NOW,
        NOW,
        NOW + timedelta(days=10),
        NOW + timedelta(days=11),
        NOW + timedelta(days=33),
        NOW + timedelta(days=60),
    ]
    sent = [operations.send_notices(now=at) for at in days]
    kinds = list(
        Event.objects.filter(name="compliance.LawNoticeDue")
        .order_by("recorded_at")
        .values_list("payload__is_reminder", flat=True)
    )
    assert (sent, kinds) == ([1, 0, 1, 0, 1, 0], [False, True, True])


def test_what_judgements_announce_is_queued_once(shop: Shop):
    toy = DAY + timedelta(days=30)
    finding = {
        "subject": "listing:L-9", "jurisdiction": "EU", "markets": ["DE", "FR"], "rule": "eu.listing.x",
        "rule_version": "1", "severity": "info", "confidence": "official", "what": "", "fix": "",
        "first_seen_at": NOW, "last_seen_at": NOW, "owner": "M-1", "due_on": toy,
    }  # fmt: skip
    Finding.objects.create(**finding)
    Finding.objects.create(**finding | {"subject": "listing:L-8", "markets": ["AT"]})
    Finding.objects.create(**finding | {"subject": "listing:L-7", "due_on": NOW.date()})
    queued = [operations.queue_announced(now=NOW) for _ in range(2)]
    told = list(LawNotice.objects.values_list("owner", "rule", "since", "subjects", "markets"))
    assert (queued, told) == ([1, 0], [("M-1", "eu.listing.x", toy, 2, ["AT", "DE", "FR"])])
