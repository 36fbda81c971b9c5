"""The catalogue's addresses of the API."""

from django.urls import path

from catalog.api import views

urlpatterns = [
    path("listings", views.Listings.as_view(), name="api-listings"),
    path("listings/<slug:public_id>", views.OneListing.as_view(), name="api-listing"),
    path("categories", views.Categories.as_view(), name="api-categories"),
    path("merchants/<slug:public_id>", views.OneMerchant.as_view(), name="api-merchant"),
    path("merchant/offers", views.OwnOffers.as_view(), name="api-merchant-offers"),
    path("merchant/offers/<path:sku>", views.OwnOffer.as_view(), name="api-merchant-offer"),
]
