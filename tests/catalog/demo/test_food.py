"""The foods of the demo come in by the importer, judged, with their source under each, once."""

from __future__ import annotations

import csv

import pytest

from catalog.demo import loading
from catalog.demo.food import FILE, load_food
from catalog.demo.openfoodfacts.select import HERE
from catalog.models import ImportRun, Listing, ListingText
from compliance.checks.models import Judgement
from marketplace.kernel import clock

pytestmark = pytest.mark.django_db


def test_every_row_is_taken_or_refused_and_says_where_it_comes_from():
    now = clock.now()
    loading.load(now=now, only=["none"], pictures=0)
    first, second = load_food(now=now), load_food(now=now)
    run = ImportRun.objects.get()
    with (HERE / FILE).open(encoding="utf-8", newline="") as file:
        rows = sum(1 for _ in csv.DictReader(file))
    foods = Listing.objects.filter(code__startswith="off-")
    judged = Judgement.objects.filter(subject__in=[f"listing:{one.public_id}" for one in foods])
    named = ListingText.objects.filter(
        listing__in=foods, description__contains="Open Food Facts contributors"
    )
    assert (run.rows_total, run.rows_taken + run.rows_refused, first, second) == (
        rows,
        rows,
        run.rows_taken,
        0,
    )
    assert first > 400
    assert (judged.exclude(judged_at=None).count(), named.count()) == (first, first)
