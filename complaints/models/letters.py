"""Letters that left, so that each leaves once and answers find their way back."""

from __future__ import annotations

from django.db import models


class Letter(models.Model):
    """A letter about a complaint: what it was for (once), and the Message-ID that answers refer to."""

    key = models.CharField(max_length=120, unique=True)  # "acknowledgement:C-7Q2K9F3M"
    ticket = models.ForeignKey("complaints.Ticket", on_delete=models.PROTECT, related_name="letters")
    to = models.EmailField()
    message_id = models.CharField(max_length=200, unique=True)
    sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
