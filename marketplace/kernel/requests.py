"""What happens around every request: its id, the admin's looser script policy, errors as pages."""

from __future__ import annotations

import re
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from marketplace.kernel import ids
from marketplace.kernel.errors import RightfulError

Handler = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger(__name__)
GIVEN_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


class RequestIdMiddleware:
    """Give every request an id that all its log lines and its answer carry."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if GIVEN_ID.match(given) else ids.new_token()[:22]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.request_id)
        response = self.get_response(request)
        response["X-Request-ID"] = request.request_id
        return response


class AdminPolicyMiddleware:
    """Let the admin theme's Alpine evaluate its expressions. The shop stays strict.

    The theme needs ``unsafe-eval`` for scripts and inline styles; only staff ever see it.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_update = {
                "script-src": ["'unsafe-eval'"],
                "style-src": ["'unsafe-inline'"],
            }
        return response


class ErrorMiddleware:
    """Turn a domain error that no view has caught into a page with its status."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, RightfulError) or request.path.startswith("/api/"):
            return None
        template = {403: "403.html", 404: "404.html"}.get(error.status, "error.html")
        context = {
            "title": gettext(error.title),
            "detail": error.in_words(gettext),
            "code": error.code,
            "status": error.status,
        }
        return render(request, template, context, status=error.status)


class PlainTextMiddleware:
    """Refuse what holds a zero byte in its address or its form: no text has one, and the database takes none."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Handler, *_: object) -> HttpResponse | None:
        if request.path.startswith("/api/"):  # answers in its own form and names the field
            return None
        is_plain = "\0" not in request.path and "%00" not in request.META.get("QUERY_STRING", "")
        # What programs send to views of their own is read there, as it came.
        form = {} if getattr(view, "csrf_exempt", False) else dict(request.POST.lists())
        if is_plain and not any("\0" in value for values in form.values() for value in values):
            return None
        return render(request, "400.html", {"status": 400}, status=400)
