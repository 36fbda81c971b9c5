"""What an agent should know: written once, shown on the desk, told by letter with everything else that is new."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Notice(models.Model):
    """One piece of news for one agent. Letters gather all that are untold."""

    class Kind(models.TextChoices):
        LADDER = "ladder"  # a clock of the complaint needs somebody
        MENTION = "mention"  # a colleague named the agent in a note
        GIVEN = "given"  # somebody else gave them the complaint
        WOKE = "woke"  # the time is up until which they had put it off
        UNSENT = "unsent"  # a letter of theirs did not arrive
        DRIFT = "drift"  # the nightly look found a clock that was wrong

    agent = models.ForeignKey("complaints.Agent", on_delete=models.CASCADE, related_name="notices")
    ticket = models.ForeignKey("complaints.Ticket", on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=8, choices=Kind)
    data = models.JSONField(default=dict)  # clock, due_at; who and what they wrote
    key = models.CharField(max_length=80, unique=True)  # the same news twice is once
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["ladder", "mention", "given", "woke", "unsent", "drift"]),
                name="complaints_notice_kind",
            )
        ]
        indexes = [
            models.Index(fields=["agent", "id"], condition=Q(told_at=None), name="complaints_notice_untold"),
            models.Index(fields=["agent", "-made_at", "-id"], name="complaints_notice_of_agent"),
        ]

    def __str__(self) -> str:
        return self.key
