"""The rights calculators over HTTP."""

from django.urls import path

from compliance.api import views

urlpatterns = [
    path("rights/", views.Asks.as_view(), name="api-rights"),
    path("rights/<slug:ask>", views.Rights.as_view(), name="api-rights-ask"),
]
