"""Pages that say what applies: terms, privacy, imprint, how to withdraw, how things are ranked."""

from django.urls import path

from compliance.web.views import LegalPage

PAGES = ("terms", "privacy", "imprint", "withdraw", "ranking", "reviews-policy", "contact", "accessibility")
urlpatterns = [path(name, LegalPage.as_view(template_name=f"legal/{name}.html"), name=name) for name in PAGES]
