"""Errors of the API as RFC 9457 problem+json."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.parsers import JSONParser
from rest_framework.response import Response
from rest_framework.views import exception_handler as rest_handler

from marketplace.kernel.errors import RightfulError

CONTENT_TYPE = "application/problem+json"
WHOLE = "non_field_errors"  # the framework's name for what is wrong with an object as such


def problem(
    *, status: int, code: str, title: str, detail: str = "", field: str | None = None, **more: Any
) -> Response:
    """Return a problem document: type, title, status, detail, and what else is known."""
    body: dict[str, Any] = {
        "type": f"urn:rightful:{code}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if field:
        body["field"] = field
    body |= more
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id:
        body["request_id"] = request_id
    return Response(body, status=status, content_type=CONTENT_TYPE)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer for everything a view may raise; None lets a real fault become a 500."""
    if isinstance(error, RightfulError):
        return problem(
            status=error.status,
            code=error.code,
            title=error.title,
            detail=error.detail,
            field=error.field,
            **error.data,
        )
    if isinstance(error, exceptions.ValidationError):
        errors = _flatten(error.detail)
        return problem(
            status=400, code="invalid", title="Something in the input is not right.",
            detail=" ".join(f"{e['field']}: {e['detail']}" for e in errors), errors=errors,
        )  # fmt: skip
    if isinstance(error, exceptions.ParseError):
        return problem(
            status=400,
            code="parse_error",
            title="The body is not JSON.",
            detail=str(error.detail),
            field="body",
        )
    if isinstance(error, RequestDataTooBig):
        return problem(
            status=413, code="too_large", title="The body is too large.",
            detail=f"At most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes are taken.", field="body",
        )  # fmt: skip
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    answer = rest_handler(error, context)
    if answer is None:
        return None
    detail = getattr(error, "detail", "")
    result = problem(
        status=answer.status_code,
        code=getattr(error, "default_code", "error"),
        title=str(detail),
        detail=str(detail),
    )
    for header in ("WWW-Authenticate", "Retry-After", "Allow"):
        if header in answer:
            result[header] = answer[header]
    return result


class BoundedJSONParser(JSONParser):
    """JSON whose nesting the reader can follow; what is nested deeper is refused like any other broken body."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError("JSON parse error - nested too deeply") from error


def _flatten(detail: Any, path: str = "") -> list[dict[str, str]]:
    """Return every error with the way to its field; what concerns a whole is said of the whole."""
    if isinstance(detail, dict):
        ways = {name: path if name == WHOLE else f"{path}.{name}".strip(".") for name in detail}
        return [item for name, inner in detail.items() for item in _flatten(inner, ways[name])]
    if isinstance(detail, list):
        return [
            item
            for index, inner in enumerate(detail)
            for item in _flatten(inner, f"{path}[{index}]" if isinstance(inner, dict) else path)
        ]
    return [{"field": path or "body", "detail": str(detail)}]
