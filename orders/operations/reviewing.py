"""After a delivery: whoever received goods may review them, and is told so once."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from catalog import operations as catalog
from orders.documents.letters import Notice, group_url
from orders.models import OrderGroup, OrderLine, Parcel
from orders.operations.letters import _send


@transaction.atomic
def invite_reviewers(*, parcel_id: str, now: datetime) -> list[str]:
    """Let the catalogue take reviews of what a delivered parcel held, and write to the buyer; return the new lines."""
    rows = Parcel.objects.select_related("order__group", "order__merchant")
    parcel = rows.filter(public_id=parcel_id, delivered_at__isnull=False).first()
    if parcel is None:
        return []
    group = parcel.order.group
    lines = list(OrderLine.objects.filter(parcel_lines__parcel=parcel).order_by("position").distinct())
    new = catalog.invite_reviewers(
        received=[
            catalog.ReceivedLine(
                line=line.public_id,
                listing=line.listing_public_id,
                user_id=group.user_id,
                email=group.email,
                language=group.language,
                received_at=parcel.delivered_at,
            )
            for line in lines
        ],
        now=now,
    )
    invited = [line for line in lines if line.public_id in new]
    if invited:
        with translation.override(group.language):
            letter = _invitation(parcel, invited, group)
            _send(f"review-invitation:{parcel.public_id}", "notice", letter, group, [], now)
    return new


def _invitation(parcel: Parcel, lines: list[OrderLine], group: OrderGroup) -> Notice:
    links = [
        f"{line.title}: {settings.SITE_URL}{reverse('review-write', args=[group.token, line.public_id])}"
        for line in lines
    ]
    return Notice(
        subject=_("How is it? Your order %(number)s") % {"number": parcel.order.public_id},
        title=_("How is what you received?"),
        lead=_("If you like, tell others. Good or bad, it is shown as you write it; the seller may answer and cannot delete."),
        rows=(*links, _("We ask once. Nothing is given for it.")),
        url=group_url(group),
    )  # fmt: skip
