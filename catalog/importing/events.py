"""News of imports."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImportStarted:
    """A merchant let a file in; the work is to be done in the background."""

    run_id: int
    public_id: str
