"""Components drawn once per process.

`{% drawn "components/why.html" rulings=line.rulings about=line.label %}` is for components whose answer depends on
their parameters and the language alone, which they then are given by name, as with `{% include … only %}`. What was
drawn for parameters of plain values (texts, whole numbers, yes and no, lists and dictionaries of them) is kept and
handed out again; with anything else it is drawn each time.

A parameter `put_path=…` reaches the component as `path`, a text that is no part of what is kept: it is put in as the
drawing is handed out, escaped. The component may only print it. So what differs from visitor to visitor (addresses of
pages, words that were searched for) neither fills the store nor stays in it.

`{% drawn_field field hide_optional=True %}` draws `components/field.html` in the same manner.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

from marketplace.kernel import drawing

register = template.Library()


@register.simple_tag
def drawn(component: str, **parameters: Any) -> SafeString:
    """Return the component with these parameters in the language of the moment."""
    put = {
        name.removeprefix("put_"): parameters.pop(name) for name in [*parameters] if name.startswith("put_")
    }
    return drawing.draw(component, parameters, put)


@register.simple_tag
def drawn_field(field: BoundField, **parameters: Any) -> SafeString:
    """Return one field of a form: label, help, control, errors."""
    return drawing.draw_field(field, parameters)
