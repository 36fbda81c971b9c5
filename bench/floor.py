"""A bare Django: no middleware, no database, one view that returns as many bytes as it is asked for."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(
    DEBUG=False,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    SECRET_KEY=os.environ.get("SECRET_KEY", "floor"),
    LOGGING_CONFIG=None,
)
BODIES: dict[int, bytes] = {}


def constant(request: HttpRequest, size: int) -> HttpResponse:
    """Return `size` bytes."""
    return HttpResponse(BODIES.setdefault(size, b"x" * size), content_type="text/html")


urlpatterns = [path("floor/<int:size>", constant)]
application = get_wsgi_application()
