"""Letters that a person chooses: written down as they were seen, sent by the outbox, once."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.kernel import outbox
from orders.operations.mailing import send_once
from orders.queries import after_sales
from returns.domain.errors import LetterChanged
from returns.events import CaseLetterWritten
from returns.models import CaseLetter
from returns.operations.letters import Letter
from returns.queries.case_letters import Case, draft_of


@transaction.atomic
def write_letter(
    *, case: Case, template: str, seen: str, side: str, by: str, key: str, now: datetime
) -> CaseLetter:
    """Write a prepared letter down and have it sent; the same key is the same letter.

    :param seen: what the letter that was looked at is known by (`Draft.seen`).
    :param side: seller or platform.
    :raises NotFound: for a letter that does not fit the case.
    :raises LetterChanged: if it reads otherwise by now than it was seen.
    """
    after_sales.lock_orders([case.order.pk])
    known = CaseLetter.objects.filter(key=key).first()
    if known is not None:
        return known
    draft = draft_of(case, template)
    if draft.seen != seen:
        raise LetterChanged("The letter reads otherwise by now. Please look at it again.", field="seen")
    letter = CaseLetter.objects.create(
        key=key, order=case.order, subject=case.number, template=template, language=draft.language,
        title=draft.title, body=draft.body, page=case.page, side=side, by=by, written_at=now,
    )  # fmt: skip
    outbox.publish(CaseLetterWritten(letter.public_id, case.order.public_id, case.number))
    return letter


@transaction.atomic
def send_case_letter(*, letter: str, now: datetime) -> bool:
    """Send a letter that was written (its public id). Tell whether it left now."""
    found = CaseLetter.objects.select_related("order__group").get(public_id=letter)
    group = found.order.group
    with translation.override(found.language):
        lead, *rows = found.body.split("\n\n")
        left = send_once(
            key=f"case-letter:{found.public_id}",
            letter=Letter(
                subject=found.title, title=found.title, lead=lead, rows=tuple(rows),
                url=settings.SITE_URL + found.page, button=_("See what happens next"),
            ),
            to=group.email, language=found.language, group=group, attachments=[],
            reason=_("You get this letter because you placed an order with this address."), now=now,
        )  # fmt: skip
    if left:
        CaseLetter.objects.filter(pk=found.pk).update(sent_at=now)
    return left
