"""Letters to a merchant's people about what is late after the sale: once each, in the language they read."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from catalog.operations.law_letters import addresses_of, language_of
from marketplace.kernel.money import Money
from orders.operations.mailing import send_once
from returns.documents.words import in_words, late_because_in_words
from returns.models import OwedRefund
from returns.operations.letters import Letter


@transaction.atomic
def send_refund_overdue(*, owed: str, now: datetime) -> int:
    """Tell a merchant that a refund (its public id) should be with the shopper by now; return how many letters left.

    One that was paid or replaced meanwhile needs no letter.
    """
    found = OwedRefund.objects.select_related("order", "merchant").get(public_id=owed)
    if found.due_on is None or found.state in ("paid", "void"):
        return 0
    language = language_of(found.merchant)
    with translation.override(language):
        letter = _overdue(found, language)
        return sum(
            send_once(
                key=f"refund-overdue:{found.public_id}:{n}", letter=letter, to=to, language=language, group=None,
                attachments=[], reason=_("You get this letter because you sell on Rightful."), now=now,
            )
            for n, to in enumerate(addresses_of(found.merchant))
        )  # fmt: skip


def _overdue(found: OwedRefund, language: str) -> Letter:
    assert found.due_on is not None
    return Letter(
        subject=_("A refund for order %(number)s is late") % {"number": found.order.public_id},
        title=_("A refund is late"),
        lead=_("%(amount)s should have been with the shopper by %(day)s.")
        % {
            "amount": Money(found.amount_minor, found.currency).display(language),
            "day": in_words(found.due_on, language),
        },
        rows=(
            _("It belongs to case %(number)s.") % {"number": found.subject or found.public_id},
            late_because_in_words(found.state, found.failure),
            _("The operator sees refunds that are late as well."),
        ),
        url=settings.SITE_URL + reverse("merchant-return-refunds"),
        button=_("See the refunds that are late"),
    )
