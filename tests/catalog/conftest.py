"""The taxonomy is there before anything else."""

from __future__ import annotations

import pytest

from catalog.operations import ensure_categories


@pytest.fixture
def taxonomy(db: None) -> None:
    ensure_categories()
