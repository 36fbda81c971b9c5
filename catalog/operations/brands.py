"""Write the records of brands; what depends on them is judged again, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction

from catalog.domain import drafts
from catalog.events import BrandChanged, CertificateExpires
from catalog.models import Brand, BrandCertificate
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid

EXPIRED = 0  # the mark of a certificate whose end was acted upon


@dataclass(frozen=True, slots=True)
class BrandRecord:
    """What the maker of a brand owes to be shown. Contacts are as on a listing."""

    manufacturer: Mapping[str, str] = field(default_factory=dict)  # name, address, email, country
    responsible_person: Mapping[str, str] = field(default_factory=dict)
    local_contacts: Sequence[Mapping[str, str]] = ()  # market, role, name, address, email
    safety_contact: Mapping[str, str] = field(default_factory=dict)  # email, phone, url


@transaction.atomic
def save_brand(*, merchant_id: int | None, name: str, record: BrandRecord) -> Brand:
    """Write the record of a merchant's brand, or with no merchant the one that all who sell it lean on.

    Its listings are judged again once the news is delivered. A record for all is found by its name.

    :raises Invalid: for a name that is empty, or a contact that cannot be taken.
    """
    known = drafts.clean_text(name)[:120]
    if not known:
        raise Invalid("A brand has a name.", field="name")
    rows = Brand.objects.select_for_update().filter(merchant_id=merchant_id)
    brand = rows.filter(**{"name" if merchant_id else "name__iexact": known}).first()
    brand = brand or Brand(merchant_id=merchant_id, name=known)
    brand.manufacturer, brand.responsible_person = dict(record.manufacturer), dict(record.responsible_person)
    brand.local_contacts = drafts.check_contacts([dict(one) for one in record.local_contacts])
    brand.safety_contact = {key: value for key, value in record.safety_contact.items() if value}
    if merchant_id is not None and brand.shared_id is None:
        brand.shared = Brand.objects.filter(merchant=None, name__iexact=known).first()
    brand.save()
    if merchant_id is None:
        Brand.objects.filter(merchant__isnull=False, name__iexact=known).update(shared=brand)
    outbox.publish(BrandChanged((brand.pk,)))
    return brand


@transaction.atomic
def save_certificate(*, brand_id: int, certificate_id: int | None = None, **values: Any) -> BrandCertificate:
    """Write a certificate of a brand; another day of expiry is announced anew. Its listings are judged again."""
    Brand.objects.select_for_update().get(pk=brand_id)
    row = BrandCertificate.objects.filter(brand_id=brand_id, pk=certificate_id).first()
    row = row or BrandCertificate(brand_id=brand_id)
    if row.expires_on != values.get("expires_on"):
        row.told = []
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    outbox.publish(BrandChanged((brand_id,)))
    return row


@transaction.atomic
def remove_certificate(*, brand_id: int, certificate_id: int) -> None:
    """Take a certificate away; the brand's listings are judged again."""
    Brand.objects.select_for_update().get(pk=brand_id)
    BrandCertificate.objects.filter(brand_id=brand_id, pk=certificate_id).delete()
    outbox.publish(BrandChanged((brand_id,)))


@transaction.atomic
def watch_certificates(*, today: date) -> dict[str, int]:
    """Announce certificates that expire, once at each of `CERTIFICATE_NOTICE_DAYS`; act on those that did.

    The days are the platform's own promise. Of several notices that are due at once only the last is sent.
    """
    steps = sorted(settings.CERTIFICATE_NOTICE_DAYS, reverse=True)
    rows = BrandCertificate.objects.select_for_update().filter(expires_on__isnull=False).order_by("pk")
    rows = rows.exclude(told__contains=[EXPIRED])
    announced, expired = 0, set()
    for row in rows.filter(expires_on__lte=date.fromordinal(today.toordinal() + steps[0])):
        left = (row.expires_on - today).days
        due = [
            step for step in (*steps, EXPIRED) if left <= step - (step == EXPIRED) and step not in row.told
        ]
        if not due:
            continue
        row.told = sorted({*row.told, *due}, reverse=True)
        row.save(update_fields=["told"])
        outbox.publish(CertificateExpires(row.pk, left, row.expires_on.isoformat()))
        announced += 1
        if left < 0:
            expired.add(row.brand_id)
    if expired:
        outbox.publish(BrandChanged(tuple(sorted(expired))))
    return {"announced": announced, "expired": len(expired)}
