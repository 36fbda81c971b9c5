"""Sweeps on demand: slice by slice, gone on with, once at a time, and how far they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from compliance import tasks
from compliance.checks import runs, subjects, sweeps
from compliance.checks.models import CheckRun, Judgement
from compliance.checks.subjects import Record
from marketplace.kernel.errors import NotFound
from tests.compliance.web.test_officer import officer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
IDS = [f"V-{n}" for n in range(5)]


@pytest.fixture(autouse=True)
def reviews(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "KINDS", {})
    monkeypatch.setattr(subjects, "CHUNK", 2)
    subjects.register_records(
        "review",
        records_of_many=lambda ids, now: {one: Record({}, ("DE",), "M-1") for one in ids},
        all_ids=lambda last, limit: [one for one in IDS if one > last][:limit],
    )


def test_a_slice_does_at_least_one_chunk_and_leaves_the_rest():
    run = sweeps.ask_for("review", by="una@rightful.example", now=NOW)
    looked = [sweeps.go_on(run.pk, now=NOW, seconds=0).looked_at for _ in range(4)]
    run.refresh_from_db()
    again = sweeps.go_on(run.pk, now=NOW + timedelta(hours=1), seconds=9)
    assert (looked, run.finished_at, again.finished_at, again.looked_at) == ([2, 4, 5, 5], NOW, NOW, 5)


def test_what_runs_is_gone_on_with_and_what_is_finished_is_followed_by_another():
    first = sweeps.ask_for("review", by="una", now=NOW)
    same = sweeps.ask_for("review", by="otto", now=NOW)
    sweeps.go_on(first.pk, now=NOW, seconds=9)
    second = sweeps.ask_for("review", by="otto", now=NOW)
    assert (same.pk, second.number, second.asked_by, CheckRun.objects.count()) == (first.pk, 2, "otto", 2)
    assert subjects.sweep(about="review", now=NOW).pk == second.pk  # the clock's round takes it to its end


def test_a_kind_nobody_registered_is_refused():
    with pytest.raises(NotFound):
        sweeps.ask_for("spoon", by="", now=NOW)


def test_progress_says_how_far_it_is_and_how_long_it_takes():
    Judgement.objects.bulk_create([Judgement(subject=f"review:{one}") for one in IDS])
    run = sweeps.ask_for("review", by="", now=NOW)
    began = runs.progress_of(run, now=NOW)
    half = sweeps.go_on(run.pk, now=NOW + timedelta(seconds=20), seconds=0)
    shown = runs.progress_of(half, now=NOW + timedelta(seconds=20))
    stalled = runs.progress_of(half, now=NOW + timedelta(hours=1)).state
    assert (began.percent, began.left, shown.percent, shown.left) == (0, None, 40, timedelta(seconds=30))
    assert (shown.state, stalled) == ("running", "stalled")


def test_more_than_expected_is_never_a_hundred_percent_before_the_end():
    run = sweeps.ask_for("review", by="", now=NOW)
    half = sweeps.go_on(run.pk, now=NOW, seconds=0)
    assert runs.progress_of(half, now=NOW).percent == 99


def test_the_officer_sees_them_and_asks_for_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tasks.bulk_sweep, "delay", tasks.bulk_sweep)  # no worker runs beside a test
    una = officer("una")
    before = una.get("/admin/law/sweeps").content.decode()
    asked = una.post("/admin/law/sweeps/ask", {"kind": "review"})
    after = una.get("/admin/law/sweeps").content.decode()
    refused = [
        una.post("/admin/law/sweeps/ask", {"kind": "spoon"}).status_code,
        una.get("/admin/law/sweeps/ask").status_code,
    ]
    assert ("never swept" in before, asked.status_code, refused) == (True, 302, [404, 405])
    assert ('value="100"' in after, "una@rightful.example" in after) == (True, True)


def test_strangers_do_not_see_them():
    assert Client().get("/admin/law/sweeps").status_code == 302
