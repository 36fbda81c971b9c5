"""YAML read strictly: a duplicate key is an error, and every value knows its line.

PyYAML alone keeps the last of two equal keys and reads ``NO`` (Norway) as false. Here only
``true`` and ``false`` are booleans, only ``YYYY-MM-DD`` is a date, and only plain digits are
numbers; everything else is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

Where = tuple[str | int, ...]  # ("versions", 0, "value")

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(0|[1-9]\d*)")
_DECIMAL = re.compile(r"-?(0|[1-9]\d*)\.\d+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """One thing wrong in one data file."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class BookRefused(Exception):
    """The law's data cannot be loaded; `refusals` says where and why, all of them at once."""

    def __init__(self, refusals: list[Refusal]) -> None:
        self.refusals = tuple(sorted(refusals))
        super().__init__("\n".join(str(refusal) for refusal in self.refusals))


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as plain data, with the line of every key and item."""

    file: str
    data: Any
    lines: dict[Where, int]

    def line(self, *where: str | int) -> int:
        """Return the line of what is at `where`, or of the nearest thing around it."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)

    def refusal(self, reason: str, *where: str | int) -> Refusal:
        return Refusal(self.file, self.line(*where), reason)


def load_yaml(path: Path, *, name: str | None = None) -> Document:
    """Read one file. Raises BookRefused for broken YAML, duplicate keys, aliases and odd tags."""
    file = name or path.as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BookRefused([Refusal(file, 1, "the file is not UTF-8")]) from None
    return parse_yaml(text, file=file)


def parse_yaml(text: str, *, file: str) -> Document:
    """Read the text of one file, called `file` in refusals. Raises BookRefused as `load_yaml` does."""
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BookRefused([Refusal(file, line, f"not YAML: {error.problem}")]) from None
    if node is None:
        raise BookRefused([Refusal(file, 1, "the file is empty")])
    lines: dict[Where, int] = {}
    refusals: list[Refusal] = []
    data = _plain(node, (), file, lines, refusals)
    if refusals:
        raise BookRefused(refusals)
    return Document(file, data, lines)


def load_plain(path: Path) -> Any:
    """Return the data of one file, read as strictly, without its lines."""
    return load_yaml(path).data


def _plain(node: yaml.Node, where: Where, file: str, lines: dict[Where, int], out: list[Refusal]) -> Any:
    lines.setdefault(where, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return dict(_pairs(node, where, file, lines, out))
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*where, i), file, lines, out) for i, item in enumerate(node.value)]
    return _scalar(node, file, out)


def _pairs(
    node: yaml.MappingNode, where: Where, file: str, lines: dict[Where, int], out: list[Refusal]
) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        line, key = key_node.start_mark.line + 1, str(key_node.value)
        if key == "<<":
            out.append(Refusal(file, line, "merge keys are not allowed; write it out"))
        elif key in seen:
            out.append(Refusal(file, line, f"duplicate key: {key}"))
        seen.add(key)
        lines[(*where, key)] = line
        yield key, _plain(value_node, (*where, key), file, lines, out)


def _scalar(node: yaml.ScalarNode, file: str, out: list[Refusal]) -> Any:
    text = node.value
    if node.style:  # quoted or block: text, whatever it looks like
        return text
    if text in {"true", "false"}:
        return text == "true"
    if text in {"", "null", "~"}:
        return None
    if _DATE.fullmatch(text):
        return _date(text, node, file, out)
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text


def _date(text: str, node: yaml.ScalarNode, file: str, out: list[Refusal]) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        out.append(Refusal(file, node.start_mark.line + 1, f"no such day: {text}"))
        return None
