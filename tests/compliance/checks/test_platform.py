"""The marketplace's own processes: what is missing is found, what is shown closes it, and a day brings more."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial

import pytest

from compliance.checks import platform
from compliance.checks.models import Finding, Judgement
from compliance.rulebook import default, own_processes
from marketplace.kernel.errors import Invalid
from tests.races import end_behind

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
LATER = datetime(2026, 11, 25, 9, tzinfo=UTC)
CONTACT = "eu.platform.authority_contact"


def open_rules() -> set[str]:
    return set(platform.open_findings().values_list("rule", flat=True))


@pytest.mark.django_db
def test_a_missing_process_is_found_with_its_markets_and_since_when() -> None:
    platform.judge_platform(now=NOW, given={})
    found = Finding.objects.get(rule=CONTACT)
    assert (found.subject, found.severity, "DE" in found.markets, "US" in found.markets, found.first_seen_at) == (
        "platform:self", "high", True, False, NOW,
    )  # fmt: skip


@pytest.mark.django_db
def test_evidence_closes_the_finding_and_its_loss_opens_another() -> None:
    shown = {"EU": {"publishes": {"authority_contact": "/authorities"}}}
    platform.judge_platform(now=NOW, given={})
    platform.judge_platform(now=LATER, given=shown)
    closed = Finding.objects.get(rule=CONTACT)
    platform.judge_platform(now=LATER, given={})
    assert (closed.state, closed.closed_at, Finding.objects.filter(rule=CONTACT).count()) == (
        "closed",
        LATER,
        2,
    )


@pytest.mark.django_db
def test_judging_twice_changes_nothing() -> None:
    platform.judge_platform(now=NOW, given={})
    before = list(Finding.objects.order_by("pk").values())
    platform.judge_platform(now=LATER, given={})
    assert list(Finding.objects.order_by("pk").values()) == before


@pytest.mark.django_db(transaction=True)
def test_two_judgements_at_once_leave_each_finding_once() -> None:
    Judgement.objects.create(subject=platform.SUBJECT)
    judge = partial(platform.judge_platform, now=NOW, given={})
    second = end_behind(judge, judge)
    owed = own_processes.owed(default(), markets=_markets(), on=NOW.date(), given={})
    assert (second, Finding.objects.count(), Finding.objects.filter(rule=CONTACT).count()) == (
        Judgement.objects.get(), len(owed), 1,
    )  # fmt: skip


def _markets() -> tuple[str, ...]:
    from compliance.rulebook.markets import selling_markets

    return selling_markets()


def test_what_is_declared_is_documented_and_counts() -> None:
    owed = {one.rule for one in own_processes.owed(default(), markets=("DE",), on=NOW.date())}
    assert ("eu.platform.reasons" in owed, "eu.price.history_tool" in owed, CONTACT in owed) == (
        False,
        False,
        True,
    )


def test_what_is_not_documented_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        own_processes.owed(default(), markets=("DE",), on=NOW.date(), given={"EU": {"magic": "yes"}})
    assert refused.value.field == "magic"


def test_a_day_brings_only_what_begins_until_then() -> None:
    found = own_processes.breaking(
        default(), markets=("KR", "DE"), today=date(2027, 1, 20), on=date(2027, 1, 21), given={}
    )
    assert [(one.rule, one.params["markets"], one.due_on) for one in found] == [
        ("kr.platform.local_agent", ["KR"], date(2027, 1, 21))
    ]
