"""Conditions of the law in CEL (Common Expression Language), over documented facts only.

A condition is compiled once, when the rulebook loads; evaluating it on a prepared context
takes about a microsecond. Facts are documented in ``facts.yaml`` (listings) and
``facts_<subject>.yaml``; a condition that names anything else is refused by the loader.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import cel

_AS_IS = (bool, str, float, int, type(None))
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_PATH = re.compile(r"(?<![\w.])([a-z_]\w*)\.([a-z_]\w*)(?!\w*\()")
_BOUND = re.compile(r"\.(?:exists|exists_one|all|map|filter)\(\s*(\w+)\s*,")


class BadCondition(ValueError):
    """The expression does not compile, or names a fact that is not documented."""


class ConditionFailed(RuntimeError):
    """A condition could not be evaluated on these facts: a mistake in the rule, never in the case."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition. Compare by source; the program is an implementation detail."""

    source: str
    program: Any

    def holds(self, context: cel.Context) -> bool:
        """Return whether the condition is true on a context from `context_of`."""
        try:
            return self.program.execute(context) is True
        except (RuntimeError, TypeError, KeyError, ValueError, IndexError) as error:
            raise ConditionFailed(f"{self.source}: {error}") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Condition) and self.source == other.source

    def __hash__(self) -> int:
        return hash(self.source)


def compile_condition(source: str, facts: Mapping[str, Any]) -> Condition:
    """Compile `source`; `facts` maps each allowed name to its attributes (a set) or None for any.

    Raises BadCondition with a reason that a lawyer can act on.
    """
    try:
        program = cel.compile(source)
    except ValueError as error:
        raise BadCondition(f"the condition does not compile: {_first_line(error)}") from None
    bare = _STRING.sub("''", source)
    bound = set(_BOUND.findall(bare))
    for name in sorted(set(program.variables()) - bound):
        if name not in facts:
            raise BadCondition(f"the condition uses an undocumented fact: {name}")
    for name, attribute in _PATH.findall(bare):
        known = facts.get(name) if name not in bound else None
        if known is not None and attribute not in known:
            raise BadCondition(f"the condition uses an undocumented fact: {name}.{attribute}")
    return Condition(source, program)


def context_of(facts: Mapping[str, Any]) -> cel.Context:
    """Return facts ready for any number of conditions. Dates become ISO text, decimals numbers."""
    return cel.Context(
        {name: value if type(value) in _AS_IS else _cel_value(value) for name, value in facts.items()}
    )


def _cel_value(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {key: _cel_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_cel_value(item) for item in value]
    return value


def _first_line(error: Exception) -> str:
    text = str(error).split("ERROR: <input>:", 1)[-1]
    return text.splitlines()[0][:200]
