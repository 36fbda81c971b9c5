"""The seller's pages of complaints beside the admin's own."""

from django.contrib.admin.views.decorators import staff_member_required
from django.urls import path

from complaints.web import room, sellers

urlpatterns = [
    path("complaints", staff_member_required(sellers.complaints), name="merchant-complaints"),
    path("complaints/<str:number>", staff_member_required(sellers.complaint), name="merchant-complaint"),
    path(
        "complaints/<str:number>/room", staff_member_required(room.merchant), name="merchant-complaint-room"
    ),
    path(
        "complaints/<str:number>/<str:file>",
        staff_member_required(sellers.file),
        name="merchant-complaint-file",
    ),
]
