"""Two at once, in an order that is not left to chance."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from marketplace.embedded.process import wait_until


def end_behind(
    hold: Callable[[], Any], work: Callable[[], Any], then: Callable[[], Any] = lambda: None
) -> Any:
    """Do `hold`, let `work` run into its locks on a connection of its own, do `then`, and only then commit.

    Returns what `work` returned, or the name of the error that it raised. Work that asks for no lock is over
    before the commit: it has seen nothing of what `hold` did.
    """
    ended: list[Any] = []

    def run() -> None:
        try:
            ended.append(work())
        except Exception as error:
            ended.append(type(error).__name__)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        hold()
        thread.start()
        assert wait_until(lambda: _is_waited_for() or not thread.is_alive(), seconds=30)
        then()
    thread.join()
    return ended[0]


def _is_waited_for() -> bool:
    """Whether another connection waits for a lock that this one holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])
