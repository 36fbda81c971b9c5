"""A component is drawn once for the same parameters in one language, and afresh for all others."""

import datetime

import pytest
from django import forms
from django.template import engines
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from marketplace.kernel import drawing as tag


@pytest.fixture(autouse=True)
def _nothing_kept():
    tag._kept.clear()


def shown(**parameters):
    source = '{% load drawn %}{% drawn "components/notice.html" text=text title=title %}'
    return engines["django"].from_string(source).render({"title": "", **parameters})


def kept():
    """What is kept of the component itself; its icon is kept for its own part."""
    return [key for key in tag._kept if key[0] == "components/notice.html"]


def test_it_is_what_an_include_draws():
    assert shown(text="<b>") == render_to_string("components/notice.html", {"text": "<b>", "title": ""})


def test_what_is_drawn_alike_is_kept_once():
    assert shown(text="a") == shown(text="a")
    assert len(kept()) == 1


def test_what_differs_is_drawn_afresh():
    assert "&lt;b&gt;" in shown(text="<b>")
    assert "<b>" in shown(text=mark_safe("<b>"))
    assert shown(text=True) != shown(text=1)
    assert shown(text=["a"]) != shown(text=("a",))
    with translation.override("de"):
        shown(text="<b>")
    assert len(kept()) == 7


def test_what_is_no_plain_value_is_not_kept():
    assert "2026" in shown(text=datetime.date(2026, 11, 28))
    assert kept() == []


def test_the_store_is_bounded(monkeypatch):
    monkeypatch.setattr(tag, "MOST", 3)
    for n in range(10):
        shown(text=str(n))
    assert len(tag._kept) <= 3


def put(path, number=1):
    source = '{% load drawn %}{% drawn "components/header.html" basket_count=number put_path=path %}'
    return engines["django"].from_string(source).render({"path": path, "number": number})


def test_what_differs_from_visitor_to_visitor_is_put_in_and_not_kept():
    assert 'href="/place?next=/a&lt;b"' in put("/a<b")
    assert put("/other") == put("/a<b").replace("/a&lt;b", "/other")
    assert put("/other", number=2) != put("/other")
    assert len([key for key in tag._kept if key[0] == "components/header.html"]) == 2
    assert not any("/other" in text or "/a&lt;b" in text for text in tag._kept.values())


class Wanted(forms.Form):
    name = forms.CharField(label="Your <name>", help_text="As on the <b>bell</b>", max_length=20)
    email = forms.EmailField(required=False, widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    pieces = forms.IntegerField(min_value=1, initial=3)
    country = forms.ChoiceField(choices=[("DE", "Germany"), ("FR", "Fran<ce>")], required=False)
    method = forms.ChoiceField(choices=[("card", "Card"), ("invoice", "Invoice")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="I agree")
    words = forms.CharField(widget=forms.Textarea)
    secret = forms.CharField(widget=forms.PasswordInput)
    hidden = forms.CharField(widget=forms.HiddenInput, initial="h")


def drawn_fields(form):
    source = "{% load drawn %}{% for field in form %}{% drawn_field field hide_optional=spare %}{% endfor %}"
    return engines["django"].from_string(source).render({"form": form, "spare": False})


def included_fields(form):
    source = '{% for field in form %}{% include "components/field.html" with field=field hide_optional=spare only %}{% endfor %}'
    return engines["django"].from_string(source).render({"form": form, "spare": False})


GIVEN = {
    "name": 'A "B" <c>', "email": "a@example.com", "pieces": "007", "country": "FR", "method": "invoice", "agreed": "on",
    "words": "<w>", "secret": "s", "hidden": "x",
}  # fmt: skip
FORMS = {
    "fresh": lambda: Wanted(),
    "with values": lambda: Wanted(
        initial={"name": "", "email": None, "pieces": 4, "country": "DE", "method": "card"}
    ),
    "sent": lambda: Wanted(GIVEN),
    "sent with faults": lambda: Wanted(
        {"name": "x" * 30, "email": "nobody", "pieces": "-1", "country": "XX"}
    ),
    "with another prefix": lambda: Wanted(GIVEN, prefix="p"),
    "optional": lambda: Wanted(use_required_attribute=False),
}


@pytest.mark.parametrize("made", FORMS.values(), ids=FORMS.keys())
def test_a_field_is_what_an_include_draws(made):
    for other in FORMS.values():  # nothing of what was kept for another form gets in
        drawn_fields(other())
    assert drawn_fields(made()) == drawn_fields(made()) == included_fields(made())


def test_nothing_that_was_typed_or_made_up_is_kept():
    typed = {"name": "Ada Kowalski", "email": "ada@example.com", "country": "Neverland", "words": "Sesame"}
    drawn_fields(Wanted(initial=typed))
    drawn_fields(Wanted({**GIVEN, **typed}))
    told = "".join(tag._kept.values())
    assert 'name="country"' not in told
    assert 'name="email"' in told
    assert not any(one in told for one in typed.values())


def test_a_field_speaks_the_language_of_the_moment():
    assert "(optional)" in drawn_fields(Wanted())
    with translation.override("de"):
        assert drawn_fields(Wanted()) == included_fields(Wanted())
