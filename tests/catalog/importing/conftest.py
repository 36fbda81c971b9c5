"""A merchant with the taxonomy in place, and the way a file goes in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.importing import operations
from catalog.models import ImportRun
from catalog.operations.taxonomy import ensure_categories
from marketplace.accounts.models import Merchant
from marketplace.accounts.operations import create_merchant

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TakeFile = Callable[..., ImportRun]


@pytest.fixture
def merchant(db: None) -> Merchant:
    """Return a merchant in Lyon that prices in euro."""
    ensure_categories()
    return create_merchant(
        owner=None, slug="lyon", name="Lyon", legal_name="Lyon SARL", country="FR", street="Rue 1", postcode="69001",
        city="Lyon", email="lyon@lyon.example", currency="EUR", status="active",
    )  # fmt: skip


@pytest.fixture
def take_file(merchant: Merchant) -> TakeFile:
    """Return a function that uploads a file, starts it and carries it to its end."""

    def take(name: str, data: bytes | str, **choices: Any) -> ImportRun:
        raw = data.encode() if isinstance(data, str) else data
        run = operations.upload(merchant=merchant, name=name, data=raw, by=None, now=NOW, **choices)
        operations.start(run_id=run.pk, now=NOW)
        return operations.carry_on(run_id=run.pk, now=NOW)

    return take
