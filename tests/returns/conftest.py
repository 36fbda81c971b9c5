"""What every test of the returns may lean on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from tests.orders import factories

BEGINS = datetime(2026, 11, 28, 12, tzinfo=UTC)  # shortly after `factories.LATER`


@pytest.fixture(autouse=True)
def _day_of_the_examples() -> Iterator[None]:
    """Let the clock stand at the day on which the examples play, and go on from there.

    They buy, send and declare on days that are written down; what pages, news and jobs read off the wall belongs to the
    same week, whenever the tests are run.
    """
    with time_machine.travel(BEGINS, tick=True):
        yield


@pytest.fixture
def rates(transactional_db: None) -> None:
    """Fix the exchange rates, where transactions really commit."""
    factories.load_rates()


@pytest.fixture
def fixed_rates(db: None) -> None:
    """Fix the exchange rates, in a test that is rolled back."""
    factories.load_rates()
