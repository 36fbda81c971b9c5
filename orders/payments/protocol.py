"""What orders ask of a payment provider, and the words in which it answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from marketplace.kernel.errors import Invalid, Unavailable
from marketplace.kernel.money import Money


class UnknownProvider(Invalid):
    code: ClassVar[str] = "unknown_provider"
    title: ClassVar[str] = "This way of paying is not offered."


class BadWebhook(Invalid):
    """A message that the provider has not signed, or signed too long ago, or that nobody can read."""

    code: ClassVar[str] = "bad_webhook"
    title: ClassVar[str] = "This message is not from the payment provider."


class ProviderDown(Unavailable):
    code: ClassVar[str] = "payment_provider_down"
    title: ClassVar[str] = (
        "The payment provider does not answer. You have not been charged twice; please try again."
    )


@dataclass(frozen=True, slots=True)
class Intent:
    """What the provider says of one payment at one moment, in our words.

    `state` is one of orders.domain.states.PAYMENT_STATES.
    """

    ref: str
    state: str
    captured_minor: int = 0
    refunded_minor: int = 0
    failure: str = ""  # a code of the provider, for the shopper in plain words at the edge
    # {"kind": "redirect", "url": …}: go there; {"kind": "form", "client_secret": …}: the provider's own form
    action: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefundResult:
    """What became of a refund: done, requested (on its way) or failed."""

    ref: str
    state: str
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A chargeback as the provider tells it: open, won or lost. Amounts in minor units of the payment."""

    ref: str
    payment_ref: str  # the provider's own id of the payment
    state: str
    amount_minor: int
    fee_minor: int = 0
    reason: str = ""
    answer_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of the provider's own books: what moved, for which of its objects, and what it cost.

    `kind` is capture, refund, refund_failed, chargeback, chargeback_won. Amounts are signed as they change what
    the provider holds for us; `fee_minor` is taken off besides.
    """

    ref: str
    kind: str
    subject: str  # the provider's id of the payment, refund or dispute
    amount_minor: int
    fee_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class News:
    """One verified message: what it tells of which payment."""

    event_id: str
    kind: str
    payment: str  # our public id, from the metadata; "" if it is none of ours
    intent: Intent | None  # None: nothing that changes a payment
    payload: dict[str, Any]
    refund: str = ""  # our public id of the refund it tells of
    refund_result: RefundResult | None = None
    dispute: Dispute | None = None


class Provider(Protocol):
    """A payment provider. Amounts are authorised first and captured once the order stands.

    Every writing call with a key that was used before answers as it did the first time.
    All raise `ProviderDown` when the provider does not answer; then nothing is known and the
    call may be repeated.
    """

    code: str

    def authorise(
        self, *, key: str, payment: str, amount: Money, method: Mapping[str, str], return_url: str
    ) -> Intent:
        """Open a payment and try to authorise it. A refusal is an answer (state failed), not an error.

        Without a token in `method`, a provider with a form of its own answers needs_action and "form".
        """

    def fetch(self, ref: str) -> Intent:
        """Return how a payment stands."""

    def capture(self, ref: str, *, key: str, amount: Money) -> Intent:
        """Take authorised money; what cannot be taken any more comes back in its true state."""

    def cancel(self, ref: str, *, key: str) -> Intent:
        """Let authorised money go; what is captured already stays and comes back as captured."""

    def refund(self, ref: str, *, key: str, refund: str, amount: Money) -> RefundResult:
        """Send captured money back."""

    def find_refund(self, ref: str, *, refund: str) -> RefundResult | None:
        """Return what became of a refund of a payment by our own id of it; None if it was never asked for."""

    def movements(self) -> Iterable[Movement]:
        """Return the lines of the provider's books, the latest first."""

    def read_webhook(self, *, body: bytes, headers: Mapping[str, str]) -> News:
        """Verify and read a message. Raises BadWebhook."""
