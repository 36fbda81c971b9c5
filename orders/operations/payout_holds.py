"""Why a line must not be paid out yet: every app that knows a reason registers a function at start-up.

A line's money stays held while any function names a reason for it. This app's own reasons (not delivered,
time to withdraw, a refund on its way, a chargeback) are always asked; upper apps add theirs (an open claim,
an open return) from `AppConfig.ready`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

Holds = Callable[[Sequence[str], date], Mapping[str, str]]
_REGISTERED: dict[str, Holds] = {}


def register(name: str, fn: Holds) -> None:
    """Ask `fn` under a stable name before anything is paid out.

    `fn(line_public_ids, today)` returns ``{line public id: reason}`` for the lines that must wait; a line that
    it does not name may be paid out as far as it is concerned. A reason is a short English msgid ("a claim is
    open"), said in the reader's language at the edge. It should make a fixed number of queries.
    """
    _REGISTERED[name] = fn


def unregister(name: str) -> None:
    """Ask a function no more; one that is not registered is no error."""
    _REGISTERED.pop(name, None)


def reasons(lines: Sequence[str], today: date) -> dict[str, tuple[str, ...]]:
    """Return all reasons by line, for lines that have any; an error of one function is an error of all."""
    found: dict[str, list[str]] = {}
    for name in sorted(_REGISTERED):
        for line, reason in _REGISTERED[name](lines, today).items():
            found.setdefault(line, []).append(reason)
    return {line: tuple(dict.fromkeys(why)) for line, why in found.items()}
