"""The officer's pages of sellers."""

from django.urls import path

from marketplace.accounts import admin_sellers as sellers

urlpatterns = [
    path("law/sellers", sellers.show_sellers, name="law-sellers"),
    path("law/sellers/<str:public_id>", sellers.show_seller, name="law-seller"),
    path("law/sellers/<str:public_id>/verify", sellers.verify, name="law-seller-verify"),
    path("law/sellers/<str:public_id>/withdraw", sellers.withdraw, name="law-seller-withdraw"),
]
