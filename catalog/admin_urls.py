"""The merchants' pages beside the admin's own."""

from django.contrib.admin.views.decorators import staff_member_required
from django.urls import path

from catalog import admin_fixes, admin_measures, admin_officer

urlpatterns = [
    path("law/listings/<str:public_id>", admin_officer.show_listing, name="law-listing"),
    path(
        "law/listings/<str:public_id>/papers/<int:paper>", admin_officer.show_paper, name="law-listing-paper"
    ),
    path("catalog/fixes", staff_member_required(admin_fixes.fixes), name="merchant-fixes"),
    path("catalog/fixes/one", staff_member_required(admin_fixes.fix), name="merchant-fix"),
    path("catalog/measures", staff_member_required(admin_measures.measures), name="merchant-measures"),
    path(
        "catalog/measures/<str:measure>",
        staff_member_required(admin_measures.measure),
        name="merchant-measure",
    ),
]
