"""Suggestions as everybody sees them, and as the desk does."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, QuerySet, Value

from complaints.domain.suggestion_states import DECLINED, DONE, NEW, PLANNED, SHOWN, SUGGESTION_STATES
from complaints.models import Suggestion, Vote
from marketplace.accounts.models import User


def _counted(user: User | None) -> QuerySet[Suggestion]:
    mine = Exists(Vote.objects.filter(suggestion=OuterRef("pk"), user=user)) if user else Value(False)
    return Suggestion.objects.annotate(wanted=Count("votes"), is_mine=mine)


def open_ones(user: User | None, *, limit: int = 100) -> list[Suggestion]:
    """Return what people would like and what we plan, the most wanted first; each with `wanted` and `is_mine`."""
    return list(
        _counted(user).filter(state__in=(SHOWN, PLANNED)).order_by("-wanted", "-made_at", "pk")[:limit]
    )


def answered_ones(*, limit: int = 100) -> list[Suggestion]:
    """Return what we did and what we will not do, the latest answer first."""
    return list(_counted(None).filter(state__in=(DONE, DECLINED)).order_by("-answered_at", "pk")[:limit])


def for_desk(state: str, *, limit: int = 100) -> list[Suggestion]:
    """Return the suggestions of one state, those that wait to be read by default."""
    wanted = state if state in SUGGESTION_STATES else NEW
    return list(_counted(None).filter(state=wanted).order_by("-wanted", "made_at", "pk")[:limit])


def suggestion_of(public_id: str) -> Suggestion | None:
    """Return one suggestion with its count of votes."""
    return _counted(None).filter(public_id=public_id).first()
