"""Claims over HTTP for merchants' systems: listed, read, answered within the day that the page names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.accounts.api.base import UNKNOWN_FIELD, idempotency_key, problems, read
from marketplace.kernel import clock, commands
from returns import operations
from returns.api import own_claim_shapes as shapes
from returns.api.views import KEY, OwnView
from returns.documents.films import as_reply
from returns.operations import claiming
from returns.queries.claims import claim_of_merchant, claims_page, file_of
from returns.queries.withdrawals import owed_for

NUMBER = OpenApiParameter("public_id", str, OpenApiParameter.PATH, description="The claim's public id.")
WRONG_STATE = OpenApiExample(
    "not the seller’s turn",
    value={
        "type": "urn:rightful:wrong_state",
        "title": "This is not possible any more.",
        "status": 409,
        "detail": "This is not possible any more.",
        "state": "escalated",
        "action": "refuse",
    },
    response_only=True,
    status_codes=["409"],
    media_type="application/problem+json",
)


class OwnClaimView(OwnView):
    """What a merchant's system does about claims against it."""

    def one(self, request: Request, public_id: str) -> Any:
        return claim_of_merchant(public_id, [request.auth.merchant_id])

    def answer(self, request: Request, public_id: str) -> Response:
        found = self.one(request, public_id)
        return Response(shapes.own_claim(found, claiming.next_law(found), owed_for(found.public_id)))


class OwnClaims(OwnClaimView):
    """The claims against a merchant, the newest first."""

    query_class = shapes.OwnClaimsQuery

    @extend_schema(
        operation_id="merchant_claims_list",
        summary="List claims against oneself",
        description="With `state=open` those that wait for an answer; `due_on` is the last day to give it.",
        parameters=[shapes.OwnClaimsQuery],
        responses={200: shapes.OwnClaimsView, **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        at, _, pk = self.query.get("after", "").rpartition(",")
        page = claims_page(
            request.auth.merchant_id, state=self.query.get("state", ""), after=(at, int(pk)) if at else None
        )
        told = {"results": [shapes.own_row(claim) for claim in page.rows], "next": _next(request, page.after)}
        return Response(shapes.OwnClaimsView(told).data)


def _next(request: Request, after: tuple[str, int] | None) -> str | None:
    if after is None:
        return None
    given = {**request.query_params.dict(), "after": f"{after[0]},{after[1]}"}
    return f"{request.build_absolute_uri(request.path)}?{urlencode(given)}"


class OwnClaim(OwnClaimView):
    """One claim against a merchant."""

    @extend_schema(
        operation_id="merchant_claims_read",
        summary="Read a claim against oneself: both sides, what the law opens, what can be done next",
        parameters=[NUMBER],
        responses={200: shapes.OwnClaimShape, **problems(401, 403, 404)},
    )
    def get(self, request: Request, public_id: str) -> Response:
        return self.answer(request, public_id)


class OwnClaimAnswer(OwnClaimView):
    """What the seller does about a claim."""

    @extend_schema(
        operation_id="merchant_claims_answer",
        summary="Accept a claim, offer something else, refuse it with reasons, or send the goods",
        description="`may` of the claim says what is possible now. The shopper is told each time.",
        parameters=[NUMBER, KEY],
        request=shapes.AnswerInput,
        responses={200: shapes.OwnClaimShape, **problems(400, 401, 403, 404, 409, 422)},
        examples=[
            OpenApiExample("give what is asked for", value={"answer": "accept"}, request_only=True),
            OpenApiExample(
                "something else",
                value={
                    "answer": "offer",
                    "instead": "price_reduction",
                    "amount_minor": 500,
                    "text": "Or less?",
                },
                request_only=True,
            ),
            OpenApiExample(
                "refuse", value={"answer": "refuse", "text": "It was cut with scissors."}, request_only=True
            ),
            OpenApiExample(
                "the repaired one is on its way",
                value={"answer": "send", "carrier": "dhl", "tracking_number": "JVGL0612345678"},
                request_only=True,
            ),
            UNKNOWN_FIELD,
            WRONG_STATE,
        ],
    )
    def post(self, request: Request, public_id: str) -> Response:
        found, key = self.one(request, public_id), idempotency_key(request)
        given = read(shapes.AnswerInput, request.data)
        by = f"api key {request.auth.prefix}"
        commands.run_once(
            scope=f"api.own-claim:{public_id}", key=key, payload=given,
            command=lambda: _act(found.pk, given, by).public_id,
        )  # fmt: skip
        return self.answer(request, public_id)


def _act(claim_id: int, given: dict[str, Any], by: str) -> Any:
    claim: dict[str, Any] = {"claim_id": claim_id, "by": by, "now": clock.now()}
    amount, text = given.get("amount_minor"), given["text"]
    steps: dict[str, Callable[[], Any]] = {
        "accept": lambda: operations.accept_claim(**claim, amount_minor=amount, keep=given["keep"]),
        "offer": lambda: operations.offer_remedy(
            **claim, remedy=given["instead"], amount_minor=amount, text=text
        ),
        "refuse": lambda: operations.refuse_claim(**claim, why=text),
        "send": lambda: operations.send_remedy(
            **claim, carrier=given["carrier"], tracking_number=given["tracking_number"], note=text[:500]
        ),
    }
    return steps[given["answer"]]()


class OwnClaimFile(OwnClaimView):
    """A picture, film or paper of a claim."""

    @extend_schema(
        operation_id="merchant_claims_file",
        summary="Fetch a picture, a film or a paper of a claim",
        parameters=[NUMBER, OpenApiParameter("file", int, OpenApiParameter.PATH)],
        responses={
            (200, "image/jpeg"): OpenApiTypes.BINARY,
            (200, "application/pdf"): OpenApiTypes.BINARY,
            (200, "video/mp4"): OpenApiTypes.BINARY,
            **problems(401, 403, 404),
        },
    )
    def get(self, request: Request, public_id: str, file: int) -> HttpResponse:
        return as_reply(file_of(self.one(request, public_id), file))
