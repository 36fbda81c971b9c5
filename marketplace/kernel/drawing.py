"""What was drawn once is kept per process and handed out again; what a visitor typed is never in it."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.template.loader import get_template
from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

MOST = 4096  # drawings kept; then all are let go, so that nothing has to be counted
LONGEST = 30_000  # characters of a drawing that is kept
FIELD = "components/field.html"
TYPED = frozenset(
    (forms.TextInput, forms.EmailInput, forms.NumberInput, forms.URLInput)
)  # exactly these: a widget of its own may draw its value in another manner
CHOSEN = frozenset((forms.Select, forms.RadioSelect))
_MARK = (
    f"put{secrets.token_hex(8)}"  # nobody can type it; letters and figures, so that escaping leaves it alone
)
_VALUE = f' value="{_MARK}"'
_kept: dict[Any, SafeString] = {}


class _NotPlain(Exception):
    pass


def draw(component: str, parameters: dict[str, Any], put: Mapping[str, Any]) -> SafeString:
    """Return a component; `put` are texts that it prints and that are put into the kept drawing, escaped.

    Takes the parameters' names as they stand in the component. A text to put that is no text is printed by `str`.
    """
    marks = {name: f"{_MARK}{number}." for number, name in enumerate(put)}
    found = _kept_or(
        lambda: (component, get_language(), _plain(parameters), tuple(put)),
        lambda: get_template(component).render({**parameters, **marks}),
    )
    if found is None:
        return get_template(component).render({**parameters, **put})
    if not put:
        return found
    text = str(found)
    for name, mark in marks.items():
        text = text.replace(mark, conditional_escape(put[name]))
    return mark_safe(text)  # noqa: S308 -- drawn by a template, and what was put in is escaped


def draw_field(field: BoundField, parameters: dict[str, Any]) -> SafeString:
    """Return one field of a form as `components/field.html` draws it.

    What was typed is put into the kept drawing; what was chosen is part of it, since there is only so much to choose.
    Nothing is kept that repeats what a visitor made up: a field with errors, a choice that nobody offers.
    """
    kind = type(field.field.widget)
    if field.errors:
        return get_template(FIELD).render({**parameters, "field": field})
    if kind in TYPED:
        blank = copy.copy(field)
        blank.value = lambda: _MARK  # type: ignore[method-assign]
        found = _kept_or(
            lambda: _key_of(field, parameters),
            lambda: get_template(FIELD).render({**parameters, "field": blank}),
        )
        if found is not None:
            typed = field.field.widget.format_value(field.value())
            said = "" if typed is None else f' value="{conditional_escape(str(typed))}"'
            return mark_safe(str(found).replace(_VALUE, said, 1))  # noqa: S308 -- as above
    elif kind in CHOSEN:
        found = _kept_or(
            lambda: (*_key_of(field, parameters), *_choice_of(field)),
            lambda: get_template(FIELD).render({**parameters, "field": field}),
        )
        if found is not None:
            return found
    return get_template(FIELD).render({**parameters, "field": field})


def _kept_or(key_of: Callable[[], Any], render: Callable[[], SafeString]) -> SafeString | None:
    """Return what is kept, or draw and keep it; None where it depends on something that cannot be compared."""
    try:
        key = key_of()
    except _NotPlain:
        return None
    found = _kept.get(key)
    if found is None:
        found = render()
        if len(_kept) >= MOST:
            _kept.clear()
        if len(found) <= LONGEST:
            _kept[key] = found
    return found


def _key_of(field: BoundField, parameters: dict[str, Any]) -> tuple[Any, ...]:
    """Return all that a field's drawing depends on, but its value and choices."""
    of, widget = field.field, field.field.widget
    return (
        FIELD,
        get_language(),
        type(widget),
        field.html_name,
        field.auto_id,
        _plain(field.label),
        _plain(field.help_text),
        of.required,
        bool(getattr(of, "is_needed", False)),
        of.disabled,
        of.localize,
        field.form.use_required_attribute,
        _plain(widget.attrs),
        _plain(parameters),
    )


def _choice_of(field: BoundField) -> tuple[Any, Any]:
    """Return what is offered and what is chosen of it."""
    offered, chosen = list(field.field.widget.choices), field.value()
    if chosen and not any(str(code) == str(chosen) for code, _ in offered):
        raise _NotPlain
    return _plain(offered), _plain(chosen)


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
