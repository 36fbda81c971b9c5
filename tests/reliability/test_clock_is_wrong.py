"""Faults 21 and 25: a machine's clock that is a quarter of an hour off, and time zones that change."""

from __future__ import annotations

import shutil
import zoneinfo
from pathlib import Path

import pytest

from complaints import operations
from complaints.domain import plan
from complaints.models import Clock, Escalation
from complaints.operations import policies
from compliance.rulebook import periods
from tests.complaints.factories import NOW, make_ticket
from tests.reliability.conftest import said_by
from tests.reliability.filling import fill

pytestmark = pytest.mark.django_db(transaction=True)
LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
SWEEP = "import django; django.setup(); from complaints.tasks import sweep_clocks; sweep_clocks()"
TRUSTING = (
    "import django; django.setup(); from complaints import operations; from marketplace.kernel import clock; "
    "operations.sweep_clocks(now=clock.now())"
)


@pytest.fixture
def skewed(env):
    """The environment of a program whose clock is off by so many minutes."""
    if not LIBRARIES:
        pytest.skip("needs the system's package libfaketime: apt-get install libfaketime")
    return lambda minutes: {
        **env, "LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME": f"{minutes:+}m", "DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip


def _taken() -> tuple[int, int]:
    """How many clocks were taken that are due, and how many that are not."""
    now = operations.database_time()
    late = Escalation.objects.filter(level=1, clock__due_at__lte=now).count()
    return late, Clock.objects.filter(due_at__gt=now, escalations__level=1).count()


@pytest.mark.parametrize("minutes", [15, -15])
def test_a_worker_whose_clock_is_off_takes_what_is_due_and_nothing_else(skewed, minutes):
    fill(60, first=-600, last=600)
    late = Clock.objects.filter(due_at__lte=operations.database_time()).count()
    said_by(skewed(minutes), "-c", SWEEP)
    taken, early = _taken()
    assert (taken >= late > 20, early, Escalation.objects.latest("detected_at").detected_at <= operations.database_time()) == (True, 0, True)  # fmt: skip


def test_a_sweep_that_trusted_its_own_clock_would_be_early(skewed):
    """The negative control."""
    fill(60, first=-600, last=600)
    said_by(skewed(15), "-c", TRUSTING)
    assert _taken()[1] > 20


def test_a_zone_that_changes_its_law_is_found_shown_and_mended(tmp_path):
    ticket = make_ticket()
    before = ticket.clocks.get(kind="resolution").due_at
    folder = next(Path(one) for one in zoneinfo.TZPATH if (Path(one) / "Europe/Berlin").exists())
    (tmp_path / "Europe").mkdir()
    shutil.copy(folder / "America/New_York", tmp_path / "Europe/Berlin")  # Berlin moves its clocks
    try:
        _use([str(tmp_path), str(folder)])
        shown = operations.find_drift(now=NOW)
        unchanged = ticket.clocks.get(kind="resolution").due_at
        operations.find_drift(now=NOW, mend=True)
        after = ticket.clocks.get(kind="resolution").due_at
        assert ({one.kind for one in shown} >= {"resolution"}, unchanged, after != before, operations.find_drift(now=NOW)) == (True, before, True, [])  # fmt: skip
    finally:
        _use([str(folder)])


def _use(places: list[str]) -> None:
    zoneinfo.reset_tzpath(to=places)
    zoneinfo.ZoneInfo.clear_cache()
    periods._zone.cache_clear()
    policies.promise_of.cache_clear()
    plan._opening.cache_clear()
