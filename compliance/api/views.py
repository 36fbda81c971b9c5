"""Ask the law over HTTP: the same pure functions the shop uses, open to everybody."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from compliance import rulebook
from compliance.rulebook.calculators import ASKS
from marketplace.kernel.errors import Invalid

EXAMPLES = {
    "withdrawal": {
        "market": "DE",
        "contract_type": "goods",
        "sales_channel": "online",
        "concluded_on": "2026-11-20",
        "deliveries": [{"received_on": "2026-11-24", "part": "single", "received_by": "consumer"}],
        "information_given": True,
    },
    "guarantee": {"market": "ES", "delivered_on": "2026-11-24", "condition": "new"},
    "landed_price": {
        "market": "DE",
        "ship_from": "CN",
        "on": "2026-11-23",
        "currency": "EUR",
        "importer_scheme": "IOSS",
        "lines": [
            {"hs": "610910", "origin": "CN", "value": "12.00", "quantity": 5, "category": "tex.clothing"}
        ],
        "shipping": "4.90",
    },
    "prior_price": {
        "market": "DE",
        "history": [
            {"from": "2026-09-01", "until": "2026-11-10", "price": "80.00", "kind": "regular"},
            {"from": "2026-11-10", "price": "100.00", "kind": "regular"},
        ],
        "reduction_from": "2026-11-23",
        "new_price": "75.00",
        "announced_percent": 25,
    },
}
ERROR = OpenApiResponse(
    OpenApiTypes.OBJECT, description="RFC 9457 problem+json: type, title, status, detail, field."
)


class Asks(APIView):
    """The questions that can be asked."""

    authentication_classes: list[type] = []
    permission_classes = [AllowAny]
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "rights"

    @extend_schema(
        operation_id="rights_list", summary="List the questions", responses={200: OpenApiTypes.OBJECT}
    )
    def get(self, request: Request) -> Response:
        book = rulebook.default()
        return Response({"asks": list(ASKS), "markets": list(book.markets()), "rulebook": book.version})


class Rights(APIView):
    """One question with its facts."""

    authentication_classes: list[type] = []
    permission_classes = [AllowAny]
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "rights"

    @extend_schema(
        operation_id="rights_ask",
        summary="Ask the law",
        description="The facts of each question stand in the calculators' table; unknown facts are refused by name.",
        parameters=[OpenApiParameter("ask", str, OpenApiParameter.PATH, description="The question.")],
        request=OpenApiTypes.OBJECT,
        responses={200: OpenApiTypes.OBJECT, 400: ERROR, 429: ERROR},
        examples=[
            OpenApiExample(name, value=facts, request_only=True, description=f"POST /api/v1/rights/{name}")
            for name, facts in EXAMPLES.items()
        ],
    )
    def post(self, request: Request, ask: str) -> Response:
        facts: Any = request.data
        if not isinstance(facts, dict):
            raise Invalid("The body must be a JSON object of facts.", field="body")
        return Response(rulebook.answer(ask, facts).as_json())
