"""The consents a line needs before the law takes its right of withdrawal away, and the words they are given in.

Which consents these are is decided by the law alone (`compliance.rulebook.exemptions`); here stands
what the shopper reads, under a version: what was agreed to stays readable when the words change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.rulebook.words import noop as _


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one box: an English msgid with %(title)s. New words need a new version."""

    version: str
    sentence: str


WORDINGS: Mapping[str, Wording] = {
    "exclusion": Wording(
        "2026-11-24",
        _(
            "%(title)s: I confirm that the law’s return without a reason does not apply to this purchase. My "
            "rights for faults stay."
        ),
    ),
    "express_consent": Wording(
        "2026-11-24", _("%(title)s: I ask that it begins at once, before the time to withdraw is over.")
    ),
    "service_request": Wording(
        "2026-11-29",
        _(
            "%(title)s: I ask that it begins at once. If I withdraw within the time for it, I pay for the days "
            "until then."
        ),
    ),
    "acknowledged_loss": Wording(
        "2026-11-24", _("%(title)s: I know that I lose my right to withdraw as soon as it begins.")
    ),
}


@dataclass(frozen=True, slots=True)
class ConsentNeeded:
    """One box that a line needs."""

    variant: str
    kind: str  # a key of WORDINGS
    ground: str  # the exception it is for
    title: str  # the product, as it is called in the checkout
