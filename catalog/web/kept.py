"""Pages drawn once and handed to everybody who would see the same.

What a shop page shows depends on its address, the visitor's place, the day, the law and the state of what
is on it; all of that is in the key (catalog.pages). What is a visitor's own is left out of the drawing: the
token against forged forms and what may still be ordered are put in as the page is served, the number of things in the basket and the theme
are part of the key, and a visitor with a message waiting gets a page of their own.

A drawing is kept when it is asked for the second time, so that addresses nobody asks for again fill nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.contrib.messages import get_messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import engines
from django.template.loader import render_to_string

from catalog import pages

TOKEN = "put-the-token-against-forged-forms-here"  # noqa: S105 -- where a token goes, no token
SECONDS = 900
LONGEST = 300  # characters of an address; longer ones are drawn each time
ASKED = "asked"


def kept(
    request: HttpRequest,
    template: str,
    build: Callable[[], dict[str, Any]],
    *,
    state: str,
    on: date,
    marks: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Answer with a page: the one kept for this state and visitor's place, else a fresh one.

    `state` names the state of everything on the page; `build` makes the template's context. `marks` are what
    stands on the page in the place of what changes too often to be drawn, and what is put there.
    """
    if len(request.get_full_path()) > LONGEST or len(get_messages(request)):
        return HttpResponse(_filled(render_to_string(template, build(), request), marks))
    key = pages.key_of("drawn", request.get_full_path(), state, *_own(request), place=request.place, on=on)
    html = cache.get(key)
    if html is None or html == ASKED:
        drawn = render_to_string(template, build() | {"csrf_token": TOKEN}, request)
        cache.set(key, drawn if html == ASKED else ASKED, SECONDS)
        html = drawn
    html = _filled(html, marks)
    return HttpResponse(html.replace(TOKEN, get_token(request)) if TOKEN in html else html)


def _filled(html: str, marks: Mapping[str, str] | None) -> str:
    for mark, said in (marks or {}).items():
        html = html.replace(mark, said)
    return html


def _own(request: HttpRequest) -> tuple[Any, ...]:
    """Return what the frame of every page shows of the visitor: things in the basket, theme, the words searched."""
    shown: dict[str, Any] = {}
    for processor in engines["django"].engine.template_context_processors:
        shown |= processor(request)
    return shown.get("basket_count", 0), request.place.theme
