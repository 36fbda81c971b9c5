"""How complaints end: decisions, offers between the parties, referral to a body outside, and what people thought of it."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import F, Q

from complaints.domain.mediation import OFFER_STATES, ROOM_STATES
from complaints.domain.remedies import SETTLEMENT_STATES
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
    decided_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    offer = models.OneToOneField(
        "complaints.Offer", on_delete=models.PROTECT, null=True, related_name="decision"
    )  # the offer that the parties agreed on; nobody else decided then
    line = models.CharField(max_length=16, blank=True)  # the order line that the remedy is for
    key = models.CharField(max_length=120, unique=True, null=True)  # pressing twice decides once
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
            models.CheckConstraint(
                condition=Q(decided_by__isnull=False) | Q(offer__isnull=False),
                name="complaints_decision_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.outcome}"


class Settlement(models.Model):
    """What a decision, an agreement or a gesture brings about on an order: money or goods, asked for once under its key."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "CS"), editable=False
    )
    ticket = models.ForeignKey("complaints.Ticket", on_delete=models.PROTECT, related_name="settlements")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="settlement", null=True)
    gesture = models.OneToOneField(
        "complaints.Gesture", on_delete=models.PROTECT, related_name="settlement", null=True
    )
    key = models.CharField(max_length=120, unique=True)  # "decision:CD-…"; lower apps get the same
    order = models.CharField(max_length=16)
    line = models.CharField(max_length=16, blank=True)
    remedy = models.CharField(max_length=20)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    state = models.CharField(max_length=10)
    ref = models.CharField(
        max_length=16, blank=True
    )  # the refund, return, claim or exchange that stands for it now
    attempts = models.PositiveSmallIntegerField(default=1)
    failure = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(SETTLEMENT_STATES)), name="complaints_settlement_state"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["paid", "done"]) | Q(done_at__isnull=False),
                name="complaints_settlement_done_when",
            ),
            models.CheckConstraint(
                condition=Q(decision__isnull=False, gesture__isnull=True)
                | Q(decision__isnull=True, gesture__isnull=False),
                name="complaints_settlement_of_one",
            ),
            models.CheckConstraint(
                condition=Q(state="choosing", ref="") | (~Q(state="choosing") & ~Q(ref="")),
                name="complaints_settlement_ref",
            ),
        ]
        indexes = [models.Index(fields=["ref"], name="complaints_settlement_ref")]

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"


class Room(models.Model):
    """The mediation room of a complaint: shopper, seller and agent see one page, until a day."""

    ticket = models.OneToOneField("complaints.Ticket", on_delete=models.PROTECT, related_name="room")
    state = models.CharField(max_length=10, default="open")
    opened_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+"
    )  # nobody where the ladder did
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(ROOM_STATES)), name="complaints_room_state"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="complaints_room_closed_when",
            ),
        ]
        indexes = [models.Index(fields=["until"], condition=Q(state="open"), name="complaints_room_due")]

    def __str__(self) -> str:
        return f"room of {self.ticket_id}"


class Offer(models.Model):
    """A proposal in the mediation room. Accepted by all whom it needs, it carries itself out."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "CO"), editable=False
    )
    ticket = models.ForeignKey("complaints.Ticket", on_delete=models.PROTECT, related_name="offers")
    by = models.CharField(max_length=10)  # customer, merchant, agent
    remedy = models.CharField(max_length=20)
    line = models.CharField(max_length=16, blank=True)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    words = models.TextField(blank=True)
    key = models.CharField(max_length=120, unique=True, null=True)  # pressing twice offers once
    state = models.CharField(max_length=10, default="open")
    made_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    customer_agreed_at = models.DateTimeField(null=True)
    merchant_agreed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=10, blank=True)  # who declined, replaced or agreed last

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(state="open"), name="complaints_offer_one_open"
            ),
            models.CheckConstraint(condition=Q(state__in=list(OFFER_STATES)), name="complaints_offer_state"),
            models.CheckConstraint(
                condition=Q(by__in=["customer", "merchant", "agent"]), name="complaints_offer_side"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__isnull=True) | Q(amount_minor__gt=0),
                name="complaints_offer_amount",
            ),
        ]
        indexes = [
            models.Index(fields=["valid_until"], condition=Q(state="open"), name="complaints_offer_due")
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
    consent = models.JSONField(default=dict)  # what was agreed to: language, body, the data that goes there
    state = models.CharField(max_length=10, default="prepared")
    dossier = models.FileField(upload_to="dossiers/%Y/%m", storage=private_files, blank=True)
    digest = models.CharField(max_length=64, blank=True)  # sha256 of the dossier
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)  # by when the body decides, where the law says
    rulings = models.JSONField(default=list)  # why that day
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
