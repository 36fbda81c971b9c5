"""Reading the changes of law: what is in use, what waits, what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from django.db.models import Max, QuerySet

from compliance import rulebook
from compliance.edition import texts
from compliance.edition.models import RuleChange
from compliance.rulebook.book import Rulebook
from compliance.rulebook.loader import amended


def accepted_texts() -> dict[str, str]:
    """Return the text of every rule that officers changed, as accepted last. One query."""
    rows = RuleChange.objects.filter(state=RuleChange.State.ACCEPTED).order_by("rule", "-decided_at", "-pk")
    return dict(rows.distinct("rule").values_list("rule", "content"))


def edition_number() -> int:
    """Return a number that grows with every acceptance; 0 before the first. One query."""
    rows = RuleChange.objects.filter(state=RuleChange.State.ACCEPTED)
    return rows.aggregate(number=Max("pk"))["number"] or 0


def text_in_use(rule: str) -> str:
    """Return the file of a rule as it binds now; "" if there is none."""
    return accepted_texts().get(rule) or texts.released_text(rule)


def book_with(changes: Mapping[str, str]) -> Rulebook:
    """Return the book in use with some rules amended by texts. Raises BookRefused."""
    return _book_of(tuple(sorted({**accepted_texts(), **changes}.items())))


def book_in_use() -> Rulebook:
    """Return the release's book with everything accepted."""
    return book_with({})


def history_of(rule: str) -> QuerySet[RuleChange]:
    """Return every change ever proposed to a rule, the newest first."""
    return RuleChange.objects.filter(rule=rule).select_related("proposed_by", "decided_by").order_by("-pk")


def waiting() -> QuerySet[RuleChange]:
    """Return what waits for a second pair of eyes, the oldest first."""
    return (
        RuleChange.objects.filter(state=RuleChange.State.PROPOSED)
        .select_related("proposed_by")
        .order_by("pk")
    )


@lru_cache(maxsize=8)
def _book_of(changed: tuple[tuple[str, str], ...]) -> Rulebook:
    return amended(rulebook.release(), dict(changed))
