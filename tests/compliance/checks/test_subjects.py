"""Subjects that are no listings: judged on their facts, kept once, closed when mended, swept in chunks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from compliance import rulebook
from compliance.checks import operations as checks
from compliance.checks import subjects
from compliance.checks.models import CheckRun, Finding
from compliance.checks.subjects import Record
from marketplace.kernel.errors import NotFound
from tests.compliance.samples import honey

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
FACTS: dict[str, dict[str, Any]] = {}


@pytest.fixture(autouse=True)
def reviews(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """Register reviews as the app that will own them does: one line."""
    FACTS.clear()
    monkeypatch.setattr(subjects, "KINDS", {})
    subjects.register_records(
        "review",
        records_of_many=lambda ids, now: {
            one: Record(FACTS[one], ("DE", "FR", "GB", "JP"), "M-1") for one in ids if one in FACTS
        },
        all_ids=lambda last, limit: sorted(one for one in FACTS if one > last)[:limit],
    )
    return FACTS


def open_rules(subject: str = "review:V-1") -> list[str]:
    return sorted(Finding.objects.open().filter(subject=subject).values_list("rule", flat=True))


def test_a_finding_says_what_where_why_and_how_to_mend():
    FACTS["V-1"] = {"from_buyer": True}
    subjects.judge(about="review", ids=["V-1"], now=NOW)
    (found,) = Finding.objects.open()
    assert (found.rule, found.markets, found.owner, found.first_seen_at, found.severity) == (
        "eu.review.check_stated", ["DE", "FR"], "M-1", NOW, "high",
    )  # fmt: skip
    assert found.what
    assert found.fix
    assert rulebook.default().rules[found.rule].versions[0].cites


def test_what_is_mended_closes_and_twice_the_same_changes_nothing():
    FACTS["V-1"] = {"from_buyer": True}
    for hours in (0, 1):
        subjects.judge(about="review", ids=["V-1"], now=NOW + timedelta(hours=hours))
    once = Finding.objects.count()
    FACTS["V-1"]["check_stated"] = True
    subjects.judge(about="review", ids=["V-1"], now=NOW + timedelta(hours=2))
    assert (once, open_rules(), Finding.objects.get().closed_at) == (1, [], NOW + timedelta(hours=2))


def test_what_is_gone_leaves_nothing_open():
    FACTS["V-1"] = {}
    subjects.judge(about="review", ids=["V-1"], now=NOW)
    del FACTS["V-1"]
    assert (subjects.judge(about="review", ids=["V-1"], now=NOW), open_rules()) == (0, [])


def test_the_number_of_queries_does_not_grow(django_assert_max_num_queries: Any):
    FACTS.update({f"V-{n:03d}": {} for n in range(100)})
    with django_assert_max_num_queries(8):
        subjects.judge(about="review", ids=list(FACTS), now=NOW)


def test_a_kind_nobody_registered_is_refused():
    with pytest.raises(NotFound):
        subjects.judge(about="order", ids=["O-1"], now=NOW)


def test_a_sweep_goes_on_where_it_stopped_and_is_done_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(subjects, "CHUNK", 2)
    FACTS.update({f"V-{n}": {} for n in range(5)})
    first = subjects.sweep(about="review", now=NOW, chunks=1)
    rest = subjects.sweep(about="review", now=NOW)
    again = subjects.sweep(about="review", now=NOW)
    assert (first.looked_at, first.finished_at, rest.looked_at, rest.finished_at) == (2, None, 5, NOW)
    assert (again.pk, CheckRun.objects.count(), len(subjects.open_ids("review"))) == (rest.pk, 1, 5)


def test_a_changed_rule_asks_only_the_kinds_it_is_about():
    found = subjects.kinds_asked_by(
        ["eu.review.genuine", "eu.order.confirmation", "eu.withdrawal.period"], rulebook.default()
    )
    assert found == ("review",)


def test_listings_and_merchants_keep_to_their_own_findings(monkeypatch: pytest.MonkeyPatch):
    """Both write on the merchant; neither closes what the other found."""
    seller = "merchant:M-IMKER234"
    record = Record({"in_eu": True}, ("DE",), "M-IMKER234")
    subjects.register_records(
        "merchant", records_of_many=lambda ids, now: {"M-IMKER234": record}, all_ids=lambda last, n: []
    )
    facts = honey()
    facts["merchant"] = {**facts["merchant"], "verified": False}
    checks.judge_many(subjects={"listing:L-1": facts}, now=NOW)
    subjects.judge(about="merchant", ids=["M-IMKER234"], now=NOW)
    both = open_rules(seller)
    checks.judge_many(subjects={"listing:L-1": {**facts, "images": 3}}, now=NOW + timedelta(hours=1))
    subjects.judge(about="merchant", ids=["M-IMKER234"], now=NOW + timedelta(hours=2))
    assert {"eu.merchant.verified", "eu.seller.vat_id"} <= set(both)
    assert open_rules(seller) == both


def test_a_kind_whose_facts_nobody_documents_is_refused():
    with pytest.raises(NotFound):
        subjects.register_records(
            "rumour", records_of_many=lambda ids, now: {}, all_ids=lambda last, limit: []
        )
    assert sorted(subjects.KINDS) == ["review"]


def test_notices_are_judged_once_somebody_registers_them():
    late = {"reasons": True, "exact_place": True, "has_contact": True, "receipt_sent": True, "about_safety": True,
            "working_days_open": 4}  # fmt: skip
    subjects.register_records(
        "notice",
        records_of_many=lambda ids, now: {one: Record(late, ("DE",)) for one in ids},
        all_ids=lambda last, limit: [one for one in ("N-1",) if one > last][:limit],
    )
    subjects.sweep(about="notice", now=NOW)
    assert open_rules("notice:N-1") == ["eu.notice.safety_in_time"]
