"""News of imports."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImportStarted:
    """A merchant let a file in; the work is to be done in the background."""

    run_id: int
    public_id: str


@dataclass(frozen=True, slots=True)
class PicturesNamed:
    """Rows that were taken name pictures; they are to be fetched in the background."""

    run_id: int
