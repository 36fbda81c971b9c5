"""Ask the web server how it is, as a load balancer would."""

import http
import http.client
from collections.abc import Mapping


def status(port: int, *, host: str, secure: bool = False) -> int | None:
    """The status code of /healthz on this machine's port; None when nobody answers."""
    headers = {"Host": host, **({"X-Forwarded-Proto": "https"} if secure else {})}
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        link.request("GET", "/healthz", headers=headers)
        return link.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        link.close()


def answers(port: int) -> bool:
    """Whether the web server is there; 503 counts: it answers, and its first jobs have yet to run."""
    return status(port, host=f"localhost:{port}") not in (None, http.HTTPStatus.INTERNAL_SERVER_ERROR)


def is_healthy(environ: Mapping[str, str], port: int) -> bool:
    """Whether /healthz says 200 when asked under the name and scheme that this deployment serves."""
    host = (environ.get("ALLOWED_HOSTS") or "localhost").split(",")[0].lstrip(".")
    secure = environ.get("SITE_URL", "").startswith("https:")
    return status(port, host=host, secure=secure) == http.HTTPStatus.OK
