"""What people would like to be different, who agrees, and what we answered."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q

from complaints.domain.suggestion_states import SUGGESTION_STATES
from marketplace.kernel.ids import new_public_id


class Suggestion(models.Model):
    """A wish of somebody with an account; everybody sees it once somebody here has read it."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "SG"), editable=False
    )
    user = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="suggestions"
    )
    title = models.CharField(max_length=120)
    body = models.TextField(blank=True)
    language = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default="new")
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    ticket = models.ForeignKey(
        "complaints.Ticket", on_delete=models.SET_NULL, null=True, related_name="suggestions"
    )  # the complaint that it came from
    ingest_key = models.CharField(max_length=200, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=SUGGESTION_STATES), name="complaints_suggestion_state"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["planned", "done", "declined"]) | ~Q(answer=""),
                name="complaints_suggestion_answered",
            ),
        ]
        indexes = [models.Index(fields=["state", "-made_at", "-id"], name="complaints_suggestion_list")]

    def __str__(self) -> str:
        return self.title


class Vote(models.Model):
    """Somebody who would like it too; once each."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.CASCADE, related_name="votes")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["suggestion", "user"], name="complaints_vote_once")]

    def __str__(self) -> str:
        return f"{self.user_id} for {self.suggestion_id}"
