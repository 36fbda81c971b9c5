"""A form field for several files; what they are is looked at when they are kept."""

from __future__ import annotations

from typing import Any

from django import forms


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFiles(forms.FileField):
    """Several files, or none."""

    def __init__(self, *, accept: str, **options: Any) -> None:
        widget = ManyFilesInput(attrs={"accept": accept})
        super().__init__(required=False, widget=widget, **options)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        one = super().clean
        if isinstance(data, list | tuple):
            return [one(file, initial) for file in data]
        return [one(data, initial)] if data else []
