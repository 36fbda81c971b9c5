"""What people say about goods, as the templates draw it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.domain.voice import RECENT_DAYS, Summary
from catalog.models import Listing
from catalog.queries.voice import Voices, unsafe_since
from compliance import rulebook
from compliance.presentation import day_in_words, locale_of, page_of
from marketplace.accounts.place import Place

CHECK_RULE = "eu.review.check_stated"


def stars(value: Decimal | float | None, count: int, language: str, url: str = "") -> dict[str, Any] | None:
    """Return the parameters of components/stars.html; None without a review that counts."""
    if value is None or not count:
        return None
    said = format_decimal(round(value, 1), format="0.0", locale=locale_of(language))
    many = ngettext("%(n)s review", "%(n)s reviews", count) % {"n": count}
    label = _("%(value)s of 5 stars, %(count)s") % {"value": said, "count": many}
    return {"value": said, "percent": round(float(value) * 20), "label": label, "count": many, "url": url}


def voice_block(found: Voices, listing: Listing, place: Place) -> dict[str, Any]:
    """Return reviews and questions of a listing as components/voice.html shows them."""
    where = [listing.slug, listing.public_id]
    withdrawn = _withdrawn(listing, place) if found.reviews else None
    return {
        "summary": _summary(found.summary, place, reverse("reviews", args=where)),
        "reviews": [_review(one, place) | {"withdrawn": withdrawn} for one in found.reviews],
        "questions": [_question(one, place) for one in found.questions],
        "reviews_url": reverse("reviews", args=where),
        "questions_url": reverse("questions", args=where),
        "more_reviews": found.more_reviews,
        "more_questions": found.more_questions,
    }


def _withdrawn(listing: Listing, place: Place) -> dict[str, str] | None:
    """Return the mark that stands beside each review of goods that are not sold any more, as components/badge.html."""
    since = unsafe_since(listing, place.market)
    if since is not None:
        day = day_in_words(since.astimezone(ZoneInfo(place.time_zone)).date(), place.language)
        said = _("Taken off sale here on %(day)s: a law on safety is not met") % {"day": day}
        return {"meaning": "blocked", "label": said}
    if listing.state != Listing.State.ACTIVE:
        return {"meaning": "attention", "label": _("These goods are not sold here any more")}
    return None


def check_law() -> dict[str, str]:
    """Return the rule that asks to say how reviews are checked: its act and article, and its public page."""
    rule = rulebook.default().rules[CHECK_RULE]
    cite = rule.versions[-1].cites[0]
    return {"article": f"{cite.act}, {cite.at}", "page": page_of(CHECK_RULE)}


def _summary(summary: Summary, place: Place, url: str) -> dict[str, Any]:
    counted = ngettext(
        "The plain average of %(n)s review. Each counts once; those for which something was given do not count.",
        "The plain average of %(n)s reviews. Each counts once; those for which something was given do not count.",
        summary.count,
    )
    return {
        "stars": stars(summary.average, summary.count, place.language, url),
        "rows": [{"star": star, "many": many, "percent": percent} for star, many, percent in summary.by_star],
        "counted": counted % {"n": summary.count},
        "recent": _recent(summary, place),
    }


def _recent(summary: Summary, place: Place) -> str:
    if summary.recent_average is None:
        return _("Nobody reviewed it in the last %(days)s days.") % {"days": RECENT_DAYS}
    said = format_decimal(summary.recent_average, format="0.0", locale=locale_of(place.language))
    data = {"days": RECENT_DAYS, "value": said, "n": summary.recent_count}
    sentence = {
        "better": _("Better lately: %(value)s on average in the last %(days)s days (%(n)s)."),
        "worse": _("Worse lately: %(value)s on average in the last %(days)s days (%(n)s)."),
        "same": _("Much the same lately: %(value)s on average in the last %(days)s days (%(n)s)."),
        "": _("In the last %(days)s days: %(value)s on average (%(n)s). Too few to speak of a trend."),
    }[summary.trend]
    return sentence % data


def _day(text: str, place: Place) -> tuple[str, str]:
    on: date = datetime.fromisoformat(text).astimezone(ZoneInfo(place.time_zone)).date()
    return day_in_words(on, place.language), on.isoformat()


def _said(one: dict[str, Any], place: Place) -> dict[str, Any]:
    when, iso = _day(one["said_at"], place)
    language = one["language"] if one["language"] != place.language else ""
    return {
        "public_id": one["public_id"],
        "text": one["text"],
        "name": one["name"],
        "language": language,
        "when": when,
        "iso": iso,
        "report_url": reverse("content-report", args=[one["public_id"]]),
    }


def _review(one: dict[str, Any], place: Place) -> dict[str, Any]:
    label = _("%(value)s of 5 stars") % {"value": one["stars"]}
    return _said(one, place) | {
        "title": one["title"],
        "stars": {"value": str(one["stars"]), "percent": one["stars"] * 20, "label": label},
        "is_changed": one["is_changed"],
        "is_rewarded": one["is_rewarded"],
        "sent_back": one["sent_back"],
        "reply": one["reply"],
        "replied": _day(one["replied_at"], place)[0] if one["replied_at"] else "",
        "photos": [
            {"src": reverse("review-photo", args=[one["public_id"], pk]), "width": width, "height": height}
            for pk, width, height in one["photos"]
        ],
    }


def _question(one: dict[str, Any], place: Place) -> dict[str, Any]:
    labels = {"merchant": _("The seller"), "buyer": _("Somebody who received it")}
    answers = [_said(row, place) | {"by": labels[row["by"]], "kind": row["by"]} for row in one["answers"]]
    return _said(one, place) | {
        "answers": answers,
        "answer_url": reverse("question-answer", args=[one["public_id"]]),
    }
