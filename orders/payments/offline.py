"""The provider for demos, tests and paying by invoice: a bank in a table of our own.

What it does is decided by the token alone, so that every outcome can be tried on purpose:

====================  ==========================================================
``invoice``           authorised at once (the demo's invoice; nobody is billed)
``card_ok``           authorised at once
``card_declined``     refused: card_declined
``card_challenge``    needs the cardholder: a page that asks yes or no
``card_slow``         being processed at first, authorised when asked again
====================  ==========================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from secrets import token_hex

from django.db import transaction
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse

from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.money import Money
from marketplace.kernel.prepared import Statement, prepared
from marketplace.kernel.written import update
from orders.models import OfflineIntent
from orders.payments.protocol import BadWebhook, Intent, Movement, News, RefundResult

TOKENS = {
    "invoice": "authorised",
    "card_ok": "authorised",
    "card_declined": "failed",
    "card_challenge": "needs_action",
    "card_slow": "created",
}


_ASK = Statement(
    "orders.ask_offline",
    "INSERT INTO orders_offlineintent (ref, key, state, amount_minor, captured_minor, refunded_minor,"
    " currency, token, refund_keys, created_at) VALUES (%s, %s, %s, %s, 0, 0, %s, %s, '{}', %s)"
    " ON CONFLICT (key) DO NOTHING RETURNING key",
)


class OfflineProvider:
    """See the module; implements `orders.payments.protocol.Provider`."""

    code = "offline"

    def authorise(
        self, *, key: str, payment: str, amount: Money, method: Mapping[str, str], return_url: str
    ) -> Intent:
        token = method.get("token", "")
        if token not in TOKENS:
            raise Invalid("Please choose how to pay.", field="method", token=token)
        asked = OfflineIntent(
            key=key,
            ref=f"off_{token_hex(12)}",
            state=TOKENS[token],
            token=token,
            amount_minor=amount.minor,
            currency=amount.currency,
        )
        return _told(asked if _insert(asked) else OfflineIntent.objects.get(key=key))

    def fetch(self, ref: str) -> Intent:
        with transaction.atomic():
            intent = _locked(ref)
            if intent.token == "card_slow" and intent.state == "created":  # noqa: S105 -- no secret
                _move(intent, "authorised")
        return _told(intent)

    def capture(self, ref: str, *, key: str, amount: Money) -> Intent:
        with transaction.atomic():
            intent = _locked(ref)
            if intent.state == "authorised":
                intent.captured_minor = min(amount.minor, intent.amount_minor)
                _move(intent, "captured")
        return _told(intent)

    def cancel(self, ref: str, *, key: str) -> Intent:
        with transaction.atomic():
            intent = _locked(ref)
            if intent.state in ("created", "needs_action", "authorised"):
                _move(intent, "cancelled")
        return _told(intent)

    def refund(self, ref: str, *, key: str, refund: str, amount: Money) -> RefundResult:
        with transaction.atomic():
            intent = _locked(ref)
            if key not in intent.refund_keys:
                if intent.refunded_minor + amount.minor > intent.captured_minor:
                    return RefundResult("", "failed", "more_than_captured")
                intent.refund_keys = {**intent.refund_keys, key: amount.minor}
                intent.refunded_minor += amount.minor
                _move(intent, "refunded" if intent.refunded_minor == intent.captured_minor else intent.state)
        return RefundResult(_name(ref, key), "done")

    def find_refund(self, ref: str, *, refund: str) -> RefundResult | None:
        intent = OfflineIntent.objects.filter(ref=ref).first()
        key = f"refund:{refund}"
        return RefundResult(_name(ref, key), "done") if intent and key in intent.refund_keys else None

    def movements(self) -> Iterable[Movement]:
        for one in OfflineIntent.objects.filter(captured_minor__gt=0).order_by("-pk").iterator():
            for key, amount in one.refund_keys.items():
                name = _name(one.ref, key)
                yield Movement(name, "refund", name, -amount, 0, one.currency)
            yield Movement(one.ref, "capture", one.ref, one.captured_minor, 0, one.currency)

    def read_webhook(self, *, body: bytes, headers: Mapping[str, str]) -> News:
        raise BadWebhook("The offline provider sends no messages.")


@transaction.atomic
def answer_challenge(*, ref: str, passed: bool) -> Intent:
    """Answer for the cardholder on the challenge page; a second answer changes nothing."""
    intent = _locked(ref)
    if intent.state == "needs_action":
        _move(intent, "authorised" if passed else "failed")
    return _told(intent)


def _name(ref: str, key: str) -> str:
    """Return the name of a refund; by its key, for JSON in the database keeps no order."""
    return f"{ref}:{key.removeprefix('refund:')}"


def _insert(intent: OfflineIntent) -> bool:
    """Insert an intent and tell whether it is new; one of the same key that is being inserted is waited for."""
    row = [
        intent.ref, intent.key, intent.state, intent.amount_minor, intent.currency, intent.token, intent.created_at
    ]  # fmt: skip
    return bool(_ASK(row))


def _locked(ref: str) -> OfflineIntent:
    intent = _by_ref_locked.first(ref)
    if intent is None:
        raise NotFound(field="ref")
    return intent


@prepared
def _by_ref_locked(ref: str) -> QuerySet[OfflineIntent]:
    return OfflineIntent.objects.select_for_update().filter(ref=ref)


def _move(intent: OfflineIntent, state: str) -> None:
    intent.state = state
    update(intent, "state", "captured_minor", "refunded_minor", "refund_keys")


def _told(intent: OfflineIntent) -> Intent:
    action = {"kind": "redirect", "url": _challenge_url(intent.ref)} if intent.state == "needs_action" else {}
    return Intent(
        ref=intent.ref,
        state=intent.state,
        captured_minor=intent.captured_minor,
        refunded_minor=intent.refunded_minor,
        failure="card_declined" if intent.state == "failed" else "",
        action=action,
    )


def _challenge_url(ref: str) -> str:
    try:
        return reverse("offline_challenge", args=[ref])
    except NoReverseMatch:  # a process without the storefront's addresses, such as a worker's
        return f"/checkout/challenge/{ref}"
