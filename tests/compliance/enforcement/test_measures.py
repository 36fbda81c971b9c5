"""What was shown and is no longer has a statement of reasons; it ends by itself; who is right is spared."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from compliance.checks import operations as checks
from compliance.checks.models import Finding
from compliance.enforcement import operations, queries
from compliance.enforcement.models import Appeal, Exemption, Measure
from marketplace.accounts.models import User
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.models import Event
from tests.compliance.samples import honey, scarf
from tests.compliance.web.test_officer import officer
from tests.orders.factories import make_merchant, make_variant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ONE = "listing:L-1"


def judge(facts: dict[str, Any], hours: int = 0) -> Any:
    return checks.judge_many(subjects={ONE: facts}, now=NOW + timedelta(hours=hours))[ONE]


def without_origin() -> dict[str, Any]:
    return honey(disclosures__allergens=None)


@pytest.fixture
def measure() -> Measure:
    """Return the measure against a jar of honey that no longer names its allergens."""
    judge(honey())
    judge(without_origin(), 1)
    return Measure.objects.get()


@pytest.fixture
def people() -> tuple[int, int]:
    return tuple(User.objects.create_user(f"{n}@example.org", "correct horse battery").pk for n in "ab")  # type: ignore[return-value]


def test_a_listing_that_loses_markets_has_one_measure_with_its_reasons(measure: Measure):
    judged = judge(without_origin(), 2)
    fact = measure.facts[0]
    assert (measure.subject, measure.owner, sorted(judged.blocked)) == (ONE, "M-IMKER234", measure.taken_in)
    assert (measure.rules, fact["field"], fact["cites"][0]["act"][:10]) == (
        sorted({one["rule"] for one in measure.facts}), "allergens", "Regulation",
    )  # fmt: skip
    assert Measure.objects.count() == 1


def test_the_merchant_is_told_through_the_outbox(measure: Measure):
    (news,) = Event.objects.filter(name="compliance.MeasuresTaken").values_list("payload", flat=True)
    assert news == {"owner": "M-IMKER234", "measures": [measure.pk]}


def test_what_was_never_shown_is_a_finding_and_no_measure():
    judge(without_origin())
    assert (Finding.objects.filter(severity="block").exists(), Measure.objects.count()) == (True, 0)


def test_it_is_lifted_by_itself_when_the_cause_is_gone(measure: Measure):
    judge(honey(), 2)
    measure.refresh_from_db()
    assert (measure.lifted_at, measure.still_in) == (NOW + timedelta(hours=2), [])


def test_what_is_mended_for_some_markets_is_left_in_the_others():
    judge(scarf())
    judge(scarf(disclosures__warnings={"de": ["Vorsicht."]}, title_languages=[]), 1)
    measures = list(Measure.objects.all())
    judge(scarf(disclosures__warnings={"de": ["Vorsicht."], "fr": ["Attention."]}, title_languages=[]), 2)
    assert all(set(one.still_in) <= set(one.taken_in) for one in measures)


def test_the_time_to_complain_is_the_law_s(measure: Measure):
    assert measure.appeal_until == date(2027, 5, 24)


def test_a_complaint_that_is_right_spares_the_listing(measure: Measure, people: tuple[int, int]):
    merchant, officer = people
    appeal = operations.file_appeal(measure_id=measure.pk, text="It has none.", user_id=merchant, now=NOW)
    operations.decide_appeal(appeal_id=appeal.pk, is_right=True, reasons="Seen.", user_id=officer, now=NOW)
    judged = judge(without_origin(), 3)
    measure.refresh_from_db()
    spared = set(Exemption.objects.values_list("subject", "field"))
    assert (measure.lifted_at is not None, spared) == (True, {(ONE, fact["field"]) for fact in measure.facts})
    assert not set(measure.taken_in) & set(judged.blocked)
    assert not Finding.objects.open().filter(subject=ONE, field="allergens", severity="block").exists()


def test_a_complaint_that_is_wrong_changes_nothing(measure: Measure, people: tuple[int, int]):
    merchant, officer = people
    appeal = operations.file_appeal(measure_id=measure.pk, text="No.", user_id=merchant, now=NOW)
    operations.decide_appeal(appeal_id=appeal.pk, is_right=False, reasons="Yes.", user_id=officer, now=NOW)
    judge(without_origin(), 3)
    measure.refresh_from_db()
    assert (measure.lifted_at, Exemption.objects.count()) == (None, 0)


def test_one_complaint_waits_at_a_time_and_a_decided_one_stays(measure: Measure, people: tuple[int, int]):
    merchant, officer = people
    appeal = operations.file_appeal(measure_id=measure.pk, text="No.", user_id=merchant, now=NOW)
    with pytest.raises(operations.AlreadyAppealed):
        operations.file_appeal(measure_id=measure.pk, text="No!", user_id=merchant, now=NOW)
    operations.decide_appeal(appeal_id=appeal.pk, is_right=False, reasons="Yes.", user_id=officer, now=NOW)
    with pytest.raises(operations.AppealClosed):
        operations.decide_appeal(appeal_id=appeal.pk, is_right=True, reasons="Oh.", user_id=officer, now=NOW)


def test_the_last_day_counts_and_the_next_is_too_late(measure: Measure, people: tuple[int, int]):
    last = datetime.combine(measure.appeal_until, datetime.max.time(), tzinfo=UTC)
    appeal = operations.file_appeal(measure_id=measure.pk, text="No.", user_id=people[0], now=last)
    Appeal.objects.filter(pk=appeal.pk).delete()
    with pytest.raises(operations.AppealTooLate):
        operations.file_appeal(
            measure_id=measure.pk, text="No.", user_id=people[0], now=last + timedelta(seconds=1)
        )


def test_reasons_and_texts_are_asked_for(measure: Measure, people: tuple[int, int]):
    with pytest.raises(Invalid):
        operations.file_appeal(measure_id=measure.pk, text=" ", user_id=people[0], now=NOW)
    with pytest.raises(NotFound):
        operations.file_appeal(measure_id=0, text="x", user_id=people[0], now=NOW)


def test_a_lifted_measure_is_in_force_nowhere(measure: Measure):
    with pytest.raises(IntegrityError), transaction.atomic():
        Measure.objects.filter(pk=measure.pk).update(lifted_at=NOW)


def test_the_merchant_is_told_once(measure: Measure):
    told = [operations.mark_told(measure_ids=[measure.pk], now=NOW) for _ in range(2)]
    assert [len(rows) for rows in told] == [1, 0]


def test_a_hundred_measures_are_read_with_a_fixed_number_of_queries(django_assert_max_num_queries: Any):
    subjects = {f"listing:L-{n:03}": honey() for n in range(60)}
    checks.judge_many(subjects=subjects, now=NOW)
    checks.judge_many(subjects=dict.fromkeys(subjects, without_origin()), now=NOW + timedelta(hours=1))
    with django_assert_max_num_queries(3):
        rows = queries.measures()
    assert len(rows) == queries.PAGE + 1


def test_the_list_leads_an_officer_where_an_officer_may_go():
    listing = make_variant(make_merchant()).listing
    subject = f"listing:{listing.public_id}"
    for hours, facts in enumerate((honey(), without_origin())):
        checks.judge_many(subjects={subject: facts}, now=NOW + timedelta(hours=hours))
    page = officer("una").get("/admin/law/measures").content.decode()
    there, not_there = reverse("law-listing", args=[listing.public_id]), reverse("admin:catalog_listing_change", args=[listing.pk])  # fmt: skip
    assert (there in page, not_there in page) == (True, False)
