"""Carriers and the shape of their tracking numbers, read from carriers.csv beside this file. Pure.

Sources of the check digits: UPU standard S10 (weights 8 6 4 2 3 5 9 7, modulo 11), GS1 General
Specifications (weights 3 1, modulo 10), ISO 7064 MOD 37,36 (DPD), and the carriers' published label
guides (UPS: modulo 10 over letters as numbers; FedEx: weights 1 3 7 from the right, modulo 11; air
waybills and Japanese carriers: remainder by 7). Rows without a check are known by their shape alone.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from orders.domain.errors import BadTrackingNumber

OTHER = "other"  # a carrier that is not in the list; only the characters are checked
_OTHER_SHAPE = re.compile(r"[A-Z0-9-]{4,40}")
_SEPARATORS = re.compile(r"[\s.\-/]")


@dataclass(frozen=True, slots=True)
class Format:
    """One shape of a carrier's numbers."""

    pattern: re.Pattern[str]
    check: str
    example: str

    def fits(self, number: str) -> bool:
        return bool(self.pattern.fullmatch(number)) and (not self.check or CHECKS[self.check](number))


@dataclass(frozen=True, slots=True)
class Carrier:
    code: str
    name: str
    tracking_url: str
    formats: tuple[Format, ...]


@cache
def carriers() -> Mapping[str, Carrier]:
    """Return the known carriers by code, in the order of the file."""
    found: dict[str, Carrier] = {}
    with (Path(__file__).parent / "carriers.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            one = Format(re.compile(row["pattern"]), row["check"], row["example"])
            known = found.get(row["code"])
            formats = (*known.formats, one) if known else (one,)
            found[row["code"]] = Carrier(row["code"], row["name"], row["tracking_url"], formats)
    return found


def check_number(carrier: str, number: str) -> str:
    """Return a tracking number as the carrier writes it: capitals, without separators.

    :raises BadTrackingNumber: if the carrier is unknown or gives no such numbers, with an example.
    """
    written = _SEPARATORS.sub("", number).upper()
    if carrier == OTHER:
        if _OTHER_SHAPE.fullmatch(written):
            return written
        raise BadTrackingNumber(field="tracking_number", carrier=carrier)
    known = carriers().get(carrier)
    if known is None:
        raise BadTrackingNumber("We do not know this carrier.", field="carrier", carrier=carrier)
    if any(one.fits(written) for one in known.formats):
        return written
    examples = [one.example for one in known.formats]
    raise BadTrackingNumber(field="tracking_number", carrier=carrier, examples=examples)


def carriers_of(number: str) -> tuple[str, ...]:
    """Return the codes of the carriers that a number may belong to, those with a check digit first."""
    written = _SEPARATORS.sub("", number).upper()
    fitting = [
        (not one.check, code)
        for code, carrier in carriers().items()
        for one in carrier.formats
        if one.fits(written)
    ]
    return tuple(dict.fromkeys(code for _, code in sorted(fitting, key=lambda pair: pair[0])))


def tracking_url(carrier: str, number: str) -> str:
    """Return where to follow a parcel; "" if the carrier is unknown."""
    known = carriers().get(carrier)
    return known.tracking_url.format(number=number) if known else ""


def _s10(number: str) -> bool:
    digits = [int(char) for char in number[2:11]]
    rest = 11 - sum(d * w for d, w in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=False)) % 11
    return digits[8] == {10: 0, 11: 5}.get(rest, rest)


def _ups(number: str) -> bool:
    values = [int(char) if char.isdigit() else (ord(char) - 63) % 10 for char in number[2:]]
    total = sum(value * (2 if i % 2 else 1) for i, value in enumerate(values[:-1]))
    return values[-1] == -total % 10


def _fedex12(number: str) -> bool:
    weights = (3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1)
    total = sum(int(char) * weight for char, weight in zip(number, weights, strict=False))
    return int(number[-1]) == total % 11 % 10


def _mod10(number: str) -> bool:
    total = sum(int(char) * (3 if i % 2 == 0 else 1) for i, char in enumerate(reversed(number[:-1])))
    return int(number[-1]) == -total % 10


def _mod7(number: str) -> bool:
    return int(number[:-1]) % 7 == int(number[-1])


_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _mod37_36(number: str) -> bool:
    rest = 36
    for char in number[:-1]:
        rest = (rest + _ALPHABET.index(char)) % 36 or 36
        rest = rest * 2 % 37
    return (rest + _ALPHABET.index(number[-1])) % 36 == 1


CHECKS: Mapping[str, Callable[[str], bool]] = {
    "s10": _s10,
    "ups": _ups,
    "fedex12": _fedex12,
    "mod10": _mod10,
    "mod7": _mod7,
    "mod37_36": _mod37_36,
}
