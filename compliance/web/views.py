"""Pages that say what applies."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.views.generic import TemplateView


class LegalPage(TemplateView):
    """A page of fixed words."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["terms_version"] = settings.TERMS_VERSION
        return context
