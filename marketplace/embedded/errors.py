"""What can go wrong before the application runs, told in a sentence that says what to do."""


class EmbeddedError(Exception):
    """The root: whatever stops the embedded services; its text is shown as it is, without a traceback."""


class PortTaken(EmbeddedError):
    """Somebody else listens on a port that we need."""

    def __init__(self, *, port: int, purpose: str, variable: str, holder: str | None) -> None:
        self.port, self.purpose, self.variable, self.holder = port, purpose, variable, holder
        by = f" by {holder}" if holder else ""
        super().__init__(
            f"Port {port} for {purpose} is already taken{by}. "
            f"Stop that program, or choose another port: {variable}={port + 1} bin/up"
        )


class AlreadyRunning(EmbeddedError):
    """Another `bin/up` holds this checkout's services."""

    def __init__(self, *, pid: int, address: str) -> None:
        self.pid, self.address = pid, address
        super().__init__(f"Rightful is already running at {address} (process {pid}). To stop it: kill {pid}")


class BinaryMissing(EmbeddedError):
    """Neither the packaged nor a system server was found for this machine."""

    def __init__(self, *, what: str, variable: str) -> None:
        self.what, self.variable = what, variable
        super().__init__(f"No {what} was found for this machine. Set {variable} to use a server of your own.")


class StartFailed(EmbeddedError):
    """A service ended or stayed silent while it should have come up; carries the end of its log."""

    def __init__(self, *, what: str, log: str) -> None:
        self.what, self.log = what, log
        super().__init__(f"{what} did not start. Its last words:\n{log.strip() or '(nothing)'}")


class HomeNotOurs(EmbeddedError):
    """The data folder belongs to another user."""

    def __init__(self, *, path: str, owner: str) -> None:
        self.path, self.owner = path, owner
        super().__init__(
            f"{path} belongs to {owner}. Run this as {owner}, or name a folder of your own: RIGHTFUL_HOME."
        )


class BackupRefused(EmbeddedError):
    """A backup is damaged, or restoring it would destroy something without leave."""
