"""The merchants' pages beside the admin's own."""

from django.contrib.admin.views.decorators import staff_member_required
from django.urls import path

from catalog import admin_fixes

urlpatterns = [
    path("catalog/fixes", staff_member_required(admin_fixes.fixes), name="merchant-fixes"),
    path("catalog/fixes/one", staff_member_required(admin_fixes.fix), name="merchant-fix"),
]
