"""Pages that say what applies: the calculators, terms, privacy, imprint, how things are ranked."""

from django.urls import path

from compliance.web import rights
from compliance.web.views import LegalPage

PAGES = ("terms", "privacy", "imprint", "ranking", "reviews-policy", "contact", "accessibility")
urlpatterns = [
    path("rights/", rights.index, name="rights"),
    path("rights/<slug:ask>.ics", rights.entries, name="rights-ics"),
    path("rights/<slug:ask>", rights.ask, name="rights-ask"),
    *(path(name, LegalPage.as_view(template_name=f"legal/{name}.html"), name=name) for name in PAGES),
]
