"""The orders' addresses of the API."""

from django.urls import path

from orders.api import merchant_views, views

urlpatterns = [
    path("baskets", views.Baskets.as_view(), name="api-baskets"),
    path("baskets/<slug:token>", views.OneBasket.as_view(), name="api-basket"),
    path("baskets/<slug:token>/lines", views.Lines.as_view(), name="api-basket-lines"),
    path("baskets/<slug:token>/lines/<slug:variant>", views.OneLine.as_view(), name="api-basket-line"),
    path("baskets/<slug:token>/accept", views.Acceptance.as_view(), name="api-basket-accept"),
    path("checkouts", views.Checkouts.as_view(), name="api-checkouts"),
    path("checkouts/<slug:token>", views.OneCheckout.as_view(), name="api-checkout"),
    path("checkouts/<slug:token>/quote", views.CheckoutQuote.as_view(), name="api-checkout-quote"),
    path("checkouts/<slug:token>/pay", views.CheckoutPayment.as_view(), name="api-checkout-pay"),
    path("orders/<slug:token>", views.OneOrder.as_view(), name="api-order"),
    path("merchant/orders", merchant_views.OwnOrders.as_view(), name="api-merchant-orders"),
    path("merchant/orders/<slug:public_id>", merchant_views.OwnOrder.as_view(), name="api-merchant-order"),
    path(
        "merchant/orders/<slug:public_id>/cancellation",
        merchant_views.OwnCancellation.as_view(),
        name="api-merchant-cancellation",
    ),
    path(
        "merchant/orders/<slug:public_id>/parcels",
        merchant_views.OwnParcels.as_view(),
        name="api-merchant-parcels",
    ),
    path(
        "merchant/parcels/<slug:public_id>/delivery",
        merchant_views.ParcelDelivery.as_view(),
        name="api-merchant-delivery",
    ),
]
