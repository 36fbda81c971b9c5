"""The basket's cookie: which basket is the visitor's, and how many things are in it, so that no page asks for it."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

SALT = "orders.basket"
KEPT_SECONDS = 60 * 60 * 24 * 60


def read_basket(request: HttpRequest) -> tuple[str | None, int]:
    """Return (token, count) of the visitor's basket; (None, 0) for none or a forged one."""
    try:
        token, count = signing.loads(request.COOKIES.get(settings.BASKET_COOKIE, ""), salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None, 0
    return token, count


def write_basket(request: HttpRequest, response: HttpResponse, token: str, count: int) -> None:
    """Remember the basket and its count."""
    response.set_cookie(
        settings.BASKET_COOKIE,
        signing.dumps([token, count], salt=SALT),
        max_age=KEPT_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
