"""Rule files as text: the one in use, and the same confirmed or switched off. Pure but for reading the release."""

from __future__ import annotations

import re
from datetime import date

from compliance.rulebook.loader import ROOT

_CHECKED = re.compile(r"^checked:.*(?:\n[ ].*)*", re.MULTILINE)
_STATUS = re.compile(r"^status:.*$", re.MULTILINE)
_VERSION_STATUS = re.compile(r"^(\s+)(status|confidence): \w+\s*\n", re.MULTILINE)
_VERSION_CONFIDENCE = re.compile(r"^\s+confidence: \w+\s*\n", re.MULTILINE)


def released_text(rule: str) -> str:
    """Return the released file of a rule; "" if there is none."""
    path = ROOT / "rules" / (rule.replace(".", "/") + ".yaml")
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def confirmed(text: str, *, confidence: str, on: date) -> str:
    """Return the rule as read in a source of this confidence ("official", "secondary") on a day."""
    checked = f"checked: {{on: {on.isoformat()}, confidence: {confidence}}}"
    return _CHECKED.sub(checked, _VERSION_CONFIDENCE.sub("", text), count=1)


def switched_off(text: str) -> str:
    """Return the rule as one that does not bind: vacated, in every version."""
    bare = re.sub(r"^\s+status: \w+\s*\n", "", text, flags=re.MULTILINE)
    return _STATUS.sub("status: vacated", bare, count=1)
