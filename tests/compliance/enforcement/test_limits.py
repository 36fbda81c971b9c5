"""What stands open too long is sold on but no longer recommended: with reasons, once, until it is mended."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from compliance.checks import operations as checks
from compliance.checks import runs
from compliance.checks.models import CheckRun, Finding
from compliance.enforcement import limits, operations, queries
from compliance.enforcement.models import Measure
from compliance.rulebook.ladder import Step, ladder
from marketplace.accounts.models import User
from marketplace.kernel.models import Event
from tests.compliance.samples import honey

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ONE = "listing:L-1"
RULE = "eu.listing.gpsr.picture"


def judge(facts: dict[str, Any], days: int = 0) -> Any:
    return checks.judge_many(subjects={ONE: facts}, now=NOW + timedelta(days=days))[ONE]


@pytest.fixture
def finding() -> Finding:
    """Return a serious finding, just made, of a listing that may be sold."""
    judge(honey())
    Finding.objects.all().delete()
    return Finding.objects.create(
        subject=ONE, owner="M-IMKER234", rule=RULE, jurisdiction="EU", markets=["DE"], severity="high",
        confidence="secondary", what="A picture is missing.", fix="Add one.", rule_version="x", first_seen_at=NOW,
        last_seen_at=NOW,
    )  # fmt: skip


def settle(days: float) -> tuple[int, int]:
    return limits.settle(subjects=[ONE], now=NOW + timedelta(days=days))


AFTER = ladder().rung(RULE, "high", "secondary").after.days


def test_it_is_warned_of_first_and_limited_when_its_time_is_over(finding: Finding):
    early, late, again = settle(AFTER - 0.01), settle(AFTER), settle(AFTER + 1)
    measure = Measure.objects.get()
    assert (early, late, again) == ((0, 0), (1, 0), (0, 0))
    assert (measure.step, measure.rules, measure.subject, measure.taken_in) == ("limit", [RULE], ONE, ["DE"])
    assert limits.due_from(finding) == NOW + timedelta(days=AFTER)


def test_the_merchant_is_told_with_reasons_and_the_shop_hears_of_it(finding: Finding):
    settle(AFTER)
    measure = Measure.objects.get()
    names = list(
        Event.objects.filter(name__startswith="compliance.").order_by("id").values_list("name", "payload")
    )
    assert ("compliance.MeasuresTaken", {"owner": "M-IMKER234", "measures": [measure.pk]}) in names
    assert ("compliance.LimitsChanged", {"subjects": [ONE]}) in names
    assert queries.reasons_of(measure)[0].cites


def test_it_ends_with_its_cause_and_only_then(finding: Finding):
    settle(AFTER)
    Finding.objects.update(state="closed", closed_at=NOW)
    assert settle(AFTER + 1) == (0, 1)
    measure = Measure.objects.get()
    assert (measure.still_in, measure.lifted_at, limits.limited([ONE])) == (
        [],
        NOW + timedelta(days=AFTER + 1),
        {},
    )


def test_a_judgement_that_finds_it_mended_lifts_it(finding: Finding):
    settle(AFTER)
    judge(honey(images=3), AFTER + 1)
    assert Measure.objects.get().lifted_at is not None


def test_what_nobody_read_in_a_source_and_what_is_only_to_come_limits_nothing(finding: Finding):
    Finding.objects.update(confidence="knowledge")
    unread = settle(AFTER + 100)
    Finding.objects.update(confidence="official", due_on=NOW.date())
    assert (unread, settle(AFTER + 100)) == ((0, 0), (0, 0))


def test_what_is_sold_nowhere_needs_no_limit(finding: Finding):
    checks.Judgement.objects.update(sell=[], notice=[])
    assert (settle(AFTER), Measure.objects.count()) == ((0, 0), 0)


def test_it_holds_only_where_the_law_is_missed_and_shrinks_with_it(finding: Finding):
    Finding.objects.update(markets=["DE", "FR"])
    settle(AFTER)
    Finding.objects.update(markets=["FR"])
    shrunk = settle(AFTER + 1)
    left = limits.limited([ONE])
    Finding.objects.update(markets=["FR", "IT"])
    grown = settle(AFTER + 2)
    assert (shrunk, left, grown, limits.limited([ONE])) == (
        (0, 0),
        {ONE: ("FR",)},
        (1, 0),
        {ONE: ("FR", "IT")},
    )


def test_who_complains_and_is_right_is_spared(finding: Finding):
    settle(AFTER)
    merchant, officer = (User.objects.create_user(f"{n}@example.org", "x").pk for n in "ab")
    appeal = operations.file_appeal(
        measure_id=Measure.objects.get().pk, text="No.", user_id=merchant, now=NOW
    )
    operations.decide_appeal(appeal_id=appeal.pk, is_right=True, reasons="Yes.", user_id=officer, now=NOW)
    judge(honey(), AFTER + 1)
    assert (Measure.objects.get().lifted_at is not None, settle(AFTER + 2)) == (True, (0, 0))


def test_the_public_form_says_that_it_is_demoted(finding: Finding):
    settle(AFTER)
    (body,) = queries.submissions(list(Measure.objects.all()))
    assert body["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_DEMOTED"]


def test_a_sweep_takes_what_is_due_though_nothing_changed(finding: Finding, monkeypatch: pytest.MonkeyPatch):
    from compliance.checks import registry, sweeping

    kind = registry.Kind(
        "listing",
        lambda ids: {one: honey() for one in ids},
        lambda last, n, groups: ["L-1"] if not last else [],
    )
    monkeypatch.setitem(registry.KINDS, "listing", kind)
    Finding.objects.exclude(pk=finding.pk).update(first_seen_at=NOW)
    late = NOW + timedelta(days=AFTER)
    row = checks.Judgement.objects.get(subject=ONE)
    book_day = checks._digest(honey(), checks.rulebook.default(), late.date(), frozenset())
    checks.Judgement.objects.filter(pk=row.pk).update(facts_digest=book_day)
    sweeping.sweep(kind="listing", now=late)
    assert Measure.objects.get().step == "limit"


def test_a_later_sweep_looks_only_at_what_fell_due_since_unless_it_looks_at_all(finding: Finding):
    late = NOW + timedelta(days=AFTER)

    def standing(**since: datetime) -> list[str]:
        return limits.standing_open(kind="listing", after="", most=9, now=late, **since)

    moments = [late - timedelta(seconds=1), late, late + timedelta(days=1)]
    assert standing() == [ONE]
    assert [standing(since=one) for one in moments] == [[ONE], [], []]
    done = {"kind": "listing", "rulebook_version": "x", "ladder": ladder().digest}
    CheckRun.objects.create(**done, day=NOW, started_at=NOW, finished_at=NOW)
    CheckRun.objects.create(**done | {"ladder": "other"}, day=late, started_at=late, finished_at=late)
    mine = CheckRun(kind="listing", ladder=ladder().digest)
    whole = CheckRun(kind="listing", ladder=ladder().digest, is_whole=True)
    assert [runs.looked_up_to(one, now=late) for one in (mine, whole)] == [NOW, None]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_take_one_limit(finding: Finding):
    """Both hold off behind the judgement's row, as every judgement does."""
    ready, done = threading.Event(), []

    def other() -> None:
        try:
            with transaction.atomic():
                ready.set()
                list(checks.Judgement.objects.select_for_update().filter(subject=ONE))
                done.append(settle(AFTER))
        finally:
            connection.close()

    with transaction.atomic():
        list(checks.Judgement.objects.select_for_update().filter(subject=ONE))
        thread = threading.Thread(target=other)
        thread.start()
        ready.wait(10)
        first = settle(AFTER)
    thread.join(10)
    assert (first, done, Measure.objects.filter(step="limit").count()) == ((1, 0), [(0, 0)], 1)


# -- the ladder as data


def test_every_severity_has_a_step_and_rules_may_have_their_own():
    from compliance.rulebook.ladder import Ladder, Rung

    own = Ladder(ladder().severities, {"eu.own": Rung(Step.LIMIT, timedelta())})
    assert ladder().rung("eu.x", "medium", "official").step is Step.WARN
    assert own.rung("eu.own", "medium", "official") == Rung(Step.LIMIT, timedelta())
    assert own.rung("eu.own", "high", "knowledge").step is Step.WARN


@pytest.mark.parametrize(
    "data",
    [
        {"severities": {"block": {"step": "block", "after_days": 0}}},
        {"severities": {"block": {"step": "shout", "after_days": 0}}},
        {"severities": {"block": {"step": "block"}}},
    ],
)
def test_a_ladder_with_a_missing_rung_is_refused(data: Any):
    from compliance.rulebook.ladder import read_ladder

    with pytest.raises(ValueError, match=r"step|shout"):
        read_ladder(data)
