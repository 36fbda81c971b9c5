"""`{% drawn "components/why.html" rulings=line.rulings about=line.label %}`: a component drawn once per process.

For components whose answer depends on their parameters and the language alone, which they then are given by
name, as with `{% include … only %}`. What was drawn for parameters of plain values (texts, whole numbers, yes
and no, lists and dictionaries of them) is kept and handed out again; with anything else it is drawn each time.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.template.loader import get_template
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()
MOST = 4096  # drawings kept; then all are let go, so that nothing has to be counted
LONGEST = 30_000  # characters of a drawing that is kept
_kept: dict[Any, SafeString] = {}


class _NotPlain(Exception):
    pass


@register.simple_tag
def drawn(component: str, **parameters: Any) -> SafeString:
    """Return the component with these parameters in the language of the moment."""
    try:
        key = (component, get_language(), _plain(parameters))
    except _NotPlain:
        return get_template(component).render(parameters)
    found = _kept.get(key)
    if found is None:
        found = get_template(component).render(parameters)
        if len(_kept) >= MOST:
            _kept.clear()
        if len(found) <= LONGEST:
            _kept[key] = found
    return found


def _plain(value: Any) -> Any:
    """Return a value that is equal only for what is drawn alike: safe text is not escaped, so it differs."""
    kind = type(value)
    if kind is str or value is None:
        return value
    if kind in (SafeString, int, bool):
        return (kind, str(value))
    if kind is dict:
        return (dict, *((name, _plain(one)) for name, one in value.items()))
    if kind in (list, tuple):
        return (kind, *(_plain(one) for one in value))
    if isinstance(value, Promise):
        return _plain(str(value))
    raise _NotPlain
