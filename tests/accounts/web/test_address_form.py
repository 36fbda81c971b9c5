"""An address asks for what the country's post needs."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string

from marketplace.accounts.web.forms import AddressForm

COUNTRIES = [("DE", "Germany"), ("JP", "Japan"), ("US", "United States")]


@pytest.mark.parametrize(
    ("country", "optional"),
    [("DE", {"region"}), ("JP", set()), ("US", set()), ("", {"postcode", "region"})],
)
def test_what_the_country_needs_is_not_called_optional(country: str, optional: set[str]) -> None:
    form = AddressForm(countries=COUNTRIES, initial={"country": country})

    drawn = {
        name: render_to_string("components/field.html", {"field": form[name]})
        for name in ("postcode", "region")
    }

    assert {name for name, text in drawn.items() if "(optional)" in text} == optional
