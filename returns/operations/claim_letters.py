"""Letters about claims and late deliveries: an acknowledgement at once, then news of each step, once each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from orders.operations.mailing import send_once
from returns.documents.claim_words import kind_in_words, note_in_words, remedy_in_words
from returns.documents.words import in_words, moment
from returns.models import Claim, ClaimNote, DelayNotice, LateDelivery
from returns.operations.letters import Letter

SILENT = ("agreed", "dropped", "confirmed", "added")  # the shopper's own doing needs no letter


@transaction.atomic
def send_acknowledgement(*, claim: str, now: datetime) -> bool:
    """Acknowledge a claim (its public id): number, what was said, what happens by when. Tell whether it left now."""
    found = Claim.objects.select_related("order__group", "line", "merchant").get(public_id=claim)
    group = found.order.group
    with translation.override(found.language):
        when = moment(found.filed_at, found.language, group.time_zone)
        rows = [
            f"{found.quantity} × {found.line.title}",
            f"{kind_in_words(found.kind)}: {found.said}",
            _("You ask for: %(remedy)s") % {"remedy": remedy_in_words(found.wanted)},
        ]
        if found.state == "open" and found.due_on:
            rows.append(
                _("%(seller)s answers by %(day)s. If not, we act.")
                % {"seller": found.merchant.name, "day": in_words(found.due_on, found.language)}
            )
        letter = Letter(
            subject=_("We received your claim %(number)s") % {"number": found.public_id},
            title=_("We received your claim"),
            lead=_("Received on %(when)s.") % {"when": when},
            rows=tuple(rows),
            url=settings.SITE_URL + reverse("claim", args=[found.token]),
            button=_("See what happens next"),
        )
        return _send(f"claim-receipt:{found.public_id}", letter, group, found.language, now)


@transaction.atomic
def send_claim_news(*, note_id: int, now: datetime) -> bool:
    """Tell the shopper about one step of a claim; steps of their own need no letter, a new demand is acknowledged."""
    note = ClaimNote.objects.select_related("claim__order__group", "claim__line").get(pk=note_id)
    claim = note.claim
    if note.what in SILENT:
        return False
    with translation.override(claim.language):
        rows = [f"{claim.quantity} × {claim.line.title}"]
        if note.remedy:
            rows.append(remedy_in_words(note.remedy))
        if note.text:
            rows.append(note.text)
        letter = Letter(
            subject=_("News about your claim %(number)s") % {"number": claim.public_id},
            title=note_in_words(note.what),
            lead=_("This is about your order %(number)s.") % {"number": claim.order.public_id},
            rows=tuple(rows),
            url=settings.SITE_URL + reverse("claim", args=[claim.token]),
            button=_("See what happens next"),
        )
        return _send(
            f"claim-news:{claim.public_id}:{note.pk}", letter, claim.order.group, claim.language, now
        )


@transaction.atomic
def send_delay(*, notice_id: int, now: datetime) -> bool:
    """Tell the shopper of a delay, and where to agree or cancel."""
    notice = DelayNotice.objects.select_related("late__order__group", "late__merchant").get(pk=notice_id)
    order = notice.late.order
    group = order.group
    with translation.override(group.language):
        day = in_words(notice.revised_on, group.language)
        rows = [_("The new day is %(day)s.") % {"day": day} if day else _("There is no new day yet.")]
        if notice.why:
            rows.append(notice.why)
        letter = Letter(
            subject=_("Your order %(number)s is late") % {"number": order.public_id},
            title=_("Your order is late"),
            lead=_("%(seller)s cannot deliver in time.") % {"seller": notice.late.merchant.name},
            rows=tuple(rows),
            url=settings.SITE_URL + reverse("late", args=[group.token, order.public_id]),
            button=_("Agree or cancel"),
        )
        return _send(f"delay:{notice.late.public_id}:{notice.pk}", letter, group, group.language, now)


@transaction.atomic
def send_late_ended(*, late: str, now: datetime) -> bool:
    """Tell the shopper that a late order has ended."""
    found = LateDelivery.objects.select_related("order__group").get(public_id=late)
    order = found.order
    group = order.group
    with translation.override(group.language):
        letter = Letter(
            subject=_("Your order %(number)s has ended") % {"number": order.public_id},
            title=_("The order has ended"),
            lead=_("It did not come, so your money comes back the way you paid."),
            rows=(),
            url=settings.SITE_URL + reverse("late", args=[group.token, order.public_id]),
            button=_("See the order"),
        )
        return _send(f"late-ended:{found.public_id}", letter, group, group.language, now)


def _send(key: str, letter: Letter, group: Any, language: str, now: datetime) -> bool:
    return send_once(
        key=key, letter=letter, to=group.email, language=language, group=group, attachments=[],
        reason=_("You get this letter because you placed an order with this address."), now=now,
    )  # fmt: skip
