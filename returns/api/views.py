"""Withdrawals and returns over HTTP: for who holds an order's secret, and for merchants' systems."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny
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
from orders.queries.orders import find_group
from returns import operations
from returns.api import serializers as shapes
from returns.queries.parcels import InboxFilter, find_return, inbox, return_of_merchant
from returns.queries.withdrawals import find_withdrawal, owed_for, returns_of

TOKEN = OpenApiParameter("token", str, OpenApiParameter.PATH, description="The secret that opens it.")
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="A value of your own. The same key with the same body answers the same; with another body: 422.",
)
DECLARATION = {
    "name": "Ada Kowalski",
    "email": "ada@example.com",
    "lines": [{"line": "LN-7Q2K9F3M", "quantity": 1}],
}


def _withdrawal(token: str) -> Any:
    found = find_withdrawal(token)
    told = {
        "public_id": found.public_id,
        "token": found.token,
        "state": found.state,
        "declared_at": found.declared_at,
        "lines": [shapes.judged(row) for row in found.lines.all()],
        "returns": [shapes.ret(row) for row in returns_of(found.public_id)],
        "refunds": [shapes.owed(row) for row in owed_for(found.public_id)],
    }
    return shapes.WithdrawalView(told).data


class Declarations(ApiView):
    """Declarations on what one checkout bought."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [AllowAny]
    group: Any

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        user = request.user if request.user.is_authenticated else None
        self.group = find_group(token=kwargs["token"], user=user)

    @extend_schema(
        operation_id="withdrawals_declare",
        summary="Withdraw from contracts of a checkout",
        description="Never refused: what is late or exempt is stored, acknowledged and judged with its reasons.",
        parameters=[TOKEN, KEY],
        request=shapes.WithdrawalInput,
        responses={201: shapes.WithdrawalView, **problems(400, 404, 422)},
        examples=[OpenApiExample("one piece", value=DECLARATION, request_only=True), UNKNOWN_FIELD],
        auth=[],
    )
    def post(self, request: Request, token: str) -> Response:
        group = self.group
        key, given = idempotency_key(request), read(shapes.WithdrawalInput, request.data)
        made = commands.run_once(
            scope=f"api.withdrawal:{group.public_id}",
            key=key,
            payload=given,
            command=lambda: _declare(group, given, key),
        )
        return Response(_withdrawal(made), status=201)


def _declare(group: Any, given: dict[str, Any], key: str) -> str:
    now = clock.now()
    lines: dict[str, int] = {}
    for one in given["lines"]:
        lines[one["line"]] = lines.get(one["line"], 0) + one["quantity"]
    declared = operations.Declared(
        name=given["name"], email=given["email"], language=group.language, lines=lines
    )
    return operations.declare_withdrawal(
        group=group, declared=declared, key=f"api:{group.public_id}:{key}"[:120], declared_at=now, now=now
    ).token


class OneWithdrawal(ApiView):
    """A declaration, with its judgement and what follows from it."""

    authentication_classes: list[type] = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="withdrawals_read",
        summary="Read a withdrawal: judgement, returns, refunds",
        parameters=[TOKEN],
        responses={200: shapes.WithdrawalView, **problems(404)},
    )
    def get(self, request: Request, token: str) -> Response:
        return Response(_withdrawal(token))


class OneReturn(ApiView):
    """A return."""

    authentication_classes: list[type] = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="returns_read",
        summary="Read a return",
        parameters=[TOKEN],
        responses={200: shapes.ReturnView, **problems(404)},
    )
    def get(self, request: Request, token: str) -> Response:
        return Response(shapes.ReturnView(shapes.ret(find_return(token))).data)


class ReturnLabel(ApiView):
    """The label of a return."""

    authentication_classes: list[type] = []
    permission_classes = [AllowAny]
    ret: Any

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.ret = find_return(kwargs["token"])

    @extend_schema(
        operation_id="returns_label",
        summary="Book a parcel and get its number",
        description="Asked for again in the same way it is the same label. Where the shopper pays for it, its price must be agreed.",
        parameters=[TOKEN],
        request=shapes.LabelInput,
        responses={200: shapes.ReturnView, **problems(400, 404, 409)},
        examples=[OpenApiExample("a parcel shop", value={"method": "drop_off"}, request_only=True)],
    )
    def post(self, request: Request, token: str) -> Response:
        given = read(shapes.LabelInput, request.data)
        operations.issue_label(return_id=self.ret.pk, **given, now=clock.now())
        return Response(shapes.ReturnView(shapes.ret(find_return(token))).data)


class OwnView(ApiView):
    """What a merchant's system does with its key."""

    authentication_classes = [ApiKeyAuthentication]
    permission_classes = [HoldsMerchantKey]

    def one(self, request: Request, public_id: str) -> Any:
        return return_of_merchant(public_id, [request.auth.merchant_id])

    def answer(self, request: Request, public_id: str) -> Response:
        return Response(shapes.OwnReturnView(shapes.own_return(self.one(request, public_id))).data)


class OwnReturns(OwnView):
    """A merchant's returns, the newest first."""

    query_class = shapes.OwnReturnsQuery

    @extend_schema(
        operation_id="merchant_returns_list",
        summary="List own returns",
        parameters=[shapes.OwnReturnsQuery],
        responses={200: shapes.OwnReturnsView, **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        state = self.query.get("state", "")
        at, _, pk = self.query.get("after", "").rpartition(",")
        wanted = InboxFilter(state=state, after=(at, int(pk)) if at else None)
        page = inbox([request.auth.merchant_id], wanted, today=clock.today())
        found = [
            {
                "public_id": row.public_id, "order": row.order.public_id, "state": row.state, "reason": row.reason,
                "market": row.market, "due_on": row.due_on.isoformat() if row.due_on else None,
            }
            for row in page.rows
        ]  # fmt: skip
        return Response(shapes.OwnReturnsView({"results": found, "next": _next(request, page.after)}).data)


def _next(request: Request, after: tuple[str, int] | None) -> str | None:
    if after is None:
        return None
    given = {**request.query_params.dict(), "after": f"{after[0]},{after[1]}"}
    return f"{request.build_absolute_uri(request.path)}?{urlencode(given)}"


class OwnReturn(OwnView):
    """One return of a merchant."""

    @extend_schema(
        operation_id="merchant_returns_read",
        summary="Read an own return with its units",
        responses={200: shapes.OwnReturnView, **problems(401, 403, 404)},
    )
    def get(self, request: Request, public_id: str) -> Response:
        return self.answer(request, public_id)


class OwnReceipt(OwnView):
    """What arrived of a return."""

    @extend_schema(
        operation_id="merchant_returns_receive",
        summary="Record what arrived, counted by line",
        parameters=[KEY],
        request=shapes.ReceiptInput,
        responses={200: shapes.OwnReturnView, **problems(400, 401, 403, 404, 409, 422)},
        examples=[
            OpenApiExample(
                "all right", value={"lines": [{"line": "LN-7Q2K9F3M", "good": 1}]}, request_only=True
            ),
            UNKNOWN_FIELD,
        ],
    )
    def post(self, request: Request, public_id: str) -> Response:
        found, key = self.one(request, public_id), idempotency_key(request)
        given = read(shapes.ReceiptInput, request.data)
        by = f"api key {request.auth.prefix}"
        counted = {
            one["line"]: operations.Counted(one["good"], one["wrong"], one["empty"]) for one in given["lines"]
        }
        commands.run_once(
            scope=f"api.return-receipt:{public_id}",
            key=key,
            payload=given,
            command=lambda: (
                operations.receive_return(
                    return_id=found.pk, counted=counted, complete=given["complete"], by=by, now=clock.now()
                ).public_id
            ),
        )
        return self.answer(request, public_id)


class OwnInspection(OwnView):
    """The inspection of a return."""

    @extend_schema(
        operation_id="merchant_returns_inspect",
        summary="Record the inspection of units that arrived",
        parameters=[KEY],
        request=shapes.InspectionInput,
        responses={200: shapes.OwnReturnView, **problems(400, 401, 403, 404, 409, 422)},
        examples=[
            OpenApiExample(
                "as new",
                value={
                    "verdicts": [{"unit": "RU-7Q2K9F3M", "accept": True, "grade": "A", "resellable": True}]
                },
                request_only=True,
            ),
            UNKNOWN_FIELD,
        ],
    )
    def post(self, request: Request, public_id: str) -> Response:
        found, key = self.one(request, public_id), idempotency_key(request)
        given = read(shapes.InspectionInput, request.data)
        by = f"api key {request.auth.prefix}"
        verdicts = [operations.Verdict(**one) for one in given["verdicts"]]
        commands.run_once(
            scope=f"api.return-inspection:{public_id}",
            key=key,
            payload=given,
            command=lambda: (
                operations.inspect_return(
                    return_id=found.pk, verdicts=verdicts, by=by, now=clock.now()
                ).public_id
            ),
        )
        return self.answer(request, public_id)
