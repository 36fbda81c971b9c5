"""Reductions: only what the law allows is announced, now or later, and nothing else ever begins."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import operations
from catalog.domain.errors import NotAReduction, UnlawfulReduction
from catalog.models import Listing, Offer, PlannedReduction
from catalog.queries.reductions import Proposed, priors_of
from marketplace.kernel.errors import Conflict, Invalid
from marketplace.kernel.money import Money
from tests.catalog.factories import NOW, make_listing, variant_of

DAY = timedelta(days=1)
LATER = NOW + 40 * DAY
pytestmark = pytest.mark.usefixtures("taxonomy")


def offer_of(listing: Listing) -> Offer:
    return Offer.objects.get(variant=variant_of(listing))


def reduce(offer: Offer, minor: int, **more):
    return operations.reduce_price(offer_id=offer.pk, price_minor=minor, **({"now": LATER} | more))


def test_a_lawful_reduction_begins_at_once() -> None:
    offer = offer_of(make_listing())
    reduce(offer, 3900, ends_at=LATER + 7 * DAY, prior_minor=4900)
    offer.refresh_from_db()
    assert (offer.price_minor, offer.regular_minor, offer.reduced_from) == (3900, 4900, LATER)


def test_a_price_raised_just_before_gives_no_reduction() -> None:
    offer = offer_of(make_listing())
    operations.set_price(variant_id=offer.variant_id, currency="EUR", price_minor=5900, now=LATER - 5 * DAY)
    with pytest.raises(UnlawfulReduction) as caught:
        reduce(offer, 4900)
    assert (caught.value.data["markets"], caught.value.data["why"]) == (["DE", "FR"], "not_below")


def test_a_prior_price_that_is_not_the_laws_is_refused() -> None:
    offer = offer_of(make_listing())
    with pytest.raises(UnlawfulReduction) as caught:
        reduce(offer, 3900, prior_minor=5900)
    assert (caught.value.field, caught.value.data["prior_minor"]) == ("prior", 4900)


def test_what_is_new_cannot_be_reduced_where_the_law_asks_for_thirty_days() -> None:
    offers = [offer_of(make_listing(ships_to=markets, offered=False)) for markets in (("DE", "US"), ("US",))]
    with pytest.raises(UnlawfulReduction) as caught:
        reduce(offers[0], 3900, now=NOW + 3 * DAY)
    assert (caught.value.data["markets"], caught.value.data["why"]) == (["DE"], "new")
    reduce(offers[1], 3900, now=NOW + 3 * DAY)  # no law of this kind there


def test_it_must_be_below_the_present_price() -> None:
    with pytest.raises(NotAReduction):
        reduce(offer_of(make_listing()), 4900)


@pytest.mark.parametrize(
    ("field", "times"),
    [
        ("starts_at", {"starts_at": LATER - 2 * DAY}),
        ("ends_at", {"ends_at": LATER}),
        ("ends_at", {"starts_at": LATER + DAY, "ends_at": LATER + DAY}),
    ],
)
def test_times_that_cannot_be_are_named(field: str, times: dict) -> None:
    with pytest.raises(Invalid) as caught:
        reduce(offer_of(make_listing()), 3900, **times)
    assert caught.value.field == field


def test_a_planned_reduction_begins_and_ends_by_itself() -> None:
    offer = offer_of(make_listing())
    reduce(offer, 3900, starts_at=LATER + DAY, ends_at=LATER + 3 * DAY)
    prices = []
    for day in (0, 1, 2, 3):
        operations.turn_reductions(now=LATER + day * DAY)
        offer.refresh_from_db()
        prices.append(offer.price_minor)
    assert (prices, PlannedReduction.objects.count()) == ([4900, 3900, 3900, 4900], 0)


def test_a_plan_that_became_unlawful_never_begins() -> None:
    offer = offer_of(make_listing())
    reduce(offer, 3900, starts_at=LATER + DAY)
    operations.set_price(variant_id=offer.variant_id, currency="EUR", price_minor=3500, now=LATER)
    operations.set_price(variant_id=offer.variant_id, currency="EUR", price_minor=4900, now=LATER + DAY / 2)
    done = operations.turn_reductions(now=LATER + DAY)
    offer.refresh_from_db()
    assert (done, offer.price_minor) == ({"ended": 0, "begun": 0, "refused": 1}, 4900)
    assert PlannedReduction.objects.get().refused_at == LATER + DAY


def test_a_plan_is_called_off_once() -> None:
    plan = reduce(offer_of(make_listing()), 3900, starts_at=LATER + DAY)
    operations.call_off_reduction(plan_id=plan.pk)
    with pytest.raises(Conflict):
        operations.call_off_reduction(plan_id=plan.pk)


def test_a_further_step_goes_only_where_the_law_measures_from_the_first() -> None:
    german = offer_of(make_listing(ships_to=("DE",), offered=False))
    irish = offer_of(make_listing(ships_to=("DE", "IE"), offered=False))
    for offer in (german, irish):
        reduce(offer, 3900)
    reduce(german, 2900, now=LATER + DAY)
    german.refresh_from_db()
    with pytest.raises(UnlawfulReduction) as caught:
        reduce(irish, 2900, now=LATER + DAY)
    assert (german.price_minor, caught.value.data["markets"], caught.value.data["why"]) == (
        2900,
        ["IE"],
        "step",
    )


def test_many_are_asked_about_in_a_fixed_number_of_queries() -> None:
    offers = [offer_of(make_listing()) for _ in range(4)]
    counts = []
    for some in (offers[:1], offers):
        with CaptureQueriesContext(connection) as seen:
            priors_of([Proposed(offer.pk, Money(3900, "EUR"), LATER) for offer in some])
        counts.append(len(seen))
    assert counts == [3, 3]
