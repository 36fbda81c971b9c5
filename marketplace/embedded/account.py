"""Started by root, servers still run as nobody in particular: the account, and places which it can reach.

PostgreSQL refuses to run as root, and it is right. A checkout or a virtual environment below a folder such as
/root (0700) is out of that account's reach; then copies under STATE serve, never a chmod of others' folders.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

STATE = Path("/var/lib/rightful")
DEDICATED = "rightful"


@dataclass(frozen=True)
class Account:
    """Whom the database and the broker run as; `switch` says whether we must become it first."""

    name: str
    uid: int
    gid: int
    switch: bool

    def reaches(self, path: Path) -> bool:
        """Whether this account may walk down to the path: every folder above it lets it through."""
        if not self.switch:
            return True
        return all(self._may_enter(folder) for folder in path.absolute().parents)

    def _may_enter(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & 0o100)
        if status.st_gid == self.gid:
            return bool(status.st_mode & 0o010)
        return bool(status.st_mode & 0o001)

    def own(self, path: Path) -> None:
        """Make a private folder (0700) of this account; its parents exist."""
        path.mkdir(mode=0o700, exist_ok=True)
        if self.switch:
            os.chown(path, self.uid, self.gid)


def service_account() -> Account:
    """Ourselves; for root RIGHTFUL_ACCOUNT, else `rightful` (made when possible), else `nobody`."""
    if os.geteuid() != 0:
        return Account(name=str(os.geteuid()), uid=os.geteuid(), gid=os.getegid(), switch=False)
    named = _entry(os.environ.get("RIGHTFUL_ACCOUNT") or DEDICATED)
    entry = named or _make_dedicated() or pwd.getpwnam("nobody")
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, switch=True)


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _make_dedicated() -> pwd.struct_passwd | None:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin")
    if program is None:
        return None
    options = (
        "--system",
        "--user-group",
        "--no-create-home",
        f"--home-dir={STATE}",
        "--shell=/usr/sbin/nologin",
    )
    subprocess.run([program, *options, DEDICATED], capture_output=True, check=False)
    return _entry(DEDICATED)


def data_folder(home: Path, name: str, account: Account) -> Path:
    """A folder `name` of the account's own: in the home, or under STATE with a link from the home to it."""
    place = home / name
    if place.is_symlink():
        return _made(place.resolve(), account)
    if place.exists() or account.reaches(place):
        account.own(place)
        return place
    elsewhere = STATE / hashlib.sha256(str(home).encode()).hexdigest()[:12] / name
    place.symlink_to(_made(elsewhere, account))
    return elsewhere


def _made(folder: Path, account: Account) -> Path:
    _open_folder(folder.parent)
    account.own(folder)
    return folder


def readable_copy(sources: list[Path], *, label: str, account: Account) -> Path:
    """The folder in which the sources lie side by side and which the account can read: theirs, or a copy.

    A copy is made once per label (which names the version); it gets its name only when it is complete.
    """
    original = sources[0].parent
    if account.reaches(sources[0] / "anything"):
        return original
    copy = STATE / "programs" / label
    if not copy.exists():
        _publish(_drafted(sources, Path(f"{copy}.{os.getpid()}")), copy)
    return copy


def _drafted(sources: list[Path], draft: Path) -> Path:
    _open_folder(draft)
    for source in sources:
        target = draft / source.name
        if source.is_dir():
            needless = shutil.ignore_patterns("__pycache__", "include")
            shutil.copytree(source, target, symlinks=True, ignore=needless)
        else:
            shutil.copy2(source, target)
    for path in draft.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))
    return draft


def _open_folder(folder: Path) -> None:
    """Make the folder and what is missing above it readable for all, whatever root's umask says."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir()
        place.chmod(0o755)


def _publish(draft: Path, copy: Path) -> None:
    try:
        draft.rename(copy)
    except OSError:  # another process was faster; its copy is as good
        shutil.rmtree(draft)
