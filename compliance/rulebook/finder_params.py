"""What the parameters of finders must look like; the loader refuses everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from compliance.rulebook import claims

LISTS = ("inci_list", "ingredients", "substances")
SHARES = ("any", "above", "unsaid")


def _substances(params: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown(params, {"list", "kinds", "share", "groups"})
    yield from _lists(params)
    if params.get("share", "any") not in SHARES:
        yield f"share must be one of {', '.join(SHARES)}"
    for key in ("kinds", "groups"):
        if not _is_texts(params.get(key)):
            yield f"{key} is a list of texts"


def _lists(params: Mapping[str, Any]) -> Iterator[str]:
    if params.get("list") not in LISTS:
        yield f"list must be one of {', '.join(LISTS)}"


def _names(params: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown(params, {"list"})
    yield from _lists(params)


def _unknown(params: Mapping[str, Any], known: set[str]) -> Iterator[str]:
    for key in params:
        if key not in known:
            yield f"unknown parameter: {key}"


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) and one for one in value)


# name of the finder -> its reasons for refusal
PARAMS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "substances": _substances,
    "ingredient_names": _names,
    "nano_marks": _names,
    "claims": claims.reasons_against,
    "ended_documents": lambda params: _unknown(params, set()),
}
