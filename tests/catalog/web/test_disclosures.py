"""What a seller disclosed, as people read it."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.web.product_page import _disclosures
from compliance.rulebook.fields import fields
from marketplace.accounts.place import Place
from tests.catalog.factories import make_listing

pytestmark = pytest.mark.usefixtures("taxonomy")


def test_what_holds_in_a_country_stands_on_a_line_of_its_own() -> None:
    listing = make_listing(
        disclosures={
            "epr_battery_eu": [
                {"number": "DE-BAT-1", "country": "DE"},
                {"number": "FR-BAT-2", "country": "FR"},
            ]
        }
    )

    rows: dict[str, Any] = {
        row["label"]: row["value"]
        for group in _disclosures(listing, Place("DE", "en", "EUR", "Europe/Berlin"))
        for row in group["rows"]
    }

    assert rows[fields()["epr_battery_eu"].label] == "Germany: DE-BAT-1\nFrance: FR-BAT-2"
