"""Letters leave once: a row in SentMail is written in the transaction that hands the letter to the mail server.

The row's unique key lets one of two parallel senders through. If the machine dies between the hand-over
and the commit, the letter leaves again with the same Message-ID, which mail programs show once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from email.utils import parseaddr
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.db.models.fields.files import FieldFile
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from orders.documents import contract_pdf, credit_note_pdf, invoice_pdf, letters
from orders.models import ContractSnapshot, Invoice, Order, OrderGroup, Parcel, Refund, SentMail

Attachment = tuple[str, bytes]


@transaction.atomic
def send_confirmation(*, group_id: str, now: datetime) -> bool:
    """Send the order confirmation with one contract per order; tell whether it left now."""
    group = OrderGroup.objects.get(public_id=group_id)
    orders = list(group.orders.select_related("snapshot", "merchant").order_by("pk"))
    contracts = [(f"{order.public_id}.pdf", draw_contract(snapshot=order.snapshot)) for order in orders]
    with translation.override(group.language):
        letter = letters.confirmation(group, orders)
        return _send(f"order-confirmation:{group.public_id}", "confirmation", letter, group, contracts, now)


@transaction.atomic
def send_shipped(*, parcel_id: str, now: datetime) -> bool:
    """Tell the shopper that a parcel left, with the invoice; tell whether it left now."""
    parcel = Parcel.objects.select_related("order__merchant", "order__group").get(public_id=parcel_id)
    invoices = [
        (f"{invoice.label}.pdf", draw_invoice(invoice=invoice))
        for invoice in parcel.order.invoices.filter(kind="invoice")
    ]
    group = parcel.order.group
    with translation.override(group.language):
        return _send(
            f"parcel-shipped:{parcel.public_id}",
            "notice",
            letters.shipped(parcel, group),
            group,
            invoices,
            now,
        )


@transaction.atomic
def send_cancelled(*, order_id: str, now: datetime) -> bool:
    """Tell the shopper that an order was cancelled; tell whether it left now."""
    order = Order.objects.select_related("merchant", "group").get(public_id=order_id)
    refund = Refund.objects.filter(key=f"cancelled:{order.public_id}").first()
    group = order.group
    with translation.override(group.language):
        return _send(
            f"order-cancelled:{order.public_id}",
            "notice",
            letters.cancelled(order, group, refund),
            group,
            [],
            now,
        )


def draw_contract(*, snapshot: ContractSnapshot) -> bytes:
    """Return the contract's PDF; drawn and kept the first time, read ever after."""
    if not snapshot.pdf:
        _keep(
            snapshot.pdf, f"{snapshot.order.public_id}.pdf", contract_pdf(snapshot.content, snapshot.digest)
        )
        ContractSnapshot.objects.filter(pk=snapshot.pk, pdf="").update(pdf=snapshot.pdf.name)
    return _read(snapshot.pdf)


def draw_invoice(*, invoice: Invoice) -> bytes:
    """Return the PDF of an invoice or a credit note; drawn and kept the first time, read ever after."""
    if not invoice.pdf:
        draw = credit_note_pdf if invoice.kind == "credit_note" else invoice_pdf
        drawn = draw(invoice.content, number=invoice.label, issued_at=invoice.issued_at)
        _keep(invoice.pdf, f"{invoice.merchant.public_id}-{invoice.label}.pdf", drawn)
        Invoice.objects.filter(pk=invoice.pk, pdf="").update(pdf=invoice.pdf.name)
    return _read(invoice.pdf)


def _keep(field: FieldFile, name: str, drawn: bytes) -> None:
    """Store a paper under its own name; the same content always gives the same bytes, so twice is once."""
    path = field.field.generate_filename(field.instance, name)
    if field.storage.exists(path):
        field.storage.delete(path)
    field.name = field.storage.save(path, ContentFile(drawn))


def _read(field: FieldFile) -> bytes:
    with field.storage.open(field.name, "rb") as file:
        return file.read()


def _send(
    key: str, template: str, letter: Any, group: OrderGroup, attachments: Iterable[Attachment], now: datetime
) -> bool:
    message_id = _message_id(key)
    try:
        with transaction.atomic():
            SentMail.objects.create(key=key, message_id=message_id, group=group, sent_at=now)
    except IntegrityError:
        return False
    context = {
        "letter": letter,
        "site_url": settings.SITE_URL,
        "language": group.language,
        "reason": _("You get this letter because you placed an order with this address."),
    }
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=render_to_string(f"email/orders/{template}.txt", context),
        to=[group.email],
        headers={
            "Message-ID": message_id,
            "Content-Language": group.language,
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string(f"email/orders/{template}.html", context), "text/html")
    for name, content in attachments:
        message.attach(name, content, "application/pdf")
    message.send()
    return True


def _message_id(key: str) -> str:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{domain}>"
