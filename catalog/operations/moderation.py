"""Reports about what people said, and what a person decides: kept, hidden or shown again, always with reasons."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from catalog.domain.drafts import clean_text
from catalog.domain.errors import BadVoice
from catalog.domain.voice import GROUNDS, next_state
from catalog.events import ContentModerated
from catalog.models import Answer, Listing, Moderation, Question, Report, Review
from catalog.operations.reviews import recount
from catalog.operations.spoken import clean_paragraphs, lock_listings, settle_reports, show_anew
from marketplace.kernel import outbox
from marketplace.kernel.errors import NotFound

KINDS: dict[str, type[Review] | type[Question] | type[Answer]] = {
    "RV": Review,
    "QU": Question,
    "QA": Answer,
}
Content = Review | Question | Answer


def listing_of(content: Content) -> Listing:
    """Return the listing that something said belongs to."""
    return content.question.listing if isinstance(content, Answer) else content.listing


def listing_id_of(content: Content) -> int:
    """Return the key of the listing that something said belongs to."""
    return content.question.listing_id if isinstance(content, Answer) else content.listing_id


def find_content(subject: str) -> Content:
    """Return a review, question or answer by its public id.

    :raises NotFound: if there is none.
    """
    kind = KINDS.get(subject.partition("-")[0])
    found = kind.objects.filter(public_id=subject).first() if kind else None
    if found is None:
        raise NotFound(field="subject")
    return found


@transaction.atomic
def report_content(
    *, subject: str, ground: str, text: str, email: str, language: str, now: datetime
) -> Report:
    """Say that something is not right. It stays to be seen until a person has decided.

    :raises WrongState: for what is not shown. :raises BadVoice: without a ground.
    """
    if ground not in GROUNDS:
        raise BadVoice("Choose what is wrong.", field="ground")
    content = _locked(subject)
    content.state = next_state(content.state, "report")
    content.save(update_fields=["state"])
    return Report.objects.create(
        subject=subject, ground=ground, text="\n".join(map(clean_text, text[:2000].splitlines())).strip(),
        email=email, language=language[:10], reported_at=now,
    )  # fmt: skip


@transaction.atomic
def decide(
    *,
    subject: str,
    action: str,
    ground: str,
    reasons: str,
    decided_by: int,
    decided_name: str,
    now: datetime,
) -> Moderation:
    """Keep, hide or show again what somebody said. The reasons go to whoever wrote it and to whoever reported it.

    :raises WrongState: if the action is not possible there. :raises BadVoice: without reasons, or to hide without ground.
    """
    if action not in Moderation.Action.values:
        raise BadVoice("Choose what is to be done.", field="action")
    if action == Moderation.Action.HIDE and ground not in GROUNDS:
        raise BadVoice("Choose the ground.", field="ground")
    content = _locked(subject)
    content.state = next_state(content.state, action)
    content.save(update_fields=["state"])
    row = Moderation.objects.create(
        subject=subject, action=action, ground=ground if action == Moderation.Action.HIDE else "",
        reasons=clean_paragraphs(reasons, field="reasons"), decided_by_id=decided_by, decided_name=decided_name[:254], decided_at=now,
    )  # fmt: skip
    reports = settle_reports(subject, now)
    if isinstance(content, Review):
        recount(listing_id=content.listing_id, now=now)
    else:
        show_anew(listing_id_of(content))
    outbox.publish(ContentModerated(subject, row.pk, reports))
    return row


def _locked(subject: str) -> Content:
    found = find_content(subject)
    lock_listings([listing_id_of(found)])
    return type(found).objects.select_for_update().get(pk=found.pk)
