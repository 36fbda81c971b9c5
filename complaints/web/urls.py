"""Addresses of complaining."""

from django.urls import path

from complaints.web import complain

urlpatterns = [
    path("complain", complain.complain, name="complain"),
    path("account/complaints", complain.mine, name="complaints-mine"),
    path("complaints/rating/<str:token>", complain.rating, name="complaint-rating"),
    path("complaints/<str:token>", complain.show, name="complaint"),
    path("complaints/<str:token>/files/<str:file>", complain.file, name="complaint-file"),
]
