"""What many complaints have in common: one issue, with an owner and a root cause, that answers all of them."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q

from complaints.domain.issues import ISSUE_STATES
from marketplace.kernel.ids import new_public_id


class Issue(models.Model):
    """A cause that several complaints share. Closing it answers each of them."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "CI"), editable=False
    )
    title = models.CharField(max_length=200)
    topic = models.CharField(max_length=20, blank=True)
    merchant = models.CharField(max_length=16, blank=True)
    listing = models.CharField(max_length=16, blank=True)
    cause = models.CharField(max_length=24, blank=True)  # root cause, of the same list as decisions
    finding = models.TextField(blank=True)  # what was found, for colleagues
    owner = models.ForeignKey("complaints.Agent", on_delete=models.PROTECT, related_name="issues")
    state = models.CharField(max_length=10, default="open")
    answers = models.JSONField(default=dict)  # {"en": "…"}: what the complainants are told
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(ISSUE_STATES)), name="complaints_issue_state"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | (
                    ~Q(
                        state="open",
                    )
                    & Q(closed_at__isnull=False)
                    & ~Q(cause="")
                ),
                name="complaints_issue_closed_with_cause",
            ),
        ]
        indexes = [models.Index(fields=["state", "-opened_at"], name="complaints_issue_newest")]

    def __str__(self) -> str:
        return f"{self.public_id} {self.title}"


class IssueTicket(models.Model):
    """A complaint that belongs to an issue, and what became of it when the issue was closed."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="members")
    ticket = models.OneToOneField("complaints.Ticket", on_delete=models.CASCADE, related_name="issue_member")
    by_hand = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    result = models.CharField(max_length=12, default="waiting")  # waiting, answered, failed
    failure = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(result__in=["waiting", "answered", "failed"]), name="complaints_member_result"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} of {self.issue_id}"
