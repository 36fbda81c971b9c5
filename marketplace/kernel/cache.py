"""The cache in Valkey, with one client per process instead of one per question.

Django makes a new client object for every call; that is a seventh of the processor time of a page that is kept.
A client only borrows connections from its pool, so threads may share it.
"""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class _Client(RedisCacheClient):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._only: Any = None

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """Return the only server's client; with replicas, one for each question as Django does."""
        if len(self._servers) > 1:
            return super().get_client(key, write=write)
        if self._only is None:
            self._only = super().get_client(key, write=write)
        return self._only


class Cache(RedisCache):
    """Django's cache in Redis or Valkey, with clients that stay."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client
