"""Every request is answered by the law in use."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from compliance.edition import keeping


class LawMiddleware:
    """Take over what officers accepted, at most two seconds after they did."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        keeping.keep_up()
        return self.get_response(request)
