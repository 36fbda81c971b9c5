"""From price records to a history, and the price per unit."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.domain.prices import Recorded, Span, history_facts, spans, unit_price
from marketplace.kernel.money import Money

START = datetime(2026, 10, 1, tzinfo=UTC)


def at(day: int) -> datetime:
    return START + timedelta(days=day)


def test_records_become_spans_without_gaps_or_repetition() -> None:
    records = [Recorded(at(5), 400, "reduced"), Recorded(at(0), 500, "regular"), Recorded(at(2), 500, "regular"),
               Recorded(at(8), None, "regular"), Recorded(at(9), 500, "regular")]  # fmt: skip
    assert spans(records) == [
        Span(at(0), at(5), 500, "regular"),
        Span(at(5), at(8), 400, "reduced"),
        Span(at(9), None, 500, "regular"),
    ]


def test_a_price_that_was_never_in_force_is_no_span() -> None:
    assert spans([Recorded(at(0), 500, "regular"), Recorded(at(0), 600, "regular")]) == [
        Span(at(0), None, 600, "regular")
    ]


def test_the_history_is_written_as_the_calculator_takes_it() -> None:
    assert history_facts([Span(at(0), None, 499, "regular")], "EUR") == [
        {"from": "2026-10-01T00:00:00+00:00", "until": None, "price": "4.99", "kind": "regular"}
    ]


@pytest.mark.parametrize(
    ("quantity", "base", "found"),
    [
        ({"value": "250", "unit": "g"}, None, (Money(1996, "EUR"), "kg")),
        ({"value": "250", "unit": "g"}, {"value": "100", "unit": "g"}, (Money(200, "EUR"), "100 g")),
        ({"value": "75", "unit": "cl"}, None, (Money(665, "EUR"), "l")),
        ({"value": "0", "unit": "g"}, None, None),
        ({}, None, None),
    ],
)
def test_the_price_per_unit(quantity: dict, base: dict | None, found: object) -> None:
    assert unit_price(Money(499, "EUR"), quantity, base) == found
