"""The application's own programs and the environment they run in.

One description for both ways of running it: the supervisor of `bin/up` reads it, and a test holds
docker-compose.yml to it.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from marketplace.embedded.home import CHECKOUT, Home, Ports

SETTINGS = "marketplace.settings.dev"
WEB = (
    "gunicorn",
    "marketplace.wsgi:application",
    "--worker-class=sync",
    "--preload",  # read the application once and share its memory
    "--timeout=60",
    "--graceful-timeout=10",
    "--no-control-socket",
)
WORKER = (
    "celery",
    "-A",
    "marketplace",
    "--quiet",
    "worker",
    "--loglevel=INFO",
    "--concurrency=2",
    "--queues=default,bulk",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",  # nobody listens; without a broker it would hold up the worker's end for minutes
)
BEAT = ("celery", "-A", "marketplace", "--quiet", "beat", "--loglevel=INFO", "--pidfile=")
MAIL = ("marketplace.embedded", "mail")
WEB_CONCURRENCY = "2"  # gunicorn reads its number of workers from the environment


@dataclass(frozen=True)
class Program:
    """One long-running program, run as `python -m …` in the checkout."""

    name: str
    arguments: tuple[str, ...]

    def command(self) -> list[str]:
        """The full command line, with this virtual environment's interpreter."""
        return [sys.executable, "-m", *self.arguments]


def programs(home: Home, ports: Ports, environ: Mapping[str, str]) -> list[Program]:
    """What `bin/up` runs beside database and broker, what people wait for first.

    No mail catcher when EMAIL_HOST names a server.
    """
    bind = environ.get("RIGHTFUL_BIND") or "127.0.0.1"
    wanted = [
        Program("web", (*WEB, f"--bind={bind}:{ports.web}")),
        Program("worker", WORKER),
        Program("beat", BEAT),
    ]
    if not environ.get("EMAIL_HOST"):
        options = ("--bind=127.0.0.1", f"--port={ports.mail}", f"--folder={home / 'mail'}")
        wanted.append(Program("mail", (*MAIL, *options)))
    return wanted


def application_env(
    environ: Mapping[str, str], home: Home, ports: Ports, *, database_url: str, redis_url: str
) -> dict[str, str]:
    """The environment of every program: ours where the caller has not decided."""
    ours = {
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(ports.mail),
        "SECRET_KEY": home.secrets().secret_key,
        "SITE_URL": f"http://localhost:{ports.web}",
        "WEB_CONCURRENCY": WEB_CONCURRENCY,
    }
    if os.geteuid() == 0:  # bin/up says it in one line of its own
        ours["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser privileges"
    given = {name: value for name, value in environ.items() if value or name not in ours}
    return {**ours, **given, "RIGHTFUL_HOME": str(home.path), "PYTHONUNBUFFERED": "1"}


def manage(*arguments: str) -> list[str]:
    """A command line of Django's manage.py."""
    return [sys.executable, str(CHECKOUT / "manage.py"), *arguments]
