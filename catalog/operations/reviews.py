"""Reviews: invited after delivery, written by whoever received the goods, answered by the merchant, never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Avg, Count

from catalog.domain.errors import BadVoice, NotReceived, SpokenAlready
from catalog.domain.voice import MOST_PHOTOS, SHOWN, STARS, next_state
from catalog.events import ReviewAnswered, ReviewSaid
from catalog.models import Listing, Review, ReviewInvitation, ReviewPhoto, ReviewVersion
from catalog.operations.photos import KeptPhoto, photos_kept
from catalog.operations.reading import refresh_listings
from catalog.operations.spoken import clean_line, clean_paragraphs, lock_listings, settle_reports, show_anew
from marketplace.kernel import outbox


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """An order line that reached its buyer, as plain references: what the orders tell the catalogue of it."""

    line: str
    listing: str
    user_id: int | None
    email: str
    language: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What a review says."""

    stars: int
    title: str
    text: str
    shown_name: str
    language: str
    is_rewarded: bool = False
    photos: tuple[bytes, ...] = ()


@transaction.atomic
def invite_reviewers(*, received: Sequence[ReceivedLine], now: datetime) -> list[str]:
    """Let those who received goods write a review; return the lines that were not invited before."""
    listings = dict(
        Listing.objects.filter(public_id__in={one.listing for one in received}).values_list("public_id", "pk")
    )
    known = set(
        ReviewInvitation.objects.filter(line__in=[one.line for one in received]).values_list(
            "line", flat=True
        )
    )
    new = [one for one in received if one.line not in known and one.listing in listings]
    ReviewInvitation.objects.bulk_create(
        [
            ReviewInvitation(
                line=one.line,
                listing_id=listings[one.listing],
                user_id=one.user_id,
                email=one.email,
                language=one.language,
                received_at=one.received_at,
                invited_at=now,
            )
            for one in new
        ],
        ignore_conflicts=True,
    )
    return [one.line for one in new]


def write_review(*, line: str, said: Said, now: datetime) -> Review:
    """Publish the review of an order line that was received.

    :raises NotReceived: if nobody was invited for this line: it was not delivered.
    :raises SpokenAlready: if there is one.
    :raises BadVoice: naming what is missing. :raises BadUpload: for a photo that is none.
    """
    invitation = ReviewInvitation.objects.filter(line=line).first()
    if invitation is None:
        raise NotReceived(field="line")
    words = _checked(said)
    with photos_kept(said.photos) as photos, transaction.atomic():
        lock_listings([invitation.listing_id])
        try:
            with transaction.atomic():
                review = Review.objects.create(
                    invitation=invitation,
                    listing_id=invitation.listing_id,
                    said_at=now,
                    changed_at=now,
                    **words,
                )
        except IntegrityError as error:
            raise SpokenAlready(field="line") from error
        _tell(review, photos, now, is_new=True)
    return review


def edit_review(*, line: str, said: Said, now: datetime) -> Review:
    """Change a review; what it said before is kept. Photos are added to those there are.

    :raises WrongState: when it is hidden or withdrawn. :raises BadVoice: naming what is missing.
    """
    words = _checked(said)
    with photos_kept(said.photos) as photos, transaction.atomic():
        review = _locked(line)
        review.state = next_state(review.state, "edit")
        ReviewVersion.objects.create(
            review=review,
            stars=review.stars,
            title=review.title,
            text=review.text,
            written_at=review.changed_at,
        )
        for name, value in words.items():
            setattr(review, name, value)
        review.changed_at = now
        review.save()
        _tell(review, photos, now)
    return review


def _tell(review: Review, photos: Sequence[KeptPhoto], now: datetime, *, is_new: bool = False) -> None:
    """Add photos to a review, count it, and announce what it says."""
    if review.photos.count() + len(photos) > MOST_PHOTOS:
        raise _too_many_photos()
    ReviewPhoto.objects.bulk_create(
        ReviewPhoto(review=review, file=one.name, width=one.width, height=one.height) for one in photos
    )
    recount(listing_id=review.listing_id, now=now)
    outbox.publish(ReviewSaid(review.public_id, is_new=is_new))


@transaction.atomic
def withdraw_review(*, line: str, now: datetime) -> Review:
    """Take a review back, by whoever wrote it. It is not shown any more; nobody else can write it again.

    What was reported of it is settled: there is nothing left to decide.
    """
    review = _locked(line)
    review.state, review.changed_at = next_state(review.state, "withdraw"), now
    review.save(update_fields=["state", "changed_at"])
    settle_reports(review.public_id, now)
    recount(listing_id=review.listing_id, now=now)
    outbox.publish(ReviewSaid(review.public_id))
    return review


@transaction.atomic
def reply_to_review(*, review_id: int, text: str, now: datetime) -> Review:
    """Put the merchant's answer below a review; a later one takes its place.

    :raises BadVoice: without a text. :raises WrongState: for a review that is not shown.
    """
    listing_id = Review.objects.values_list("listing_id", flat=True).get(pk=review_id)
    lock_listings([listing_id])
    review = Review.objects.select_for_update().get(pk=review_id)
    review.state = next_state(review.state, "reply")
    review.reply, review.replied_at = clean_paragraphs(text, field="text"), now
    review.save(update_fields=["reply", "replied_at"])
    show_anew(listing_id)
    outbox.publish(ReviewAnswered(review.public_id))
    return review


@transaction.atomic
def mark_sent_back(*, lines: Sequence[str], now: datetime) -> int:
    """Mark that goods were sent back, so that a review of them says so; return how many lines were marked."""
    rows = ReviewInvitation.objects.filter(line__in=list(lines), sent_back_at=None)
    listing_ids = sorted(set(rows.values_list("listing_id", flat=True)))
    lock_listings(listing_ids)
    found = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
    ReviewInvitation.objects.filter(pk__in=found).update(sent_back_at=now)
    for listing_id in listing_ids:
        show_anew(listing_id)
    return len(found)


def recount(*, listing_id: int, now: datetime) -> None:
    """Write a listing's stars anew and show them wherever it is listed."""
    shown = Review.objects.filter(listing_id=listing_id, state__in=SHOWN, is_rewarded=False)
    found = shown.aggregate(number=Count("pk"), mean=Avg("stars"))
    mean = round(found["mean"], 2) if found["number"] else None
    Listing.objects.filter(pk=listing_id).update(rating_average=mean, rating_count=found["number"])
    refresh_listings(listing_ids=[listing_id], now=now, words=False)


def _locked(line: str) -> Review:
    found = Review.objects.filter(invitation__line=line).values_list("pk", "listing_id").first()
    if found is None:
        raise NotReceived(field="line")
    lock_listings([found[1]])
    return Review.objects.select_for_update().get(pk=found[0])


def _checked(said: Said) -> dict[str, Any]:
    if said.stars not in STARS:
        raise BadVoice("Choose one to five stars.", field="stars")
    if len(said.photos) > MOST_PHOTOS:
        raise _too_many_photos()
    return {
        "is_rewarded": said.is_rewarded,
        "language": said.language[:10],
        "stars": said.stars,
        "title": clean_line(said.title, field="title", most=120),
        "text": clean_paragraphs(said.text, field="text"),
        "shown_name": clean_line(said.shown_name, field="shown_name", most=40),
    }


def _too_many_photos() -> BadVoice:
    return BadVoice("A review has at most %(most)s photos.", field="photos", most=MOST_PHOTOS)
