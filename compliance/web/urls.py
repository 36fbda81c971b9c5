"""Pages that say what applies: the calculators, terms, privacy, imprint, how things are ranked."""

from django.urls import path

from compliance.web import law_pages, rights
from compliance.web.views import LegalPage

PAGES = ("terms", "privacy", "imprint", "ranking", "reviews-policy", "contact", "accessibility")
urlpatterns = [
    path("rights/", rights.index, name="rights"),
    path("rights/<slug:ask>.ics", rights.entries, name="rights-ics"),
    path("rights/<slug:ask>", rights.ask, name="rights-ask"),
    path("law/", law_pages.index, name="public-law"),
    path("law/sitemap.xml", law_pages.sitemap, name="public-law-sitemap"),
    path("law/changes", law_pages.changes, name="public-law-changes"),
    path("law/changes.atom", law_pages.atom, name="public-law-atom"),
    path("law/changes.json", law_pages.as_json_feed, name="public-law-json"),
    path("law/rules/<str:rule>", law_pages.rule, name="public-law-rule"),
    path("law/<str:place>/", law_pages.place, name="public-law-place"),
    path("law/<str:place>/changes", law_pages.changes, name="public-law-place-changes"),
    path("law/<str:place>/changes.atom", law_pages.atom, name="public-law-place-atom"),
    path("law/<str:place>/changes.json", law_pages.as_json_feed, name="public-law-place-json"),
    path("law/<str:place>/<slug:topic>", law_pages.topic, name="public-law-topic"),
    *(path(name, LegalPage.as_view(template_name=f"legal/{name}.html"), name=name) for name in PAGES),
]
