"""A buyer's process that is killed at a chosen step: run by test_killed.py with the test database.

Arguments: checkout id, quote digest, the step at which it dies.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import django

django.setup()

from orders import operations  # noqa: E402 -- after setup
from orders.operations import payments, placing  # noqa: E402


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_before(owner: Any, name: str, *, calls: int = 1) -> None:
    """Die when `owner.name` is called for the n-th time."""
    honest: Callable[..., Any] = getattr(owner, name)
    seen = 0

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == calls:
            die()
        return honest(*args, **kwargs)

    setattr(owner, name, counted)


STEPS: dict[str, Callable[[], None]] = {
    "before the provider was asked": lambda: die_before(payments, "_ask"),
    "after it was authorised": lambda: die_before(payments, "_secure_and_place"),
    "before the order": lambda: die_before(
        placing, "_ready_payment"
    ),  # the authorisation heard, nothing written
    "in the middle of placing": lambda: die_before(placing, "_freeze"),
    "between order and capture": lambda: die_before(payments, "_capture"),
    "after the capture": lambda: die_before(payments, "record_intent"),
}


def main(checkout_id: str, digest: str, step: str, now: str) -> None:
    """Press the order button and die on the way."""
    STEPS[step]()
    operations.submit_order(
        checkout_id=int(checkout_id),
        quote_digest=digest,
        provider="stripe",
        method={"token": "pm_card_visa"},
        return_url="http://testserver/back",
        now=datetime.fromisoformat(now),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
