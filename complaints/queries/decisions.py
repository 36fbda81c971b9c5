"""Which decision of a complaint stands: the one place that tells it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from complaints.models import Decision, Gesture, Ticket

STANDS = Q(needs_agreement=False) | Q(agreed_by__isnull=False)


def stands(one: Decision) -> bool:
    """Tell whether a decision took effect: at once, or when a colleague agreed to its sum."""
    return not one.needs_agreement or one.agreed_by_id is not None


def standing_decision(row: Ticket) -> Decision | None:
    """Return the decision that counts: the newest that stands. One that waits for a colleague takes no place yet.

    Reads `row.decisions`, so that what was fetched with a ticket is not asked for again.
    """
    return max((one for one in row.decisions.all() if stands(one)), key=lambda one: one.number, default=None)


def waiting_decision(row: Ticket) -> Decision | None:
    """Return the decision that waits for a colleague's agreement; none once a newer one took its place."""
    newest = max(row.decisions.all(), key=lambda one: one.number, default=None)
    return newest if newest is not None and not stands(newest) else None


def with_something_to_agree(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Return those of some tickets on which a decision or a gesture waits for a colleague's agreement."""
    newer = Decision.objects.filter(ticket=OuterRef("ticket"), number__gt=OuterRef("number"))
    waiting = Decision.objects.filter(~STANDS & ~Exists(newer), ticket=OuterRef("pk"))
    given = Gesture.objects.filter(
        ticket=OuterRef("pk"), needs_agreement=True, agreed_by=None, dropped_at=None
    )
    return rows.filter(Exists(waiting) | Exists(given))
