"""News of compliance."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClearanceChanged:
    """Some markets of these subjects opened or closed. One piece of news a batch."""

    subjects: tuple[str, ...]  # "listing:L-7Q2K9F3M"


@dataclass(frozen=True, slots=True)
class RulebookChanged:
    """Officers accepted a change of these rules; everything they touch is judged again."""

    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LawNoticeDue:
    """A merchant is to be told of a change of law, or reminded of it."""

    notice_id: int
    owner: str
    is_reminder: bool


@dataclass(frozen=True, slots=True)
class MeasuresTaken:
    """Listings of a merchant are no longer shown in some markets; the reasons are to be told."""

    owner: str
    measures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LimitsChanged:
    """Some subjects are limited now or no longer; `limits.limited` says which."""

    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AppealDecided:
    """A complaint about a measure was decided; the subject is judged again."""

    appeal: str
    subject: str
    owner: str


@dataclass(frozen=True, slots=True)
class SuspensionChanged:
    """A merchant was suspended, or may sell again; `suspensions.is_suspended` says which."""

    owner: str
