"""A merchant reads why a listing is no longer shown, complains, and is answered by mail."""

from __future__ import annotations

import uuid

import pytest
from django.core import mail
from django.test import Client

from catalog.operations.measure_letters import send_decision, send_measures
from compliance.enforcement import operations
from compliance.enforcement.models import Appeal, Measure
from marketplace.accounts.models import Merchant, User
from tests.catalog.admin.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def measure(merchant: Merchant) -> Measure:
    return Measure.objects.create(
        subject="listing:L-NONE", owner=merchant.public_id, taken_in=["DE", "FR"], still_in=["DE", "FR"],
        rules=["eu.listing.toys.age"], rulebook_version="1", taken_at=NOW, appeal_until=NOW.date(),
        facts=[{
            "rule": "eu.listing.toys.age", "field": "min_age_months", "what": "“%(label)s” is missing.",
            "fix": "Fill it in.", "params": {"label": "Age"}, "cites": [{"act": "Dir", "at": "Art. 11", "url": ""}],
        }],
    )  # fmt: skip


def test_the_statement_has_what_the_law_asks_for(client: Client, measure: Measure):
    page = client.get(f"/admin/catalog/measures/{measure.public_id}").content.decode()
    said = ["DE, FR", "“Age” is missing.", "Dir, Art. 11", "decided by software", "dispute body", "court"]
    assert [one for one in said if one not in page] == []


def test_others_do_not_see_it(stranger: Client, measure: Measure):
    listed = stranger.get("/admin/catalog/measures").content.decode()
    assert stranger.get(f"/admin/catalog/measures/{measure.public_id}").status_code == 404
    assert measure.public_id not in listed


def test_a_complaint_in_time_is_taken_and_waits(client: Client, measure: Measure, monkeypatch):
    from marketplace.kernel import clock

    monkeypatch.setattr(clock, "now", lambda: NOW)
    client.post(f"/admin/catalog/measures/{measure.public_id}", {"text": "It says so on the box."})
    page = client.get(f"/admin/catalog/measures/{measure.public_id}").content.decode()
    assert Appeal.objects.get().text == "It says so on the box."
    assert "Complain about this decision" not in page


def test_a_late_complaint_is_refused_at_the_form(client: Client, measure: Measure, monkeypatch):
    from datetime import timedelta

    from marketplace.kernel import clock

    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))
    answer = client.post(f"/admin/catalog/measures/{measure.public_id}", {"text": "Late."})
    assert (answer.status_code, Appeal.objects.count()) == (422, 0)


def test_letters_leave_once_with_the_reasons_and_the_answer(merchant: Merchant, measure: Measure):
    event = uuid.uuid4()
    sent = [
        send_measures(owner=merchant.public_id, measure_ids=[measure.pk], event_id=event, now=NOW)
        for _ in range(2)
    ]
    officer = User.objects.create_user("officer@example.org", "correct horse battery")
    appeal = operations.file_appeal(measure_id=measure.pk, text="No.", user_id=officer.pk, now=NOW)
    operations.decide_appeal(
        appeal_id=appeal.pk, is_right=True, reasons="You are right indeed.", user_id=officer.pk, now=NOW
    )
    send_decision(appeal=appeal.public_id, event_id=uuid.uuid4())
    reasons, answer = mail.outbox
    assert (sent, reasons.to) == ([1, 0], ["lyon@lyon.example"])
    assert [part for part in ("“Age” is missing.", "Art. 11") if part not in reasons.body] == []
    assert "You are right indeed." in answer.body
