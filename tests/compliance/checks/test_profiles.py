"""Keeping profiles: what they must know, whom a change of law looks at again, and who waits for whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from compliance import rulebook
from compliance.checks import by_rule, operations, outcomes, profiles, registry, runs, sweeping
from compliance.checks.models import Finding, Judgement, Profile, ProfiledLaw
from compliance.checks.outcomes import Outcomes, outcomes_of
from compliance.rulebook.loader import ROOT
from compliance.rulebook.loader import amended as amended_book
from tests.compliance.checks.test_concurrency import in_parallel
from tests.compliance.checks.test_sweeping import Shop, amended
from tests.compliance.samples import honey, scarf
from tests.races import end_behind

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
ORIGIN = "eu.listing.food.honey_origin"
alone = pytest.mark.django_db
among_others = pytest.mark.django_db(transaction=True)
with_control = pytest.mark.parametrize("is_locked", [True, False], ids=["locked", "control"])


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds: dict[str, registry.Kind] = {}
    for module in (registry, operations, sweeping):
        monkeypatch.setattr(module, "KINDS", kinds)


@pytest.fixture(autouse=True)
def released_law() -> Iterator[None]:
    yield
    rulebook.use(None)


def open_findings(rule: str) -> list[str]:
    return list(
        Finding.objects.open().filter(rule=rule).order_by("subject").values_list("subject", flat=True)
    )


@alone
def test_a_rule_that_moves_to_other_groups_has_the_facts_of_those_read_again() -> None:
    origins = [{"country": "DE", "percent": "100"}]
    shop = Shop({"L-1": scarf(disclosures__honey_origins=origins), "L-2": scarf()})
    sweeping.sweep(kind="listing", now=NOW)
    shop.read = []
    rulebook.use(amended(ORIGIN, "groups: [HONEY]", "groups: [TEX]"))
    sweeping.judge_touched(kind="listing", now=LATER)
    assert (shop.read, open_findings(ORIGIN)) == (["L-1", "L-2"], ["listing:L-2"])


@alone
def test_parts_are_written_though_the_outcome_is_the_same() -> None:
    Shop({"L-1": honey(disclosures__honey_origins=None)})
    sweeping.sweep(kind="listing", now=NOW)
    right = Profile.objects.get().missed
    Profile.objects.update(missed={**right, ORIGIN: ["0123456789abcdef|"]})
    ProfiledLaw.objects.update(unsure=[[profiles.ALL, []]])
    changed = list(profiles.refresh(outcomes_of(rulebook.default(), NOW.date())))
    assert (changed, Profile.objects.get().missed) == ([], right)


@alone
def test_a_judgement_whose_profile_is_gone_is_read_again_by_the_next_whole_sweep() -> None:
    shop = Shop({"L-1": honey(), "L-2": scarf()})
    sweeping.sweep(kind="listing", now=NOW)
    lost = Judgement.objects.get(subject="listing:L-1")
    Profile.objects.filter(pk=lost.profile).delete()
    shop.read = []
    sweeping.sweep(kind="listing", now=NOW + runs.WHOLE)
    assert shop.read == ["L-1"]
    lost.refresh_from_db()
    assert Profile.objects.filter(pk=lost.profile).exists()


@alone
def test_only_profiles_that_nobody_has_are_dropped() -> None:
    Shop({"L-1": honey(), "L-2": honey(), "L-3": scarf()})
    sweeping.sweep(kind="listing", now=NOW)
    used = Judgement.objects.get(subject="listing:L-1").profile
    operations.forget(subjects=["listing:L-2", "listing:L-3"])
    assert [profiles.drop_unused() for _ in range(2)] == [1, 0]
    assert list(Profile.objects.values_list("pk", flat=True)) == [used]


@alone
def test_answers_taken_over_from_another_law_count_towards_the_most_that_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outcomes, "ALTOGETHER", 400)
    text = (ROOT / rulebook.release().rules[ORIGIN].file).read_text(encoding="utf-8")
    law = None
    for number in range(4):
        book = amended_book(rulebook.release(), {ORIGIN: text.replace("what: ", f"what: {number} ")})
        law = Outcomes(book, NOW.date(), law)
        for groups in (["ALL", "FOOD", "HONEY"], ["ALL", "TEX"]):
            law.of(groups, {"images": number})
    steps = {id(step): step for step in (*law._steps.values(), *law._inherited.values())}
    kept = sum(len(step.known) for step in steps.values())
    assert (law._kept, kept <= 400) == (kept, True)


# -- who waits for whom


def _errors_beside(hold: Callable[[], Any], work: Callable[[], Any]) -> list[type[Exception]]:
    """Do `hold` and keep its locks while `work`, which gives up waiting, tries on a connection of its own."""

    def run(number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '500ms'")
        work()

    with transaction.atomic():
        hold()
        return [type(error) for error in in_parallel(1, run)]


def _with(is_locked: bool, work: Callable[[], Any]) -> Any:
    """Do something, if not `is_locked` without the words that lock rows."""

    def run(execute: Any, statement: Any, values: Any, many: bool, context: Any) -> Any:
        if isinstance(statement, str):  # what is composed inserts and locks nothing
            statement = re.sub(r' FOR (SHARE|UPDATE)( OF "\w+")?', "", statement)
        return execute(statement, values, many, context)

    if is_locked:
        return work()
    with connection.execute_wrapper(run):
        return work()


def _swept() -> None:
    Shop({"L-1": honey(disclosures__honey_origins=None), "L-2": scarf()})
    sweeping.sweep(kind="listing", now=NOW)


def _keep_another() -> None:
    """Judge something new: its profile is said to be current, which holds only while the law is held."""
    operations.judge(subject="listing:L-9", facts=honey(disclosures__allergens=None), now=NOW)


def _other_law() -> Outcomes:
    return Outcomes(amended(ORIGIN, "what: ", "what: Say it. "), NOW.date())


@among_others
@with_control
def test_another_law_waits_for_who_writes_by_the_present_one(is_locked: bool) -> None:
    _swept()
    law = _other_law()
    errors = _errors_beside(lambda: _with(is_locked, _keep_another), lambda: profiles._take_up(law))
    assert errors == ([OperationalError] if is_locked else [])


@among_others
@with_control
def test_who_writes_outcomes_waits_while_the_law_changes(is_locked: bool) -> None:
    _swept()
    law = _other_law()
    errors = _errors_beside(lambda: profiles._take_up(law), lambda: _with(is_locked, _keep_another))
    assert errors == ([OperationalError] if is_locked else [])


@among_others
@with_control
def test_a_profile_that_somebody_is_given_right_now_is_not_removed(is_locked: bool) -> None:
    """The control: it is removed while its new subject is not to be seen yet."""
    Shop({"L-1": honey()})
    sweeping.sweep(kind="listing", now=NOW)
    operations.forget(subjects=["listing:L-1"])
    pks = list(Profile.objects.values_list("pk", flat=True))
    give = lambda: operations.judge(subject="listing:L-2", facts=honey(), now=NOW)  # noqa: E731 -- a word for two lines
    errors = _errors_beside(lambda: _with(is_locked, give), lambda: profiles._drop(pks))
    lost = Judgement.objects.exclude(profile=None).exclude(profile__in=Profile.objects.values("pk"))
    assert (errors, lost.count()) == (([OperationalError], 0) if is_locked else ([], 1))


@among_others
@with_control
def test_what_two_rules_find_at_once_is_both_kept(is_locked: bool) -> None:
    """The control: who comes second puts its part into what it read before, and the first one's is lost."""
    _swept()
    law, turn = outcomes_of(rulebook.default(), NOW.date()), ProfiledLaw.objects.get().turn
    pk = Profile.objects.get(missed__has_key=ORIGIN).pk

    def replace(rule: str) -> None:
        list(by_rule.replace(law, turn, rule, [([pk], ["0123456789abcdef|"], ())]))

    ended = end_behind(lambda: replace("a.first"), lambda: _with(is_locked, lambda: replace("a.second")))
    missed = Profile.objects.get(pk=pk).missed
    assert (ended, "a.first" in missed, "a.second" in missed) == (None, is_locked, True)
