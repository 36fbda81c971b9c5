"""The officer's page of the marketplace's own processes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from compliance.checks import platform
from compliance.simulator import operations as simulator
from compliance.simulator.models import Effect
from tests.compliance.web.test_officer import officer

pytestmark = pytest.mark.django_db


def test_the_page_says_what_is_owed_and_what_shows_the_rest() -> None:
    platform.judge_platform(now=datetime(2026, 11, 24, 9, tzinfo=UTC))
    page = officer("una").get("/admin/law/platform").content.decode()
    assert (
        "The contact point for authorities is missing." in page,
        '/admin/law/rules/eu.platform.reasons"' in page,
        "/reviews-policy" in page,
    ) == (True, False, True)


@pytest.mark.parametrize("day", ["2999-13-01", "x", "2001-01-01", "2028-01-01"])
def test_any_day_is_answered(day: str) -> None:
    assert officer("una").get("/admin/law/platform", {"on": day}).status_code == 200


def test_the_radar_leads_to_the_page() -> None:
    platform.judge_platform(now=datetime(2026, 11, 24, 9, tzinfo=UTC))
    page = officer("una").get("/admin/law/radar").content.decode()
    assert '<a href="/admin/law/platform">This marketplace</a>' in page


def test_a_duty_with_two_missing_facts_stands_there_once() -> None:
    platform.judge_platform(now=datetime(2026, 11, 24, 9, tzinfo=UTC))
    page = officer("una").get("/admin/law/platform").content.decode()
    assert (page.count('/admin/law/rules/cn.platform.recalls"'), "runs.buyers_told_of_recalls" in page) == (
        1,
        True,
    )


DRAFT = """id: eu.platform.door_bell
title: A bell at the door
kind: duty
right: information
about: platform
severity: high
needs: [runs.random_checks]
what: Nobody rings the bell.
fix: Ring it.
versions:
  - from: 2027-01-01
    cites: [{act: "A draft", at: Art. 1, url: "https://example.org/"}]
status: in_force
checked: {on: 2026-11-23, confidence: secondary}
"""


def test_a_simulation_names_our_processes_that_break_and_the_merchants_to_tell() -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    una = officer("una")
    found = simulator.start_simulation(
        on=date(2027, 1, 2), drafts={"eu.platform.door_bell": DRAFT}, user_id=None, now=now
    )
    Effect.objects.create(simulation=found, subject="listing:L-1", owner="M-1", lost=["DE"], rules=["x"])
    page = una.get(f"/admin/law/simulations/{found.public_id}").content.decode()
    told = page.partition("Merchants to be told")[2]
    assert ("Nobody rings the bell." in page, '<th scope="row">M-1</th>' in told) == (True, True)


def test_without_the_draft_the_day_adds_nothing_of_it() -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    una = officer("una")
    found = simulator.start_simulation(on=date(2027, 1, 2), user_id=None, now=now)
    page = una.get(f"/admin/law/simulations/{found.public_id}").content.decode()
    assert "Nobody rings the bell." not in page
