"""Clocks are a function of what happened: golden cases by hand, and properties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.domain.plan import Happened, Planned, Promise, opening_of, plan, shifted, steps_of

OFFICE = {
    "tz": "Europe/Berlin",
    "weekly": {day: [["08:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}
PROMISE = Promise(
    OFFICE,
    {"first_response_min": 60, "next_response_min": 120, "agent_update_every_min": None, "resolution_min": 600},
    {"states": ["waiting_customer"], "applies_to": ["resolution", "next_response"]},
    ({"clock": "first_response", "at_min": -30, "do": "notify", "to": "agent"},
     {"clock": "first_response", "at_min": 0, "do": "raise"},
     {"clock": "first_response", "at_min": 60, "do": "unassign"}),
    merchant_answer_min=300,
)  # fmt: skip
MONDAY = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # 17:30 in Berlin, half an hour before closing


def at(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def clocks(*events: Happened, as_of: datetime, market: str = "DE") -> dict[tuple[str, int], Planned]:
    found = plan(PROMISE, events, received_at=MONDAY, market=market, as_of=as_of)
    return {(one.kind, one.generation): one for one in found}


def test_the_first_answer_is_due_when_the_open_minutes_are_used_up():
    first = clocks(Happened(MONDAY, "customer_message"), as_of=MONDAY)["first_response", 1]
    assert (first.due_at, first.state) == (datetime(2026, 11, 24, 7, 30, tzinfo=UTC), "running")


def test_waiting_for_the_customer_moves_the_decision_by_the_open_time_waited():
    asked = Happened(at(15.5), "state", "waiting_customer")  # Tuesday 09:00
    back = Happened(at(17.5), "state", "open")  # Tuesday 11:00
    due = [clocks(*events, as_of=at(18))["resolution", 1].due_at for events in ((), (asked, back))]
    assert due == [datetime(2026, 11, 24, 16, 30, tzinfo=UTC), datetime(2026, 11, 25, 8, 30, tzinfo=UTC)]


def test_a_question_to_the_seller_has_a_clock_of_its_own():
    asked = Happened(at(15.5), "state", "waiting_merchant")
    found = clocks(asked, as_of=at(16))["merchant_answer", 1]
    assert (found.started_at, found.due_at, found.state) == (at(15.5), at(20.5), "running")


def test_the_sellers_answer_ends_it():
    asked, said = Happened(at(15.5), "state", "waiting_merchant"), Happened(at(17), "merchant_message")
    assert clocks(asked, said, as_of=at(30))["merchant_answer", 1].state == "met"


def test_the_law_runs_beside_the_promise_and_the_nearest_comes_first():
    found = plan(PROMISE, (), received_at=MONDAY, market="IN", as_of=MONDAY)
    law = {one.kind: one for one in found if one.is_law}
    assert law["law:acknowledgement"].due_at - MONDAY == timedelta(hours=48)
    assert next(one.kind for one in found) == "first_response"
    assert law["law:decision"].told["rule"] == "in.complaint.decision"


def test_steps_before_and_after_the_end_are_counted_in_open_minutes():
    first = clocks(Happened(MONDAY, "customer_message"), as_of=MONDAY)["first_response", 1]
    assert [(step.do, step.at) for step in steps_of(PROMISE, first)] == [
        ("notify", datetime(2026, 11, 24, 7, 0, tzinfo=UTC)),
        ("raise", datetime(2026, 11, 24, 7, 30, tzinfo=UTC)),
        ("unassign", datetime(2026, 11, 24, 8, 30, tzinfo=UTC)),
    ]


def test_a_warning_goes_back_over_the_night_but_never_before_the_beginning():
    opening, due = opening_of(OFFICE), datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
    before = shifted(opening, due, -45, not_before=MONDAY)
    assert before == datetime(2026, 11, 23, 16, 45, tzinfo=UTC)
    assert shifted(opening, due, -600, not_before=MONDAY) == MONDAY


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 200),
        st.sampled_from(
            ["customer_message", "agent_message", "state", "merchant_message", "decided", "reopened"]
        ),
        st.sampled_from(["open", "waiting_customer", "waiting_merchant", "waiting_outside"]),
    ),
    max_size=10,
)


@given(EVENTS, st.randoms(use_true_random=False))
def test_order_and_repetition_of_news_change_nothing(raw, random):
    events = [
        Happened(MONDAY + timedelta(minutes=17 * step), kind, state if kind == "state" else "")
        for step, kind, state in raw
    ]
    as_of = MONDAY + timedelta(days=5)
    shuffled = [*events, *events]
    random.shuffle(shuffled)
    whole = plan(PROMISE, events, received_at=MONDAY, market="KR", as_of=as_of)
    assert plan(PROMISE, shuffled, received_at=MONDAY, market="KR", as_of=as_of) == whole


@settings(deadline=None)  # the first example loads the rules
@given(
    st.integers(0, 6000), st.integers(1, 6000), st.lists(st.integers(1, 5999), max_size=4), st.booleans()
)  # minutes: when the pause begins, how long it is, where it is split, whether by another waiting state
def test_splitting_a_pause_changes_nothing(begin: int, length: int, cuts: list[int], other: bool):
    waiting = "waiting_customer"
    ends = [Happened(MONDAY, "customer_message"), Happened(at((begin + length) / 60), "state", "open")]
    whole = [*ends, Happened(at(begin / 60), "state", waiting)]
    inside = sorted({cut for cut in cuts if cut < length})
    split = [Happened(at((begin + cut) / 60), "state", waiting) for cut in inside]
    if other:  # let go and taken up again in the same instant is one pause too, whatever is said in between
        split += [Happened(at((begin + cut) / 60), "changed") for cut in inside]
    one, two = clocks(*whole, as_of=at(1000)), clocks(*whole, *split, as_of=at(1000))
    assert {key: (clock.state, clock.due_at) for key, clock in one.items()} == {
        key: (clock.state, clock.due_at) for key, clock in two.items()
    }
