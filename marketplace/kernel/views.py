"""Pages of the engine room: is everything well, and what went wrong."""

from __future__ import annotations

from typing import Any

import redis
from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseError
from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from marketplace.kernel import api_reference, clock, gallery, health, jobs, outbox

LAG_ALARM_SECONDS = 60


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """Show every operation of the API with its fields, an example and its answers. Public, in English."""
    return render(request, "api_reference.html", {"groups": api_reference.reference()})


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Say whether the database, the broker, the outbox, every scheduled job and what apps watch are well. 503 if not."""
    report: dict[str, Any] = {"database": _database(), "broker": _broker()}
    if report["database"] == "ok":
        report["outbox"] = {"lag_seconds": round(outbox.lag_seconds(now=clock.now()), 1)}
        report["jobs"] = _jobs()
        found = health.readings(clock.now())
        report |= {name: {"well": one.is_well, **one.figures} for name, one in found.items()}
    healthy = (
        report["database"] == "ok"
        and report["broker"] == "ok"
        and report["outbox"]["lag_seconds"] < LAG_ALARM_SECONDS
        and all(one.is_well for one in found.values())
    )
    report["status"] = "ok" if healthy else "failing"
    return JsonResponse(report, status=200 if healthy else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "down"
    return "ok"


def _broker() -> str:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except redis.RedisError:
        return "down"
    return "ok"


def _jobs() -> dict[str, Any]:
    runs = jobs.last_runs()
    return {
        name: {"last_run": runs[name].started_at.isoformat(), "outcome": runs[name].outcome}
        if name in runs
        else None
        for name in settings.SCHEDULED_JOBS
    }


@staff_member_required(login_url="admin:login")
@require_safe
def show_gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for those who build pages."""
    return render(request, "gallery.html", gallery.context())


@require_safe
def favicon(request: HttpRequest) -> FileResponse:
    """The icon that browsers ask for on pages which name none: documents, pictures, answers of the API."""
    file = (settings.BASE_DIR / "static" / "brand" / "favicon.ico").open("rb")
    return FileResponse(
        file, content_type="image/x-icon", headers={"Cache-Control": "public, max-age=604800"}
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _error(request, 413, "too_large", "This is more than we take at once.", page="400.html")
    return _error(request, 400, "invalid", "We could not read what your browser sent.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, 403, "not_allowed", "You may not see this page.")


def forgery(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid proof that it is ours: open for too long, without cookies, or forged."""
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return render(request, "403_csrf.html", {"back": came_from if is_ours else "/"}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, 404, "not_found", "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    return _error(request, 500, "error", "Something went wrong on our side. Nothing was charged.")


def _error(request: HttpRequest, status: int, code: str, title: str, page: str = "") -> HttpResponse:
    if f"{request.path}/".startswith("/api/"):
        body = {"type": f"urn:rightful:{code}", "title": title, "status": status, "detail": title}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    return render(request, page or f"{status}.html", {"status": status}, status=status)
