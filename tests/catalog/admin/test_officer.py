"""An officer sees a listing whole: its facts, its papers, what came of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from catalog.models import Listing
from tests.catalog.admin.test_papers import PDF, send
from tests.compliance.web.test_officer import officer


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def test_facts_and_papers_are_shown_and_papers_opened(client: Client, listing: Listing):
    send(client, listing, PDF, "Certificate.pdf")
    paper = listing.documents.get()
    una, address = officer("una"), f"/admin/law/listings/{listing.public_id}"

    page = una.get(address).content.decode()
    file = una.get(f"{address}/papers/{paper.pk}")

    assert ("Certificate.pdf" in page, "<code>category</code>" in page, b"".join(file.streaming_content)) == (
        True,
        True,
        PDF,
    )


def test_others_get_nothing(client: Client, listing: Listing):
    send(client, listing, PDF)
    paper, una = listing.documents.get(), officer("una")
    address = f"/admin/law/listings/{listing.public_id}"

    assert (
        client.get(address).status_code,
        client.get(f"{address}/papers/{paper.pk}").status_code,
        una.get("/admin/law/listings/NOPE").status_code,
        una.get(f"{address}/papers/0").status_code,
    ) == (403, 403, 404, 404)
