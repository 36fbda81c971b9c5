"""Pages that say what applies."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.views.generic import TemplateView

from compliance.rulebook import lookups
from marketplace.kernel import clock

FORM_PARTS = (
    "title",
    "instruction",
    "to",
    "notice",
    "ordered_received",
    "name",
    "address",
    "signature",
    "date",
    "footnote",
)


class LegalPage(TemplateView):
    """A page of fixed words; the withdrawal page takes the model form from the rulebook."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["terms_version"] = settings.TERMS_VERSION
        if self.template_name == "legal/withdraw.html":
            context["form_lines"] = self._model_form()
        return context

    def _model_form(self) -> list[str]:
        """Return the lines of the statutory model form in the visitor's language, else in English."""
        place, today = self.request.place, clock.today()
        lines = []
        for part in FORM_PARTS:
            key = f"model_withdrawal_form.{part}"
            found = lookups.wording(key, place.market, (get_language() or "en").split("-")[0], today)
            found = found or lookups.wording(key, "IE", "en", today)
            if found is not None:
                lines.append(found.text)
        return lines
