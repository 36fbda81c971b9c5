"""The reference of the API as people read it: the schema's operations, drawn by ourselves.

The usual viewers build their page with inline styles and scripts, which the content security policy refuses, and
are not usable by everybody. Everything here comes from the schema that is served beside it.
"""

from __future__ import annotations

import functools
import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings

JSON = "application/json"
DEEPEST = 3  # levels of a document that are told apart; deeper ones are named by their type
SAFE = ("get", "put", "post", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a document: its path (`lines[].quantity`), its type in words, whether it must be there, notes."""

    name: str
    type: str
    is_required: bool
    note: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: status, its phrase, the fields of its document, and an example as text or nothing."""

    status: str
    phrase: str
    fields: tuple[Field, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked of the interface."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    who: str
    parameters: tuple[tuple[str, Field], ...]
    body: tuple[Field, ...]
    body_type: str
    curl: str
    answers: tuple[Answer, ...]


@functools.cache
def reference() -> tuple[tuple[str, tuple[Operation, ...]], ...]:
    """Return the groups of the interface with their operations, in the order of the schema; read once a process."""
    from drf_spectacular.generators import SchemaGenerator

    return read(SchemaGenerator().get_schema(request=None, public=True))


def read(document: Mapping[str, Any]) -> tuple[tuple[str, tuple[Operation, ...]], ...]:
    """Return the groups of an OpenAPI 3 document with their operations."""
    groups: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method in SAFE:
            if method in item:
                told = item[method]
                groups.setdefault(told["tags"][0], []).append(_operation(document, path, method, told))
    return tuple((name, tuple(operations)) for name, operations in groups.items())


def _operation(document: Mapping[str, Any], path: str, method: str, told: Mapping[str, Any]) -> Operation:
    content = told.get("requestBody", {}).get("content", {})
    kind = JSON if JSON in content else next(iter(content), "")
    return Operation(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told.get("summary", ""),
        description=told.get("description", ""),
        who=_who(told),
        parameters=tuple(
            (one["in"], Field(one["name"], _type(document, one["schema"]), one.get("required", False),
                              _note(one["schema"], one.get("description", ""))))
            for one in told.get("parameters", [])
        ),
        body=tuple(_fields(document, content[kind]["schema"])) if kind else (),
        body_type=kind,
        curl=_curl(path, method, told, kind, content),
        answers=tuple(_answer(document, status, one) for status, one in sorted(told["responses"].items())),
    )  # fmt: skip


def _who(told: Mapping[str, Any]) -> str:
    names = {name for one in told.get("security", []) for name in one}
    if "merchantKey" in names:
        return "merchant"
    return "account" if "cookieAuth" in names and {} not in told["security"] else "everybody"


def _curl(path: str, method: str, told: Mapping[str, Any], kind: str, content: Mapping[str, Any]) -> str:
    lines = [
        f"curl {'' if method == 'get' else f'-X {method.upper()} '}{shlex.quote(settings.SITE_URL + path)}"
    ]
    if _who(told) == "merchant":
        lines.append('-H "Authorization: Bearer $KEY"')
    lines += [
        f'-H "{one["name"]}: $(uuidgen)"'
        for one in told.get("parameters", [])
        if one["in"] == "header" and one.get("required")
    ]
    if kind == JSON:
        examples = content[kind].get("examples", {})
        value = next((one["value"] for one in examples.values()), {})
        document = json.dumps(value, ensure_ascii=False, indent=2)
        lines += [f"-H {shlex.quote(f'Content-Type: {JSON}')}", f"-d {shlex.quote(document)}"]
    elif kind:
        lines.append("-F file=@picture.jpg")
    return " \\\n  ".join(lines)


def _answer(document: Mapping[str, Any], status: str, told: Mapping[str, Any]) -> Answer:
    content = next(iter(told.get("content", {}).values()), {})
    examples = content.get("examples", {})
    value = next((one["value"] for one in examples.values()), None)
    is_problem = int(status) >= 400
    return Answer(
        status=status,
        phrase=HTTPStatus(int(status)).phrase,
        fields=() if is_problem or "schema" not in content else tuple(_fields(document, content["schema"])),
        example="" if value is None else json.dumps(value, ensure_ascii=False, indent=2),
    )


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while True:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif len(schema.get("allOf", ())) == 1:
            schema = {**schema["allOf"][0], **{key: value for key, value in schema.items() if key != "allOf"}}
        else:
            return schema


def _fields(
    document: Mapping[str, Any], schema: Mapping[str, Any], before: str = "", depth: int = 0
) -> Iterator[Field]:
    """Yield the fields of a document and of what it holds, outermost first."""
    found = _resolved(document, schema)
    if found.get("type") == "array":
        yield from _fields(document, found["items"], f"{before}[]", depth)
        return
    required = set(found.get("required", ()))
    for name, one in found.get("properties", {}).items():
        inner = _resolved(document, one)
        path = f"{before}.{name}" if before else name
        yield Field(path, _type(document, one), name in required, _note(inner, inner.get("description", "")))
        if depth + 1 < DEEPEST and (inner.get("type") == "array" or inner.get("properties")):
            yield from _fields(document, one, path, depth + 1)


def _type(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    found = _resolved(document, schema)
    kind = found.get("type", "")
    if kind == "array":
        return f"list of {_type(document, found['items'])}"
    if not kind:
        choices = [_type(document, one) for one in found.get("oneOf", found.get("anyOf", ()))]
        kind = " or ".join(dict.fromkeys(one for one in choices if one)) or "anything"
    words = {"object": "object", "string": {"date": "day", "date-time": "instant", "uri": "address"}}
    named = words.get(kind, kind)
    name = named.get(found.get("format", ""), "string") if isinstance(named, dict) else named
    return f"{name} or null" if found.get("nullable") else name


def _note(schema: Mapping[str, Any], description: str) -> str:
    """Return what a schema says beside its type: description, choices, default and bounds."""
    parts = [description.strip()] if description else []
    choices = [str(one) for one in schema.get("enum", ()) if one not in (None, "")]
    if choices and not all(choice in description for choice in choices):
        parts.append("One of: " + ", ".join(choices) + ".")
    if "default" in schema and schema["default"] not in (None, "", [], {}):
        parts.append(f"If left out: {schema['default']}.")
    bounds = [
        text.format(schema[name])
        for name, text in (
            ("minimum", "at least {}"), ("maximum", "at most {}"), ("maxLength", "at most {} characters"),
            ("maxItems", "at most {} of them"),
        )
        if name in schema
    ]  # fmt: skip
    if bounds:
        parts.append((", ".join(bounds) + ".").capitalize())
    return " ".join(parts)
