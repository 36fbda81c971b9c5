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
"""

from typing import Any, ClassVar


class RightfulError(Exception):
    """The root. Never raised itself."""

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong."
    status: ClassVar[int] = 500

    def __init__(self, detail: str = "", *, field: str | None = None, **data: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.field = field
        self.data = data


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
