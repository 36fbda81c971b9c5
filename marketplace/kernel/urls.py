"""The engine room's addresses."""

from django.urls import path

from marketplace.kernel import views

urlpatterns = [path("healthz", views.healthz, name="healthz")]
