"""Names of tables, fields and states in the reader's language, as the administration shows them.

Django makes a field's name out of the attribute (`rows_refused` → "rows refused") and a state's out of its constant,
in English for everybody. Here each becomes a lazy translation of the same words when the apps are ready. Migrations
see no difference: they keep what a model says itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.contrib import admin
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

OWN = ("accounts", "catalog", "complaints", "compliance", "kernel", "orders", "returns")


def translate_labels() -> None:
    """Let the names of our own apps, models, fields and choices speak the reader's language."""
    for label in OWN:
        app = apps.get_app_config(label)
        app.verbose_name = _lazy(app.verbose_name)
        for model in app.get_models():
            meta = model._meta
            if "verbose_name_plural" not in meta.original_attrs:
                meta.verbose_name_plural = f"{meta.verbose_name}s"  # before it is translated
            meta.verbose_name_plural = _lazy(meta.verbose_name_plural)
            meta.verbose_name = _lazy(meta.verbose_name)
            for field in meta.local_fields:
                field.verbose_name = _lazy(field.verbose_name)
                if field.choices:
                    field.choices = [(value, _lazy(name)) for value, name in field.flatchoices]


def _lazy(words: object) -> Promise | str:
    return gettext_lazy(words) if isinstance(words, str) and words else words  # type: ignore[return-value]


def shown() -> Iterator[str]:
    """Yield the English of every such name that the administration can show, for the translators."""
    for model, manager in admin.site._registry.items():
        if model._meta.app_label not in OWN:
            continue
        yield str(apps.get_app_config(model._meta.app_label).verbose_name)
        for one in (model, *(inline.model for inline in manager.inlines)):
            yield from map(str, (one._meta.verbose_name, one._meta.verbose_name_plural))
            for field in one._meta.local_fields:
                yield str(field.verbose_name)
                yield from (str(name) for value, name in field.flatchoices if value)
