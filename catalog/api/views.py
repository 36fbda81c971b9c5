"""The catalogue over HTTP: for everybody what may be bought where they are, for a merchant its own offers."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import operations
from catalog.api import answers
from catalog.api import serializers as shapes
from catalog.models import Variant
from catalog.queries import api_lists, shop
from marketplace.accounts.api.authentication import ApiKeyAuthentication
from marketplace.accounts.api.base import (
    UNKNOWN_FIELD,
    ApiView,
    HoldsMerchantKey,
    PlaceQuery,
    problems,
    read,
)
from marketplace.kernel import clock

EUR = {"currency": "EUR"}
CARD = {
    "public_id": "L-7Q2K9F3M",
    "title": "High mountain green tea",
    "language": "en",
    "url": "https://shop.example/p/high-mountain-green-tea/L-7Q2K9F3M",
    "category": "food.tea",
    "merchant": {"public_id": "M-2B4C6D8E", "name": "Yunlan", "country": "CN"},
    "in_stock": True,
    "picture": {"url": "/media/pictures/ab/abcdef-960.webp", "alt": "A tin of tea"},
    "price": {
        "total": {"amount": "24.90", **EUR},
        "parts": {
            "goods": {"amount": "16.36", **EUR},
            "shipping": {"amount": "6.91", **EUR},
            "duty": {"amount": "0.00", **EUR},
            "tax": {"amount": "1.63", **EUR},
            "fees": {"amount": "0.00", **EUR},
        },
        "is_certain": True,
        "reasons": [],
        "min_days": 6,
        "max_days": 12,
    },
}
OFFER = {"prices": [{"amount": "12.90", "currency": "EUR"}], "on_hand": 40}


class PublicView(ApiView):
    """What everybody may read."""

    authentication_classes: list[type] = []
    permission_classes = [AllowAny]


class Listings(PublicView):
    """What may be sold and brought to a place."""

    query_class = shapes.ListingsQuery

    @extend_schema(
        operation_id="listings_list",
        summary="List what may be bought",
        description="Only what may be sold to the market and is brought there. Follow `next` to read on: a page "
        "begins after the last listing of the one before, so nothing is skipped or shown twice.",
        parameters=[shapes.ListingsQuery],
        responses={200: shapes.ListingsView, **problems(400, 404)},
        examples=[
            OpenApiExample(
                "a page",
                value={"results": [CARD], "next": None, "correction": ""},
                response_only=True,
                status_codes=["200"],
            ),
            UNKNOWN_FIELD,
        ],
    )
    def get(self, request: Request) -> Response:
        place, query = self.place, self.query
        on = shop.now_in(place, clock.now())
        found = api_lists.list_after(_filters(query), place, on, after=query["after"], limit=query["limit"])
        return Response(
            shapes.ListingsView(
                {
                    "results": answers.cards(found.listings, place, on),
                    "next": next_address(request, found.following),
                    "correction": found.correction,
                }
            ).data
        )


def _filters(query: dict[str, Any]) -> shop.Filters:
    merchant = api_lists.selling_merchant(query["merchant"]).pk if query["merchant"] else None
    return shop.Filters(
        query=query["q"],
        category=query["category"],
        merchant=merchant,
        sort=query["sort"],
        values={name: query[name] for name in shop.FACETS if name in query},
        flags=frozenset(name for name in shop.FLAGS if query.get(name)),
        least=query.get("price_min"),
        most=query.get("price_max"),
    )


def next_address(request: Request, following: str) -> str | None:
    """Return this address with the next cursor; None at the end."""
    if not following:
        return None
    given = request.query_params.copy()
    given["after"] = following
    return f"{request.build_absolute_uri(request.path)}?{given.urlencode()}"


class OneListing(PublicView):
    """One listing, whole."""

    query_class = PlaceQuery

    @extend_schema(
        operation_id="listings_read",
        summary="Read a listing",
        description="Texts, variants, disclosures, the landed price with its rulings, and the buyer's rights.",
        parameters=[PlaceQuery],
        responses={200: shapes.ListingView, **problems(400, 404)},
    )
    def get(self, request: Request, public_id: str) -> Response:
        listing = shop.full_listing(public_id)
        return Response(
            shapes.ListingView(answers.full(listing, self.place, shop.now_in(self.place, clock.now()))).data
        )


class Categories(PublicView):
    """The tree of categories."""

    query_class = shapes.CategoriesQuery

    @extend_schema(
        operation_id="categories_list",
        summary="List the categories",
        parameters=[shapes.CategoriesQuery],
        responses={200: shapes.CategoriesView, **problems(400)},
    )
    def get(self, request: Request) -> Response:
        language = self.query["language"]
        rows = [answers.category(row, language) for row in api_lists.all_categories()]
        return Response(shapes.CategoriesView({"results": rows}).data)


class OneMerchant(PublicView):
    """Who sells."""

    @extend_schema(
        operation_id="merchants_read",
        summary="Read who a merchant is",
        responses={200: shapes.MerchantView, **problems(400, 404)},
    )
    def get(self, request: Request, public_id: str) -> Response:
        return Response(shapes.MerchantView(api_lists.selling_merchant(public_id)).data)


class MerchantView(ApiView):
    """What a merchant's system does with its key; things of others do not exist."""

    authentication_classes = [ApiKeyAuthentication]
    permission_classes = [HoldsMerchantKey]


class OwnOffers(MerchantView):
    """Price and stock of everything."""

    query_class = shapes.PageQuery

    @extend_schema(
        operation_id="merchant_offers_list",
        summary="List own prices and stock",
        parameters=[shapes.PageQuery],
        responses={200: shapes.OffersView, **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        rows, following = api_lists.offers_of(
            request.auth.merchant, after=self.query["after"], limit=self.query["limit"]
        )
        found = {"results": [answers.offer(row) for row in rows], "next": next_address(request, following)}
        return Response(shapes.OffersView(found).data)


class OwnOffer(MerchantView):
    """Price and stock of one SKU."""

    @extend_schema(
        operation_id="merchant_offers_read",
        summary="Read own price and stock of a SKU",
        responses={200: shapes.OfferView, **problems(400, 401, 403, 404)},
    )
    def get(self, request: Request, sku: str) -> Response:
        return Response(shapes.OfferView(answers.offer(api_lists.offer_of(request.auth.merchant, sku))).data)

    @extend_schema(
        operation_id="merchant_offers_write",
        summary="Set own price and stock of a SKU",
        description="The whole of it: a currency that is left out is no longer offered. A price that stands "
        "already, reduced or not, is left as it is; another one becomes the regular price.",
        request=shapes.OfferInput,
        responses={200: shapes.OfferView, **problems(400, 401, 403, 404)},
        examples=[OpenApiExample("price and stock", value=OFFER, request_only=True), UNKNOWN_FIELD],
    )
    def put(self, request: Request, sku: str) -> Response:
        given = read(shapes.OfferInput, request.data)
        _write_offer(api_lists.offer_of(request.auth.merchant, sku), given)
        return Response(shapes.OfferView(answers.offer(api_lists.offer_of(request.auth.merchant, sku))).data)


@transaction.atomic
def _write_offer(variant: Variant, given: dict[str, Any]) -> None:
    """Several writes of the catalogue as one, because the body is one whole: all of it or nothing."""
    now = clock.now()
    standing = {offer.currency: offer.price_minor for offer in variant.offers.all()}
    wanted = {price["currency"]: price["minor"] for price in given["prices"]}
    for currency, price in sorted(wanted.items()):
        if standing.get(currency) != price:
            operations.set_price(variant_id=variant.pk, currency=currency, price_minor=price, now=now)
    for currency in sorted(standing.keys() - wanted.keys()):
        operations.withdraw_price(variant_id=variant.pk, currency=currency, now=now)
    operations.set_stock(variant_id=variant.pk, on_hand=given["on_hand"], now=now, reference="api")
