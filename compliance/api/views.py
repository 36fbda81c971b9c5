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
from compliance.api.examples import EXAMPLES, WHAT
from compliance.rulebook.calculators import ASKS
from marketplace.kernel.errors import Invalid

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
        parameters=[
            OpenApiParameter("ask", str, OpenApiParameter.PATH, enum=list(ASKS), description="The question.")
        ],
        request=OpenApiTypes.OBJECT,
        responses={200: OpenApiTypes.OBJECT, 400: ERROR, 429: ERROR},
        examples=[
            *(
                OpenApiExample(name, value=facts, request_only=True, summary=WHAT[name])
                for name, facts in EXAMPLES.items()
            ),
            OpenApiExample(
                "answer",
                value={
                    "answer": {"send_back_by": "2026-12-14", "certain": True, "uncertain_because": []},
                    "rulings": [
                        {
                            "rule": "eu.return.period",
                            "value": 14,
                            "version_from": "2014-06-13",
                            "cites": [
                                {
                                    "act": "Directive 2011/83/EU",
                                    "at": "Art. 14(1)",
                                    "url": "http://data.europa.eu/eli/dir/2011/83/oj",
                                }
                            ],
                            "confidence": "secondary",
                        }
                    ],
                    "explain": ["The goods go back within 14 calendar days of Monday, 30 November 2026."],
                },
                response_only=True,
                status_codes=["200"],
            ),
        ],
    )
    def post(self, request: Request, ask: str) -> Response:
        facts: Any = request.data
        if not isinstance(facts, dict):
            raise Invalid("The body must be a JSON object of facts.", field="body")
        return Response(rulebook.answer(ask, facts).as_json())
