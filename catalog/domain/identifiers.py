"""Numbers that identify goods, checked before they are kept: GTIN, ISBN, HS code."""

from __future__ import annotations

import re

from stdnum import ean, isbn
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength, ValidationError

from catalog.domain.errors import BadIdentifier

REASONS = {
    InvalidChecksum: "The check digit does not fit: one digit is wrong or two are swapped.",
    InvalidLength: "It has the wrong number of digits.",
    InvalidFormat: "It contains something that is not a digit.",
}
GTIN_LENGTHS = (8, 12, 13, 14)


def check_gtin(value: str, *, field: str = "gtin") -> str:
    """Return a GTIN-8, -12, -13 or -14 as digits only; ISBNs become their GTIN-13.

    :raises BadIdentifier: with the reason, if its length or check digit is wrong.
    """
    digits = re.sub(r"[\s-]", "", value)
    if len(digits) == 10 and isbn.is_valid(digits):
        return isbn.to_isbn13(digits)
    if len(digits) not in GTIN_LENGTHS:
        raise _bad("gtin", value, "A GTIN has 8, 12, 13 or 14 digits.", field)
    try:
        return ean.validate(digits)
    except ValidationError as error:
        raise _bad("gtin", value, _reason(error), field) from error


def check_isbn(value: str, *, field: str = "isbn") -> str:
    """Return an ISBN as its 13 digits.

    :raises BadIdentifier: with the reason, if it is not an ISBN-10 or ISBN-13.
    """
    try:
        return isbn.to_isbn13(isbn.validate(value)).replace("-", "")
    except ValidationError as error:
        raise _bad("isbn", value, _reason(error), field) from error


def check_hs_code(value: str, *, field: str = "hs_code") -> str:
    """Return an HS code of 4 to 10 digits without its dots.

    :raises BadIdentifier: if it is anything else.
    """
    digits = re.sub(r"[\s.]", "", value)
    if not re.fullmatch(r"(?:0[1-9]|[1-9]\d)\d{2}(?:\d{2}){0,3}", digits):
        raise _bad(
            "hs_code", value, "An HS code has 4, 6, 8 or 10 digits and starts with its chapter.", field
        )
    return digits


def _reason(error: ValidationError) -> str:
    return next(
        (text for kind, text in REASONS.items() if isinstance(error, kind)), "It is not a valid number."
    )


def _bad(identifier: str, value: str, reason: str, field: str) -> BadIdentifier:
    return BadIdentifier(reason, field=field, identifier=identifier, value=value, reason=reason)
