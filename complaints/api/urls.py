"""The addresses of complaints in the API."""

from django.urls import path

from complaints.api import views

urlpatterns = [
    path("complaints", views.Complaints.as_view(), name="api-complaints"),
    path("complaints/<slug:token>", views.OneComplaint.as_view(), name="api-complaint"),
    path("complaints/<slug:token>/messages", views.Messages.as_view(), name="api-complaint-messages"),
]
