"""What people say about a listing, as pages show it. The average is made by catalog.domain.voice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from catalog.domain.voice import RECENT_DAYS, SHOWN, Summary, summarise
from catalog.models import Answer, Listing, Moderation, Question, Report, Review, ReviewInvitation
from catalog.queries.facts import SUBJECT
from compliance.checks.registry import subject_of
from compliance.enforcement.queries import stopped_since
from marketplace.kernel.prepared import Statement, prepared

PAGE = 10
FEW = 3  # so many stand on the product page
LATEST = (datetime(9999, 1, 1, tzinfo=UTC), 0)


@dataclass(frozen=True, slots=True)
class Voices:
    """What is said of a listing: its stars, some reviews and some questions with their answers."""

    summary: Summary
    reviews: tuple[dict[str, Any], ...]  # see _REVIEW
    questions: tuple[dict[str, Any], ...]
    more_reviews: bool
    more_questions: bool


_REVIEW = (
    "json_build_object('pk', r.id, 'public_id', r.public_id, 'stars', r.stars, 'title', r.title, 'text', r.text,"
    " 'name', r.shown_name, 'language', r.language, 'said_at', r.said_at, 'is_changed', r.changed_at > r.said_at,"
    " 'is_rewarded', r.is_rewarded, 'sent_back', i.sent_back_at IS NOT NULL, 'reply', r.reply, 'replied_at', r.replied_at,"
    " 'photos', (SELECT coalesce(json_agg(json_build_array(p.id, p.width, p.height) ORDER BY p.id), '[]')"
    "  FROM catalog_reviewphoto p WHERE p.review_id = r.id))"
)
_SHOWN = "state IN ('published', 'reported')"
_VOICES = Statement(
    "catalog.voices",
    "SELECT (SELECT json_agg(c) FROM (SELECT r.stars AS stars, r.said_at >= %s AS recent, count(*) AS many"
    f"   FROM catalog_review r WHERE r.listing_id = l.id AND r.{_SHOWN} AND NOT r.is_rewarded GROUP BY 1, 2) c),"
    f" (SELECT json_agg(o.said) FROM (SELECT {_REVIEW} AS said FROM catalog_review r"
    "   JOIN catalog_reviewinvitation i ON i.id = r.invitation_id"
    f"  WHERE r.listing_id = l.id AND r.{_SHOWN} AND (r.said_at, r.id) < (%s, %s)"
    "   ORDER BY r.said_at DESC, r.id DESC LIMIT %s) o),"
    " (SELECT json_agg(o.said) FROM (SELECT json_build_object('pk', q.id, 'public_id', q.public_id, 'text', q.text,"
    "   'name', q.shown_name, 'language', q.language, 'said_at', q.said_at, 'answers', (SELECT coalesce(json_agg("
    "   json_build_object('public_id', a.public_id, 'by', a.by, 'name', a.shown_name, 'text', a.text,"
    "   'language', a.language, 'said_at', a.said_at) ORDER BY (a.by = 'merchant') DESC, a.id), '[]')"
    f"  FROM catalog_answer a WHERE a.question_id = q.id AND a.{_SHOWN})) AS said FROM catalog_question q"
    f"  WHERE q.listing_id = l.id AND q.{_SHOWN} AND (q.said_at, q.id) < (%s, %s)"
    "   ORDER BY q.said_at DESC, q.id DESC LIMIT %s) o)"
    " FROM catalog_listing l WHERE l.id = %s",
)


def voices_of(
    listing_id: int,
    *,
    now: datetime,
    reviews: int = FEW,
    questions: int = FEW,
    reviews_before: tuple[datetime, int] = LATEST,
    questions_before: tuple[datetime, int] = LATEST,
) -> Voices:
    """Return what is said of a listing, the newest first, before a place in the list. One query."""
    since = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=RECENT_DAYS)
    row = _VOICES([since, *reviews_before, reviews + 1, *questions_before, questions + 1, listing_id])[0]
    counts, said, asked = (found or [] for found in row)
    recent = {one["stars"]: one["many"] for one in counts if one["recent"]}
    earlier = {one["stars"]: one["many"] for one in counts if not one["recent"]}
    return Voices(
        summarise(earlier, recent),
        tuple(said[:reviews]),
        tuple(asked[:questions]),
        len(said) > reviews,
        len(asked) > questions,
    )


def place_of_review(public_id: str) -> tuple[datetime, int]:
    """Return where a review stands in its list; the start for one that is not there."""
    found = Review.objects.filter(public_id=public_id).values_list("said_at", "pk").first()
    return found or LATEST


def place_of_question(public_id: str) -> tuple[datetime, int]:
    """Return where a question stands in its list; the start for one that is not there."""
    found = Question.objects.filter(public_id=public_id).values_list("said_at", "pk").first()
    return found or LATEST


def review_of_line(line: str) -> Review | None:
    """Return the review of an order line."""
    return Review.objects.select_related("listing").filter(invitation__line=line).first()


def invited_lines(lines: list[str]) -> dict[str, bool]:
    """Return the lines that may be reviewed, and whether they have been. One query."""
    return {line: bool(number) for line, number in _invited(list(lines))}


@prepared
def _invited(lines: list[str]) -> QuerySet[Any]:
    rows = ReviewInvitation.objects.filter(line__in=lines)
    return rows.annotate(number=Count("review")).values_list("line", "number")


def has_received(user_id: int, listing_id: int) -> bool:
    """Return whether an account received goods of a listing."""
    return ReviewInvitation.objects.filter(user_id=user_id, listing_id=listing_id).exists()


def open_questions(listing: str, limit: int = FEW) -> list[Question]:
    """Return the latest questions about a listing (by public id) that are shown. One query."""
    rows = Question.objects.filter(listing__public_id=listing, state__in=SHOWN)
    return list(rows.order_by("-said_at", "-pk")[:limit])


def question_about(listing: str, question: str) -> Question | None:
    """Return a question about a listing (by public ids) if it is shown."""
    return Question.objects.filter(listing__public_id=listing, public_id=question, state__in=SHOWN).first()


def unsafe_since(listing: Listing, market: str) -> datetime | None:
    """Return since when a listing is not sold in a market because of a law on safety; None if it is not.

    One query, none for what may be sold there.
    """
    if market in listing.sellable_in:
        return None
    return stopped_since(subject_of(SUBJECT, listing.public_id), market, right="safety")


# -- the merchant


def reviews_of_merchants(merchant_ids: frozenset[int]) -> QuerySet[Review]:
    """Return the reviews of merchants' goods that are shown, those without a reply first, then the newest."""
    rows = Review.objects.filter(listing__merchant__in=merchant_ids, state__in=SHOWN)
    replied = rows.select_related("listing", "invitation").annotate(replied=Q(replied_at__isnull=False))
    return replied.order_by("replied", "-said_at", "-pk")


def questions_of_merchants(merchant_ids: frozenset[int]) -> QuerySet[Question]:
    """Return the questions about merchants' goods and whether the merchant answered, the unanswered first, then the newest."""
    rows = Question.objects.filter(listing__merchant__in=merchant_ids, state__in=SHOWN)
    mine = Answer.objects.filter(question=OuterRef("pk"), by=Answer.By.MERCHANT, state__in=SHOWN)
    return (
        rows.select_related("listing").annotate(answered=Exists(mine)).order_by("answered", "-said_at", "-pk")
    )


# -- moderation


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that was reported, and how often."""

    subject: str
    reports: int
    since: datetime
    grounds: tuple[str, ...]


def waiting_reports(limit: int = 100) -> list[Waiting]:
    """Return what was reported and waits for a person, the oldest first. One query."""
    found: dict[str, list[Report]] = {}
    for one in Report.objects.filter(settled_at=None).order_by("reported_at", "pk")[: limit * 5]:
        found.setdefault(one.subject, []).append(one)
    return [
        Waiting(subject, len(rows), rows[0].reported_at, tuple(dict.fromkeys(one.ground for one in rows)))
        for subject, rows in list(found.items())[:limit]
    ]


def reports_of(subject: str) -> list[Report]:
    return list(Report.objects.filter(subject=subject).order_by("pk"))


def decisions_of(subject: str) -> list[Moderation]:
    return list(Moderation.objects.filter(subject=subject).order_by("pk"))


def latest_decisions(limit: int = 50) -> list[Moderation]:
    return list(Moderation.objects.order_by("-pk")[:limit])


def address_of_author(content: Review | Question | Answer) -> tuple[str, str]:
    """Return where whoever said something is written to, and in which language; "" for a merchant."""
    if isinstance(content, Review):
        return content.invitation.email, content.language
    if isinstance(content, Question):
        return content.email, content.language
    if content.by == Answer.By.MERCHANT:
        return "", content.language
    known = content.user or content.invitation
    return known.email if known else "", content.language
