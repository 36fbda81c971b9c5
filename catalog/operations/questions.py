"""Questions about a listing and answers to them: asked in the open, answered by the merchant or by a buyer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from catalog.domain.errors import BadVoice, NotReceived
from catalog.domain.voice import next_state
from catalog.events import QuestionAnswered, QuestionAsked
from catalog.models import Answer, Listing, Question, ReviewInvitation
from catalog.operations.spoken import clean_line, clean_paragraphs, lock_listings, show_anew
from marketplace.kernel import outbox
from marketplace.kernel.errors import NotFound

MOST_A_DAY = 10  # questions of one address
A_DAY = timedelta(days=1)


@transaction.atomic
def ask_question(
    *,
    listing: str,
    text: str,
    shown_name: str,
    email: str,
    language: str,
    user_id: int | None,
    now: datetime,
) -> Question:
    """Ask something about a listing. An account's question is shown at once, a guest's when its address is confirmed.

    :raises BadVoice: without words, or after too many in a day.
    """
    row = Listing.objects.select_for_update().filter(public_id=listing, state="active").first()
    if row is None:
        raise NotFound(field="listing")
    if Question.objects.filter(email__iexact=email, said_at__gt=now - A_DAY).count() >= MOST_A_DAY:
        raise BadVoice("You asked a lot today. Please go on tomorrow.", field="text")
    question = Question.objects.create(
        listing=row, user_id=user_id, email=email, text=clean_paragraphs(text, field="text", most=1000),
        shown_name=clean_line(shown_name, field="shown_name", most=40), language=language[:10], said_at=now, changed_at=now,
        state="published" if user_id else "unconfirmed",
    )  # fmt: skip
    if user_id:
        show_anew(row.pk)
    outbox.publish(QuestionAsked(question.public_id, is_confirmed=bool(user_id)))
    return question


@transaction.atomic
def confirm_question(*, token: str, now: datetime) -> Question:
    """Show a guest's question, now that its address is known to be theirs. Confirming twice changes nothing."""
    found = Question.objects.filter(token=token).first()
    if found is None:
        raise NotFound(field="question")
    lock_listings([found.listing_id])
    question = Question.objects.select_for_update().get(pk=found.pk)
    if question.state in ("published", "reported"):
        return question
    question.state, question.changed_at = next_state(question.state, "confirm"), now
    question.save(update_fields=["state", "changed_at"])
    show_anew(question.listing_id)
    outbox.publish(QuestionAsked(question.public_id, is_confirmed=True))
    return question


@transaction.atomic
def answer_question(
    *, question: str, text: str, by: str, shown_name: str, language: str, user_id: int | None, now: datetime,
    line: str = "",
) -> Answer:  # fmt: skip
    """Answer a question, as the merchant (whose right the edge has checked) or as somebody who received the goods.

    A buyer is known by an account, or as a guest by an order line (whose link the edge has checked).

    :raises NotReceived: for a buyer who received nothing of this listing.
    :raises WrongState: if the question was hidden meanwhile.
    """
    found = Question.objects.filter(public_id=question, state__in=("published", "reported")).first()
    if found is None:
        raise NotFound(field="question")
    received = None
    if by == Answer.By.BUYER:
        proof = {"line": line} if line else {"user_id": user_id, "user_id__isnull": False}
        rows = ReviewInvitation.objects.filter(listing_id=found.listing_id, **proof)
        received = rows.order_by("pk").first()
        if received is None:
            raise NotReceived(field="question")
    lock_listings([found.listing_id])
    next_state(Question.objects.values_list("state", flat=True).get(pk=found.pk), "reply")
    answer = Answer.objects.create(
        question=found, by=by, user_id=user_id, invitation=received, text=clean_paragraphs(text, field="text", most=2000), language=language[:10],
        shown_name=clean_line(shown_name, field="shown_name", most=40), said_at=now, changed_at=now,
    )  # fmt: skip
    show_anew(found.listing_id)
    outbox.publish(QuestionAnswered(answer.public_id))
    return answer
