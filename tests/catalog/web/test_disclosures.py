"""What a seller disclosed, as people read it."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.web.product_page import _disclosures
from compliance.rulebook.fields import fields
from marketplace.accounts.place import Place
from tests.catalog.factories import make_listing

pytestmark = pytest.mark.usefixtures("taxonomy")


@pytest.mark.parametrize(
    ("key", "records", "said"),
    [
        (
            "epr_battery_eu",
            [{"number": "DE-BAT-1", "country": "DE"}, {"number": "FR-BAT-2", "country": "FR"}],
            "Germany: DE-BAT-1\nFrance: FR-BAT-2",
        ),
        (
            "fibre_composition",
            [
                {"fibre": "silk", "percent": 100, "component": "scarf"},
                {"fibre": "cotton", "percent": 100, "component": "lining"},
            ],
            "scarf: 100 % silk\nlining: 100 % cotton",
        ),
        ("honey_origins", [{"country": "DE", "percent": 60}], "Germany: 60 %"),
    ],
)
def test_each_record_of_a_list_stands_on_a_line_of_its_own(key: str, records: Any, said: str) -> None:
    listing = make_listing(disclosures={key: records})

    rows = {
        row["label"]: row["value"]
        for group in _disclosures(listing, Place("DE", "en", "EUR", "Europe/Berlin"))
        for row in group["rows"]
    }

    assert rows[fields()[key].label] == said
