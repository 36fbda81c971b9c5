"""After any sequence of changes of law, day and goods, what is kept is what judging everything from nothing leaves.

The long form: RIGHTFUL_EXAMPLES=200 for so many sequences.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from compliance import rulebook
from compliance.checks import by_rule, operations, profiles, registry, sweeping
from compliance.checks.models import CheckRun, Finding, Judgement, LawReading, Profile, ProfiledLaw
from compliance.checks.outcomes import outcome_of, outcomes_of
from compliance.rulebook.loader import ROOT
from compliance.rulebook.loader import amended as amended_book
from tests.compliance.checks.test_sweeping import Shop, kept
from tests.compliance.samples import MERCHANT, honey, listing, scarf

pytestmark = pytest.mark.django_db

SEQUENCES = int(os.environ.get("RIGHTFUL_EXAMPLES", "6"))
START = datetime(2026, 6, 12, 9, tzinfo=UTC)  # honey names its countries from 14 June on
OTHER = {**MERCHANT, "public_id": "M-OTHER234", "verified": False}
AMENDMENTS = (  # (rule, what its file says, what it shall say)
    ("eu.listing.food.honey_origin", "severity: high", "severity: block"),
    ("eu.listing.food.honey_origin", "severity: high", "severity: medium"),
    ("eu.listing.food.honey_origin", "groups: [HONEY]", "groups: [TEX]"),
    ("eu.listing.food.honey_origin", "from: 2026-06-14", "from: 2026-06-16"),
    ("eu.listing.food.allergens", "severity: block", "severity: high"),
    ("eu.listing.food.allergens", "what: ", "what: Say which. "),
    ("eu.listing.food.net_quantity", "needs: [disclosures.net_quantity]", 'must: "true"'),
    ("eu.listing.food.net_quantity", "needs: [disclosures.net_quantity]", "must: \"brand == 'Other'\""),
    ("eu.merchant.verified", 'must: "merchant.verified"', 'must: "true"'),
    ("eu.listing.description", 'must: "', 'must: "images > 2 && '),
)
GOODS: tuple[Callable[[], dict[str, Any]], ...] = (
    honey,
    lambda: honey(disclosures__allergens=None),
    lambda: honey(brand="Other", images=7),
    lambda: honey(disclosures__honey_origins=None, disclosures__net_quantity=None),
    scarf,
    lambda: scarf(merchant=OTHER),
    lambda: listing("toy.general", merchant=OTHER),
    lambda: honey(documents=[{"kind": "test_report", "expires_on": "2026-06-14"}]),
    lambda: honey(description_languages=[]),
)


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds: dict[str, registry.Kind] = {}
    for module in (registry, operations, sweeping):
        monkeypatch.setattr(module, "KINDS", kinds)


@pytest.fixture(autouse=True)
def released_law() -> Iterator[None]:
    yield
    rulebook.use(None)


class Story:
    """A shop, a law and a day, and the changes that chance makes of them."""

    def __init__(self, seed: int) -> None:
        self.dice, self.now, self.changes = random.Random(seed), START, []
        self.shop = Shop({f"L-{n}": make() for n, make in enumerate(GOODS)})
        sweeping.sweep(kind="listing", now=self.now)

    def step(self) -> None:
        change = self.dice.choice(
            [
                self.change_law,
                self.change_law,
                self.break_off,
                self.next_day,
                self.change_goods,
                self.sell_less,
            ]
        )
        self.changes.append(change.__name__)
        change()

    def amend(self) -> None:
        texts: dict[str, str] = {}
        for rule, old, new in self.dice.sample(AMENDMENTS, self.dice.randint(0, 3)):
            text = (ROOT / rulebook.release().rules[rule].file).read_text(encoding="utf-8")
            assert old in text
            texts.setdefault(rule, text.replace(old, new))
        rulebook.use(amended_book(rulebook.release(), texts) if texts else None)

    def change_law(self) -> None:
        self.amend()
        sweeping.judge_touched(kind="listing", now=self.now)

    def break_off(self) -> None:
        """A change of law dies after its first chunk; the next sweep makes good what it left out."""
        self.amend()
        next(profiles.refresh(outcomes_of(rulebook.default(), self.now.date())), None)
        self.dice.choice([self.settle, self.change_law_and_settle])()

    def change_law_and_settle(self) -> None:
        self.change_law()
        self.settle()

    def settle(self) -> None:
        """Sweep once more on the day, by a whole sweep or by one that has a whole one behind it."""
        CheckRun.objects.all().delete()
        if self.dice.random() < 0.7:
            CheckRun.objects.create(
                kind="listing", day=self.now, is_whole=True, started_at=self.now, finished_at=self.now
            )
        sweeping.sweep(kind="listing", now=self.now)

    def next_day(self) -> None:
        self.now += timedelta(days=1)
        sweeping.sweep(kind="listing", now=self.now)

    def change_goods(self) -> None:
        one = self.dice.choice(sorted(self.shop.facts))
        self.shop.facts[one] = self.dice.choice(GOODS)()
        operations.judge_again(kind="listing", ids=[one], now=self.now)

    def sell_less(self) -> None:
        one = self.dice.choice(sorted(self.shop.facts))
        if len(self.shop.facts) > 3:
            del self.shop.facts[one]
            operations.forget(subjects=[f"listing:{one}"])


def of_listings() -> list[list[Any]]:
    """Return what is kept of listings; what is kept of sellers hangs on which of their listings was judged last."""
    return [[row for row in rows if "listing:" in str(row)] for rows in kept()]


def from_nothing(story: Story) -> list[list[Any]]:
    """Return what judging everything from nothing leaves, and take it back."""
    with transaction.atomic():
        for model in (Finding, Judgement, Profile, ProfiledLaw, LawReading):
            model.objects.all().delete()
        operations.judge_again(kind="listing", ids=sorted(story.shop.facts), now=story.now)
        found = of_listings()
        transaction.set_rollback(True)
    return found


def differences(story: Story) -> list[Any]:
    """Return what only one of the two leaves: what is kept, and what judging from nothing leaves."""
    now, anew = of_listings(), from_nothing(story)
    return [[row for row in one if row not in two] for mine, other in zip(now, anew, strict=True)
            for one, two in ((mine, other), (other, mine))]  # fmt: skip


def odd_profiles(story: Story) -> list[int]:
    """Return profiles said to be current whose outcome, or what it is made of, is not what the law says of them."""
    law = outcomes_of(rulebook.default(), story.now.date())
    return [
        row.pk
        for row in Profile.objects.filter(is_current=True)
        if row.outcome != law.of(row.groups, row.seen)
        or row.missed != law.parts(row.groups, row.seen)
        or row.outcome != outcome_of(row.missed)
    ]


@pytest.mark.parametrize("few", [profiles.FEW, 0])  # rule by rule, or each profile by the whole law
@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_what_is_kept_is_what_judging_from_nothing_leaves(
    seed: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "FEW", few)
    monkeypatch.setattr(profiles, "CHUNK", 2)
    for module, name, size in (
        (by_rule, "CHUNK", 2),
        (by_rule, "RANGE", 3),
        (by_rule, "SUBJECTS", 2),
        (sweeping, "RANGE", 3),
    ):
        monkeypatch.setattr(module, name, size)
    story = Story(seed)
    for _ in range(6):
        story.step()
        assert (story.changes, differences(story)) == (story.changes, [[], [], [], []])
        assert (story.changes, odd_profiles(story)) == (story.changes, [])


def test_a_law_that_is_taken_up_while_another_is_followed_ends_the_following() -> None:
    story = Story(1)
    law = outcomes_of(rulebook.default(), story.now.date())
    rule, old, new = AMENDMENTS[1]
    text = (ROOT / rulebook.release().rules[rule].file).read_text(encoding="utf-8")
    other = outcomes_of(amended_book(rulebook.release(), {rule: text.replace(old, new)}), story.now.date())
    ProfiledLaw.objects.update(unsure=[[profiles.ALL, []]])
    Profile.objects.update(outcome="-")
    following = profiles.refresh(law)
    next(following)
    list(profiles.refresh(other))
    assert (list(following), ProfiledLaw.objects.get().key) == ([], other.key)


def test_a_profile_kept_by_another_law_is_judged_by_the_next_refresh() -> None:
    story = Story(2)
    rule, old, new = AMENDMENTS[5]
    text = (ROOT / rulebook.release().rules[rule].file).read_text(encoding="utf-8")
    rulebook.use(amended_book(rulebook.release(), {rule: text.replace(old, new)}))
    story.shop.facts["L-1"] = honey(disclosures__allergens=None, disclosures__storage_use=None)
    operations.judge_again(kind="listing", ids=["L-1"], now=story.now)  # by a law that nobody took up
    assert Profile.objects.filter(is_current=False).count() == 1
    rulebook.use(None)
    sweeping.judge_touched(kind="listing", now=story.now)
    assert (Profile.objects.filter(is_current=False).count(), odd_profiles(story)) == (0, [])
