"""A stateful stand-in for the parts of Stripe's API that orders use, served over HTTP on the loopback.

It keeps payment intents, refunds, events and idempotency keys, asks for a cardholder where the means of
payment says so, declines, can be down, slow, or work and then lose its answer on the way back.
Written from the public API reference; only the fields that are used are there.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

Json = dict[str, Any]


class Refused(Exception):
    """An error answer: HTTP status and the body of ``error``."""

    def __init__(self, status: int, **error: Any) -> None:
        super().__init__(error.get("message", ""))
        self.status, self.error = status, error


@dataclass
class StripeFake:
    """The fake's memory and its switches. Every call takes the lock, as a database would serialise them."""

    secret: str = "whsec_local"
    intents: dict[str, Json] = field(default_factory=dict)
    refunds: dict[str, Json] = field(default_factory=dict)
    events: list[Json] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    is_down: bool = False
    lose_answers_of: set[str] = field(
        default_factory=set
    )  # create, capture, cancel, refund: done, but not told
    base: str = ""
    _keys: dict[str, tuple[str, int, Json]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    # -- what tests do

    def pass_challenge(self, ref: str, *, passed: bool) -> None:
        """Answer for the cardholder."""
        with self._lock:
            intent = self.intents[ref]
            if intent["status"] == "requires_action":
                intent["next_action"] = None
                self._authorise(intent) if passed else self._decline(intent, "authentication_required")

    def message(
        self, event: Json, *, secret: str | None = None, at: float | None = None
    ) -> tuple[bytes, Json]:
        """Return body and headers of the webhook that tells of an event."""
        body = json.dumps(event)
        header = stripe.WebhookSignature.generate_signature_header(
            body, secret or self.secret, timestamp=int(at or time.time())
        )
        return body.encode(), {"Stripe-Signature": header}

    def captured_total(self) -> int:
        """Return the money that was taken and not sent back."""
        taken = sum(intent["amount_received"] for intent in self.intents.values())
        return taken - sum(refund["amount"] for refund in self.refunds.values())

    # -- what the API does

    def handle(self, method: str, path: str, params: Json, key: str) -> tuple[int, Json]:
        """Answer a call; under a known key as the first time, with other parameters not at all."""
        print_of = sha256(json.dumps([method, path, params], sort_keys=True).encode()).hexdigest()
        with self._lock:
            if key and key in self._keys:
                known, status, body = self._keys[key]
                if known != print_of:
                    raise Refused(
                        400,
                        type="idempotency_error",
                        message="Keys can only be used with the same parameters.",
                    )
                return status, body
            status, body = self._do(method, path, params)
            if key:
                self._keys[key] = (print_of, status, json.loads(json.dumps(body)))
            return status, body

    def _do(self, method: str, path: str, params: Json) -> tuple[int, Json]:
        parts = path.removeprefix("/v1/").split("/")
        self.calls.append(f"{method} {path}")
        try:
            return 200, self._route(method, parts, params)
        except Refused as refused:
            return refused.status, {"error": refused.error}

    def _route(self, method: str, parts: list[str], params: Json) -> Json:
        match (method, *parts):
            case ("POST", "payment_intents"):
                return self._create(params)
            case ("GET", "payment_intents", ref):
                return self._found(ref)
            case ("POST", "payment_intents", ref, "capture"):
                return self._capture(self._found(ref), params)
            case ("POST", "payment_intents", ref, "cancel"):
                return self._cancel(self._found(ref))
            case ("POST", "refunds"):
                return self._refund(params)
            case ("GET", "events"):
                return {"object": "list", "data": list(reversed(self.events)), "has_more": False}
        raise Refused(404, type="invalid_request_error", message="Unrecognized request URL.")

    def _found(self, ref: str) -> Json:
        if ref not in self.intents:
            raise Refused(
                404, type="invalid_request_error", code="resource_missing", message="No such payment_intent."
            )
        return self.intents[ref]

    def _create(self, params: Json) -> Json:
        intent = {
            "id": f"pi_{next(self._ids):06d}",
            "object": "payment_intent",
            "amount": int(params["amount"]),
            "amount_capturable": 0,
            "amount_received": 0,
            "currency": params["currency"],
            "capture_method": params.get("capture_method", "automatic"),
            "metadata": params.get("metadata", {}),
            "payment_method": params.get("payment_method"),
            "status": "requires_payment_method",
            "next_action": None,
            "last_payment_error": None,
            "latest_charge": None,
        }
        self.intents[intent["id"]] = intent
        self._tell("payment_intent.created", intent)
        if params.get("confirm") == "true":
            self._confirm(intent, params.get("return_url", ""))
        return intent

    def _confirm(self, intent: Json, return_url: str) -> None:
        match intent["payment_method"]:
            case "pm_card_visa":
                self._authorise(intent)
            case "pm_card_threeDSecure2Required":
                intent["status"] = "requires_action"
                url = f"{self.base}/3ds/{intent['id']}?return_url={return_url}"
                intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": {"url": url}}
                self._tell("payment_intent.requires_action", intent)
            case "pm_card_chargeDeclined":
                self._decline(intent, "generic_decline")
                raise Refused(
                    402, type="card_error", code="card_declined", decline_code="generic_decline",
                    message="Your card was declined.", payment_intent=dict(intent),
                )  # fmt: skip
            case _:
                raise Refused(
                    400,
                    type="invalid_request_error",
                    code="resource_missing",
                    message="No such PaymentMethod.",
                )

    def _authorise(self, intent: Json) -> None:
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
        self._tell("payment_intent.amount_capturable_updated", intent)
        if intent["capture_method"] == "automatic":
            self._capture(intent, {})

    def _decline(self, intent: Json, code: str) -> None:
        intent["status"] = "requires_payment_method"
        intent["last_payment_error"] = {"type": "card_error", "code": "card_declined", "decline_code": code}
        self._tell("payment_intent.payment_failed", intent)

    def _capture(self, intent: Json, params: Json) -> Json:
        self._expect(intent, "requires_capture")
        amount = int(params.get("amount_to_capture", intent["amount"]))
        intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
        self._tell("payment_intent.succeeded", intent)
        return intent

    def _cancel_instead(self, intent: Json, params: Json) -> Json:
        """Stand in for _capture: the bank ended the authorisation meanwhile."""
        return self._cancel(intent)

    def _cancel(self, intent: Json) -> Json:
        self._expect(intent, "requires_payment_method", "requires_action", "requires_capture")
        intent.update(status="canceled", amount_capturable=0, next_action=None)
        self._tell("payment_intent.canceled", intent)
        return intent

    def _refund(self, params: Json) -> Json:
        intent = self._found(params["payment_intent"])
        sent = sum(r["amount"] for r in self.refunds.values() if r["payment_intent"] == intent["id"])
        amount = int(params["amount"])
        if amount > intent["amount_received"] - sent:
            raise Refused(
                400,
                type="invalid_request_error",
                code="charge_already_refunded",
                message="More than is left.",
            )
        refund = {
            "id": f"re_{next(self._ids):06d}",
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "status": "succeeded",
            "failure_reason": None,
            "metadata": params.get("metadata", {}),
        }
        self.refunds[refund["id"]] = refund
        self._tell("refund.created", refund)
        return refund

    def _expect(self, intent: Json, *states: str) -> None:
        if intent["status"] not in states:
            raise Refused(
                400, type="invalid_request_error", code="payment_intent_unexpected_state",
                message=f"This PaymentIntent's status is {intent['status']}.", payment_intent=dict(intent),
            )  # fmt: skip

    def _tell(self, kind: str, found: Json) -> None:
        event = {
            "id": f"evt_{next(self._ids):06d}",
            "object": "event",
            "type": kind,
            "created": int(time.time()),
        }
        self.events.append({**event, "data": {"object": json.loads(json.dumps(found))}})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: StripeFake

    def do_GET(self) -> None:
        self._answer("GET", {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._answer("POST", _nested(parse_qsl(body)))

    def _answer(self, method: str, params: Json) -> None:
        path = urlsplit(self.path).path
        if self.fake.is_down:
            self._send(503, {"error": {"type": "api_error", "message": "down"}})
            return
        if not self.headers.get("Authorization", "").startswith("Bearer sk_test_"):
            self._send(401, {"error": {"type": "invalid_request_error", "message": "No API key."}})
            return
        try:
            status, body = self.fake.handle(method, path, params, self.headers.get("Idempotency-Key", ""))
        except Refused as refused:
            status, body = refused.status, {"error": refused.error}
        if _step(method, path) in self.fake.lose_answers_of:
            self.close_connection = True
            self.connection.close()
            return
        self._send(status, body)

    def _send(self, status: int, body: Json) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if status >= 500:
            self.send_header("Stripe-Should-Retry", "false")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        """Stay quiet."""


def _step(method: str, path: str) -> str:
    if method == "GET":
        return "fetch"
    last = path.rsplit("/", 1)[-1]
    return {"payment_intents": "create", "refunds": "refund"}.get(last, last)


def _nested(pairs: list[tuple[str, str]]) -> Json:
    """Return form fields as Stripe reads them: ``metadata[payment]=x`` is {"metadata": {"payment": "x"}}."""
    found: Json = {}
    for name, value in pairs:
        outer, _, inner = name.partition("[")
        if inner:
            found.setdefault(outer, {})[inner.rstrip("]")] = value
        else:
            found[outer] = value
    return found


@contextmanager
def running_stripe() -> Iterator[StripeFake]:
    """Serve a fresh fake on a free port of the loopback."""
    fake = StripeFake()
    handler = type("Handler", (_Handler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    fake.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
