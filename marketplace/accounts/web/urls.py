"""Addresses of the accounts: the visitor's place, details, addresses."""

from django.urls import path

from marketplace.accounts.web import views

urlpatterns = [
    path("place", views.choose_place, name="place"),
    path("account/details", views.details, name="account-details"),
    path("account/addresses", views.addresses, name="account-addresses"),
    path("account/addresses/new", views.address, name="account-address-new"),
    path("account/addresses/<int:address_id>", views.address, name="account-address"),
    path("account/addresses/<int:address_id>/delete", views.delete_address, name="account-address-delete"),
]
