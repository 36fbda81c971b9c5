"""News of compliance."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClearanceChanged:
    """Some markets of these subjects opened or closed. One piece of news a batch."""

    subjects: tuple[str, ...]  # "listing:L-7Q2K9F3M"
