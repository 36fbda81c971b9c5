"""One changed rule: only its findings are written, on whom it judges otherwise, and nobody is read or waited for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection, transaction

from compliance import rulebook
from compliance.checks import by_rule, operations, profiles, registry, sweeping, sweeps
from compliance.checks.models import Finding, Judgement, Profile
from compliance.checks.outcomes import outcomes_of, verdicts_of
from compliance.enforcement.models import Measure
from compliance.rulebook.types import Verdict
from tests.compliance.checks.test_concurrency import in_parallel
from tests.compliance.checks.test_sweeping import Shop, amended, goods, kept
from tests.compliance.samples import honey

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
ORIGIN = "eu.listing.food.honey_origin"
NEEDS = "needs: [disclosures.honey_origins]"
NOT_ASKED = f'{NEEDS}\nwhen: "false"'  # looks at the same facts as before
alone = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds: dict[str, registry.Kind] = {}
    for module in (registry, operations, sweeping, sweeps.registry):
        monkeypatch.setattr(module, "KINDS", kinds)


@pytest.fixture(autouse=True)
def released_law() -> Iterator[None]:
    yield
    rulebook.use(None)


@alone
def test_parts_say_the_verdicts_that_a_judgement_says() -> None:
    Shop(goods())
    sweeping.sweep(kind="listing", now=NOW)
    law = outcomes_of(rulebook.default(), NOW.date())
    for row in Profile.objects.all():
        markets = law.judged(row.groups, row.seen).markets.items()
        said = {str(v): [market for market, one in markets if one.verdict is v] for v in Verdict}
        assert verdicts_of(row.missed) == said
        assert law.both(row.groups, row.seen) == (row.outcome, row.missed)


@alone
def test_what_is_noted_now_is_written_with_its_verdicts_and_nobody_is_read() -> None:
    """Sold becomes sold with a notice, and back: no market opens or closes."""
    shop = Shop({"L-1": honey(disclosures__honey_origins=None), "L-2": honey()})
    rulebook.use(amended(ORIGIN, NEEDS, NOT_ASKED))
    sweeping.sweep(kind="listing", now=NOW)
    sold, shop.read = kept(), []
    rulebook.use(None)
    written = sweeping.judge_touched(kind="listing", now=LATER)
    noted = kept()
    rulebook.use(amended(ORIGIN, NEEDS, NOT_ASKED))
    sweeping.judge_touched(kind="listing", now=LATER)
    assert (written, shop.read, kept() == sold, noted == sold) == (1, [], True, False)
    rulebook.use(None)
    operations.forget(subjects=list(Judgement.objects.values_list("subject", flat=True)))
    operations.judge_again(kind="listing", ids=sorted(shop.facts), now=LATER)
    assert kept() == noted


@alone
def test_who_is_not_what_its_profile_was_is_left_to_the_comparison() -> None:
    Shop({"L-1": honey(disclosures__honey_origins=None), "L-2": honey(disclosures__honey_origins=None)})
    sweeping.sweep(kind="listing", now=NOW)
    Judgement.objects.filter(subject="listing:L-2").update(outcome="another")
    law = _reworded()
    (moved,) = profiles.refresh(law)
    assert by_rule.write("listing", moved, law, LATER) == 1
    reworded = Finding.objects.open().filter(rule=ORIGIN, what__startswith="Say it. ")
    assert list(reworded.values_list("subject", flat=True)) == ["listing:L-1"]
    rulebook.use(law.book)
    run = sweeps.ask_for("listing", by="una", now=LATER)  # a whole one
    sweeps.go_on(run.pk, now=LATER, seconds=9)
    assert reworded.count() == 2


@alone
def test_a_limit_ends_when_a_changed_rule_takes_its_cause_away() -> None:
    Shop({"L-1": honey(disclosures__honey_origins=None)})
    sweeping.sweep(kind="listing", now=NOW)
    sweeping.sweep(kind="listing", now=NOW + timedelta(days=20))
    (limit,) = Measure.objects.filter(step="limit")
    assert "DE" in limit.still_in
    rulebook.use(amended(ORIGIN, NEEDS, NOT_ASKED))
    sweeping.judge_touched(kind="listing", now=NOW + timedelta(days=20))
    limit.refresh_from_db()
    assert (ORIGIN in limit.rules, "DE" in limit.taken_in, "DE" in limit.still_in) == (True, True, False)


def _reworded() -> by_rule.Outcomes:
    return outcomes_of(amended(ORIGIN, "what: ", "what: Say it. "), LATER.date())


def _written_beside_a_lock(monkeypatch: pytest.MonkeyPatch, lock: str) -> tuple[list[int], list[type]]:
    """Write what a rule says now of two listings while somebody holds the judgement of the first."""
    monkeypatch.setattr(by_rule, "LOCK_TURNED", lock)
    Shop({one: honey(disclosures__honey_origins=None) for one in ("L-1", "L-2")})
    sweeping.sweep(kind="listing", now=NOW)
    law = _reworded()
    (moved,) = profiles.refresh(law)
    written: list[int] = []
    with transaction.atomic():
        Judgement.objects.select_for_update().get(subject="listing:L-1")

        def work(number: int) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '300ms'")
            written.append(by_rule.write("listing", moved, law, LATER))

        raised = in_parallel(1, work)
    return written, [type(error) for error in raised]


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_a_changed_rule_passes_over_who_is_being_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _written_beside_a_lock(monkeypatch, by_rule.LOCK_TURNED) == ([1], [])


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_without_passing_over_it_would_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the change of law stands still until the other is done."""
    lock = by_rule.LOCK_TURNED.replace("SKIP LOCKED", "")
    assert _written_beside_a_lock(monkeypatch, lock) == ([], [OperationalError])
