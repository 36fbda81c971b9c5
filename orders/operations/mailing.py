"""One letter of an upper app, sent once: the row in SentMail is written in the transaction that hands it over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string

from orders.models import OrderGroup, SentMail
from orders.operations.letters import Attachment, _message_id


def send_once(
    *,
    key: str,
    letter: Any,
    to: str,
    language: str,
    group: OrderGroup | None,
    attachments: Iterable[Attachment],
    reason: str,
    now: datetime,
) -> bool:
    """Send a letter under a key, in the active language; tell whether it left now. Attachments are PDFs.

    :param letter: subject, title, lead, rows, url, button.
    """
    message_id = _message_id(key)
    try:
        with transaction.atomic():
            SentMail.objects.create(key=key, message_id=message_id, group=group, sent_at=now)
    except IntegrityError:
        return False
    context = {"letter": letter, "site_url": settings.SITE_URL, "language": language, "reason": reason}
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=render_to_string("email/returns/letter.txt", context),
        to=[to],
        headers={"Message-ID": message_id, "Content-Language": language, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("email/returns/letter.html", context), "text/html")
    for name, content in attachments:
        message.attach(name, content, "application/pdf")
    message.send()
    return True
