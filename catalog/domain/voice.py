"""What people say about goods: the life of a review, a question and an answer, and the average that is shown.

One table for all three. A review is published at once, because its writer received the goods; a guest's question
waits until its address is confirmed. What is reported stays to be seen until a person has decided: a report is
no verdict. Only a moderator hides, with reasons; a merchant cannot.

The average: every review that is shown counts once and none weighs more than another, whoever wrote it and
however long ago. The one exception is a review for which something was given: it is shown with that said, and
does not count. The recent average is the same over the last `RECENT_DAYS` days; a trend is only spoken of when
both the recent and the earlier reviews are at least `LEAST`, and when they differ by `DIFFERENCE` stars or more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from catalog.domain.errors import WrongState

STATES = ("unconfirmed", "published", "reported", "hidden", "withdrawn")
ACTIONS = ("confirm", "edit", "reply", "report", "keep", "hide", "restore", "withdraw")
SHOWN = ("published", "reported")
TABLE: Mapping[tuple[str, str], str] = {
    ("unconfirmed", "confirm"): "published",
    ("unconfirmed", "withdraw"): "withdrawn",
    ("published", "edit"): "published",
    ("published", "reply"): "published",
    ("published", "report"): "reported",
    ("published", "hide"): "hidden",
    ("published", "withdraw"): "withdrawn",
    ("reported", "edit"): "reported",
    ("reported", "reply"): "reported",
    ("reported", "report"): "reported",
    ("reported", "keep"): "published",
    ("reported", "hide"): "hidden",
    ("reported", "withdraw"): "withdrawn",
    ("hidden", "restore"): "published",
    ("hidden", "withdraw"): "withdrawn",
}
GROUNDS = ("illegal", "personal_data", "insult", "fake", "advertising", "other_thing", "not_the_goods")
STARS = (1, 2, 3, 4, 5)
RECENT_DAYS = 180
LEAST = 5
DIFFERENCE = Decimal("0.3")
MOST_PHOTOS = 4


def next_state(state: str, action: str) -> str:
    """Return the state after an action.

    :raises WrongState: if the action is not possible there.
    """
    try:
        return TABLE[state, action]
    except KeyError:
        raise WrongState("This is not possible any more.", state=state, action=action) from None


@dataclass(frozen=True, slots=True)
class Summary:
    """The stars of a listing. `trend` is "better", "worse", "same", or "" when there are too few to say."""

    count: int
    average: Decimal | None  # two places, half up
    by_star: tuple[tuple[int, int, int], ...]  # stars, how many, percent of all; the best first
    recent_count: int
    recent_average: Decimal | None
    trend: str


def summarise(earlier: Mapping[int, int], recent: Mapping[int, int]) -> Summary:
    """Return the average of how many reviews gave so many stars, earlier than the last `RECENT_DAYS` and since."""
    both = {star: earlier.get(star, 0) + recent.get(star, 0) for star in STARS}
    count = sum(both.values())
    shares = tuple((star, both[star], _percent(both[star], count)) for star in reversed(STARS))
    return Summary(
        count=count,
        average=_mean(both),
        by_star=shares,
        recent_count=sum(recent.values()),
        recent_average=_mean(recent),
        trend=_trend(earlier, recent),
    )


def _mean(counts: Mapping[int, int]) -> Decimal | None:
    number = sum(counts.values())
    total = Decimal(sum(star * many for star, many in counts.items()))
    return (total / number).quantize(Decimal("0.01"), ROUND_HALF_UP) if number else None


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def _trend(earlier: Mapping[int, int], recent: Mapping[int, int]) -> str:
    before, since = _mean(earlier), _mean(recent)
    if before is None or since is None or min(sum(earlier.values()), sum(recent.values())) < LEAST:
        return ""
    if abs(since - before) < DIFFERENCE:
        return "same"
    return "better" if since > before else "worse"
