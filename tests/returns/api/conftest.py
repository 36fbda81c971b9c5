from __future__ import annotations

from tests.orders.api.conftest import key_of

__all__ = ["key_of"]
