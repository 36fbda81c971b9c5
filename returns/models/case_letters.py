"""Letters that a seller or an officer chose to send about a case; kept word for word, never rewritten."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q

from marketplace.kernel.ids import new_public_id
from returns.domain.case_letters import SIDES


class CaseLetter(models.Model):
    """A letter to the shopper about a claim, a withdrawal or a return, as it was seen before it left."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "RL"), editable=False
    )
    key = models.CharField(max_length=120, unique=True)  # the same press of the button is one letter
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="case_letters")
    subject = models.CharField(max_length=20)  # what it is about: "CL-7Q2K9F3M", "W-…", "RT-…"
    template = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    body = models.TextField()
    page = models.CharField(max_length=200)  # where its button leads, on this site
    side = models.CharField(max_length=10)
    by = models.CharField(max_length=60)
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(side__in=list(SIDES)), name="returns_caseletter_side"),
            models.CheckConstraint(condition=~Q(body=""), name="returns_caseletter_body"),
        ]
        indexes = [models.Index(fields=["subject", "written_at"], name="returns_caseletter_subject")]

    def __str__(self) -> str:
        return self.public_id
