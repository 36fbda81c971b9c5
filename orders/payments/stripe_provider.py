"""Stripe through its official client: PaymentIntents with manual capture, refunds, signed webhooks.

A means of payment that is known already (a token) is confirmed at once. Without one the shopper fills
in the provider's own form: the payment waits, however many cards are refused there, until one is
accepted, the shopper leaves, or the checkout lapses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import stripe

from marketplace.kernel.money import Money
from orders.payments.protocol import BadWebhook, Dispute, Intent, Movement, News, ProviderDown, RefundResult

TOLERANCE_SECONDS = 300
TIMEOUT_SECONDS = 20
# Stripe counts in the smallest unit as ISO 4217 does, but for these (its list "special cases").
ZERO_DECIMAL_AS_TWO = frozenset({"ISK", "UGX"})

STATES = {
    "requires_payment_method": "created",  # "failed" once an attempt has left an error behind
    "requires_confirmation": "created",
    "requires_action": "needs_action",
    "processing": "created",
    "requires_capture": "authorised",
    "succeeded": "captured",
    "canceled": "cancelled",
}
FORM = "form"  # in a payment's metadata: the shopper fills in the provider's form
ASKING = ("requires_payment_method", "requires_confirmation", "requires_action")
DISPUTE_STATES = {"won": "won", "lost": "lost"}  # warning_closed: the bank asked, and took nothing
MOVEMENTS = {
    "charge": "capture",
    "payment": "capture",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failed",
    "payment_failure_refund": "refund_failed",
}
PAGE = 100
REFUND_STATES = {"succeeded": "done", "pending": "requested", "requires_action": "requested"}


class StripeProvider:
    """See the module; implements `orders.payments.protocol.Provider`."""

    code = "stripe"

    def __init__(self, secret_key: str, api_base: str, webhook_secrets: tuple[str, ...]) -> None:
        base = {"base_addresses": {"api": api_base}} if api_base else {}
        self._client = stripe.StripeClient(
            secret_key,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
            max_network_retries=2,
            **base,
        )
        self._webhook_secrets = webhook_secrets

    def authorise(
        self, *, key: str, payment: str, amount: Money, method: Mapping[str, str], return_url: str
    ) -> Intent:
        token = method.get("token", "")
        how = (
            {"confirm": True, "payment_method": token, "return_url": return_url, "metadata": {}}
            if token
            else {"metadata": {"by": FORM}}
        )
        params = {
            "amount": _to_stripe(amount),
            "currency": amount.currency.lower(),
            "capture_method": "manual",
            "payment_method_types": ["card"],
            **how,
            "metadata": {"payment": payment, **how["metadata"]},
        }
        return self._intent(
            lambda: self._client.v1.payment_intents.create(params, options={"idempotency_key": key})
        )

    def fetch(self, ref: str) -> Intent:
        return self._intent(lambda: self._client.v1.payment_intents.retrieve(ref))

    def capture(self, ref: str, *, key: str, amount: Money) -> Intent:
        params = {"amount_to_capture": _to_stripe(amount)}
        return self._intent(
            lambda: self._client.v1.payment_intents.capture(ref, params, options={"idempotency_key": key}),
            ref,
        )

    def cancel(self, ref: str, *, key: str) -> Intent:
        return self._intent(
            lambda: self._client.v1.payment_intents.cancel(ref, options={"idempotency_key": key}), ref
        )

    def refund(self, ref: str, *, key: str, refund: str, amount: Money) -> RefundResult:
        params = {"payment_intent": ref, "amount": _to_stripe(amount), "metadata": {"refund": refund}}
        try:
            found = self._client.v1.refunds.create(params, options={"idempotency_key": key})
        except stripe.InvalidRequestError as error:
            # A key that is in use by a call still running, or a refusal: only the latter is an answer.
            if error.code == "idempotency_key_in_use":
                raise ProviderDown(provider=self.code) from error
            return RefundResult("", "failed", error.code or "invalid_request")
        except stripe.StripeError as error:
            raise ProviderDown(provider=self.code) from error
        return _refund_told(found.to_dict())

    def find_refund(self, ref: str, *, refund: str) -> RefundResult | None:
        for found in self._listed(self._client.v1.refunds, {"payment_intent": ref, "limit": PAGE}):
            if (found.get("metadata") or {}).get("refund") == refund:
                return _refund_told(found)
        return None

    def movements(self) -> Iterable[Movement]:
        params = {"limit": PAGE, "expand": ["data.source"]}
        for row in self._listed(self._client.v1.balance_transactions, params):
            if (movement := _movement(row)) is not None:
                yield movement

    def _listed(self, resource: Any, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Walk a list of the provider's, page by page."""
        try:
            for row in resource.list(params).auto_paging_iter():
                yield row.to_dict()
        except stripe.StripeError as error:
            raise ProviderDown(provider=self.code) from error

    def read_webhook(self, *, body: bytes, headers: Mapping[str, str]) -> News:
        self._verify(body, headers.get("Stripe-Signature", ""))
        try:
            event = json.loads(body)
            return _news(event)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadWebhook("The message cannot be read.") from error

    def _verify(self, body: bytes, signature: str) -> None:
        """Accept any of the secrets: while one is being replaced, both are in use."""
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            raise BadWebhook("The message cannot be read.") from error
        for secret in self._webhook_secrets:
            try:
                stripe.WebhookSignature.verify_header(text, signature, secret, TOLERANCE_SECONDS)
            except stripe.SignatureVerificationError:
                continue
            return
        raise BadWebhook()

    def _intent(self, call: Callable[[], Any], ref: str = "") -> Intent:
        """Make a call that answers with a PaymentIntent, and tell it in our words.

        A declined card is an answer. A step that the intent's state does not allow (it was captured or
        cancelled already) is answered with its true state.
        """
        try:
            return _told(call().to_dict())
        except stripe.CardError as error:
            return _declined(error)
        except stripe.InvalidRequestError as error:
            if ref and error.code in ("payment_intent_unexpected_state", "charge_already_captured"):
                return self.fetch(ref)
            raise
        except (
            stripe.APIConnectionError,
            stripe.APIError,
            stripe.RateLimitError,
            stripe.IdempotencyError,
        ) as error:
            raise ProviderDown(provider=self.code) from error


def _told(intent: Mapping[str, Any]) -> Intent:
    error = intent.get("last_payment_error") or {}
    charge = intent.get("latest_charge")
    refunded = charge.get("amount_refunded", 0) if isinstance(charge, Mapping) else 0
    currency = str(intent["currency"]).upper()
    state = STATES.get(intent["status"], "created")
    is_form = (intent.get("metadata") or {}).get("by") == FORM
    if is_form and intent["status"] in ASKING:
        state = "needs_action"
    elif intent["status"] == "requires_payment_method" and error:
        state = "failed"
    captured = intent.get("amount_received") or 0
    if captured and refunded == captured:
        state = "refunded"
    return Intent(
        ref=intent["id"],
        state=state,
        captured_minor=_from_stripe(captured, currency),
        refunded_minor=_from_stripe(refunded, currency),
        failure=_failure(error) if state == "failed" or intent["status"] in ASKING else "",
        action=_action(intent, is_form) if state == "needs_action" else {},
    )


def _failure(error: Mapping[str, Any]) -> str:
    return str(error.get("decline_code") or error.get("code") or "")


def _action(intent: Mapping[str, Any], is_form: bool) -> dict[str, str]:
    """Return what the shopper must do: fill in the form (which also leads to the bank), or go to the bank."""
    if is_form:
        return {"kind": "form", "client_secret": intent.get("client_secret") or ""}
    url = ((intent.get("next_action") or {}).get("redirect_to_url") or {}).get("url")
    return {"kind": "redirect", "url": url} if url else {}


def _declined(error: stripe.CardError) -> Intent:
    body = error.json_body or {}
    intent = (body.get("error") or {}).get("payment_intent") or {}
    code = (body.get("error") or {}).get("decline_code") or error.code or "card_declined"
    return Intent(ref=intent.get("id", ""), state="failed", failure=code)


def _news(event: Mapping[str, Any]) -> News:
    kind, found = event["type"], event["data"]["object"]
    metadata = found.get("metadata") or {}
    common = {"event_id": event["id"], "kind": kind, "payload": dict(event)}
    if found.get("object") == "payment_intent":
        return News(payment=metadata.get("payment", ""), intent=_told(found), **common)
    if found.get("object") == "refund":
        return News(
            payment="",
            intent=None,
            refund=metadata.get("refund", ""),
            refund_result=_refund_told(found),
            **common,
        )
    if found.get("object") == "dispute" and not str(found["status"]).startswith("warning"):
        return News(payment="", intent=None, dispute=_dispute(found), **common)
    return News(payment="", intent=None, **common)


def _refund_told(found: Mapping[str, Any]) -> RefundResult:
    state = REFUND_STATES.get(found.get("status") or "", "failed")
    return RefundResult(found["id"], state, found.get("failure_reason") or "")


def _dispute(found: Mapping[str, Any]) -> Dispute:
    """Tell a dispute in our words; what was closed before the money moved ("warning") is no chargeback."""
    currency = str(found["currency"]).upper()
    rows = found.get("balance_transactions") or []
    until = (found.get("evidence_details") or {}).get("due_by")
    return Dispute(
        ref=found["id"],
        payment_ref=str(found.get("payment_intent") or ""),
        state=DISPUTE_STATES.get(found["status"], "open"),
        amount_minor=_from_stripe(found["amount"], currency),
        fee_minor=_from_stripe(sum(row.get("fee", 0) for row in rows if row.get("amount", 0) < 0), currency),
        reason=str(found.get("reason") or ""),
        answer_by=datetime.fromtimestamp(until, tz=UTC) if until else None,
    )


def _movement(row: Mapping[str, Any]) -> Movement | None:
    """Tell one line of the provider's books; None for what is none of a shopper's money (its own payouts)."""
    source = row.get("source")
    found = source if isinstance(source, Mapping) else {}
    kind = MOVEMENTS.get(row["type"], "")
    if row["type"] == "adjustment" and found.get("object") == "dispute":
        kind = "chargeback" if row["amount"] < 0 else "chargeback_won"
    if not kind:
        return None
    subject = found.get("payment_intent") if kind == "capture" else found.get("id", source)
    currency = str(row["currency"]).upper()
    return Movement(
        ref=row["id"],
        kind=kind,
        subject=str(subject or ""),
        amount_minor=_from_stripe(row["amount"], currency),
        fee_minor=_from_stripe(row.get("fee") or 0, currency),
        currency=currency,
    )


def _to_stripe(amount: Money) -> int:
    return amount.minor * 100 if amount.currency in ZERO_DECIMAL_AS_TWO else amount.minor


def _from_stripe(minor: int, currency: str) -> int:
    return minor // 100 if currency in ZERO_DECIMAL_AS_TWO else minor
