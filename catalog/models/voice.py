"""What people say about goods: invitations, reviews, questions, answers; reports about them and what was decided."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q

from catalog.domain.voice import GROUNDS, SHOWN, STATES
from catalog.models.listings import Listing
from marketplace.kernel.files import private_files
from marketplace.kernel.ids import new_public_id, new_token


def photo_name(photo: ReviewPhoto, name: str) -> str:
    """Return where a photo is kept; nothing of the name it came with."""
    return f"reviews/{new_token()[:40]}.jpg"


class ReviewInvitation(models.Model):
    """The proof that somebody received goods of a listing: one for each order line that was delivered.

    Nobody writes a review without one. The line is a plain reference; the orders know the rest of it.
    """

    line = models.CharField(max_length=16, unique=True)  # public id of the order line
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="invitations")
    user = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    email = models.EmailField()
    language = models.CharField(max_length=10)
    received_at = models.DateTimeField()
    invited_at = models.DateTimeField()
    sent_back_at = models.DateTimeField(
        null=True
    )  # the buyer withdrew from the contract and got the money back

    class Meta:
        indexes = [models.Index(fields=["user", "listing"], name="catalog_invitation_of_user")]

    def __str__(self) -> str:
        return self.line


class Spoken(models.Model):
    """What reviews, questions and answers share."""

    state = models.CharField(max_length=12, choices=[(one, one) for one in STATES], default="published")
    text = models.TextField(max_length=4000)
    shown_name = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    said_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        abstract = True


class Review(Spoken):
    """What somebody who received the goods says of them."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "RV"), editable=False
    )
    invitation = models.OneToOneField(ReviewInvitation, on_delete=models.PROTECT, related_name="review")
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="reviews")
    stars = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    is_rewarded = models.BooleanField(default=False)  # something was given for it
    reply = models.TextField(max_length=4000, blank=True)  # the merchant's
    replied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="catalog_review_state"),
            models.CheckConstraint(condition=Q(stars__range=(1, 5)), name="catalog_review_stars"),
            models.CheckConstraint(
                condition=Q(reply="", replied_at=None) | (~Q(reply="") & Q(replied_at__isnull=False)),
                name="catalog_review_reply",
            ),
        ]
        indexes = [
            models.Index(
                fields=["listing", "-said_at", "-id"],
                condition=Q(state__in=SHOWN),
                name="catalog_review_shown",
            )
        ]

    def __str__(self) -> str:
        return self.public_id


class ReviewVersion(models.Model):
    """What a review said before it was changed. Never rewritten."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="versions")
    stars = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    text = models.TextField()
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.review_id} of {self.written_at}"


class ReviewPhoto(models.Model):
    """A photo of a review, drawn anew on arrival; handed out only while the review is shown."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="photos")
    file = models.FileField(upload_to=photo_name, storage=private_files, max_length=120)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.file.name


class Question(Spoken):
    """What somebody wants to know of a listing, for everybody to read."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "QU"), editable=False
    )
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="questions")
    user = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    email = models.EmailField()
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)  # confirms

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=STATES), name="catalog_question_state")]
        indexes = [
            models.Index(
                fields=["listing", "-said_at", "-id"],
                condition=Q(state__in=SHOWN),
                name="catalog_question_shown",
            )
        ]

    def __str__(self) -> str:
        return self.public_id


class Answer(Spoken):
    """An answer to a question: of the merchant, or of somebody who received the goods."""

    class By(models.TextChoices):
        MERCHANT = "merchant"
        BUYER = "buyer"

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "QA"), editable=False
    )
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    by = models.CharField(max_length=10, choices=By)
    user = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    # of a buyer: the goods they received; the only thing that is known of a guest
    invitation = models.ForeignKey(ReviewInvitation, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="catalog_answer_state"),
            models.CheckConstraint(condition=Q(by__in=["merchant", "buyer"]), name="catalog_answer_by"),
        ]

    def __str__(self) -> str:
        return self.public_id


class VoiceNews(models.Model):
    """A review or question that a merchant is to read of; one letter tells of all that gathered."""

    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=16, unique=True)  # public id of the review or question
    gathered_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["merchant"], condition=Q(told_at=None), name="catalog_voicenews_waiting"),
            models.Index(fields=["merchant", "-told_at"], name="catalog_voicenews_told"),
        ]

    def __str__(self) -> str:
        return self.subject


class Report(models.Model):
    """Somebody says that something is not right. It waits until a person has decided."""

    subject = models.CharField(max_length=16)  # public id of a review, question or answer
    ground = models.CharField(max_length=20, choices=[(one, one) for one in GROUNDS])
    text = models.TextField(max_length=2000, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=10)
    reported_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ground__in=GROUNDS), name="catalog_report_ground")]
        indexes = [
            models.Index(fields=["reported_at"], condition=Q(settled_at=None), name="catalog_report_waiting"),
            models.Index(fields=["subject"], name="catalog_report_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.ground}"


class Moderation(models.Model):
    """What a person decided about something said, with the statement of reasons. Never rewritten."""

    class Action(models.TextChoices):
        KEEP = "keep"
        HIDE = "hide"
        RESTORE = "restore"

    subject = models.CharField(max_length=16)
    action = models.CharField(max_length=8, choices=Action)
    ground = models.CharField(max_length=20, blank=True)
    reasons = models.TextField(max_length=4000)  # the facts, as they are told to whoever wrote it
    decided_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    decided_name = models.CharField(max_length=254)  # stays when the account goes
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=["keep", "restore"], ground="") | Q(action="hide", ground__in=GROUNDS),
                name="catalog_moderation_ground",
            )
        ]
        indexes = [models.Index(fields=["subject", "decided_at"], name="catalog_moderation_of")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
