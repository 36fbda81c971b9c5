"""Who proposes a change of law does not decide it; what is accepted binds at once, everywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from compliance import rulebook
from compliance.edition import keeping, operations, queries
from compliance.edition.models import RuleChange
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.models import Event

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
RULE = "eu.listing.toys.age"
NEW = """\
id: jp.listing.toys.samples
title: Toys come with a sample certificate
kind: duty
right: safety
about: listing
groups: [TOY]
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


def accept(change: RuleChange, by: int, commit: Any) -> None:
    with commit(execute=True):
        operations.accept_change(change_id=change.pk, user_id=by, now=LATER)


def test_a_confirmed_rule_counts_as_read_in_its_source(
    officers: tuple[int, int], django_capture_on_commit_callbacks: Any
):
    una, otto = officers
    change = operations.confirm_rule(
        rule=RULE, confidence="official", note="Read Art. 11(2).", user_id=una, now=NOW
    )
    before = str(rulebook.default().rules[RULE].confidence)
    accept(change, otto, django_capture_on_commit_callbacks)
    rule = rulebook.default().rules[RULE]
    assert (before, str(rule.confidence), str(rule.versions[0].confidence)) == (
        "knowledge", "official", "official",
    )  # fmt: skip


def test_nobody_decides_what_they_proposed(officers: tuple[int, int]):
    una, _ = officers
    change = operations.switch_off_rule(rule=RULE, note="Wrong group.", user_id=una, now=NOW)
    with pytest.raises(operations.OwnProposal):
        operations.accept_change(change_id=change.pk, user_id=una, now=LATER)


def test_without_the_check_the_database_refuses_it_too(officers: tuple[int, int]):
    una, _ = officers
    change = operations.switch_off_rule(rule=RULE, note="Wrong group.", user_id=una, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleChange.objects.filter(pk=change.pk).update(state="accepted", decided_by=una, decided_at=LATER)


def test_a_rule_that_is_switched_off_binds_nobody_and_stays_in_the_history(
    officers: tuple[int, int], django_capture_on_commit_callbacks: Any
):
    una, otto = officers
    change = operations.switch_off_rule(rule=RULE, note="Wrong group.", user_id=una, now=NOW)
    accept(change, otto, django_capture_on_commit_callbacks)
    found = rulebook.default().rules[RULE].version_on(NOW.date())
    history = [(one.kind, one.state) for one in queries.history_of(RULE)]
    assert (found, history) == (None, [("switch_off", "accepted")])


def test_a_new_rule_is_a_rule_of_the_book(officers: tuple[int, int], django_capture_on_commit_callbacks: Any):
    una, otto = officers
    change = operations.propose_text(content=NEW, note="New law.", user_id=una, now=NOW)
    accept(change, otto, django_capture_on_commit_callbacks)
    rule = rulebook.default().rules["jp.listing.toys.samples"]
    assert (change.kind, rule.groups, Event.objects.filter(name="compliance.RulebookChanged").count()) == (
        "add", ("TOY",), 1,
    )  # fmt: skip


def test_a_file_that_is_none_is_refused_with_line_and_reason(officers: tuple[int, int]):
    broken = NEW.replace("severity: block", "severity: terrible").replace("kind: duty", "kind: duty\nsort: x")
    with pytest.raises(operations.RuleRefused) as refused:
        operations.propose_text(content=broken, note="New law.", user_id=officers[0], now=NOW)
    assert (refused.value.field, refused.value.detail) == ("content", "line 4: unknown key: sort")


@pytest.mark.parametrize(
    "content", ["", "title: x", "id: ../../etc/passwd\ntitle: x", "id: nowhere.x\nkind: duty"]
)
def test_texts_that_name_no_rule_are_refused(officers: tuple[int, int], content: str):
    with pytest.raises(operations.RuleRefused):
        operations.propose_text(content=content, note="New law.", user_id=officers[0], now=NOW)


def test_one_rule_has_one_open_proposal(officers: tuple[int, int]):
    una, otto = officers
    operations.switch_off_rule(rule=RULE, note="Wrong.", user_id=una, now=NOW)
    with pytest.raises(operations.AlreadyProposed):
        operations.confirm_rule(rule=RULE, confidence="official", note="Right.", user_id=otto, now=NOW)


def test_a_note_is_asked_for_and_a_rule_must_exist(officers: tuple[int, int]):
    with pytest.raises(Invalid):
        operations.switch_off_rule(rule=RULE, note="  ", user_id=officers[0], now=NOW)
    with pytest.raises(NotFound):
        operations.switch_off_rule(rule="eu.no.such", note="x", user_id=officers[0], now=NOW)


def test_what_was_decided_stays_decided(officers: tuple[int, int]):
    una, otto = officers
    change = operations.switch_off_rule(rule=RULE, note="Wrong.", user_id=una, now=NOW)
    operations.reject_change(change_id=change.pk, user_id=otto, note="It is right.", now=LATER)
    with pytest.raises(operations.AlreadyDecided):
        operations.accept_change(change_id=change.pk, user_id=otto, now=LATER)


def test_another_process_takes_over_what_was_accepted(
    officers: tuple[int, int], settings: Any, django_capture_on_commit_callbacks: Any
):
    settings.LAW_LOOK_SECONDS = 2.0
    una, otto = officers
    change = operations.switch_off_rule(rule=RULE, note="Wrong.", user_id=una, now=NOW)
    accept(change, otto, django_capture_on_commit_callbacks)
    rulebook.use(None)  # as another process that has not looked yet
    keeping._known.update(number=0, looked_at=100.0)
    keeping.keep_up(now=101.0)
    too_early = rulebook.default().rules[RULE].version_on(NOW.date()) is None
    keeping.keep_up(now=102.5)
    in_time = rulebook.default().rules[RULE].version_on(NOW.date()) is None
    assert (too_early, in_time) == (False, True)
