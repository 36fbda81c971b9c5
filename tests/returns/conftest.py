"""What every test of the returns may lean on."""

from __future__ import annotations

import pytest

from tests.orders import factories


@pytest.fixture
def rates(transactional_db: None) -> None:
    """Fix the exchange rates, where transactions really commit."""
    factories.load_rates()


@pytest.fixture
def fixed_rates(db: None) -> None:
    """Fix the exchange rates, in a test that is rolled back."""
    factories.load_rates()
