"""Where papers with people's names on them are kept: never below MEDIA_ROOT, which the web server hands out."""

from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage


def private_files() -> FileSystemStorage:
    """Return the storage of contracts and invoices; views check who asks before they open a file."""
    return FileSystemStorage(location=Path(settings.MEDIA_ROOT).parent / "private", base_url=None)
