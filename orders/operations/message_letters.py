"""Letters about messages: to the other side, without anybody's address; and the link that confirms a guest's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from catalog.operations.law_letters import addresses_of, language_of
from orders.documents.message_templates import shown_text
from orders.models import Message, Thread
from orders.operations.mailing import send_once


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    title: str
    lead: str
    rows: tuple[str, ...]
    url: str
    button: str


@transaction.atomic
def send_message(*, message: str, now: datetime) -> int:
    """Bring a message to the other side; return how many letters left."""
    found = Message.objects.select_related("thread__merchant", "thread__order__group").get(public_id=message)
    if found.by == "shopper":
        return _to_merchant(found, now)
    thread = found.thread
    with translation.override(thread.language):
        subject = _("%(seller)s wrote to you about %(what)s") % {
            "seller": thread.merchant.name, "what": thread.subject,
        }  # fmt: skip
        letter = _letter(subject, found, reverse("thread", args=[thread.token]))
        return int(_send(letter, thread, thread.email, thread.language, f"message:{found.public_id}", now))


@transaction.atomic
def send_confirmation_link(*, thread: str, now: datetime) -> bool:
    """Ask a guest to confirm that a message about a listing is theirs."""
    found = Thread.objects.get(public_id=thread)
    with translation.override(found.language):
        title = _("Please confirm your message")
        letter = Letter(
            title,
            title,
            _("It goes to the seller when you have opened the link and pressed the button."),
            tuple(one.text for one in found.messages.order_by("pk")),
            settings.SITE_URL + reverse("thread", args=[found.token]),
            _("Open the message"),
        )
        return _send(letter, found, found.email, found.language, f"thread-confirm:{found.public_id}", now)


def _to_merchant(message: Message, now: datetime) -> int:
    thread = message.thread
    addresses, language = addresses_of(thread.merchant), language_of(thread.merchant)
    with translation.override(language):
        subject = _("A message about %(what)s") % {"what": thread.subject}
        letter = _letter(subject, message, reverse("merchant-thread", args=[thread.public_id]))
        return sum(
            _send(letter, thread, to, language, f"message:{message.public_id}:{n}", now)
            for n, to in enumerate(addresses)
        )


def _letter(subject: str, message: Message, url: str) -> Letter:
    return Letter(
        subject,
        subject,
        _("Answer on the page, please: this address does not read letters."),
        (shown_text(message.template, message.text),),
        settings.SITE_URL + url,
        _("Read and answer"),
    )


def _send(letter: Letter, thread: Thread, to: str, language: str, key: str, now: datetime) -> bool:
    group = thread.order.group if thread.order else None
    return send_once(
        key=key, letter=letter, to=to, language=language, group=group, attachments=(),
        reason=_("You get this letter because somebody wrote to you on Rightful."), now=now,
    )  # fmt: skip
