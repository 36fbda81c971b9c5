"""A file that was started is handed to a worker. Twice is harmless: the work goes on where it stands."""

from __future__ import annotations

import uuid
from typing import Any

from catalog.importing.tasks import bulk_fetch_pictures, bulk_import
from marketplace.kernel import outbox


@outbox.subscribe("catalog.importing.ImportStarted", name="catalog.importing.run")
def hand_to_a_worker(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Queue the work; if the broker is away, the outbox tries again."""
    bulk_import.delay(payload["run_id"])


@outbox.subscribe("catalog.importing.PicturesNamed", name="catalog.importing.fetch_pictures")
def hand_pictures_to_a_worker(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Queue the fetching of what a file named."""
    bulk_fetch_pictures.delay()
