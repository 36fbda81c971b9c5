"""Letters to merchants about certificates of their brands that end."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from catalog.models import BrandCertificate
from catalog.operations.law_letters import addresses_of, language_of
from compliance.rulebook.facts import document_kinds
from marketplace.accounts.models import Merchant


@dataclass(frozen=True, slots=True)
class CertificateLetter:
    """What a merchant reads."""

    brand: str
    certificate: str
    expires_on: date
    has_ended: bool
    url: str


def send_certificate_letters(
    *, certificate_id: int, days_left: int, expires_on: str, event_id: uuid.UUID
) -> int:
    """Tell everybody who sells the brand; return how many merchants. Changed meanwhile, nothing is sent.

    The event's id is in the Message-ID, so that a letter delivered twice is shown once.
    """
    row = BrandCertificate.objects.select_related("brand").filter(pk=certificate_id).first()
    if row is None or row.expires_on is None or row.expires_on.isoformat() != expires_on:
        return 0
    brand = row.brand
    merchants = Merchant.objects.filter(pk=brand.merchant_id) | Merchant.objects.filter(brands__shared=brand)
    told = list(merchants.distinct().order_by("pk"))
    for merchant in told:
        with translation.override(language_of(merchant)):
            _send(merchant, row, has_ended=days_left < 0, event_id=event_id)
    return len(told)


def _send(merchant: Merchant, row: BrandCertificate, *, has_ended: bool, event_id: uuid.UUID) -> None:
    kind = gettext(document_kinds().get(row.kind, row.kind))
    letter = CertificateLetter(
        brand=row.brand.name,
        certificate=f"{kind} {row.number}".strip(),
        expires_on=row.expires_on,
        has_ended=has_ended,
        url=settings.SITE_URL + reverse("admin:catalog_brand_changelist"),
    )
    words = (
        gettext("%(certificate)s ended on %(day)s")
        if has_ended
        else gettext("%(certificate)s ends on %(day)s")
    )
    subject = words % {"certificate": letter.certificate, "day": date_format(row.expires_on, "j F Y")}
    host = settings.SITE_URL.split("//")[-1].split(":")[0]
    context = {"letter": letter, "site_url": settings.SITE_URL, "subject": subject}
    mail = EmailMultiAlternatives(
        subject,
        render_to_string("email/catalog/certificate.txt", context),
        to=addresses_of(merchant),
        headers={"Message-ID": f"<certificate-{event_id}-{merchant.pk}@{host}>"},
    )
    mail.attach_alternative(render_to_string("email/catalog/certificate.html", context), "text/html")
    mail.send()
