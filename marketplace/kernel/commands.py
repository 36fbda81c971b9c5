"""Idempotent commands: the same key does the work once and answers the same ever after.

After the IETF draft on the Idempotency-Key header: same key and same payload return
the stored answer; same key with another payload is refused (422 at the edge); a second
caller waits for the first, whose row is locked until it commits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction

from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid
from marketplace.kernel.models import Command
from marketplace.kernel.prepared import Statement
from marketplace.kernel.written import update_all

_INSERT = Statement(
    "kernel.begin_command",
    "INSERT INTO kernel_command (scope, key, fingerprint, started_at) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (scope, key) DO NOTHING RETURNING id",
)
KEPT_FOR = timedelta(days=30)


class KeyReused(Invalid):
    """The key was used before, with another payload."""

    code, title, status = "idempotency_key_reused", "This key was used before for something else.", 422


def fingerprint(payload: Any) -> str:
    """Return a digest of JSON values, independent of the order of keys."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest()


@transaction.atomic
def run_once(*, scope: str, key: str, payload: Any, command: Callable[[], Any]) -> Any:
    """Carry out `command` unless it was carried out under this key; return its JSON answer.

    The row is inserted first, so a parallel caller blocks on the unique index until this
    transaction ends: then it reads the answer, or, after a rollback, does the work itself.

    :raises KeyReused: if the key belongs to another payload.
    """
    digest = fingerprint(payload)
    pk = _insert(scope, key, digest)
    if pk is not None:
        answer = command()
        update_all(Command, [pk], answer=answer, done_at=clock.now())
        return answer
    row = Command.objects.get(scope=scope, key=key)
    if row.fingerprint != digest:
        raise KeyReused(field="Idempotency-Key")
    return row.answer


def _insert(scope: str, key: str, digest: str) -> int | None:
    """Insert the row of a command; None if there is one. One that another transaction inserts is waited for."""
    rows = _INSERT([scope, key, digest, clock.now()])
    return rows[0][0] if rows else None


def prune() -> int:
    """Forget answers older than `KEPT_FOR`; return how many."""
    return Command.objects.filter(started_at__lt=clock.now() - KEPT_FOR).delete()[0]
