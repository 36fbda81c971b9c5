"""What every test of the orders may lean on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.stripe_server import StripeFake, running_stripe
from tests.orders import factories


@pytest.fixture
def stripe_fake(settings: object) -> Iterator[StripeFake]:
    """Return a running stand-in for Stripe that the site is set to use."""
    with running_stripe() as fake:
        settings.STRIPE_API_BASE = fake.base  # type: ignore[attr-defined]
        settings.STRIPE_SCRIPT_URL = f"{fake.base}/stripe.js"  # type: ignore[attr-defined]
        settings.STRIPE_WEBHOOK_SECRET = f"whsec_next,{fake.secret}"  # type: ignore[attr-defined]
        yield fake


@pytest.fixture
def rates(transactional_db: None) -> None:
    """Fix the exchange rates."""
    factories.load_rates()
