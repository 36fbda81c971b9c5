"""Form controls of one element, written at once: Django draws two templates for each of them.

What is written is letter for letter what Django's own templates write (tests/kernel/test_renderer.py).
"""

from __future__ import annotations

from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

INPUTS = frozenset(
    f"django/forms/widgets/{name}.html"
    for name in ("text", "email", "number", "url", "password", "hidden", "checkbox", "input", "tel", "search")
)


class QuickControls(DjangoTemplates):
    """Django's templates, but for inputs."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if template_name in INPUTS:
            return _input(context["widget"])
        return super().render(template_name, context, request)


def _input(widget: dict[str, Any]) -> SafeString:
    kind, name, value = widget["type"], widget["name"], widget["value"]
    parts = [f'<input type="{conditional_escape(kind)}" name="{conditional_escape(name)}"']
    if value is not None:
        parts.append(f' value="{conditional_escape(str(value))}"')
    for attribute, said in widget["attrs"].items():
        if said is True:
            parts.append(f" {conditional_escape(attribute)}")
        elif said is not False:
            parts.append(f' {conditional_escape(attribute)}="{conditional_escape(str(said))}"')
    return mark_safe("".join((*parts, ">")))  # noqa: S308 -- every part is escaped above
