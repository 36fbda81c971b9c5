"""What `/healthz` asks beside the database, the broker and the outbox: looks that apps bring at start-up.

A look is a plain function of an instant. It reads only, in a query or two, because a load balancer asks often.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Reading:
    """How one thing stands: whether that is well, and the figures (JSON values) that say so."""

    is_well: bool
    figures: dict[str, Any] = field(default_factory=dict)


Look = Callable[[datetime], Reading]
_looks: dict[str, Look] = {}


def look_at(name: str, look: Look) -> None:
    """Have `/healthz` ask this as well, under a name; the same name again takes the place of the first."""
    _looks[name] = look


def readings(now: datetime) -> dict[str, Reading]:
    """Return how everything stands that apps asked to be looked at."""
    return {name: look(now) for name, look in _looks.items()}
