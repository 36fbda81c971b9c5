"""Letters to merchants about law that changes: what, from when, for which of their listings, how to be ready."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from compliance.simulator.queries import find_notice
from marketplace.accounts.models import Merchant, MerchantMember

GERMAN = ("DE", "AT")


@dataclass(frozen=True, slots=True)
class LawLetter:
    """What a merchant reads."""

    rule: str
    sources: tuple[str, ...]
    since: date
    listings: int
    markets: str
    url: str
    is_reminder: bool


def send_law_letter(*, notice_id: int, event_id: uuid.UUID, is_reminder: bool) -> int:
    """Tell a merchant's people of a change of law; return to how many.

    The event's id is the letter's Message-ID, so that a letter delivered twice is shown once.
    """
    notice = find_notice(notice_id)
    merchant = Merchant.objects.filter(public_id=notice.owner).first()
    if merchant is None:
        return 0
    addresses = addresses_of(merchant)
    with translation.override(language_of(merchant)):
        letter = LawLetter(
            rule=gettext(notice.title),
            sources=notice.sources,
            since=notice.since,
            listings=notice.subjects,
            markets=", ".join(notice.markets),
            url=settings.SITE_URL + reverse("admin:catalog_listing_changelist"),
            is_reminder=is_reminder,
        )
        _send(letter, addresses, event_id)
    return len(addresses)


def addresses_of(merchant: Merchant) -> list[str]:
    """Return where a merchant reads its letters: its people's addresses, else its own."""
    people = merchant.members.exclude(role=MerchantMember.Role.VIEWER).select_related("user").order_by("pk")
    return [member.user.email for member in people] or [merchant.email]


def language_of(merchant: Merchant) -> str:
    """Return the language of letters to a merchant; German where German is spoken, else English."""
    return "de" if merchant.country in GERMAN else "en"


def _send(letter: LawLetter, addresses: list[str], event_id: uuid.UUID) -> None:
    context = {"letter": letter, "site_url": settings.SITE_URL}
    subject = gettext("The law changes on %(day)s: %(rule)s") % {
        "day": letter.since.isoformat(), "rule": letter.rule,
    }  # fmt: skip
    mail = EmailMultiAlternatives(
        subject,
        render_to_string("email/catalog/law_notice.txt", context),
        to=addresses,
        headers={"Message-ID": f"<law-{event_id}@{settings.SITE_URL.split('//')[-1].split(':')[0]}>"},
    )
    mail.attach_alternative(render_to_string("email/catalog/law_notice.html", context), "text/html")
    mail.send()
