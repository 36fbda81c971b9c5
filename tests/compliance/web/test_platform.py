"""The officer's page of the marketplace's own processes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from compliance.checks import platform
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
