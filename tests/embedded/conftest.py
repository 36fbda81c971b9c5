"""A copy of the checkout in a path with spaces, and `bin/up` started in it as root or as a normal user."""

import os
import platform
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from marketplace.embedded.account import Account
from marketplace.embedded.home import CHECKOUT, DEFAULT_PORTS
from marketplace.embedded.ports import free_port
from marketplace.embedded.process import wait_until

BASE = Path(sys.base_prefix).resolve()
NOT_NEEDED = ("site-packages", "test", "idlelib", "tkinter", "ensurepip", "lib2to3", "include", "share")
NOT_COPIED = (".git", ".venv", ".rightful", "tests", ".*_cache", ".hypothesis", "data")


@pytest.fixture(scope="session")
def public() -> Iterator[Path]:
    """A folder with spaces in its name that every account may enter; pytest's own are private, and stay so."""
    with tempfile.TemporaryDirectory(prefix="rightful in a path with spaces ") as name:
        place = Path(name)
        place.chmod(0o755)
        yield place


@pytest.fixture(scope="session")
def checkout(public: Path) -> Path:
    """The working tree, copied."""
    place = public / "the shop"
    shutil.copytree(CHECKOUT, place, ignore=shutil.ignore_patterns(*NOT_COPIED), symlinks=True)
    open_to_all(place)
    return place


def open_to_all(place: Path) -> None:
    """Let other accounts read all of it."""
    for path in (place, *place.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))


def normal_user() -> pwd.struct_passwd:
    """Ourselves, or for root somebody who may nothing special."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


@pytest.fixture(scope="session")
def venv(public: Path) -> Path:
    """What bin/ takes for an installed virtual environment: this one's packages, an interpreter all may run."""
    place = public / "venv"
    site = place / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    site.mkdir(parents=True)
    (place / "bin").mkdir()
    base = _reachable_interpreter(public)
    (place / "bin" / "python").symlink_to(base)
    (place / "pyvenv.cfg").write_text(f"home = {base.parent}\ninclude-system-site-packages = false\n")
    packages = _reachable(Path(sysconfig.get_paths()["purelib"]), public)
    (site / "packages.pth").write_text(f"{packages}\n")
    for lock in ("requirements.lock", "requirements-dev.lock"):
        shutil.copy(CHECKOUT / lock, place / f"installed-{lock}")
    open_to_all(place)
    return place


def _reachable_interpreter(public: Path) -> Path:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    ours = BASE / "bin" / version
    for candidate in (ours, Path("/usr/bin") / version, Path("/usr/local/bin") / version):
        if candidate.exists() and _somebody().reaches(candidate.resolve()) and _is_our_version(candidate):
            return candidate
    return _reachable(BASE, public) / "bin" / version


def _is_our_version(interpreter: Path) -> bool:
    """To the last digit: which packages are installed depends on it."""
    said = subprocess.run([interpreter, "--version"], capture_output=True, text=True, check=False).stdout
    return said.split() == ["Python", platform.python_version()]


def _reachable(folder: Path, public: Path) -> Path:
    if _somebody().reaches(folder / "anything"):
        return folder
    copy = public / "copies" / folder.name
    needless = shutil.ignore_patterns(*NOT_NEEDED) if folder == BASE else None
    shutil.copytree(folder, copy, symlinks=True, ignore=needless)
    open_to_all(copy)
    return copy


def _somebody() -> Account:
    user = normal_user()
    return Account(user.pw_name, user.pw_uid, user.pw_gid, switch=os.geteuid() == 0)


class Run:
    """One `bin/up`, what it has said, and every process that it has started."""

    def __init__(self, command: list[str], env: dict[str, str], user: pwd.struct_passwd | None) -> None:
        switch = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.process = subprocess.Popen(
            command,
            env=env,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            **switch,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def said(self, text: str) -> bool:
        """Whether it has said the text so far."""
        return any(text in line for line in list(self.lines))

    def until_said(self, text: str, seconds: float = 240) -> None:
        """Wait for a text in its output."""
        met = wait_until(lambda: self.said(text) or self.process.poll() is not None, seconds=seconds)
        assert met, "".join(self.lines[-40:])
        assert self.said(text), "".join(self.lines[-40:])

    def until_running(self) -> None:
        """Wait until it has said where the shop is and its worker has taken up work."""
        self.until_said("Rightful is running at")
        self.until_said("celery@")

    def stop(self, number: signal.Signals, *, group: bool = False) -> int:
        """Send the signal (to the whole terminal group as Ctrl-C does) and wait for the end."""
        (os.killpg if group else os.kill)(self.process.pid, number)
        code = self.process.wait(timeout=40)
        self._reader.join(timeout=10)
        return code

    def family(self) -> set[tuple[int, str]]:
        """This process and all its descendants, each as (pid, start time) so that a reused pid is no mistake."""
        return {(pid, _started(pid)) for pid in _descendants(self.process.pid)}


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _started(pid: int) -> str:
    fields = _stat(pid)  # read once: the process may end between two looks
    return fields[19] if fields else ""


def _descendants(root: int) -> set[int]:
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    parents = {pid: int(stat[1]) for pid in pids if (stat := _stat(pid))}
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def still_alive(family: set[tuple[int, str]]) -> set[int]:
    """Those of a family that run on (a zombie does not run)."""
    return {pid for pid, began in family if (stat := _stat(pid)) and stat[0] != "Z" and stat[19] == began}


Start = Callable[..., Run]


@pytest.fixture(scope="module")
def clean_env(venv: Path) -> dict[str, str]:
    """What a person's shell has: nothing of this test run's services, ports of our own."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    ports = {name: str(free_port()) for name in DEFAULT_PORTS}
    library = (venv / "bin" / "python").resolve().parents[1] / "lib"  # of an interpreter that was copied
    return {
        **kept,
        **ports,
        "RIGHTFUL_VENV": str(venv),
        "RIGHTFUL_DEMO": "0",
        "LD_LIBRARY_PATH": f"{library}:{os.environ.get('LD_LIBRARY_PATH', '')}".rstrip(":"),
    }


@pytest.fixture(scope="module")
def start(checkout: Path, clean_env: dict[str, str]) -> Iterator[Start]:
    """Start a script of bin/ in a home; whatever failing tests leave behind is killed."""
    runs: list[Run] = []

    def start_one(home: Path, *command: str, user: pwd.struct_passwd | None = None, **extra: str) -> Run:
        env = {**clean_env, "RIGHTFUL_HOME": str(home), "HOME": str(home), **extra}
        script, *arguments = command or ("up",)
        runs.append(Run([str(checkout / "bin" / script), *arguments], env, user))
        return runs[-1]

    yield start_one
    for run in runs:
        if run.process.poll() is None:
            family = run.family()
            run.process.kill()
            wait_until(lambda members=family: not still_alive(members), seconds=10)
            for pid in still_alive(family):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def home(public: Path) -> Path:
    """A data folder that the stories of one run share: the tables are made once."""
    place = public / "the data of the shop"
    place.mkdir()
    return place
