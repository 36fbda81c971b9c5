"""What is typed into forms: whole numbers, sums and keys, never more than the database holds."""

from __future__ import annotations

import pytest

from complaints.domain.errors import Incomplete
from complaints.models import Ticket
from complaints.web.typed import LARGEST, amount_of, key_of, number_of
from marketplace.kernel.money import Money


@pytest.mark.parametrize(("text", "number"), [
    ("7", 7), ("0", 0), (str(LARGEST), LARGEST), (str(LARGEST + 1), None), ("9" * 5_000, None), ("", None),
    ("-1", None), ("1.5", None), ("²", None), ("x", None),
])  # fmt: skip
def test_a_number_is_whole_and_has_an_end(text: str, number: int | None):
    assert number_of(text) == number


@pytest.mark.parametrize(("text", "amount"), [
    ("12,50", Money(1250, "EUR")), (" 0 ", Money(0, "EUR")), ("-3", Money(-300, "EUR")), ("", None), ("  ", None),
])  # fmt: skip
def test_a_sum_is_in_the_currency_of_the_order(text: str, amount: Money | None):
    assert amount_of(text, Ticket()) == amount


@pytest.mark.parametrize(
    "text", ["ten", "1e999999", "1e15", "NaN", "Infinity", "9" * 19, "9" * 5_000, "1.2.3"]
)
def test_what_is_no_sum_is_said_to_be_none(text: str):
    with pytest.raises(Incomplete) as refused:
        amount_of(text, Ticket())
    assert refused.value.field == "amount"


def test_a_key_is_never_longer_than_its_place():
    assert [len(key_of(text)) for text in ("", " k ", "k" * 500)] == [0, 1, 60]
