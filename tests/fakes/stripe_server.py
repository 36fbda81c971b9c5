"""A stateful stand-in for the parts of Stripe's API that orders use, served over HTTP on the loopback.

It keeps payment intents, refunds, events and idempotency keys, asks for a cardholder where the means of
payment says so, declines, can be down, slow, or work and then lose its answer on the way back. For browsers
it serves a script with the provider's interface, the card form and the bank's page (`tests.fakes.stripe_page`).
Written from the public API reference; only the fields that are used are there.

To try the card form by hand: ``python -m tests.fakes.stripe_server`` says which settings to start the site with.
"""

from __future__ import annotations

import json
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import stripe

from tests.fakes.stripe_page import CARDS, SCRIPT, bank_page, frame_page

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
    disputes: dict[str, Json] = field(default_factory=dict)
    movements: list[Json] = field(default_factory=list)  # its own books: balance transactions
    refunds_wait: bool = False  # new refunds are pending until `end_refund`
    fee_percent: int = 0  # taken of every capture
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
                if passed:
                    self._authorise(intent)
                else:
                    self._decline(
                        intent, "payment_intent_authentication_failure", kind="invalid_request_error"
                    )

    def type_card(self, ref: str, number: str) -> None:
        """Fill in and send the card form, as the browser does."""
        params = {"card": {"number": number}, "return_url": "http://testserver/back"}
        self.handle("POST", f"/v1/payment_intents/{ref}/confirm", params, "")

    def send(self, url: str, *events: Json) -> list[int]:
        """Deliver events to a webhook address over HTTP; all that ever happened if none are named."""
        answers = []
        for event in events or list(self.events):
            body, headers = self.message(event)
            request = urllib.request.Request(
                url, data=body, headers={**headers, "Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=20) as answer:
                answers.append(answer.status)
        return answers

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
        return taken - sum(refund["amount"] for refund in self.refunds.values() if _is_live(refund))

    def end_refund(self, ref: str, *, failure: str = "") -> None:
        """Let a refund succeed, or fail, also after it was said to have succeeded: the card was closed."""
        with self._lock:
            refund = self.refunds[ref]
            if failure:
                refund.update(status="failed", failure_reason=failure)
                self._move("refund_failure", refund, refund["amount"])
            else:
                refund["status"] = "succeeded"
            self._tell("refund.failed" if failure else "refund.updated", refund)

    def open_dispute(self, ref: str, amount: int, *, fee: int = 2000, reason: str = "fraudulent") -> str:
        """Let the cardholder's bank take money of a payment back, whatever was refunded; return the dispute's id."""
        with self._lock:
            intent = self.intents[ref]
            dispute = {
                "id": f"dp_{next(self._ids):06d}",
                "object": "dispute",
                "amount": amount,
                "currency": intent["currency"],
                "payment_intent": ref,
                "charge": f"ch_{ref}",
                "status": "needs_response",
                "reason": reason,
                "evidence_details": {"due_by": int(time.time()) + 7 * 86400},
                "balance_transactions": [],
                "metadata": {},
            }
            self.disputes[dispute["id"]] = dispute
            row = self._move("adjustment", dispute, -amount, fee=fee)
            dispute["balance_transactions"].append(row)
            self._tell("charge.dispute.created", dispute)
            self._tell("charge.dispute.funds_withdrawn", dispute)
            return dispute["id"]

    def close_dispute(self, ref: str, *, won: bool) -> None:
        """Let the bank decide."""
        with self._lock:
            dispute = self.disputes[ref]
            dispute["status"] = "won" if won else "lost"
            if won:
                row = self._move("adjustment", dispute, dispute["amount"])
                dispute["balance_transactions"].append(row)
            self._tell("charge.dispute.closed", dispute)

    def forget_keys(self) -> None:
        """Let a day go by: idempotency keys are pruned."""
        with self._lock:
            self._keys.clear()

    def balance(self) -> int:
        """Return what its books say it holds for us."""
        return sum(row["amount"] - row["fee"] for row in self.movements)

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
            case ("POST", "payment_intents", ref, "confirm"):
                return self._confirm_in_browser(self._found(ref), params)
            case ("POST", "payment_intents", ref, "capture"):
                return self._capture(self._found(ref), params)
            case ("POST", "payment_intents", ref, "cancel"):
                return self._cancel(self._found(ref))
            case ("POST", "refunds"):
                return self._refund(params)
            case ("GET", "refunds"):
                mine = [r for r in self.refunds.values() if r["payment_intent"] == params["payment_intent"]]
                return {"object": "list", "data": mine, "has_more": False, "url": "/v1/refunds"}
            case ("GET", "balance_transactions"):
                return self._books(params)
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
        ref = f"pi_{next(self._ids):06d}"
        intent = {
            "id": ref,
            "client_secret": f"{ref}_secret_{token_hex(12)}",
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

    def check_secret(self, ref: str, secret: str) -> None:
        """Let a browser see and confirm only the payment whose secret it was given."""
        if self._found(ref)["client_secret"] != secret:
            raise Refused(
                400, type="invalid_request_error", code="payment_intent_invalid_parameter",
                message="The client_secret provided does not match.",
            )  # fmt: skip

    def _confirm_in_browser(self, intent: Json, params: Json) -> Json:
        self._expect(intent, "requires_payment_method", "requires_action")
        number = params.get("card", {}).get("number", "")
        if number not in CARDS:
            raise Refused(
                402, type="card_error", code="incorrect_number", message="Your card number is incorrect."
            )
        intent.update(payment_method=CARDS[number], last_payment_error=None, next_action=None)
        self._confirm(intent, params.get("return_url", ""))
        return intent

    def _confirm(self, intent: Json, return_url: str) -> None:
        match intent["payment_method"]:
            case "pm_card_visa":
                self._authorise(intent)
            case "pm_card_threeDSecure2Required":
                intent["status"] = "requires_action"
                url = f"{self.base}/3ds/{intent['id']}?{urlencode({'return_url': return_url})}"
                intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": {"url": url}}
                self._tell("payment_intent.requires_action", intent)
            case "pm_card_chargeDeclined":
                self._refuse(intent, "generic_decline", "Your card was declined.")
            case "pm_card_chargeDeclinedInsufficientFunds":
                self._refuse(intent, "insufficient_funds", "Your card has insufficient funds.")
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

    def _refuse(self, intent: Json, code: str, message: str) -> None:
        self._decline(intent, "card_declined", decline_code=code)
        raise Refused(
            402, type="card_error", code="card_declined", decline_code=code, message=message,
            payment_intent=dict(intent),
        )  # fmt: skip

    def _decline(self, intent: Json, code: str, kind: str = "card_error", **more: str) -> None:
        intent["status"] = "requires_payment_method"
        intent["last_payment_error"] = {"type": kind, "code": code, **more}
        self._tell("payment_intent.payment_failed", intent)

    def _capture(self, intent: Json, params: Json) -> Json:
        self._expect(intent, "requires_capture")
        amount = int(params.get("amount_to_capture", intent["amount"]))
        intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
        self._move("charge", intent, amount, fee=amount * self.fee_percent // 100)
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
        own = [r for r in self.refunds.values() if r["payment_intent"] == intent["id"] and _is_live(r)]
        sent = sum(refund["amount"] for refund in own)
        if any(d["payment_intent"] == intent["id"] and d["status"] != "won" for d in self.disputes.values()):
            raise Refused(
                400, type="invalid_request_error", code="charge_disputed", message="It is charged back."
            )
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
            "status": "pending" if self.refunds_wait else "succeeded",
            "failure_reason": None,
            "metadata": params.get("metadata", {}),
        }
        self.refunds[refund["id"]] = refund
        self._move("refund", refund, -amount)
        self._tell("refund.created", refund)
        return refund

    def _move(self, kind: str, source: Json, amount: int, fee: int = 0) -> Json:
        row = {
            "id": f"txn_{next(self._ids):06d}",
            "object": "balance_transaction",
            "type": kind,
            "amount": amount,
            "fee": fee,
            "currency": source["currency"],
            "source": source["id"],
        }
        self.movements.append(row)
        return row

    def _books(self, params: Json) -> Json:
        """A page of its books, the latest first; sources are expanded, a charge names its payment."""
        rows = list(reversed(self.movements))
        if after := params.get("starting_after"):
            rows = rows[next(i for i, row in enumerate(rows) if row["id"] == after) + 1 :]
        limit = int(params.get("limit", 10))
        page = [{**row, "source": self._source(row["source"])} for row in rows[:limit]]
        return {
            "object": "list",
            "data": page,
            "has_more": len(rows) > limit,
            "url": "/v1/balance_transactions",
        }

    def _source(self, ref: str) -> Json:
        if ref in self.intents:
            return {"object": "charge", "id": f"ch_{ref}", "payment_intent": ref}
        found = self.refunds.get(ref) or self.disputes[ref]
        return {"object": found["object"], "id": ref, "payment_intent": found["payment_intent"]}

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


def _is_live(refund: Json) -> bool:
    return refund["status"] != "failed"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: StripeFake

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query))
        if address.path == "/stripe.js":
            self._write(200, SCRIPT, "text/javascript")
        elif address.path == "/elements/card":
            page = frame_page(locale=query.get("locale", ""), theme=query.get("theme", ""))
            self._write(200, page, "text/html; charset=utf-8")
        elif address.path.startswith("/3ds/"):
            self._write(200, bank_page(back=query.get("return_url", "")), "text/html; charset=utf-8")
        else:
            self._answer("GET", query)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        params = _nested(parse_qsl(body))
        if self.path.startswith("/3ds/"):
            self._come_back(urlsplit(self.path).path.removeprefix("/3ds/"), params)
        else:
            self._answer("POST", params)

    def do_OPTIONS(self) -> None:
        """A browser asks first whether it may send its key from another origin."""
        self._write(204, "", "text/plain")

    def _come_back(self, ref: str, params: Json) -> None:
        passed = params.get("result") == "complete"
        self.fake.pass_challenge(ref, passed=passed)
        told = {"payment_intent": ref, "redirect_status": "succeeded" if passed else "failed"}
        self._write(303, "", "text/plain", Location=f"{params['return_url']}?{urlencode(told)}")

    def _answer(self, method: str, params: Json) -> None:
        path = urlsplit(self.path).path
        if self.fake.is_down:
            self._send(503, {"error": {"type": "api_error", "message": "down"}})
            return
        try:
            self._check_key(path, params)
            status, body = self.fake.handle(method, path, params, self.headers.get("Idempotency-Key", ""))
        except Refused as refused:
            status, body = refused.status, {"error": refused.error}
        if _step(method, path) in self.fake.lose_answers_of:
            self.close_connection = True
            self.connection.close()
            return
        self._send(status, body)

    def _check_key(self, path: str, params: Json) -> None:
        """A secret key opens everything; a publishable one what a browser with the payment's secret may do."""
        given = self.headers.get("Authorization", "")
        if given.startswith("Bearer sk_test_"):
            return
        parts = path.removeprefix("/v1/").split("/")
        if not given.startswith("Bearer pk_test_") or parts[0] != "payment_intents" or len(parts) < 2:
            raise Refused(401, type="invalid_request_error", message="No API key.")
        if len(parts) == 3 and parts[2] != "confirm":
            raise Refused(403, type="invalid_request_error", message="This needs a secret key.")
        self.fake.check_secret(parts[1], params.get("client_secret", ""))

    def _send(self, status: int, body: Json) -> None:
        more = {"Stripe-Should-Retry": "false"} if status >= 500 else {}
        self._write(status, json.dumps(body), "application/json", **more)

    def _write(self, status: int, text: str, kind: str, **headers: str) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Headers", "authorization")
        for name, value in headers.items():
            self.send_header(name, value)
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
def running_stripe(port: int = 0) -> Iterator[StripeFake]:
    """Serve a fresh fake on a port of the loopback; on a free one if none is named."""
    fake = StripeFake()
    handler = type("Handler", (_Handler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
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


def _delivered(fake: StripeFake, url: str, event: Json) -> str:
    try:
        return str(fake.send(url, event)[0])
    except OSError as error:  # the site is not up, or it refused
        return str(error)


def main() -> None:
    """Serve until Ctrl-C; with the site's address as argument, deliver every message there."""
    site = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else ""
    with running_stripe(4242) as fake:
        print("Start the site with:")
        print(
            f"  PAYMENT_PROVIDERS=stripe,offline STRIPE_API_BASE={fake.base} STRIPE_SCRIPT_URL={fake.base}/stripe.js"
        )
        print(
            f"  STRIPE_SECRET_KEY=sk_test_local STRIPE_PUBLISHABLE_KEY=pk_test_local STRIPE_WEBHOOK_SECRET={fake.secret}"
        )
        print("Cards:", ", ".join(f"{number} ({CARDS[number]})" for number in CARDS))
        told = 0
        while True:
            time.sleep(0.5)
            for event in fake.events[told:]:
                told += 1
                if site:
                    print(event["type"], _delivered(fake, f"{site}/webhooks/payments/stripe", event))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
