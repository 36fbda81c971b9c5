"""The engine room's addresses."""

from django.urls import path

from marketplace.kernel import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("gallery/", views.show_gallery, name="gallery"),
    path("favicon.ico", views.favicon, name="favicon"),
]
