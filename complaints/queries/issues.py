"""Issues and what looks like one: complaints that are alike within a window, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from complaints.domain import issues as rule
from complaints.domain.states import MERGED
from complaints.models import Decision, Issue, IssueTicket, Ticket
from complaints.queries.decisions import STANDS

MOST = 30


@dataclass(frozen=True, slots=True)
class Alike:
    """Complaints that share something and belong to no issue yet. `by`: listing, topic or cause."""

    by: str
    merchant: str
    listing: str
    topic: str
    cause: str
    count: int
    tickets: tuple[str, ...]  # the newest first, at most MOST


def suggestions(*, now: datetime, fewest: int = rule.FEWEST) -> list[Alike]:
    """Return groups of complaints that are alike, the largest first.

    Alike are those of one listing and topic, of one seller and topic, or of one seller decided with one root cause. A
    complaint that is in a group is not shown in a wider one again.
    """
    recent = (
        Ticket.objects.filter(received_at__gt=now - rule.WINDOW, received_at__lte=now, issue_member=None)
        .exclude(state=MERGED)
        .exclude(merchant="")
    )
    found: list[Alike] = []
    seen: set[str] = set()
    shapes = (
        ("listing", recent.exclude(listing=""), ("merchant", "listing", "topic")),
        ("cause", recent.filter(decisions__in=_standing()), ("merchant", "decisions__cause")),
        ("topic", recent, ("merchant", "topic")),
    )
    for by, rows, fields in shapes:
        groups: dict[tuple[str, ...], list[str]] = {}
        keys = (
            rows.values(*fields)
            .annotate(n=Count("pk", distinct=True))
            .filter(n__gte=fewest)
            .values_list(*fields)
        )
        wanted = set(keys)
        of_them = rows.filter(merchant__in={key[0] for key in wanted}).order_by("-received_at", "-pk")
        listed = of_them.values_list("public_id", *fields)[: 40 * MOST] if wanted else []
        for public_id, *shared in listed:
            if tuple(shared) in wanted and public_id not in seen:
                groups.setdefault(tuple(shared), []).append(public_id)
        for shared_by, members in groups.items():
            members = list(dict.fromkeys(members))
            if len(members) < fewest:
                continue
            seen.update(members)
            told = dict(zip(fields, shared_by, strict=True))
            found.append(
                Alike(
                    by=by, merchant=told["merchant"], listing=told.get("listing", ""), topic=told.get("topic", ""),
                    cause=told.get("decisions__cause", ""), count=len(members), tickets=tuple(members[:MOST]),
                )
            )  # fmt: skip
    return sorted(found, key=lambda one: (-one.count, one.merchant, one.topic))


def _standing() -> QuerySet[Decision]:
    return Decision.objects.exclude(cause="").filter(STANDS)


def listed(*, limit: int = 100) -> list[Issue]:
    """Return issues, open ones first, then the newest, each with `n` complaints and `n_answered`."""
    rows = Issue.objects.select_related("owner__user").annotate(
        n=Count("members"), n_answered=Count("members", filter=Q(members__result="answered"))
    )
    return list(rows.order_by("-state", "-opened_at", "pk")[:limit])


def members_of(issue: Issue) -> list[IssueTicket]:
    """Return the complaints of an issue, the oldest first."""
    return list(issue.members.select_related("ticket").order_by("ticket__received_at", "pk"))
