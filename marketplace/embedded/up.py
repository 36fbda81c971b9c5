"""`bin/up`: everything, with demo data, under one supervisor. `bin/reset`: the same demo, fresh."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from marketplace.embedded.console import Console
from marketplace.embedded.errors import EmbeddedError
from marketplace.embedded.health import answers
from marketplace.embedded.home import CHECKOUT, Home
from marketplace.embedded.ports import claim
from marketplace.embedded.preparation import PENDING, Preparation
from marketplace.embedded.process import spawn
from marketplace.embedded.programs import Program, programs
from marketplace.embedded.services import Ownership, Services
from marketplace.embedded.supervisor import (
    STOP_SIGNALS,
    Stopped,
    Supervisor,
    echo_to_terminal,
    stop_signals_raise,
)

# Celery's warm shutdown waits for its tasks; when the supervisor has died nobody asks twice, so ask firmly.
LAST_WILL = {"worker": signal.SIGQUIT}
PATIENCE_FOR_WEB = 15.0


def up(environ: Mapping[str, str]) -> int:
    """Run the product until Ctrl-C, TERM or the end of the terminal; returns the exit code."""
    stop_signals_raise()
    home = Home.of(environ).prepare()
    ownership = Ownership(home)
    services = Services(home, environ)
    try:
        ownership.claim_for_up()
        ownership.owner.forget()
        _claim_ports(services)
        _warn_root(services)
        services.start()
        _run(services, ownership, Preparation(home, services.env(), _announce))
    except Stopped:
        pass
    finally:
        services.stop()
    _announce("Stopped. Your data is kept.")
    return 0


def _warn_root(services: Services) -> None:
    """Say whom things run as; the application stays root, for its checkout may be readable to nobody else."""
    if services.postgres.account.switch:
        name = services.postgres.account.name
        _announce(f"Started by root: database and broker run as {name}, the application as root.")


def _run(services: Services, ownership: Ownership, preparation: Preparation) -> None:
    env = services.env()
    ownership.announce("up", env)
    preparation.run(demo=env.get("RIGHTFUL_DEMO") != "0")
    console = Console(services.home, echo_to_terminal, verbose=env.get("RIGHTFUL_VERBOSE") == "1")
    supervisor = Supervisor(console)
    for server in services.wanted:
        supervisor.adopt(server)
    first, *others = (
        (program.name, _starter(program, env))
        for program in programs(services.home, services.ports, services.environ)
    )
    supervisor.add_program(*first)
    opening = Opening(services, preparation, lambda: [supervisor.add_program(*other) for other in others])
    try:
        supervisor.run(each_turn=opening.turn)
    finally:
        for number in STOP_SIGNALS:
            signal.signal(
                number, signal.SIG_IGN
            )  # already stopping; a second Ctrl-C would leave things behind
        supervisor.stop_programs()
        console.close()


def _claim_ports(services: Services) -> None:
    """See that the web's and the mail catcher's ports are free before anything is started."""
    ports = services.ports
    web = claim(ports.web, purpose="the web server", variable="RIGHTFUL_PORT")
    mail = ports.mail
    if not services.environ.get("EMAIL_HOST"):
        mail = claim(ports.mail, purpose="the mail catcher", variable="RIGHTFUL_MAIL_PORT")
    services.ports = replace(ports, web=web, mail=mail)


def _starter(program: Program, env: Mapping[str, str]) -> "Callable[[], subprocess.Popen[bytes]]":
    last_will = LAST_WILL.get(program.name, signal.SIGTERM)
    return lambda: spawn(
        program.command(), env=env, cwd=CHECKOUT, output=subprocess.PIPE, last_will=last_will
    )


class Opening:
    """Lets the web server come up alone, then starts the others and says where to go.

    The machine's cores are for what the person waits for; a web server that stays silent holds nobody up.
    """

    def __init__(
        self, services: Services, preparation: Preparation, start_others: Callable[[], object]
    ) -> None:
        self.services, self.preparation, self.start_others = services, preparation, start_others
        self._said = self._others_started = False
        self._began, self._ask_at = time.monotonic(), 0.0

    def turn(self) -> None:
        """Ask the web server for a sign of life, at most twice a second, until there is one."""
        if self._said or time.monotonic() < self._ask_at:
            return
        self._ask_at = time.monotonic() + 0.5
        self._said = answers(self.services.ports.web)
        if not self._others_started and (self._said or time.monotonic() > self._began + PATIENCE_FOR_WEB):
            self._others_started = True
            self.start_others()
        if self._said:
            _announce(self._text())

    def _text(self) -> str:
        site = self.services.env()["SITE_URL"]
        lines = [
            "",
            f"Rightful is running at {site}",
            f"  Complaints desk  {site}/desk/   (agents)",
            f"  Administration   {site}/admin/   (merchants, officers, authorities, operators)",
            f"  API              {site}/api/v1/docs/",
        ]
        if not self.services.environ.get("EMAIL_HOST"):
            lines.append(f"  Mail             {self.services.home / 'mail'} (each message is a file)")
        lines.append(f"  Logs             {self.services.home / 'logs'} (all of them here: bin/up --verbose)")
        users = self.preparation.demo_users().rstrip()
        if users:
            lines += ["", "Demo users", users]
        return "\n".join([*lines, "", "Ctrl-C stops everything; your data is kept.", ""])


def reset(environ: Mapping[str, str], *, sure: bool) -> int:
    """Throw this home's data away and load the demo afresh; asks first unless `sure`."""
    if environ.get("DATABASE_URL"):
        raise EmbeddedError("bin/reset empties only the embedded database; DATABASE_URL names another one.")
    home = Home.of(environ).prepare()
    ownership = Ownership(home)
    ownership.claim_for_up()
    if not (sure or agreed(f"This deletes all orders, accounts and files in {home.path}.")):
        print("Nothing was changed.")
        return 1
    _erase(home)
    stop_signals_raise()
    services = Services(home, environ)
    try:
        services.start()
        Preparation(home, services.env(), _announce).run(demo=True)
    except Stopped:
        return 130
    finally:
        services.stop()
    _announce("A fresh demo is ready: bin/up")
    return 0


def _erase(home: Home) -> None:
    for name in ("postgres", "valkey", "mail", "media"):
        place = home / name
        target = place.resolve()
        if target.exists():
            shutil.rmtree(target)
        if place.is_symlink():
            place.unlink()
    for path in [*home.path.glob("*.stamp"), home / "demo-users.txt", home / PENDING]:
        path.unlink(missing_ok=True)
    home.prepare()


def _announce(text: str) -> None:
    for line in text.split("\n"):
        echo_to_terminal("rightful", line)


def agreed(warning: str) -> bool:
    """Ask the person at the terminal; raises EmbeddedError when there is none."""
    if not sys.stdin.isatty():
        raise EmbeddedError(f"{warning} Nobody is there to be asked: add --yes if that is what you want.")
    return input(f"{warning} Type yes: ").strip() == "yes"
