"""The life of what people say, every pair; and the average, whatever the reviews."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.domain.errors import WrongState
from catalog.domain.voice import ACTIONS, LEAST, SHOWN, STARS, STATES, TABLE, next_state, summarise

counts = st.dictionaries(st.sampled_from(STARS), st.integers(0, 300))


@pytest.mark.parametrize(("state", "action"), list(product(STATES, ACTIONS)))
def test_every_pair_leads_where_the_table_says_or_nowhere(state: str, action: str):
    if (state, action) in TABLE:
        assert next_state(state, action) == TABLE[state, action]
        return
    with pytest.raises(WrongState) as refused:
        next_state(state, action)
    assert refused.value.data == {"state": state, "action": action}


def test_the_table_is_about_known_states_and_nothing_leaves_withdrawn():
    assert {state for state, _ in TABLE} | set(TABLE.values()) == set(STATES)
    assert [state for state, _ in TABLE if state == "withdrawn"] == []


def test_nothing_but_a_moderator_takes_something_out_of_sight_or_back_into_it():
    out = {action for (state, action), then in TABLE.items() if state in SHOWN and then not in SHOWN}
    back = {action for (state, action), then in TABLE.items() if state not in SHOWN and then in SHOWN}
    assert (out, back) == ({"hide", "withdraw"}, {"restore", "confirm"})


@settings(suppress_health_check=[HealthCheck.too_slow])  # a machine with other work
@given(counts, counts)
def test_the_average_is_the_plain_mean_of_all_whenever_they_came(earlier, recent):
    found = summarise(earlier, recent)
    stars = [star for one in (earlier, recent) for star, many in one.items() for _ in range(many)]
    assert found.count == len(stars) == sum(many for _, many, _ in found.by_star)
    assert (found.average is None) == (not stars)
    if stars:
        assert abs(found.average - Decimal(sum(stars)) / len(stars)) <= Decimal("0.005")
    assert summarise(recent, earlier).average == found.average


@given(counts, counts, st.sampled_from(STARS))
def test_one_more_review_draws_the_average_towards_itself(earlier, recent, star: int):
    before = summarise(earlier, recent).average
    after = summarise(earlier, recent | {star: recent.get(star, 0) + 1}).average
    if before is None:
        assert after == star
    else:
        assert abs(after - star) <= abs(before - star)


@given(counts, counts)
def test_a_trend_is_only_told_when_there_is_enough_to_tell_it(earlier, recent):
    found = summarise(earlier, recent)
    if min(sum(earlier.values()), sum(recent.values())) < LEAST:
        assert found.trend == ""
    else:
        assert found.trend in ("better", "worse", "same")


def test_a_trend_turns_around_when_the_times_are_exchanged():
    good, bad = {5: 6}, {2: 6}
    assert (summarise(bad, good).trend, summarise(good, bad).trend, summarise(good, good).trend) == (
        "better", "worse", "same",
    )  # fmt: skip
