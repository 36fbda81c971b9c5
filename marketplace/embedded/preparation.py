"""What must be true before the programs start: tables migrated, static files collected, demo data loaded.

Each step is skipped when nothing that it depends on has changed, so that a second start takes seconds.
"""

import hashlib
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from marketplace.embedded.errors import EmbeddedError
from marketplace.embedded.home import CHECKOUT, Home
from marketplace.embedded.process import end, spawn
from marketplace.embedded.programs import manage

PENDING = "demo-pending"
LOCK_FILE = CHECKOUT / "requirements.lock"


@dataclass(frozen=True)
class Preparation:
    """One home's preparation in one environment; `say` tells the person what takes time."""

    home: Home
    env: Mapping[str, str]
    say: Callable[[str], None]

    def run(self, *, demo: bool) -> None:
        """Migrate, collect static files and load the demo, each only where needed."""
        fresh = not self._migrations_applied()
        if fresh and demo:
            self._pending.touch()
        self._migrate()
        self._collect_static()
        if demo and self._pending.exists():
            self._load_demo()

    @property
    def _pending(self) -> Path:
        """Stands from before the tables are made until the demo is complete: a broken load is repeated."""
        return self.home / PENDING

    def demo_users(self) -> str:
        """The demo users of each kind, one a line, as the demo printed them; empty without a demo."""
        path = self.home / "demo-users.txt"
        return path.read_text() if path.exists() else ""

    def _migrate(self) -> None:
        files = sorted(CHECKOUT.glob("*/migrations/*.py")) + sorted(CHECKOUT.glob("*/*/migrations/*.py"))
        state = _digest([*files, LOCK_FILE])
        if self._stamp("migrated") == f"{state} {self._migrations_applied()}":
            return
        self.say("Bringing the tables up to date …")
        self._manage("migrate", "--noinput", "--verbosity=0")
        self._set_stamp("migrated", f"{state} {self._migrations_applied()}")

    def _collect_static(self) -> None:
        state = _digest([*static_files(CHECKOUT), LOCK_FILE])
        manifest = self.home / "static" / "staticfiles.json"
        if manifest.exists() and self._stamp("static") == state:
            return
        self.say("Collecting static files …")
        self._manage("collectstatic", "--noinput", "--verbosity=0")
        self._set_stamp("static", state)

    def _load_demo(self) -> None:
        self.say("Loading the demo: merchants, products, pictures …")
        self._manage("load_demo")
        self._manage("load_demo_purchases")
        self._manage("load_demo_complaints")
        users = self._manage("demo_users", quiet=True)
        (self.home / "demo-users.txt").write_text(users)
        self._pending.unlink()

    def _manage(self, *arguments: str, quiet: bool = False) -> str:
        """Run one manage.py command to its end; returns what it said when `quiet`."""
        log = self.home / "logs" / "preparation.log"
        with open(log, "wb") as output:
            process = spawn(manage(*arguments), env=self.env, cwd=CHECKOUT, output=output)
        try:
            code = process.wait()
        finally:
            end(process, [(signal.SIGTERM, 5.0)])
        text = log.read_text(errors="replace")
        if code != 0:
            raise EmbeddedError(f"manage.py {' '.join(arguments)} failed with code {code}:\n{text.rstrip()}")
        if not quiet and text.strip():
            self.say(text.rstrip())
        return text

    def _migrations_applied(self) -> str:
        """Count and newest number of applied migrations; empty for a database without any.

        Whoever unapplies or restores changes it, so that no stamp can lie.
        """
        connection = psycopg2.connect(self.env["DATABASE_URL"])
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
                if cursor.fetchone() != (True,):
                    return ""
                cursor.execute("SELECT count(*), max(id) FROM django_migrations")
                row = cursor.fetchone()
        finally:
            connection.close()
        return f"{row[0]}/{row[1]}" if row and row[0] else ""

    def _stamp(self, name: str) -> str:
        path = self.home / f"{name}.stamp"
        return path.read_text() if path.exists() else ""

    def _set_stamp(self, name: str, value: str) -> None:
        (self.home / f"{name}.stamp").write_text(value)


def forget_pending_demo(home: Home) -> None:
    """After a restore the shop has its data: an interrupted demo must not be loaded into it."""
    if (home / PENDING).exists():
        (home / PENDING).unlink()


def _digest(files: list[Path]) -> str:
    """One hash over names and contents."""
    total = hashlib.sha256()
    for path in files:
        total.update(str(path.relative_to(CHECKOUT)).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def static_files(checkout: Path) -> list[Path]:
    """Return the project's own static files; not those collected before, which may lie below a hidden folder."""
    found = [*(checkout / "static").rglob("*"), *checkout.glob("[!.]*/static/**/*")]
    return sorted(path for path in found if path.is_file())
