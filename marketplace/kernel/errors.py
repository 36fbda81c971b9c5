"""Errors are facts with data; an edge turns them into words.

::

    RightfulError
    ├── Invalid          the input is wrong: field, reason            → form error, 400
    ├── NotAllowed       this actor may not do this                   → 403
    ├── NotFound         no such thing for this actor                 → 404
    ├── Conflict         the state of the world does not allow it     → message, 409
    └── Unavailable      something outside is down; try again later   → 503

Each app derives its own facts from these (``OutOfStock(Conflict)``). ``code`` names the
class of fact for machines, ``title`` says it in one plain English sentence, ``data``
carries the particulars (JSON values only), ``field`` names the input at fault.

A sentence never has values written into it: it is a msgid with names, and the particulars are its values.
``Invalid("A postcode there looks like %(example)s.", field="postcode", example="10115")`` is English as
``error.detail`` and in the reader's language as ``error.in_words(gettext)``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar


class Words(str):
    """A sentence in English that can be said in another language: a msgid and its values, which may be Words."""

    message: str
    params: dict[str, Any]

    def __new__(cls, message: str, **params: Any) -> Words:
        """Return the sentence in English."""
        if isinstance(message, Words):
            message, params = message.message, message.params | params
        words = super().__new__(cls, _filled(message, params))
        words.message, words.params = message, params
        return words

    def said(self, gettext: Callable[[str], str]) -> str:
        """Return the sentence in the language of `gettext`."""
        values = {
            name: value.said(gettext) if isinstance(value, Words) else value
            for name, value in self.params.items()
        }
        return _filled(gettext(self.message), values)

    def kept(self) -> dict[str, Any]:
        """Return the sentence as JSON values, for `Words.read`."""
        params = {
            name: value.kept() if isinstance(value, Words) else value for name, value in self.params.items()
        }
        return {"message": self.message, "params": params}

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Words:
        """Return the sentence that was kept."""
        params = {
            name: cls.read(value) if isinstance(value, dict) else value
            for name, value in kept["params"].items()
        }
        return cls(kept["message"], **params)


def _filled(sentence: str, values: dict[str, Any]) -> str:
    return sentence % values if values and "%(" in sentence else sentence


class RightfulError(Exception):
    """The root. Never raised itself."""

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong."
    status: ClassVar[int] = 500

    def __init__(self, detail: str = "", *, field: str | None = None, **data: Any) -> None:
        self.detail = Words(detail or self.title, **data)
        super().__init__(self.detail)
        self.field = field
        self.data = data

    def in_words(self, gettext: Callable[[str], str]) -> str:
        """Return what is wrong in the language of `gettext`."""
        return self.detail.said(gettext)


class Invalid(RightfulError):
    code, title, status = "invalid", "Something in the input is not right.", 400


class NotAllowed(RightfulError):
    code, title, status = "not_allowed", "You may not do this.", 403


class NotFound(RightfulError):
    code, title, status = "not_found", "We could not find this.", 404


class Conflict(RightfulError):
    code, title, status = "conflict", "This is not possible at the moment.", 409


class Unavailable(RightfulError):
    code, title, status = "unavailable", "A service we need does not answer. Nothing was changed.", 503
