"""Claims over HTTP: filed by who holds an order's secret, then read and followed by the claim's own."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle, ScopedRateThrottle

from marketplace.accounts.api.base import UNKNOWN_FIELD, ApiView, idempotency_key, problems, read
from marketplace.kernel import clock, commands
from marketplace.kernel.errors import NotFound
from orders.queries import after_sales
from orders.queries.orders import find_group
from returns import operations
from returns.api import claim_shapes as shapes
from returns.api.views import KEY, TOKEN
from returns.documents.films import checked_evidence
from returns.domain.errors import BadEvidence
from returns.operations import claiming
from returns.queries.claims import find_claim
from returns.queries.withdrawals import owed_for

CLAIM = {
    "line": "LN-7Q2K9F3M", "quantity": 1, "kind": "defective", "said": "It does not light.", "wanted": "repair",
}  # fmt: skip
NOT_OPEN = OpenApiExample(
    "not open by the law",
    value={
        "type": "urn:rightful:not_open_by_law",
        "title": "The law does not open this at the moment.",
        "status": 409,
        "detail": "The law does not open this at the moment.",
        "field": "wanted",
        "remedy": "termination",
        "opened": ["repair", "replacement"],
    },
    response_only=True,
    status_codes=["409"],
    media_type="application/problem+json",
)


def _claim(token: str) -> Any:
    found = find_claim(token)
    return shapes.claim(found, claiming.next_law(found), owed_for(found.public_id))


class ClaimsView(ApiView):
    """What everybody may do who holds the secret; writing is counted."""

    authentication_classes: list[type] = []
    permission_classes = [AllowAny]
    throttle_classes = [AnonRateThrottle, ScopedRateThrottle]
    throttle_scope: ClassVar[str | None] = None


class Claims(ClaimsView):
    """Claims about what one checkout bought."""

    authentication_classes = [SessionAuthentication]
    throttle_scope = "claim"
    group: Any

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        user = request.user if request.user.is_authenticated else None
        self.group = find_group(token=kwargs["token"], user=user)

    @extend_schema(
        operation_id="claims_file",
        summary="Claim that something is wrong",
        description=(
            "The seller has a day to answer by; if it is silent the platform acts. What the law opens is in the answer, "
            "and in the refusal of a remedy that it does not open now."
        ),
        parameters=[TOKEN, KEY],
        request=shapes.ClaimInput,
        responses={201: shapes.ClaimView, **problems(400, 404, 409, 422)},
        examples=[OpenApiExample("a lamp", value=CLAIM, request_only=True), UNKNOWN_FIELD, NOT_OPEN],
        auth=[],
    )
    def post(self, request: Request, token: str) -> Response:
        group, key = self.group, idempotency_key(request)
        given = read(shapes.ClaimInput, request.data)
        made = commands.run_once(
            scope=f"api.claim:{group.public_id}", key=key, payload=given,
            command=lambda: _file(group, given, key),
        )  # fmt: skip
        return Response(_claim(made), status=201)


def _file(group: Any, given: dict[str, Any], key: str) -> str:
    now, got = clock.now(), dict(given)
    line = got.pop("line")
    order = next(
        (one for one in after_sales.orders_of(group) if line in {row.public_id for row in one.lines.all()}),
        None,
    )
    if order is None:
        raise NotFound(field="line")
    got.setdefault("noticed_on", now.astimezone(ZoneInfo(group.time_zone)).date())
    filed = operations.Filed(**got, language=group.language)
    return operations.file_claim(
        order=order,
        line=line,
        filed=filed,
        key=f"api:{group.public_id}:{sha256(key.encode()).hexdigest()}",
        now=now,
    ).token


class OneClaim(ClaimsView):
    """A claim, as the shopper sees it."""

    @extend_schema(
        operation_id="claims_read",
        summary="Read a claim: how it stands, what the law opens, what can be done next",
        parameters=[TOKEN],
        responses={200: shapes.ClaimView, **problems(404)},
    )
    def get(self, request: Request, token: str) -> Response:
        return Response(_claim(token))


class WritesClaim(ClaimsView):
    """Something done to a claim; whoever does not know its secret learns nothing, by any method."""

    throttle_scope = "claim"
    found: Any

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.found = find_claim(kwargs["token"])

    def once(self, request: Request, what: str, payload: Any, work: Callable[[], Any]) -> Response:
        """Do something once per key, and answer with the claim."""
        token = self.found.token
        commands.run_once(
            scope=f"api.claim-{what}:{self.found.public_id}", key=idempotency_key(request), payload=payload,
            command=lambda: work().public_id,
        )  # fmt: skip
        return Response(_claim(token))


class ClaimFiles(WritesClaim):
    """Pictures, films and papers of a claim."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="claims_add_file",
        summary="Add a picture, a film or a paper to a claim",
        description="What cameras write into pictures and films (place, time, device) is taken out.",
        parameters=[TOKEN, KEY],
        request={"multipart/form-data": shapes.FileInput},
        responses={200: shapes.ClaimView, **problems(400, 404, 409, 422)},
    )
    def post(self, request: Request, token: str) -> Response:
        idempotency_key(request)
        upload = read(shapes.FileInput, request.data)["file"]
        digest = sha256()
        for chunk in upload.chunks():
            digest.update(chunk)
        upload.seek(0)
        return self.once(
            request, "file", {"sha256": digest.hexdigest()},
            lambda: operations.add_claim_file(claim_id=self.found.pk, file=_checked(upload), now=clock.now()),
        )  # fmt: skip


def _checked(upload: Any) -> tuple[str, bytes]:
    try:
        return checked_evidence(upload)
    except BadEvidence as error:
        raise BadEvidence(error.detail, field="file") from error


class ClaimChoice(WritesClaim):
    """What the shopper does next."""

    @extend_schema(
        operation_id="claims_choose",
        summary="Take an offer, ask for a decision, choose another remedy, or say that it helped",
        description="`may` of the claim says what is possible now.",
        parameters=[TOKEN, KEY],
        request=shapes.ChoiceInput,
        responses={200: shapes.ClaimView, **problems(400, 404, 409, 422)},
        examples=[
            OpenApiExample("take the offer", value={"choice": "agree"}, request_only=True),
            OpenApiExample(
                "another remedy",
                value={"choice": "failed", "wanted": "termination", "text": "Dark again."},
                request_only=True,
            ),
            UNKNOWN_FIELD,
            NOT_OPEN,
        ],
    )
    def post(self, request: Request, token: str) -> Response:
        given = read(shapes.ChoiceInput, request.data)
        return self.once(request, "choice", given, lambda: _choose(self.found.pk, given))


def _choose(claim_id: int, given: dict[str, Any]) -> Any:
    claim: dict[str, Any] = {"claim_id": claim_id, "now": clock.now()}
    steps: dict[str, Callable[[], Any]] = {
        "agree": lambda: operations.agree_offer(**claim),
        "dispute": lambda: operations.dispute_claim(**claim, why=given["text"]),
        "drop": lambda: operations.drop_claim(**claim),
        "helped": lambda: operations.confirm_remedy(**claim),
        "failed": lambda: operations.report_failure(**claim, wanted=given["wanted"], text=given["text"]),
    }
    return steps[given["choice"]]()
