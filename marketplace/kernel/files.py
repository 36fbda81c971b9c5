"""Where files are kept that not everybody may read: never below MEDIA_ROOT, which the web server hands out."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage


class PrivateFiles(FileSystemStorage):
    """Files that have no address of their own; the folder follows the settings."""

    @property
    def base_location(self) -> Path:  # type: ignore[override] -- the parent reads the setting once
        return private_folder()

    @property
    def location(self) -> str:  # type: ignore[override]
        return str(private_folder().absolute())


def private_files() -> FileSystemStorage:
    """Return the storage of private files; views check who asks before they open one."""
    return PrivateFiles(base_url=None)


def private_folder() -> Path:
    """Return the folder of private files, beside that of the public ones."""
    return Path(settings.MEDIA_ROOT).parent / "private"
