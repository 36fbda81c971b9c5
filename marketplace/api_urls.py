"""The addresses of the public API, version 1."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny

from marketplace.kernel import views

urlpatterns = [
    path("", include("catalog.api.urls")),
    path("", include("orders.api.urls")),
    path("", include("compliance.api.urls")),
    path("", include("returns.api.urls")),
    path("", include("complaints.api.urls")),
    path("schema/", SpectacularAPIView.as_view(permission_classes=[AllowAny]), name="api-schema"),
    path("docs/", views.api_docs, name="api-docs"),
]
