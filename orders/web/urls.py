"""Addresses of buying: basket, checkout, payment, orders."""

from django.urls import path

from orders.web import basket, checkout, messages, orders, pay, pay_later, reviews

urlpatterns = [
    path("basket", basket.show, name="basket"),
    path("basket/add", basket.add, name="basket-add"),
    path("basket/accept", basket.accept, name="basket-accept"),
    path("basket/<str:variant>/quantity", basket.set_quantity, name="basket-set"),
    path("basket/<str:variant>/remove", basket.remove, name="basket-remove"),
    path("checkout", checkout.start, name="checkout-start"),
    path("checkout/challenge/<str:ref>", pay.challenge, name="offline_challenge"),
    path("checkout/<str:token>", checkout.show, name="checkout"),
    path("checkout/<str:token>/pay", pay.show, name="checkout-pay"),
    path("checkout/<str:token>/pay/leave", pay.leave, name="checkout-pay-leave"),
    path("checkout/<str:token>/bank", pay.bank, name="checkout-bank"),
    path("pay/<str:token>", pay_later.show, name="supplement"),
    path("pay/<str:token>/bank", pay_later.bank, name="supplement-bank"),
    path("pay/<str:token>/leave", pay_later.leave, name="supplement-leave"),
    path("orders/find", orders.find, name="order-find"),
    path("orders/<str:token>", orders.show, name="order"),
    path("orders/<str:token>/lines/<str:line>/review", reviews.write, name="review-write"),
    path(
        "orders/<str:token>/lines/<str:line>/questions/<str:question>", reviews.answer, name="order-question"
    ),
    path("orders/<str:token>/<str:order>/<slug:kind>.pdf", orders.document, name="order-document"),
    path("orders/<str:token>/<str:order>/message", messages.new, name="message-new"),
    path("messages/about/<str:listing>", messages.ask, name="message-ask"),
    path("messages/<str:token>", messages.show, name="thread"),
    path("messages/<str:token>/files/<str:file>", messages.file, name="message-file"),
    path("messages/<str:token>/<slug:action>", messages.act, name="thread-act"),
    path("account/messages", messages.mine, name="messages-mine"),
    path("account/", orders.mine, name="account"),
    path("webhooks/payments/<slug:provider>", pay.webhook, name="payment-webhook"),
]
