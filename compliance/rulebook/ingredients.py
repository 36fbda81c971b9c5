"""Lists of ingredients, read: what each item is called, its numbers, its share, and whether it is nano.

Names are compared folded (`fold`). CAS numbers are recognised before anything else and stay whole; names
lead to numbers through CosIng, the Commission's list of cosmetic ingredients (reference/SOURCE.md).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path

COSING = Path(__file__).parent / "reference" / "cosing.csv"
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_SPECIAL = str.maketrans(
    {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ω": "omega", "µ": "u", "μ": "u"}
    | {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_CAS = re.compile(r"(?<![\d-])(\d{2,7})-(\d{2})-(\d)(?![\d-])")
_E_NUMBER = re.compile(r"\be[ -]?(\d{3,4}[a-z]?)\b")
_COLOUR_INDEX = re.compile(r"ci \d{5}( \d)?")
_SHARE = re.compile(r"(<|≤|>|≥|up to |max\.? )?\s*(\d+(?:[.,]\d+)?)\s*(%|ppm\b|mg/kg\b)", re.IGNORECASE)
_TO_PERCENT = {"%": Decimal(1), "ppm": Decimal("0.0001"), "mg/kg": Decimal("0.0001")}
# A comma divides unless it stands inside a name (1,2-HEXANEDIOL, N,N-) or a number (0,5 %).
_DIVIDES = re.compile(r"[;•|\n]|,(?=\s)|(?<![\dN]),(?=N)|(?<=[A-Za-z)*]{2}),(?=\d)|,(?![\s\dN])")
_DIVIDES_FOOD = re.compile(r"[;:•|\n()\[\]{}]|(?<!\d),|,(?!\d)")
_LABELS = re.compile(
    r"^\s*(ingredients?|inci|may contain|peut contenir|kann enthalten|\+/-)\s*[:/]?\s*", re.I
)
_NANO = re.compile(r"[(\[]\s*nano\s*[)\]]", re.IGNORECASE)
_ALTERNATIVE = re.compile(r"\s*/\s*|[()\[\]]")
_DRESS = " .*°†+-–\u00a0[](){}"


@dataclass(frozen=True, slots=True)
class Ingredient:
    """One item of a list. `said` is the item as written, `names` its names folded, the most exact first.

    :param percent: its share in percent by mass, None if it is not said; `at_most` if that is an upper bound.
    """

    said: str
    names: tuple[str, ...]
    numbers: tuple[str, ...]  # CAS and E numbers, as written and by CosIng
    nano: bool = False
    percent: Decimal | None = None
    at_most: bool = False


def cas_numbers(text: str) -> tuple[str, ...]:
    """Return the CAS numbers in a text whose check digit is right."""
    return tuple(match.group() for match in _CAS.finditer(text) if _is_cas(*match.groups()))


def _is_cas(first: str, second: str, check: str) -> bool:
    digits = reversed(first + second)
    return sum(at * int(digit) for at, digit in enumerate(digits, 1)) % 10 == int(check)


@lru_cache(maxsize=16384)  # every law of every day folds the same names
def fold(name: str) -> str:
    """Return a name as it is compared: no accents, lower case, letters and digits; a CAS number stays whole."""
    text = name.strip()
    if _CAS.fullmatch(text):
        return text
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_SPECIAL))
    return _NOT_WORD.sub(" ", "".join(one for one in plain if not unicodedata.combining(one))).strip()


@lru_cache(maxsize=8192)
def read_cosmetic(items: tuple[str, ...]) -> tuple[Ingredient, ...]:
    """Return the ingredients of an INCI list; items that hold a whole list are divided."""
    said = (part for item in items for part in _DIVIDES.split(_LABELS.sub("", item)))
    return tuple(found for part in said if (found := _read(part, _cosmetic_names)) is not None)


@lru_cache(maxsize=8192)
def read_food(text: str) -> tuple[Ingredient, ...]:
    """Return the ingredients of a sentence, those inside brackets too; a share belongs to what it follows."""
    found: list[Ingredient] = []
    for part in _DIVIDES_FOOD.split(text):
        one = _read(part, lambda plain: (fold(plain),))
        if one is not None:
            found.append(one)
        elif found and found[-1].percent is None and (share := _SHARE.search(part)):
            found[-1] = _with_share(found[-1], share)
    return tuple(found)


def _read(part: str, names_of) -> Ingredient | None:  # type: ignore[no-untyped-def] -- text to names
    share, numbers = _SHARE.search(part), cas_numbers(part)
    plain = _NANO.sub(" ", _CAS.sub(" ", _SHARE.sub(" ", part)))
    names = tuple(name for name in names_of(plain.strip(_DRESS)) if name)
    if not names and not numbers:
        return None
    e_numbers = tuple(f"e{number}" for name in names[:1] for number in _E_NUMBER.findall(name))
    by_name = tuple(number for name in names[:1] for number in known_names().get(name, ()))
    said = " ".join(part.split())[:80].strip(" .,*")
    one = Ingredient(said, names, (*numbers, *e_numbers, *by_name), bool(_NANO.search(part)))
    return _with_share(one, share) if share else one


def _with_share(one: Ingredient, share: re.Match[str]) -> Ingredient:
    sign, number, unit = share.groups()
    percent = Decimal(number.replace(",", ".")) * _TO_PERCENT[unit.lower()]
    return Ingredient(one.said, one.names, one.numbers, one.nano, percent, bool(sign) and sign not in ">≥")


def _cosmetic_names(plain: str) -> tuple[str, ...]:
    """Return the name, and if nobody knows it as a whole its alternatives: PARFUM/FRAGRANCE, AQUA (WATER)."""
    whole = fold(plain)
    if is_known(whole):
        return (whole,)
    others = dict.fromkeys(fold(part) for part in _ALTERNATIVE.split(plain))
    return tuple(sorted(filter(None, others), key=lambda name: not is_known(name))) or (whole,)


def is_known(name: str) -> bool:
    """Return whether a folded name is one of CosIng's or a Colour Index number."""
    return name in known_names() or _COLOUR_INDEX.fullmatch(name) is not None


@cache
def known_names() -> Mapping[str, tuple[str, ...]]:
    """Return the CAS numbers of every name of CosIng, by its folded name."""
    with COSING.open(encoding="utf-8", newline="") as stream:
        rows: Iterable[dict[str, str]] = csv.DictReader(stream)
        return {fold(row["name"]): tuple(filter(None, row["cas"].split(";"))) for row in rows}
