"""Inputs that are written at once are letter for letter what Django's templates write."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from marketplace.kernel.renderer import QuickControls


class Every(forms.Form):
    text = forms.CharField(max_length=9, help_text='"<', widget=forms.TextInput(attrs={"data-x": "a&b'"}))
    email = forms.EmailField(widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}))
    number = forms.IntegerField(min_value=1, required=False)
    url = forms.URLField(assume_scheme="https", widget=forms.URLInput(attrs={"hidden": False}))
    password = forms.CharField(widget=forms.PasswordInput)
    hidden = forms.CharField(widget=forms.HiddenInput)
    tick = forms.BooleanField()
    choice = forms.ChoiceField(choices=[("a", "A"), ("b", "<B>")], widget=forms.RadioSelect)
    search = forms.CharField(widget=forms.TextInput(attrs={"rows": 1_000}))


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"text": "<i>'\"&", "email": "x", "number": "1000", "tick": "on", "choice": "b", "hidden": "é"},
    ],
)
def test_inputs_are_written_as_django_writes_them(data):
    quick, slow = Every(data, renderer=QuickControls()), Every(data, renderer=DjangoTemplates())
    assert [str(field) for field in quick] == [str(field) for field in slow]
