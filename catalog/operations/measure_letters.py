"""Letters to merchants: the statement of reasons of every measure, and the answer to every complaint."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from catalog.operations.law_letters import addresses_of, language_of
from compliance.checks.registry import describe
from compliance.enforcement import operations, queries
from compliance.enforcement.models import Appeal, Measure
from marketplace.accounts.models import Merchant


@transaction.atomic
def send_measures(*, owner: str, measure_ids: list[int], event_id: uuid.UUID, now: datetime) -> int:
    """Tell a merchant of measures against its listings, each once; return of how many."""
    rows = operations.mark_told(measure_ids=measure_ids, now=now)
    merchant = Merchant.objects.filter(public_id=owner).first()
    if merchant is None or not rows:
        return 0
    known = describe(row.subject for row in rows)
    with translation.override(language_of(merchant)):
        items = [
            {
                "title": known[row.subject].title if row.subject in known else row.subject,
                "measure": row,
                "reasons": queries.reasons_of(row),
                "url": settings.SITE_URL + reverse("merchant-measure", args=[row.public_id]),
            }
            for row in rows
        ]
        is_suspension = any(row.is_suspension for row in rows)
        subject = _subject(rows)
        _send(
            "measures",
            subject,
            {"items": items, "is_suspension": is_suspension},
            addresses_of(merchant),
            f"measures-{event_id}",
        )
    return len(rows)


def _subject(rows: list[Measure]) -> str:
    """Return what the letter is about: the gravest step of all."""
    n = len(rows)
    if any(row.is_suspension for row in rows):
        return gettext("Your shop is suspended")
    if all(row.is_limit for row in rows):
        said = ngettext(
            "%(n)s of your listings is no longer recommended",
            "%(n)s of your listings are no longer recommended",
            n,
        )
    else:
        said = ngettext(
            "%(n)s of your listings is no longer shown everywhere", "%(n)s of your listings are no longer shown everywhere", n
        )  # fmt: skip
    return said % {"n": n}


def send_decision(*, appeal: str, event_id: uuid.UUID) -> bool:
    """Tell a merchant how its complaint was decided."""
    found = Appeal.objects.select_related("measure").get(public_id=appeal)
    merchant = Merchant.objects.filter(public_id=found.measure.owner).first()
    if merchant is None:
        return False
    with translation.override(language_of(merchant)):
        url = settings.SITE_URL + reverse("merchant-measure", args=[found.measure.public_id])
        context = {"appeal": found, "is_right": found.state == Appeal.State.UPHELD, "url": url}
        subject = gettext("Your complaint %(id)s was decided") % {"id": found.public_id}
        _send("appeal_decided", subject, context, addresses_of(merchant), f"appeal-{event_id}")
    return True


def _send(template: str, subject: str, context: dict[str, Any], to: list[str], key: str) -> None:
    host = settings.SITE_URL.split("//")[-1].split(":")[0]
    context = {**context, "site_url": settings.SITE_URL, "title": subject}
    mail = EmailMultiAlternatives(
        subject,
        render_to_string(f"email/catalog/{template}.txt", context),
        to=to,
        headers={"Message-ID": f"<{key}@{host}>"},
    )
    mail.attach_alternative(render_to_string(f"email/catalog/{template}.html", context), "text/html")
    mail.send()
