"""How complaints end: decisions, offers between the parties, referral to a body outside, and what people thought of it."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import F, Q

from marketplace.kernel.ids import new_public_id, new_token
from orders.models.storage import private_files


class Decision(models.Model):
    """What was decided, why, and where to turn if the complainant disagrees. Never rewritten; a better one follows."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "CD"), editable=False
    )
    ticket = models.ForeignKey("complaints.Ticket", on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField()  # of this ticket: 1, 2 …
    outcome = models.CharField(max_length=14)
    remedy = models.CharField(max_length=20, blank=True)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    reason = models.TextField()
    cause = models.CharField(max_length=24)
    way_out = models.JSONField(
        default=list
    )  # bodies outside with their addresses, as the rulebook names them
    rulings = models.JSONField(default=list)
    decided_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    agreed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    needs_agreement = models.BooleanField(default=False)
    decided_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    executed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "number"], name="complaints_decision_number"),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("decided_by")),
                name="complaints_decision_two_people",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__isnull=True) | Q(amount_minor__gt=0),
                name="complaints_decision_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.outcome}"


class Offer(models.Model):
    """A proposal in the mediation room. Accepted, it carries itself out."""

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        REPLACED = "replaced"

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "CO"), editable=False
    )
    ticket = models.ForeignKey("complaints.Ticket", on_delete=models.PROTECT, related_name="offers")
    by = models.CharField(max_length=10)  # customer, merchant, agent
    remedy = models.CharField(max_length=20)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    words = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    made_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "by"], condition=Q(state="open"), name="complaints_offer_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "accepted", "declined", "replaced"]),
                name="complaints_offer_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"


class Referral(models.Model):
    """A complaint handed to a body outside, with consent and one dossier, followed to its end."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "CR"), editable=False
    )
    ticket = models.ForeignKey("complaints.Ticket", on_delete=models.PROTECT, related_name="referrals")
    body = models.JSONField()  # name, url, languages … as the rulebook named it that day
    consented_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="prepared")
    dossier = models.FileField(upload_to="dossiers/%Y/%m", storage=private_files, blank=True)
    digest = models.CharField(max_length=64, blank=True)  # sha256 of the dossier
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    result = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["prepared", "sent", "accepted", "refused", "decided", "withdrawn"]),
                name="complaints_referral_state",
            )
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"


class Rating(models.Model):
    """What the complainant thought of it: one click from the letter, once."""

    ticket = models.OneToOneField("complaints.Ticket", on_delete=models.CASCADE, related_name="rating")
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    score = models.PositiveSmallIntegerField(null=True)  # 1 … 5
    words = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__range=(1, 5)), name="complaints_rating_range"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.score}"
