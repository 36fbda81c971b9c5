"""Where static files lie: their addresses never change while a process runs, so each is worked out once."""

from __future__ import annotations

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Assets(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage; pages name the same few dozen files a hundred times each."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:
        """Return the address of a file, with the digest of its content in its name."""
        if force:
            return super().url(name, force)
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = super().url(name)
        return found
