"""Suggestions: once, voted for once each, answered in public."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from complaints.domain.errors import Incomplete, WrongState
from complaints.domain.states import may
from complaints.domain.suggestion_states import NEEDS_ANSWER, SUGGESTION, SUGGESTION_STATES
from complaints.models import Suggestion, Vote
from complaints.operations.suggestions import answer, suggest, vote
from complaints.queries.suggestions import answered_ones, open_ones
from marketplace.accounts.models import User
from marketplace.kernel.errors import NotFound
from tests.complaints.factories import NOW

pytestmark = pytest.mark.django_db


def person(n: int = 1) -> User:
    return User.objects.create_user(f"p{n}@example.com", "secret")


def make(user: User, key: str = "k") -> Suggestion:
    return suggest(user_id=user.pk, title="Evening delivery", body="", language="en", key=key, now=NOW)


def test_the_same_key_is_the_same_suggestion_and_ones_own_vote_counts_once():
    user = person()
    first, again = make(user), make(user)
    assert (first.pk, Vote.objects.count(), open_ones(None)) == (again.pk, 1, [])


def test_it_is_shown_once_it_was_read_and_votes_count_once_each():
    one, two = person(1), person(2)
    row = make(one)
    with pytest.raises(NotFound):
        vote(suggestion=row.public_id, user_id=two.pk, wanted=True, now=NOW)
    answer(suggestion=row.public_id, action="show", words="", user_id=one.pk, now=NOW)
    counted = [vote(suggestion=row.public_id, user_id=two.pk, wanted=True, now=NOW) for _ in range(2)]
    assert (counted, [found.wanted for found in open_ones(two)]) == ([2, 2], [2])
    assert vote(suggestion=row.public_id, user_id=two.pk, wanted=False, now=NOW) == 1


@pytest.mark.parametrize("state", SUGGESTION_STATES)
@pytest.mark.parametrize("action", ["show", "plan", "do", "decline", "hide"])
def test_every_state_and_action(state, action):
    user = person()
    row = make(user)
    Suggestion.objects.filter(pk=row.pk).update(state=state, answer="Because.")
    if may(SUGGESTION, state, action):
        done = answer(suggestion=row.public_id, action=action, words="Done.", user_id=user.pk, now=NOW)
        assert done.state == SUGGESTION[state, action]
    else:
        with pytest.raises(WrongState):
            answer(suggestion=row.public_id, action=action, words="Done.", user_id=user.pk, now=NOW)


@pytest.mark.parametrize("action", NEEDS_ANSWER)
def test_what_is_planned_done_or_declined_says_so_in_words(action):
    user = person()
    row = make(user)
    with pytest.raises(Incomplete):
        answer(suggestion=row.public_id, action=action, words=" ", user_id=user.pk, now=NOW)


def test_what_was_done_stands_under_you_said_we_did():
    user = person()
    row = make(user)
    answer(suggestion=row.public_id, action="do", words="It comes until nine.", user_id=user.pk, now=NOW)
    assert [(one.title, one.answer) for one in answered_ones()] == [
        ("Evening delivery", "It comes until nine.")
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_a_vote_pressed_eight_times_at_once_is_one():
    one, two = person(1), person(2)
    row = make(one)
    answer(suggestion=row.public_id, action="show", words="", user_id=one.pk, now=NOW)

    def press() -> None:
        try:
            vote(suggestion=row.public_id, user_id=two.pk, wanted=True, now=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Vote.objects.filter(suggestion=row).count() == 2
