"""Baskets, checkouts and orders over HTTP. A secret token opens each; without the right one there is nothing."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle, ScopedRateThrottle

from marketplace.accounts.api.base import (
    UNKNOWN_FIELD,
    ApiView,
    PlaceQuery,
    idempotency_key,
    problems,
    read,
)
from marketplace.kernel import clock, commands
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.models import Command
from orders import operations
from orders.api import answers
from orders.api import serializers as shapes
from orders.models import Basket, Checkout
from orders.queries import api_orders
from orders.queries.baskets import view_basket
from orders.queries.checkouts import find_checkout, view_checkout

TOKEN = OpenApiParameter("token", str, OpenApiParameter.PATH, description="The secret that opens it.")
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="A value of your own. The same key with the same body answers the same; with another body: 422.",
)
ADDRESS = {
    "name": "Ada Kowalski",
    "street": "Lindenstraße 1",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
}


class GuestView(ApiView):
    """What everybody may do who holds the token."""

    authentication_classes: list[type] = []
    permission_classes = [AllowAny]
    throttle_classes = [AnonRateThrottle, ScopedRateThrottle]
    throttle_scope: ClassVar[str | None] = None


class Baskets(GuestView):
    """Where baskets begin."""

    query_class = PlaceQuery

    @extend_schema(
        operation_id="baskets_create",
        summary="Begin a basket",
        parameters=[PlaceQuery],
        request=shapes.BasketNew,
        responses={201: shapes.BasketView, **problems(400)},
        examples=[OpenApiExample("empty", value={}, request_only=True), UNKNOWN_FIELD],
    )
    def post(self, request: Request) -> Response:
        read(shapes.BasketNew, request.data)
        basket = operations.get_or_create_basket(token=None, user=None, now=clock.now())
        return Response(_basket(self, basket), status=201)


class BasketView(GuestView):
    """A view of one guest's basket."""

    query_class = PlaceQuery
    basket: Basket

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        found = operations.find_basket(token=kwargs["token"], user=None)
        if found is None:
            raise NotFound("There is no such basket.", field="basket")
        self.basket = found


def _basket(view: ApiView, basket: Basket) -> Any:
    shown = view_basket(basket, place=view.place, on=clock.today(view.place.time_zone))
    return shapes.BasketView(answers.basket(shown)).data


class OneBasket(BasketView):
    """A basket."""

    @extend_schema(
        operation_id="baskets_read",
        summary="Read a basket, with what it costs here",
        parameters=[TOKEN, PlaceQuery],
        responses={200: shapes.BasketView, **problems(400, 404)},
    )
    def get(self, request: Request, token: str) -> Response:
        return Response(_basket(self, self.basket))


class Lines(BasketView):
    """What is in a basket."""

    @extend_schema(
        operation_id="basket_lines_list",
        summary="List a basket's lines",
        parameters=[TOKEN, PlaceQuery],
        responses={200: shapes.LinesView, **problems(400, 404)},
    )
    def get(self, request: Request, token: str) -> Response:
        shown = view_basket(self.basket, place=self.place, on=clock.today(self.place.time_zone))
        rows = [answers.basket_line(line) for seller in shown.sellers for line in seller.lines]
        return Response(shapes.LinesView({"results": rows}).data)

    @extend_schema(
        operation_id="basket_lines_add",
        summary="Put so many more of a variant into a basket",
        parameters=[TOKEN, PlaceQuery],
        request=shapes.LineNew,
        responses={201: shapes.BasketView, **problems(400, 404, 409)},
        examples=[
            OpenApiExample("two", value={"variant": "V-7Q2K9F3M", "quantity": 2}, request_only=True),
            UNKNOWN_FIELD,
        ],
    )
    def post(self, request: Request, token: str) -> Response:
        given = read(shapes.LineNew, request.data)
        operations.add_to_basket(basket_id=self.basket.pk, **given, place=self.place, now=clock.now())
        return Response(_basket(self, self.basket), status=201)


class OneLine(BasketView):
    """One line of a basket."""

    @extend_schema(
        operation_id="basket_lines_change",
        summary="Change how many of a variant are wanted",
        parameters=[TOKEN, PlaceQuery],
        request=shapes.LineChange,
        responses={200: shapes.BasketView, **problems(400, 404, 409)},
        examples=[OpenApiExample("three", value={"quantity": 3}, request_only=True), UNKNOWN_FIELD],
    )
    def patch(self, request: Request, token: str, variant: str) -> Response:
        given = read(shapes.LineChange, request.data)
        operations.set_quantity(
            basket_id=self.basket.pk, variant=variant, **given, place=self.place, now=clock.now()
        )
        return Response(_basket(self, self.basket))

    @extend_schema(
        operation_id="basket_lines_remove",
        summary="Take a variant out of a basket",
        parameters=[TOKEN, PlaceQuery],
        responses={204: None, **problems(400, 404)},
    )
    def delete(self, request: Request, token: str, variant: str) -> Response:
        operations.remove_from_basket(basket_id=self.basket.pk, variant=variant, now=clock.now())
        return Response(status=204)


class Acceptance(BasketView):
    """Changed prices and quantities, taken note of."""

    @extend_schema(
        operation_id="baskets_accept",
        summary="Accept what changed in a basket",
        parameters=[TOKEN, PlaceQuery],
        request=shapes.BasketNew,
        responses={200: shapes.BasketView, **problems(400, 404)},
    )
    def post(self, request: Request, token: str) -> Response:
        read(shapes.BasketNew, request.data)
        operations.accept_changes(basket_id=self.basket.pk, place=self.place, now=clock.now())
        return Response(_basket(self, self.basket))


class Checkouts(GuestView):
    """Where checkouts begin."""

    query_class = PlaceQuery
    throttle_scope = "checkout"

    @extend_schema(
        operation_id="checkouts_create",
        summary="Begin the checkout of a basket",
        description="The goods are held from now for a time. A checkout of the same basket goes on.",
        parameters=[PlaceQuery],
        request=shapes.CheckoutNew,
        responses={201: shapes.CheckoutView, **problems(400, 404, 409)},
    )
    def post(self, request: Request) -> Response:
        given = read(shapes.CheckoutNew, request.data)
        basket = operations.find_basket(token=given["basket"], user=None)
        if basket is None:
            raise NotFound("There is no such basket.", field="basket")
        found = operations.start_checkout(basket_id=basket.pk, place=self.place, user=None, now=clock.now())
        return Response(_checkout(found.token), status=201)


class CheckoutView(GuestView):
    """A view of one guest's checkout."""

    checkout: Checkout

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.checkout = find_checkout(token=kwargs["token"])


def _checkout(token: str) -> Any:
    found = find_checkout(token=token)
    return shapes.CheckoutView(answers.checkout(found, view_checkout(found, now=clock.now()))).data


class OneCheckout(CheckoutView):
    """A checkout."""

    @extend_schema(
        operation_id="checkouts_read",
        summary="Read a checkout: what it costs, what is missing, how the payment stands",
        parameters=[TOKEN],
        responses={200: shapes.CheckoutView, **problems(404)},
    )
    def get(self, request: Request, token: str) -> Response:
        return Response(_checkout(token))

    @extend_schema(
        operation_id="checkouts_change",
        summary="Write down address, shipping and consents",
        description="All of it or nothing. Ask for a new quote afterwards.",
        parameters=[TOKEN],
        request=shapes.CheckoutChange,
        responses={200: shapes.CheckoutView, **problems(400, 404, 409)},
        examples=[
            OpenApiExample(
                "address", value={"email": "ada@example.com", "address": ADDRESS}, request_only=True
            ),
            OpenApiExample("shipping", value={"shipping": {"M-2B4C6D8E": "express"}}, request_only=True),
            UNKNOWN_FIELD,
        ],
    )
    def patch(self, request: Request, token: str) -> Response:
        _write_down(self.checkout, read(shapes.CheckoutChange, request.data))
        return Response(_checkout(token))


@transaction.atomic
def _write_down(checkout: Checkout, given: dict[str, Any]) -> None:
    """Several writes as one, because the body is one whole; the address first, for the rest depends on it."""
    now = clock.now()
    if "email" in given or "address" in given:
        address = given.get("address") or checkout.address
        if not address:
            raise Invalid("Send the address too: there is none yet.", field="address")
        operations.set_address(
            checkout_id=checkout.pk, email=given.get("email", checkout.email), address=address, now=now
        )
    for merchant, service in sorted(given.get("shipping", {}).items()):
        operations.choose_shipping(checkout_id=checkout.pk, merchant=merchant, service=service, now=now)
    for consent in given.get("consents", ()):
        name = {
            "checkout_id": checkout.pk,
            "variant": consent["variant"],
            "kind": consent["kind"],
            "now": now,
        }
        if not consent["given"]:
            operations.take_back_consent(**name)
            continue
        given_now = operations.give_consent(**name, language=checkout.language)
        if given_now.consents[consent["variant"]][consent["kind"]]["text"] != consent["text"]:
            raise Invalid("Show the words of the consent as the checkout names them.", field="text")


class CheckoutQuote(CheckoutView):
    """The sum that is agreed to."""

    @extend_schema(
        operation_id="checkouts_quote",
        summary="Work out what the checkout costs",
        description="Show it to the shopper; its digest is what the payment commits to.",
        parameters=[TOKEN],
        request=shapes.BasketNew,
        responses={200: shapes.CheckoutView, **problems(400, 404, 409)},
    )
    def post(self, request: Request, token: str) -> Response:
        read(shapes.BasketNew, request.data)
        operations.show_quote(checkout_id=self.checkout.pk, now=clock.now())
        return Response(_checkout(token))


class CheckoutPayment(CheckoutView):
    """The press of the order button."""

    throttle_scope = "checkout"

    @extend_schema(
        operation_id="checkouts_pay",
        summary="Pay and place the order",
        description="Placing is one idempotent command: nothing is sold or charged twice. An answer other than "
        "`pending` is final for its key; after a refused payment try again under a new one.",
        parameters=[TOKEN, KEY],
        request=shapes.PaymentInput,
        responses={200: shapes.OutcomeView, **problems(400, 404, 409, 422, 503)},
        examples=[
            OpenApiExample(
                "an invoice",
                value={"quote": "9f86d081…", "provider": "offline", "method": {"token": "invoice"}},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, token: str) -> Response:
        key, given = idempotency_key(request), read(shapes.PaymentInput, request.data)
        url = request.build_absolute_uri(reverse("checkout-bank", args=[token]))
        return Response(shapes.OutcomeView(_pay_once(self.checkout, key, given, url)).data)


def _pay_once(checkout: Checkout, key: str, given: dict[str, Any], return_url: str) -> Any:
    """Return the answer of this key, after pressing the button if there is none yet.

    The key is bound to the body first and the answer kept afterwards, in transactions of their own: a
    provider is never called inside one. Between them the press itself is safe to repeat.
    """
    asked = {"scope": f"api.pay:{checkout.public_id}", "key": key, "payload": given}
    commands.run_once(**asked, command=dict)
    scope = f"api.paid:{checkout.public_id}"
    known = Command.objects.filter(scope=scope, key=key).first()
    if known is not None:
        return known.answer
    told = operations.submit_order(
        checkout_id=checkout.pk,
        quote_digest=given["quote"],
        provider=given["provider"],
        method=given["method"],
        return_url=return_url,
        now=clock.now(),
    )
    answer = answers.outcome(told)
    if told.kind == "pending":
        return answer
    return commands.run_once(**(asked | {"scope": scope}), command=lambda: answer)


class OneOrder(ApiView):
    """What one checkout bought. An account's orders open for that account, a guest's for the token."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [AllowAny]
    group: Any

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        user = request.user if request.user.is_authenticated else None
        self.group = api_orders.group_by_token(kwargs["token"], user=user)

    @extend_schema(
        operation_id="orders_read",
        summary="Read an order: contracts, parcels, the frozen law and the rights that run",
        parameters=[TOKEN],
        responses={200: shapes.GroupView, **problems(404)},
        auth=[],
    )
    def get(self, request: Request, token: str) -> Response:
        return Response(shapes.GroupView(answers.group(self.group)).data)
