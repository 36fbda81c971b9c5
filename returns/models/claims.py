"""Claims of shoppers, what was tried to put things right, files, news; and deliveries that are late."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q

from marketplace.kernel.ids import new_public_id, new_token
from orders.models.storage import private_files
from returns.domain.claims import (
    CLAIM_OPEN,
    CLAIM_STATES,
    KINDS,
    LATE_OPEN,
    LATE_STATES,
    REMEDY_LIVE,
    REMEDY_STATES,
    REPLIES,
)


class Claim(models.Model):
    """Something is wrong with pieces of an order line: what, what is asked for, and how it stands."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "CL"), editable=False
    )
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    key = models.CharField(max_length=120, unique=True)  # the same claim sent twice is one
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="claims")
    line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="claims")
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="claims")
    market = models.CharField(max_length=6)
    quantity = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    said = models.TextField()
    noticed_on = models.DateField()
    is_serious = models.BooleanField(default=False)  # so serious, says the shopper, that a repair is no help
    wanted = models.CharField(max_length=20)
    state = models.CharField(max_length=12, default="open")
    language = models.CharField(max_length=10)
    filed_at = models.DateTimeField()
    asked_at = models.DateTimeField()  # when the seller was asked last
    answer = models.JSONField(
        default=dict
    )  # what the law says: the calculator's answer when it was asked last
    due_on = models.DateField(
        null=True
    )  # by when somebody acts: seller, shopper or platform, as the state says
    was_silent = models.BooleanField(default=False)
    offer = models.CharField(max_length=20, blank=True)
    offer_minor = models.BigIntegerField(null=True)
    refusal = models.TextField(blank=True)
    decision = models.TextField(blank=True)
    decided_by = models.CharField(max_length=60, blank=True)
    closed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(CLAIM_STATES)), name="returns_claim_state"),
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="returns_claim_kind"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="returns_claim_quantity"),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refusal=""), name="returns_claim_refusal"
            ),
            models.CheckConstraint(condition=~Q(state="offered") | ~Q(offer=""), name="returns_claim_offer"),
            models.CheckConstraint(
                condition=~Q(state="upheld") | ~Q(decision=""), name="returns_claim_decision"
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "-filed_at", "-id"], name="returns_claims_all"),
            models.Index(
                fields=["merchant", "due_on", "id"],
                condition=Q(state__in=list(CLAIM_OPEN)),
                name="returns_claims_due",
            ),
            models.Index(fields=["state", "due_on", "id"], name="returns_claims_by_state"),
        ]

    def __str__(self) -> str:
        return self.public_id


class ClaimRemedy(models.Model):
    """One attempt to put it right. A repair's days make the guarantee longer where the law says so."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="remedies")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=10, default="due")
    agreed_at = models.DateTimeField()
    agreed_by = models.CharField(max_length=60)
    act_by = models.DateField()
    amount_minor = models.BigIntegerField(null=True)
    ret = models.OneToOneField("returns.Return", on_delete=models.PROTECT, null=True, related_name="remedy")
    goods_back_at = models.DateTimeField(null=True)
    carrier = models.CharField(max_length=60, blank=True)
    tracking_number = models.CharField(max_length=60, blank=True)
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(REMEDY_STATES)), name="returns_remedy_state"),
            models.UniqueConstraint(fields=["claim", "number"], name="returns_remedy_number"),
            models.UniqueConstraint(
                fields=["claim"],
                condition=Q(state__in=list(REMEDY_LIVE)),
                name="returns_remedy_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(kind="price_reduction") | Q(amount_minor__gt=0) | Q(state="late"),
                name="returns_remedy_amount",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="returns_remedy_sent_at"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class ClaimFile(models.Model):
    """A picture, film or paper that belongs to a claim, without what cameras write into it."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="files")
    file = models.FileField(upload_to="claims/%Y/%m", storage=private_files)
    name = models.CharField(max_length=120)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ClaimNote(models.Model):
    """What happened to a claim, once each: by whom, when, in whose words."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="notes")
    at = models.DateTimeField()
    side = models.CharField(max_length=10)  # shopper, seller, platform
    by = models.CharField(max_length=60, blank=True)
    what = models.CharField(max_length=20)
    remedy = models.CharField(max_length=20, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(side__in=["shopper", "seller", "platform"]), name="returns_claimnote_side"
            )
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.at:%Y-%m-%d}"


class LateDelivery(models.Model):
    """An order that has not come: what the shopper set, and how it ended. One per order that is open."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "LD"), editable=False
    )
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="late_deliveries")
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, default="open")
    is_reported = models.BooleanField(default=False)  # the shopper said so; else the seller told of a delay
    is_essential = models.BooleanField(default=False)  # the day was essential, and the seller knew
    opened_at = models.DateTimeField()
    additional_until = models.DateField(null=True)
    answer = models.JSONField(default=dict)  # what the law said at the last step
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=10, blank=True)  # shopper, silence
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(LATE_STATES)), name="returns_late_state"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=list(LATE_OPEN)), name="returns_late_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(state="extended") | Q(additional_until__isnull=False),
                name="returns_late_extended",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | Q(ended_at__isnull=False), name="returns_late_ended"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class DelayNotice(models.Model):
    """The seller tells of a delay and names a new day, or none; the shopper agrees, cancels or is silent."""

    late = models.ForeignKey(LateDelivery, on_delete=models.PROTECT, related_name="notices")
    sent_at = models.DateTimeField()
    revised_on = models.DateField(null=True)
    why = models.CharField(max_length=500, blank=True)
    reply = models.CharField(max_length=10, default="none")
    replied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reply__in=list(REPLIES)), name="returns_notice_reply")
        ]

    def __str__(self) -> str:
        return f"{self.sent_at:%Y-%m-%d} {self.reply}"
