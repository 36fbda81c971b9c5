"""The rights calculators on standard input and output: one JSON line in, one JSON line out, in order.

Line in: ``{"id": "a1", "ask": "withdrawal", "facts": {...}}``; line out: ``{"id", "answer", "rulings",
"explain"}``, or ``{"id", "error": {"type", "title", "detail", "field"}}`` and the next line goes on.
No database is touched.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from django.core.management.base import BaseCommand

from compliance import rulebook
from marketplace.kernel.errors import Invalid, RightfulError

LONGEST_LINE = 1_000_000  # bytes; a case is a few hundred
_FIELDS = {"id", "ask", "facts"}
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Answer questions about rights: JSON lines in, JSON lines out."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        rulebook.default()
        lines: Iterable[bytes | str] = getattr(sys.stdin, "buffer", sys.stdin)
        try:
            for reply in replies(lines):
                self.stdout.write(reply)
                self.stdout.flush()
        except BrokenPipeError:  # the reader has gone; there is nobody to tell
            sys.stderr.close()


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def replies(lines: Iterable[bytes | str]) -> Iterator[str]:
    """Return one JSON line for each line, in order."""
    for line in lines:
        yield _ENCODER.encode(_reply(line))


def _reply(line: bytes | str) -> dict[str, Any]:
    case_id: Any = None
    try:
        question = _question(line)
        case_id = question.get("id")
        return {"id": case_id, **_answer(question)}
    except RightfulError as error:
        return {"id": case_id, "error": _problem(error)}
    except Exception:
        _log.exception("a rights question failed")
        return {"id": case_id, "error": _problem(RightfulError())}


def _question(line: bytes | str) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise Invalid(f"A line is at most {LONGEST_LINE} bytes long.")
    try:
        found = _DECODER.decode(line if isinstance(line, str) else line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Invalid(f"This line is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Invalid("A line is a JSON object with id, ask and facts.")
    return found


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(question.keys() - _FIELDS)
    if unknown:
        raise Invalid("This field is not known here.", field=unknown[0])
    ask, facts = question.get("ask"), question.get("facts", {})
    if not isinstance(ask, str):
        raise Invalid("ask is the name of a calculator.", field="ask")
    return rulebook.answer(ask, facts).as_json()


def _problem(error: RightfulError) -> dict[str, Any]:
    return {"type": error.code, "title": str(error.title), "detail": error.detail, "field": error.field}
