"""A mail server that does not take every address; what it takes lies in `django.core.mail.outbox`."""

from __future__ import annotations

from smtplib import SMTPRecipientsRefused
from typing import Any, ClassVar

from django.core.mail.backends.locmem import EmailBackend


class RefusingBackend(EmailBackend):
    """Refuses addresses with the code that is set for them, as `smtplib` says it."""

    codes: ClassVar[dict[str, int]] = {}
    tried: ClassVar[list[str]] = []

    def send_messages(self, messages: Any) -> int:
        for message in messages:
            for address in message.recipients():
                self.tried.append(address)
                if code := self.codes.get(address):
                    raise SMTPRecipientsRefused({address: (code, b"mailbox says no")})
        return super().send_messages(messages)
