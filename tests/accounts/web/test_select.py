"""The list of countries, written without a template for each of them."""

from __future__ import annotations

import pytest
from django import forms
from django.test.html import parse_html

from marketplace.accounts.web.forms import PlainSelect

CHOICES = [("DE", "Germany"), ("TT", 'Trinidad & "Tobago"'), ("<x>", "<b>no</b>")]


@pytest.mark.parametrize("value", ["DE", "TT", None, "elsewhere"])
def test_it_is_what_django_would_draw(value: str | None):
    attrs = {"id": "id_country", "required": True, "disabled": False, "aria-describedby": "a&b"}

    ours = PlainSelect(attrs={"autocomplete": "country"}, choices=CHOICES).render("country", value, attrs)
    theirs = forms.Select(attrs={"autocomplete": "country"}, choices=CHOICES).render("country", value, attrs)

    assert parse_html(ours) == parse_html(theirs)
