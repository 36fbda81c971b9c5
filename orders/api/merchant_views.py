"""A merchant's orders over HTTP, with its API key; what belongs to others does not exist."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.accounts.api.authentication import ApiKeyAuthentication
from marketplace.accounts.api.base import (
    UNKNOWN_FIELD,
    ApiView,
    HoldsMerchantKey,
    idempotency_key,
    problems,
    read,
)
from marketplace.kernel import clock, commands
from orders import operations
from orders.api import answers
from orders.api import serializers as shapes
from orders.api.views import KEY
from orders.models import Order
from orders.queries import api_orders

PARCEL = {
    "carrier": "dhl",
    "tracking_number": "00340434161094022115",
    "lines": [{"line": "LN-7Q2K9F3M", "quantity": 2}],
}


class OwnView(ApiView):
    """What a merchant's system does with its key."""

    authentication_classes = [ApiKeyAuthentication]
    permission_classes = [HoldsMerchantKey]


class OwnOrders(OwnView):
    """Orders, the newest first."""

    query_class = shapes.OwnOrdersQuery

    @extend_schema(
        operation_id="merchant_orders_list",
        summary="List own orders",
        parameters=[shapes.OwnOrdersQuery],
        responses={200: shapes.OwnOrdersView, **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        query = self.query
        rows, following = api_orders.own_orders(
            request.auth.merchant, state=query.get("state"), after=query["after"], limit=query["limit"]
        )
        found = {"results": answers.own_orders(rows), "next": _next(request, following)}
        return Response(shapes.OwnOrdersView(found).data)


def _next(request: Request, following: str) -> str | None:
    if not following:
        return None
    given = request.query_params.copy()
    given["after"] = following
    return f"{request.build_absolute_uri(request.path)}?{given.urlencode()}"


class OwnOrder(OwnView):
    """One order."""

    @extend_schema(
        operation_id="merchant_orders_read",
        summary="Read an own order",
        responses={200: shapes.OwnOrderView, **problems(401, 403, 404)},
    )
    def get(self, request: Request, public_id: str) -> Response:
        return _one(request.auth.merchant, public_id)


def _one(merchant: Any, public_id: str) -> Response:
    (found,) = answers.own_orders([api_orders.own_order(merchant, public_id)])
    return Response(shapes.OwnOrderView(found).data)


class OwnParcels(OwnView):
    """Parcels of an order."""

    @extend_schema(
        operation_id="merchant_parcels_create",
        summary="Record that a parcel left",
        parameters=[KEY],
        request=shapes.ParcelInput,
        responses={201: shapes.ParcelView, **problems(400, 401, 403, 404, 409, 422)},
        examples=[OpenApiExample("a parcel", value=PARCEL, request_only=True), UNKNOWN_FIELD],
    )
    def post(self, request: Request, public_id: str) -> Response:
        order = api_orders.own_order(request.auth.merchant, public_id)
        key, given = idempotency_key(request), read(shapes.ParcelInput, request.data)
        parcel = commands.run_once(
            scope=f"api.parcel:{order.public_id}",
            key=key,
            payload=given,
            command=lambda: _ship(order, given, recorded_by=f"api key {request.auth.prefix}"),
        )
        found = api_orders.own_parcel(request.auth.merchant, parcel)
        return Response(shapes.ParcelView(answers.parcel(found)).data, status=201)


def _ship(order: Order, given: dict[str, Any], *, recorded_by: str) -> str:
    packed = [
        operations.Packed(one["line"], one["quantity"], one["batch"], tuple(one["serials"]))
        for one in given["lines"]
    ]
    return operations.ship_parcel(
        order_id=order.pk,
        packed=packed,
        carrier=given["carrier"],
        tracking_number=given["tracking_number"],
        recorded_by=recorded_by,
        now=clock.now(),
    ).public_id


class OwnCancellation(OwnView):
    """The end of an order that cannot be delivered."""

    @extend_schema(
        operation_id="merchant_orders_cancel",
        summary="Cancel an own order of which nothing has left",
        description="The buyer gets everything back and is told why. Cancelling it twice is refused.",
        request=shapes.CancellationInput,
        responses={200: shapes.OwnOrderView, **problems(400, 401, 403, 404, 409)},
        examples=[OpenApiExample("sold out", value={"reason": "sold_out"}, request_only=True)],
    )
    def post(self, request: Request, public_id: str) -> Response:
        merchant = request.auth.merchant
        given = read(shapes.CancellationInput, request.data)
        order = api_orders.own_order(merchant, public_id)
        operations.cancel_order(order_id=order.pk, because=given["reason"], now=clock.now())
        return _one(merchant, public_id)


class ParcelDelivery(OwnView):
    """The arrival of a parcel."""

    @extend_schema(
        operation_id="merchant_parcels_deliver",
        summary="Record that a parcel arrived",
        description="From then on rights run that count from delivery. Recording it twice is refused.",
        request=shapes.DeliveryInput,
        responses={200: shapes.ParcelView, **problems(400, 401, 403, 404, 409)},
        examples=[
            OpenApiExample("arrived", value={"delivered_at": "2026-11-27T14:05:00+01:00"}, request_only=True)
        ],
    )
    def post(self, request: Request, public_id: str) -> Response:
        merchant = request.auth.merchant
        given = read(shapes.DeliveryInput, request.data)
        operations.record_delivery(
            parcel_id=api_orders.own_parcel(merchant, public_id).pk,
            **given,
            recorded_by=f"api key {request.auth.prefix}",
            now=clock.now(),
        )
        return Response(shapes.ParcelView(answers.parcel(api_orders.own_parcel(merchant, public_id))).data)
