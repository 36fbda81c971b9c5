"""Suggestions: made once, voted for once each, answered in public."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from complaints.domain.errors import Incomplete
from complaints.domain.states import next_state
from complaints.domain.suggestion_states import NEEDS_ANSWER, SUGGESTION, VOTED_ON
from complaints.models import Suggestion, Vote
from compliance.rulebook.words import noop as _
from marketplace.kernel.errors import NotFound


@transaction.atomic
def suggest(*, user_id: int, title: str, body: str, language: str, key: str, now: datetime) -> Suggestion:
    """Keep a suggestion; it is shown once somebody here has read it. The same `key` is the same one.

    :raises Incomplete: without a title.
    """
    if not title.strip():
        raise Incomplete(_("Say in a few words what should be different."), field="title")
    found, is_new = Suggestion.objects.get_or_create(
        ingest_key=f"{user_id}:{key}",
        defaults={"user_id": user_id, "title": title.strip()[:120], "body": body.strip(), "language": language, "made_at": now},
    )  # fmt: skip
    if is_new:
        Vote.objects.create(suggestion=found, user_id=user_id, made_at=now)
    return found


@transaction.atomic
def vote(*, suggestion: str, user_id: int, wanted: bool, now: datetime) -> int:
    """Say that one would like it too, or no longer; twice is once. Return how many would.

    :raises NotFound: for one that is not open to votes.
    """
    row = _locked(suggestion)
    if row.state not in VOTED_ON:
        raise NotFound(field="suggestion")
    if wanted:
        Vote.objects.get_or_create(suggestion=row, user_id=user_id, defaults={"made_at": now})
    else:
        Vote.objects.filter(suggestion=row, user_id=user_id).delete()
    return row.votes.count()


@transaction.atomic
def answer(*, suggestion: str, action: str, words: str, user_id: int, now: datetime) -> Suggestion:
    """Show, plan, do, decline or hide a suggestion; what is planned, done or declined is told with words in public.

    :raises WrongState: if that is not possible; :raises Incomplete: without words where they are needed.
    """
    row = _locked(suggestion)
    row.state = next_state(SUGGESTION, row.state, action)
    if action in NEEDS_ANSWER and not words.strip():
        raise Incomplete(_("Say in a sentence what we do or why not; everybody reads it."), field="answer")
    if words.strip():
        row.answer, row.answered_by_id, row.answered_at = words.strip(), user_id, now
    row.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    return row


def _locked(public_id: str) -> Suggestion:
    row = Suggestion.objects.select_for_update().filter(public_id=public_id).first()
    if row is None:
        raise NotFound(field="suggestion")
    return row
