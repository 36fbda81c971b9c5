from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from compliance.edition import keeping
from marketplace.accounts.models import User


@pytest.fixture(autouse=True)
def _released_law() -> Iterator[None]:
    """Leave the law as it was released."""
    yield
    keeping.reset()


@pytest.fixture
def officers(db: Any) -> tuple[int, int]:
    """Return two officers' ids."""
    names = ("una@example.org", "otto@example.org")
    una, otto = (User.objects.create_user(name, "correct horse battery") for name in names)
    return una.pk, otto.pk
