"""A merchant is suspended by two officers, with reasons, once; it ends with its cause or when the merchant was right."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from catalog import subscribers
from compliance import rulebook
from compliance.checks import operations as checks
from compliance.checks.models import Finding, Judgement
from compliance.enforcement import operations, queries, suspensions
from compliance.enforcement.models import Measure, Suspension
from compliance.enforcement.suspensions import (
    AlreadySuspended,
    NoCause,
    SameOfficer,
    SuspensionDecided,
)
from marketplace.accounts.models import Merchant, User
from marketplace.kernel.models import Event
from tests.compliance.samples import honey
from tests.compliance.web.test_officer import officer
from tests.races import end_behind

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
RULE = "eu.merchant.verified"
OWNER = "M-SUSP2345"
pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> tuple[int, int]:
    return tuple(User.objects.create_user(f"{n}@example.org", "correct horse battery").pk for n in "ab")  # type: ignore[return-value]


@pytest.fixture
def cause() -> Finding:
    Judgement.objects.create(subject=f"merchant:{OWNER}")
    return Finding.objects.create(
        subject=f"merchant:{OWNER}", owner=OWNER, rule=RULE, jurisdiction="EU", markets=["DE"], severity="block",
        confidence="secondary", what="Nobody has checked who the merchant is.", fix="Have it checked.",
        rule_version="x", first_seen_at=NOW, last_seen_at=NOW,
    )  # fmt: skip


def proposed(user_id: int) -> Suspension:
    return suspensions.propose(owner=OWNER, note="Still unknown.", user_id=user_id, now=NOW)


def in_force(people: tuple[int, int]) -> Suspension:
    row = proposed(people[0])
    return suspensions.decide(suspension_id=row.pk, accept=True, note="", user_id=people[1], now=NOW)


def mend(cause: Finding) -> None:
    cause.state, cause.closed_at = "closed", LATER
    cause.save()


def test_a_second_officer_puts_it_into_force_with_reasons_and_an_end_to_complain(
    cause: Finding, people: tuple[int, int]
) -> None:
    row = in_force(people)
    assert row.measure is not None
    assert (row.state, suspensions.is_suspended(OWNER), row.measure.rules, row.measure.appeal_until.isoformat()) == (
        "in_force", True, [RULE], "2027-05-24",
    )  # fmt: skip
    names = Event.objects.values_list("name", flat=True)
    assert sorted(names) == ["compliance.MeasuresTaken", "compliance.SuspensionChanged"]


def test_who_proposed_it_cannot_decide_it(cause: Finding, people: tuple[int, int]) -> None:
    row = proposed(people[0])
    with pytest.raises(SameOfficer):
        suspensions.decide(suspension_id=row.pk, accept=True, note="", user_id=people[0], now=NOW)
    row.state, row.decided_by_id, row.decided_at = "rejected", people[0], NOW
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_without_a_cause_nobody_is_suspended(cause: Finding, people: tuple[int, int]) -> None:
    row = proposed(people[0])
    mend(cause)
    with pytest.raises(NoCause):
        suspensions.decide(suspension_id=row.pk, accept=True, note="", user_id=people[1], now=NOW)
    with pytest.raises(NoCause):
        suspensions.propose(owner="M-NOBODY23", note="x", user_id=people[0], now=NOW)
    assert Measure.objects.count() == 0


@pytest.mark.parametrize(
    "change", [{"confidence": "knowledge"}, {"due_on": LATER.date()}, {"severity": "high"}], ids=str
)
def test_what_does_not_stop_a_sale_today_is_no_cause(
    cause: Finding, people: tuple[int, int], change: dict[str, object]
) -> None:
    before = [one.owner for one in suspensions.candidates()]
    Finding.objects.update(**change)
    with pytest.raises(NoCause):
        proposed(people[0])
    assert (before, suspensions.candidates()) == ([OWNER], [])


def test_the_reasons_cite_the_law_also_when_the_rule_has_ended(
    cause: Finding, people: tuple[int, int]
) -> None:
    ended = next(
        rule.id
        for rule in rulebook.default().rules.values()
        if rule.versions[-1].until and rule.versions[-1].cites
    )
    Finding.objects.update(rule=ended)
    measure = in_force(people).measure
    assert measure is not None
    assert [bool(fact["cites"]) for fact in measure.facts] == [True]


def test_it_ends_with_its_cause_and_not_before(cause: Finding, people: tuple[int, int]) -> None:
    in_force(people)
    early = suspensions.lift_mended(owners={OWNER}, now=LATER)
    mend(cause)
    lifted = suspensions.lift_mended(owners={OWNER}, now=LATER)
    measure = Measure.objects.get()
    assert (early, lifted, suspensions.is_suspended(OWNER), measure.still_in, measure.lifted_at) == (
        0, 1, False, [], LATER,
    )  # fmt: skip


def test_it_ends_when_the_merchant_was_right(cause: Finding, people: tuple[int, int]) -> None:
    row = in_force(people)
    appeal = operations.file_appeal(
        measure_id=row.measure_id, text="You have it.", user_id=people[0], now=NOW
    )
    operations.decide_appeal(
        appeal_id=appeal.pk, is_right=True, reasons="We do.", user_id=people[1], now=LATER
    )
    assert (suspensions.is_suspended(OWNER), Measure.objects.get().lifted_at) == (False, LATER)


def test_the_shop_follows_what_holds_now(cause: Finding, people: tuple[int, int]) -> None:
    merchant = Merchant.objects.create(
        public_id=OWNER, slug="susp", name="Susp", legal_name="Susp GmbH", country="DE", street="Weg 1",
        city="Ort", email="s@example.org", status="active",
    )  # fmt: skip
    in_force(people)
    seen = []
    for _ in range(2):  # news may come twice
        subscribers.suspend_merchant({"owner": OWNER}, None)  # type: ignore[arg-type]
        merchant.refresh_from_db()
        seen.append(merchant.status)
    mend(cause)
    suspensions.lift_mended(owners={OWNER}, now=LATER)
    subscribers.suspend_merchant({"owner": OWNER}, None)  # type: ignore[arg-type]
    merchant.refresh_from_db()
    assert [*seen, merchant.status] == ["suspended", "suspended", "active"]


def test_its_public_statement_is_about_the_account(cause: Finding, people: tuple[int, int]) -> None:
    row = in_force(people)
    (body,) = queries.submissions([row.measure])  # type: ignore[list-item]
    assert (body["decision_account"], "decision_visibility" in body) == ("DECISION_ACCOUNT_SUSPENDED", False)


def test_two_officers_propose_and_decide_on_the_page(cause: Finding) -> None:
    una, otto = officer("una"), officer("otto")
    una.post("/admin/law/suspensions/propose", {"owner": OWNER, "note": "Still unknown."})
    row = Suspension.objects.get()
    una.post(f"/admin/law/suspensions/{row.public_id}/decide", {"way": "accept"})
    alone = Suspension.objects.get().state
    otto.post(f"/admin/law/suspensions/{row.public_id}/decide", {"way": "accept"})
    page = otto.get("/admin/law/suspensions").content.decode()
    statement = otto.get(f"/admin/law/measures/{Measure.objects.get().public_id}").content.decode()
    assert (alone, Suspension.objects.get().state, OWNER in page, "another decided it" in statement) == (
        "proposed", "in_force", True, True,
    )  # fmt: skip


def test_a_proposal_is_on_the_page_however_many_were_decided_since(cause: Finding) -> None:
    una, otto = officer("una"), officer("otto")
    una.post("/admin/law/suspensions/propose", {"owner": OWNER, "note": "Still unknown."})
    row = Suspension.objects.get()
    other = User.objects.exclude(pk=row.proposed_by_id).get()
    Suspension.objects.bulk_create(
        Suspension(
            owner=f"M-OTHER{n}", rules=[RULE], note="x", state="rejected", proposed_by_id=row.proposed_by_id,
            proposed_at=NOW, decided_by=other, decided_at=NOW,
        )
        for n in range(120)
    )  # fmt: skip
    page = otto.get("/admin/law/suspensions").content.decode()
    assert (f"/admin/law/suspensions/{row.public_id}/decide" in page, page.count("M-OTHER")) == (True, 100)


def _at_once(work: list) -> list[str]:
    """Run calls at the same time, each on a connection of its own; return how each ended, sorted."""
    barrier, ended = threading.Barrier(len(work)), []

    def run(call) -> None:
        try:
            barrier.wait(10)
            call()
            ended.append("done")
        except Exception as error:
            ended.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ended)


@pytest.mark.django_db(transaction=True)
def test_two_proposals_at_once_are_one(cause: Finding, people: tuple[int, int]) -> None:
    ended = _at_once([lambda user=user: proposed(user) for user in people])
    assert (ended, Suspension.objects.count()) == ([AlreadySuspended.__name__, "done"], 1)


@pytest.mark.django_db(transaction=True)
def test_two_decisions_at_once_suspend_once(cause: Finding, people: tuple[int, int]) -> None:
    row = proposed(people[0])
    third = User.objects.create_user("c@example.org", "correct horse battery").pk
    calls = [
        lambda user=user: suspensions.decide(
            suspension_id=row.pk, accept=True, note="", user_id=user, now=NOW
        )
        for user in (people[1], third)
    ]
    assert (_at_once(calls), Measure.objects.count()) == ([SuspensionDecided.__name__, "done"], 1)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_there_would_be_two_statements(
    cause: Finding, people: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: who reads without locking decides twice."""
    row = proposed(people[0])
    both = threading.Barrier(2)

    def unlocked(pk: int) -> Suspension:
        found = Suspension.objects.get(pk=pk)
        both.wait(10)
        return found

    monkeypatch.setattr(suspensions, "_locked", unlocked)
    third = User.objects.create_user("c@example.org", "correct horse battery").pk
    calls = [
        lambda user=user: suspensions.decide(
            suspension_id=row.pk, accept=True, note="", user_id=user, now=NOW
        )
        for user in (people[1], third)
    ]
    assert (_at_once(calls), Measure.objects.count()) == (["done", "done"], 2)


def test_a_judgement_that_finds_the_merchant_mended_lifts_it(people: tuple[int, int]) -> None:
    def judge(email: str | None, hours: int) -> None:
        facts = honey(merchant__email=email)
        checks.judge_many(subjects={"listing:L-1": facts}, now=NOW + timedelta(hours=hours))

    judge("imker@example.org", 0)
    judge(None, 1)
    row = suspensions.propose(owner="M-IMKER234", note="x", user_id=people[0], now=NOW)
    suspensions.decide(suspension_id=row.pk, accept=True, note="", user_id=people[1], now=NOW)
    judge(None, 2)
    while_missing = suspensions.is_suspended("M-IMKER234")
    judge("imker@example.org", 3)
    assert (while_missing, suspensions.is_suspended("M-IMKER234")) == (True, False)


@pytest.mark.django_db(transaction=True)
def test_a_decision_waits_for_the_judgement_that_mends_the_cause(
    cause: Finding, people: tuple[int, int]
) -> None:
    row = proposed(people[0])

    def judge() -> None:
        list(Judgement.objects.select_for_update().filter(subject=f"merchant:{OWNER}"))
        mend(cause)

    ended = end_behind(
        judge,
        lambda: suspensions.decide(suspension_id=row.pk, accept=True, note="", user_id=people[1], now=LATER),
    )
    assert (ended, suspensions.is_suspended(OWNER), Measure.objects.count()) == (NoCause.__name__, False, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("complaint_first", [True, False])
def test_the_cause_and_a_complaint_end_it_once(
    cause: Finding, people: tuple[int, int], complaint_first: bool
) -> None:
    row = in_force(people)
    mend(cause)
    ways = [
        lambda: suspensions.lift_measure(measure_id=row.measure_id, now=LATER),
        lambda: suspensions.lift_mended(owners={OWNER}, now=LATER),
    ]
    first, second = ways if complaint_first else ways[::-1]
    end_behind(first, second)
    told = Event.objects.filter(name="compliance.SuspensionChanged").count()
    assert (told, suspensions.is_suspended(OWNER)) == (2, False)  # into force, and lifted


@pytest.mark.django_db(transaction=True)
def test_late_news_does_not_suspend_a_merchant_that_is_free_again(
    cause: Finding, people: tuple[int, int]
) -> None:
    merchant = Merchant.objects.create(
        public_id=OWNER, slug="susp", name="Susp", legal_name="Susp GmbH", country="DE", street="Weg 1",
        city="Ort", email="s@example.org", status="active",
    )  # fmt: skip
    in_force(people)
    mend(cause)

    def lift() -> None:
        Merchant.objects.select_for_update().get(pk=merchant.pk)
        suspensions.lift_mended(owners={OWNER}, now=LATER)

    end_behind(lift, lambda: subscribers.suspend_merchant({"owner": OWNER}, None))  # type: ignore[arg-type]
    merchant.refresh_from_db()
    assert merchant.status == "active"
