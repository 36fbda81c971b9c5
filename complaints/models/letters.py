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


class IncomingLetter(models.Model):
    """An e-mail as it came: kept whole, whatever became of it."""

    message_id = models.CharField(max_length=300, unique=True)
    ticket = models.ForeignKey(
        "complaints.Ticket", on_delete=models.PROTECT, null=True, related_name="incoming"
    )
    sender = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    what = models.CharField(max_length=10, blank=True)  # opened, answered, noted, machine
    raw = models.BinaryField()
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.message_id
