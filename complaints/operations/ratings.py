"""What complainants think of how they were treated: once, without signing in."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from complaints.models import Rating
from complaints.operations.tickets import lock_ticket, record
from marketplace.kernel.errors import NotFound


@transaction.atomic
def rate(*, token: str, score: int, words: str, now: datetime) -> Rating:
    """Keep a rating behind its secret link; the first answer counts, words may be added to it later.

    :raises NotFound: for a link that is none.
    """
    found = Rating.objects.select_related("ticket").filter(token=token).first()
    if found is None:
        raise NotFound(field="rating")
    row = lock_ticket(found.ticket.public_id)
    rating = Rating.objects.select_for_update().get(pk=found.pk)
    if rating.given_at is None:
        rating.score, rating.given_at = score, now
        record(row, "rated", actor="customer", at=now, now=now, key=f"rated:{row.public_id}", score=score)
    rating.words = words.strip() or rating.words
    rating.save(update_fields=["score", "words", "given_at"])
    return rating
