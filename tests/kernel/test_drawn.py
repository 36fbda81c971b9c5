"""A component is drawn once for the same parameters in one language, and afresh for all others."""

import datetime

import pytest
from django.template import engines
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from marketplace.kernel.templatetags import drawn as tag


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
