"""Where the embedded services keep things: folders, secrets, ports and the lock that says who runs them."""

import fcntl
import json
import os
import pwd
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from marketplace.embedded.errors import HomeNotOurs

CHECKOUT = Path(__file__).resolve().parents[2]
DATABASE, ROLE, ADMIN = "rightful", "rightful", "postgres"
LOG_LIMIT = 20 * 1024 * 1024
DEFAULT_PORTS = {
    "RIGHTFUL_PORT": 8000,
    "RIGHTFUL_PG_PORT": 54320,
    "RIGHTFUL_VALKEY_PORT": 63790,
    "RIGHTFUL_MAIL_PORT": 1025,
}


@dataclass(frozen=True)
class Ports:
    """The four ports of one running product; 0 in a variable means any free one."""

    web: int
    postgres: int
    valkey: int
    mail: int


def ports_wanted(environ: Mapping[str, str]) -> Ports:
    """Ports from the RIGHTFUL_*PORT variables, else the defaults."""
    return Ports(*(int(environ.get(name) or default) for name, default in DEFAULT_PORTS.items()))


@dataclass(frozen=True)
class Secrets:
    """Generated once per home, kept in a file that only its owner can read."""

    admin: str
    postgres: str
    valkey: str
    secret_key: str


class Home:
    """One data folder (`.rightful/` in the checkout, or RIGHTFUL_HOME)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Home":
        """The home that the environment names; a relative RIGHTFUL_HOME counts from where the command ran."""
        return cls(Path(environ.get("RIGHTFUL_HOME") or CHECKOUT / ".rightful").absolute())

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def prepare(self) -> "Home":
        """Make the folders; refuse a home that belongs to somebody else."""
        self.path.mkdir(parents=True, exist_ok=True)
        owner = self.path.stat().st_uid
        if owner != os.geteuid():
            raise HomeNotOurs(path=str(self.path), owner=_user_name(owner))
        for name in ("logs", "mail", "media", "static"):
            (self.path / name).mkdir(exist_ok=True)
        for log in (self / "logs").iterdir():
            if log.stat().st_size > LOG_LIMIT:
                log.replace(log.with_suffix(".old"))
        return self

    def secrets(self) -> Secrets:
        """This home's secrets, generated on first use into a 0600 file."""
        path = self / "secrets.json"
        if not path.exists():
            fresh = {
                name: secrets.token_urlsafe(48 if name == "secret_key" else 24)
                for name in Secrets.__dataclass_fields__
            }
            write_private(path, json.dumps(fresh, indent=1))
        return Secrets(**json.loads(path.read_text()))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, completely or not at all."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.rename(path)


class Lock:
    """An advisory lock on a file; the system frees it when its holder dies, however it dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = open(path, "a+")  # noqa: SIM115 -- held open for as long as the lock lives

    def take(self, *, shared: bool = False, wait: bool = False) -> bool:
        """Try to hold the lock; False when somebody else has it and `wait` is not asked for."""
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._file, kind if wait else kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let go of the lock; may be taken again."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the lock for good."""
        self._file.close()

    def note(self, record: Mapping[str, object]) -> None:
        """Tell others who holds the lock (pid, role, addresses)."""
        write_private(self.path.with_suffix(".json"), json.dumps(record, indent=1))

    def noted(self) -> dict[str, object]:
        """What the present or the last holder noted; empty when nobody has."""
        try:
            return json.loads(self.path.with_suffix(".json").read_text())
        except FileNotFoundError:
            return {}

    def forget(self) -> None:
        """Take the note away: the holder is not ready yet, or no longer."""
        self.path.with_suffix(".json").unlink(missing_ok=True)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
