"""Every address of the product. Apps are named as strings; a route without a rule in the role matrix fails the tests."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("marketplace.kernel.urls")),
    path("", include("marketplace.accounts.web.urls")),
    path("auth/", include("allauth.urls")),
    path("admin/", include("marketplace.accounts.admin_urls")),
    path("admin/", include("catalog.admin_urls")),
    path("admin/", include("orders.admin_urls")),
    path("admin/", include("complaints.web.seller_urls")),
    path("admin/law/", include("compliance.web.officer_urls")),
    path("admin/returns/", include("returns.admin_urls")),
    path("admin/", admin.site.urls),
    path("", include("catalog.web.urls")),
    path("", include("orders.web.urls")),
    path("", include("compliance.web.urls")),
    path("", include("returns.web.urls")),
    path("", include("complaints.web.urls")),
    path("api/v1/", include("marketplace.api_urls")),
]
handler400 = "marketplace.kernel.views.bad_request"
handler403 = "marketplace.kernel.views.forbidden"
handler404 = "marketplace.kernel.views.not_found"
handler500 = "marketplace.kernel.views.server_error"
