"""What every test may lean on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone, translation
from playwright.sync_api import Browser, sync_playwright

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop and the ORM share a thread
ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("RIGHTFUL_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data; tests that need it run where it exists."""
    if not SHARED.is_dir():
        pytest.skip("the folder with real data is not here")
    return SHARED


FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return the system's browser; one for all tests, because a process runs one Playwright."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if (found := shutil.which(name))), None)
    if program is None:
        pytest.fail("These tests need Chromium: install the system's package `chromium`.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(autouse=True)
def _own_media(settings: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / "media"  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """Begin every test in the house's language and zone: a client leaves its visitor's behind."""
    translation.activate(django_settings.LANGUAGE_CODE)
    timezone.deactivate()
