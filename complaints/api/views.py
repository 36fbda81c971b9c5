"""Complaining over HTTP: with an idempotency key, about an order with its secret, and how it stands."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle, ScopedRateThrottle

from complaints import operations
from complaints.api import serializers as shapes
from complaints.domain import topics
from complaints.domain.errors import Incomplete
from complaints.domain.languages import detect_language
from complaints.queries import tickets
from complaints.queries.subjects import Subject, subject_named, subject_of_order
from compliance.rulebook.words import noop
from marketplace.accounts.api.base import UNKNOWN_FIELD, ApiView, PlaceQuery, idempotency_key, problems, read
from marketplace.accounts.models import User
from marketplace.kernel import clock, commands

TOKEN = OpenApiParameter("token", str, OpenApiParameter.PATH, description="The secret that opens it.")
KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True,
    description="A value of your own. The same key with the same body answers the same; with another body: 422.",
)  # fmt: skip
COMPLAINT = {
    "body": "The lamp does not work.", "topic": "defective", "remedy": "replacement",
    "name": "Ada Kowalski", "email": "ada@example.com",
}  # fmt: skip


def _user(request: Request) -> User | None:
    return request.user if request.user.is_authenticated else None


class Complaints(ApiView):
    """Where complaints begin, and the list of one's own."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [AllowAny]  # to complain; the list asks for more below
    throttle_classes = [AnonRateThrottle, ScopedRateThrottle]
    query_class = PlaceQuery

    @property
    def throttle_scope(self) -> str | None:
        return "complain" if self.request.method == "POST" else None

    def get_permissions(self) -> list[Any]:
        return [IsAuthenticated()] if self.request.method == "GET" else super().get_permissions()

    @extend_schema(
        operation_id="complaints_list",
        summary="List one's own complaints, the newest first",
        parameters=[PlaceQuery],
        responses={200: shapes.ComplaintRows, **problems(400, 403)},
    )
    def get(self, request: Request) -> Response:
        return Response(shapes.ComplaintRows({"results": tickets.tickets_of(request.user)}).data)

    @extend_schema(
        operation_id="complaints_open",
        summary="Complain",
        description=(
            "Never refused for what it says. Answers with number, secret and clocks; the acknowledgement goes to the "
            "address. Words of danger make it urgent."
        ),
        parameters=[PlaceQuery, KEY],
        request=shapes.ComplaintInput,
        responses={201: shapes.ComplaintView, **problems(400, 404, 422)},
        examples=[OpenApiExample("a lamp", value=COMPLAINT, request_only=True), UNKNOWN_FIELD],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        user, key = _user(request), idempotency_key(request)
        given = read(shapes.ComplaintInput, request.data)
        subject = _subject(given, user)
        who = f"user:{user.pk}" if user else f"address:{(subject.email or given.get('email', '')).lower()}"
        token = commands.run_once(
            scope=f"api.complaint:{who}"[:120], key=key, payload=given,
            command=lambda: self._open(given, subject, user, key),
        )  # fmt: skip
        return Response(_complaint(token, user), status=201)

    def _open(self, given: dict[str, Any], subject: Subject, user: User | None, key: str) -> str:
        email = subject.email or given.get("email") or (user.email if user else "")
        if not email:
            raise Incomplete(noop("Say where the answer should go."), field="email")
        topic = _(topics.TOPICS[given["topic"]])
        complaint = operations.Complaint(
            subject=(given.get("subject") or (f"{topic}: {subject.title}" if subject.title else topic))[:200],
            body=given["body"], topic=given["topic"], remedy=given.get("remedy", ""),
            market=subject.market or self.place.market, language=self._language(given["body"]),
            time_zone=subject.time_zone or self.place.time_zone, about_kind=subject.kind, about=subject.public_id,
            order=subject.order, listing=subject.listing, merchant=subject.merchant, email=email,
            name=subject.name or given.get("name") or (user.name if user else ""), channel="api",
        )  # fmt: skip
        row = operations.open_complaint(
            complaint=complaint, now=clock.now(), user_id=user.pk if user else None
        )
        return row.token

    def _language(self, body: str) -> str:
        """Return the language that was asked for; else the one that the text is in."""
        if self.request.query_params.get("language"):
            return self.place.language
        return detect_language(body, otherwise=self.place.language)


def _subject(given: dict[str, Any], user: User | None) -> Subject:
    if given.get("order"):
        return subject_of_order(
            token=given.get("order_token", ""), order=given["order"], line=given.get("line", ""),
            parcel=given.get("parcel", ""), user=user,
        )  # fmt: skip
    return subject_named(given["about"], topic=given["topic"]) if given.get("about") else Subject()


def _complaint(token: str, user: User | None) -> Any:
    view = tickets.view_ticket(tickets.find_by_token(token, user=user))
    decision = view.decision
    told = {
        **{name: getattr(view, name) for name in ("public_id", "token", "subject", "topic", "remedy", "state", "order", "received_at")},
        "url": settings.SITE_URL + reverse("complaint", args=[view.token]),
        "stages": dict(view.stages),
        "clocks": [
            {**{name: getattr(one, name) for name in ("kind", "state", "started_at", "due_at", "done_at", "is_law")},
             "rulings": one.told.get("rulings", ())}
            for one in view.clocks
        ],
        "messages": view.messages,
        "decision": {
            "outcome": decision.outcome, "reason": decision.reason, "decided_at": decision.decided_at,
            "way_out": [{"name": body["name"], "url": body.get("url") or ""} for body in decision.way_out],
        } if decision else None,
    }  # fmt: skip
    return shapes.ComplaintView(told).data


class OneComplaint(ApiView):
    """A complaint, as its complainant sees it."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="complaints_read",
        summary="Read a complaint: state, clocks with their reasons, messages, decision",
        parameters=[TOKEN],
        responses={200: shapes.ComplaintView, **problems(404)},
        auth=[],
    )
    def get(self, request: Request, token: str) -> Response:
        return Response(_complaint(token, _user(request)))


class Messages(ApiView):
    """What is said on a complaint."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [AllowAny]
    throttle_classes = [AnonRateThrottle, ScopedRateThrottle]
    throttle_scope: ClassVar[str | None] = "complain"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Look the complaint up first: whoever does not know its secret learns nothing, by any method."""
        super().initial(request, *args, **kwargs)
        self.row = tickets.find_by_token(kwargs["token"], user=_user(request))

    @extend_schema(
        operation_id="complaint_messages_add",
        summary="Add something to a complaint; one that is closed opens again",
        parameters=[TOKEN, KEY],
        request=shapes.MessageInput,
        responses={201: shapes.ComplaintView, **problems(400, 404, 422)},
        examples=[
            OpenApiExample("more", value={"body": "It still does not work."}, request_only=True),
            UNKNOWN_FIELD,
        ],
        auth=[],
    )
    def post(self, request: Request, token: str) -> Response:
        user, row = _user(request), self.row
        key, given = idempotency_key(request), read(shapes.MessageInput, request.data)

        def say() -> str:
            return operations.say(
                ticket=row.public_id, kind="customer", body=given["body"], now=clock.now(), channel="api",
                author_id=user.pk if user else None, author_name=row.name, language=row.language,
            ).public_id  # fmt: skip

        commands.run_once(scope=f"api.complaint-message:{row.public_id}", key=key, payload=given, command=say)
        return Response(_complaint(token, user), status=201)
