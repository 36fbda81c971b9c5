"""Database and broker as one thing: brought up by whoever comes first, borrowed by whoever comes later."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from marketplace.embedded.account import service_account
from marketplace.embedded.errors import AlreadyRunning, StartFailed
from marketplace.embedded.home import Home, Lock, Ports, ports_wanted
from marketplace.embedded.postgres import CARELESS, PARAMETERS, Postgres
from marketplace.embedded.process import wait_until
from marketplace.embedded.programs import application_env
from marketplace.embedded.valkey import Valkey

SHARED = ("DATABASE_URL", "REDIS_URL", "EMAIL_HOST", "EMAIL_PORT", "SITE_URL")


class Services:
    """The embedded servers of one home. DATABASE_URL and REDIS_URL take the place of the respective one."""

    def __init__(self, home: Home, environ: Mapping[str, str], *, careless: bool = False) -> None:
        self.home, self.environ = home, environ
        self.ports: Ports = ports_wanted(environ)
        parameters = PARAMETERS | CARELESS if careless else PARAMETERS
        account = service_account()
        self.postgres = Postgres(home, account, self.ports.postgres, parameters)
        self.valkey = Valkey(home, account, self.ports.valkey)

    @property
    def wanted(self) -> list[Postgres | Valkey]:
        """The servers that we run ourselves, in the order of starting."""
        chosen: list[Postgres | Valkey] = []
        if not self.environ.get("DATABASE_URL"):
            chosen.append(self.postgres)
        if not self.environ.get("REDIS_URL"):
            chosen.append(self.valkey)
        return chosen

    def start(self) -> None:
        """Bring up what is wanted; if one fails, none is left running."""
        try:
            for server in self.wanted:
                server.start()
        except BaseException:
            self.stop()
            raise
        self.ports = replace(self.ports, postgres=self.postgres.port, valkey=self.valkey.port)

    def stop(self) -> None:
        """End them in the opposite order; those that do not run are left alone."""
        for server in reversed(self.wanted):
            server.stop()

    def env(self) -> dict[str, str]:
        """The environment in which the application finds these services."""
        secrets = self.home.secrets()
        return application_env(
            self.environ,
            self.home,
            self.ports,
            database_url=self.postgres.url(secrets),
            redis_url=self.valkey.url(secrets),
        )


class Ownership:
    """Who runs a home's services (one), and who uses them (any number)."""

    def __init__(self, home: Home) -> None:
        self.owner, self.users = Lock(home / "owner.lock"), Lock(home / "users.lock")

    def claim_for_up(self) -> None:
        """Become the owner for `bin/up`; waits for a passing command, refuses beside another `bin/up`."""
        if self.owner.take():
            return
        holder = self.owner.noted()
        if holder.get("role") == "up":
            raise AlreadyRunning(pid=int(str(holder["pid"])), address=str(holder["address"]))
        say(f"Waiting for another command (process {holder.get('pid')}) that uses the services …")
        self.owner.take(wait=True)

    def announce(self, role: str, env: Mapping[str, str]) -> None:
        """Tell borrowers where the services are."""
        shared = {name: env[name] for name in SHARED}
        self.owner.note({"pid": os.getpid(), "role": role, "address": env["SITE_URL"], "env": shared})

    def announced(self) -> dict[str, str]:
        """What the present owner announced; waits while it is still starting."""
        note: dict[str, object] = {}

        def ready() -> bool:
            note.update(self.owner.noted())
            return Path(f"/proc/{note.get('pid')}").exists()

        if not wait_until(ready, seconds=90, step=0.1):
            raise StartFailed(what="The services of another command", log="")
        env = note["env"]
        assert isinstance(env, dict)
        return env


@contextmanager
def borrowed(environ: Mapping[str, str], *, careless: bool = False) -> Iterator[dict[str, str]]:
    """The application's environment with services up; afterwards they are as they were.

    The first command starts them and, before it stops them, waits for those that have come in since.
    """
    if is_complete(environ):
        yield {**environ, "RIGHTFUL_HOME": str(Home.of(environ).path)}
        return
    home = Home.of(environ).prepare()
    services = Services(home, environ, careless=careless)
    ownership = Ownership(home)
    ownership.users.take(shared=True, wait=True)
    if ownership.owner.take():
        with _started(services, ownership) as env:
            yield env
    else:
        yield {**services.env(), **ownership.announced(), **_decided(environ)}


@contextmanager
def _started(services: Services, ownership: Ownership) -> Iterator[dict[str, str]]:
    ownership.owner.forget()
    services.start()
    try:
        ownership.announce("command", services.env())
        yield services.env()
    finally:
        ownership.users.release()
        if not ownership.users.take():
            say("Waiting for another command that uses the services …")
            ownership.users.take(wait=True)
        services.stop()
        ownership.owner.forget()


def _decided(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: environ[name] for name in SHARED if environ.get(name)}


def is_complete(environ: Mapping[str, str]) -> bool:
    """Whether the environment names everything; then our home is not even touched (it may be read-only)."""
    return all(environ.get(name) for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"))


def say(text: str) -> None:
    """Speak to the person at the terminal; standard output belongs to the command that runs."""
    print(text, file=sys.stderr, flush=True)
