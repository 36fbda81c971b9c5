"""Reviews: invited after delivery, written by whoever received the goods, answered by the merchant, never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Avg, Count, F

from catalog.domain.drafts import clean_text
from catalog.domain.errors import BadVoice, NotReceived, SpokenAlready
from catalog.domain.voice import MOST_PHOTOS, SHOWN, STARS, next_state
from catalog.events import ReviewAnswered, ReviewSaid
from catalog.models import Listing, Review, ReviewInvitation, ReviewPhoto, ReviewVersion
from catalog.operations.reading import refresh_listings
from marketplace.kernel import outbox, uploads


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


@transaction.atomic
def write_review(*, line: str, said: Said, now: datetime) -> Review:
    """Publish the review of an order line that was received.

    :raises NotReceived: if nobody was invited for this line: it was not delivered.
    :raises SpokenAlready: if there is one.
    :raises BadVoice: naming what is missing. :raises BadUpload: for a photo that is none.
    """
    invitation = ReviewInvitation.objects.select_related("listing").filter(line=line).first()
    if invitation is None:
        raise NotReceived(field="line")
    _lock(invitation.listing_id)
    words = _checked(said)
    try:
        with transaction.atomic():
            review = Review.objects.create(
                invitation=invitation, listing_id=invitation.listing_id, said_at=now, changed_at=now,
                is_rewarded=said.is_rewarded, language=said.language[:10], **words,
            )  # fmt: skip
    except IntegrityError as error:
        raise SpokenAlready(field="line") from error
    _keep_photos(review, said.photos)
    recount(listing_id=review.listing_id, now=now)
    outbox.publish(ReviewSaid(review.public_id))
    return review


@transaction.atomic
def edit_review(*, line: str, said: Said, now: datetime) -> Review:
    """Change a review; what it said before is kept. Photos are added to those there are.

    :raises WrongState: when it is hidden or withdrawn.
    """
    review = _locked(line)
    review.state = next_state(review.state, "edit")
    ReviewVersion.objects.create(
        review=review, stars=review.stars, title=review.title, text=review.text, written_at=review.changed_at
    )
    for name, value in _checked(said).items():
        setattr(review, name, value)
    review.is_rewarded, review.changed_at = said.is_rewarded, now
    review.save()
    _keep_photos(review, said.photos)
    recount(listing_id=review.listing_id, now=now)
    outbox.publish(ReviewSaid(review.public_id))
    return review


@transaction.atomic
def withdraw_review(*, line: str, now: datetime) -> Review:
    """Take a review back, by whoever wrote it. It is not shown any more; nobody else can write it again."""
    review = _locked(line)
    review.state, review.changed_at = next_state(review.state, "withdraw"), now
    review.save(update_fields=["state", "changed_at"])
    recount(listing_id=review.listing_id, now=now)
    outbox.publish(ReviewSaid(review.public_id))
    return review


@transaction.atomic
def reply_to_review(*, review_id: int, text: str, now: datetime) -> Review:
    """Put the merchant's answer below a review; a later one takes its place.

    :raises BadVoice: without a text.
    """
    listing_id = Review.objects.values_list("listing_id", flat=True).get(pk=review_id)
    _lock(listing_id)
    review = Review.objects.select_for_update().get(pk=review_id)
    review.reply, review.replied_at = _text(text, "text"), now
    review.save(update_fields=["reply", "replied_at"])
    _show(listing_id)
    outbox.publish(ReviewAnswered(review.public_id))
    return review


@transaction.atomic
def mark_sent_back(*, lines: Sequence[str], now: datetime) -> int:
    """Mark that goods were sent back, so that a review of them says so; return how many lines were marked."""
    rows = ReviewInvitation.objects.select_for_update().filter(line__in=list(lines), sent_back_at=None)
    found = list(rows.order_by("pk"))
    ReviewInvitation.objects.filter(pk__in=[one.pk for one in found]).update(sent_back_at=now)
    for listing_id in sorted({one.listing_id for one in found}):
        _show(listing_id)
    return len(found)


def recount(*, listing_id: int, now: datetime) -> None:
    """Write a listing's stars anew and show them wherever it is listed."""
    shown = Review.objects.filter(listing_id=listing_id, state__in=SHOWN, is_rewarded=False)
    found = shown.aggregate(number=Count("pk"), mean=Avg("stars"))
    mean = round(found["mean"], 2) if found["number"] else None
    Listing.objects.filter(pk=listing_id).update(rating_average=mean, rating_count=found["number"])
    refresh_listings(listing_ids=[listing_id], now=now, words=False)


def _lock(listing_id: int) -> None:
    Listing.objects.select_for_update().get(pk=listing_id)


def _locked(line: str) -> Review:
    found = Review.objects.filter(invitation__line=line).values_list("pk", "listing_id").first()
    if found is None:
        raise NotReceived(field="line")
    _lock(found[1])
    return Review.objects.select_for_update().get(pk=found[0])


def _show(listing_id: int) -> None:
    """Let kept pages of a listing be drawn afresh: something on them changed, and nothing in lists."""
    Listing.objects.filter(pk=listing_id).update(version=F("version") + 1)


def _checked(said: Said) -> dict[str, Any]:
    if said.stars not in STARS:
        raise BadVoice("Choose one to five stars.", field="stars")
    return {
        "stars": said.stars,
        "title": _line(said.title, "title", 120),
        "text": _text(said.text, "text"),
        "shown_name": _line(said.shown_name, "shown_name", 40),
    }


def _line(text: str, field: str, most: int) -> str:
    clean = clean_text(text)[:most]
    if not clean:
        raise BadVoice("This is empty.", field=field)
    return clean


def _text(text: str, field: str) -> str:
    """Return a text in plain paragraphs.

    :raises BadVoice: if nothing is left of it.
    """
    lines = [clean_text(line) for line in text[:4000].splitlines()]
    clean = "\n".join(lines).strip()
    if not clean:
        raise BadVoice("This is empty.", field=field)
    return clean


def _keep_photos(review: Review, photos: Sequence[bytes]) -> None:
    if review.photos.count() + len(photos) > MOST_PHOTOS:
        raise BadVoice("A review has at most %(most)s photos.", field="photos", most=MOST_PHOTOS)
    for data in photos:
        uploads.media_type(data, kinds=uploads.PICTURES, most_bytes=settings.UPLOAD_MAX_BYTES)
        drawn = uploads.redrawn(data)
        size = uploads.upright(drawn).size
        row = ReviewPhoto(review=review, width=size[0], height=size[1])
        row.file.save("photo.jpg", ContentFile(drawn), save=False)
        row.save()
