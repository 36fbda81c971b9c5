"""What every format is read into, and the small readings that all of them share. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from stdnum import ean, isbn
from stdnum.exceptions import ValidationError

from marketplace.kernel.errors import Words

TITLE_LENGTH, TEXT_LENGTH = 200, 50_000
KILO, POUND, OUNCE = Decimal(1000), Decimal("453.59237"), Decimal("28.349523125")
GRAMS = {"g": Decimal(1), "kg": KILO, "lb": POUND, "lbs": POUND, "oz": OUNCE}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
MAX_PRICE = Decimal(10_000_000)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row was refused, or a remark on one that was taken. A sentence with values in it is Words."""

    field: str
    what: str
    fix: str

    def as_json(self) -> dict[str, Any]:
        """Return it for keeping: in English, and under `said` what a reader's language needs besides."""
        said = {
            name: text.kept()
            for name, text in (("what", self.what), ("fix", self.fix))
            if isinstance(text, Words) and text.params
        }
        kept: dict[str, Any] = {"field": self.field, "what": str(self.what), "fix": str(self.fix)}
        return kept | {"said": said} if said else kept

    @staticmethod
    def in_words(kept: dict[str, Any], say: Callable[[str], str]) -> dict[str, str]:
        """Return what `as_json` kept, in the language of `say`."""
        said = kept.get("said", {})
        return {"field": kept["field"]} | {
            name: Words.read(said[name]).said(say) if name in said else say(kept[name])
            for name in ("what", "fix")
        }


@dataclass(slots=True)
class VariantDraft:
    sku: str
    price: Decimal | None
    currency: str
    options: list[str] = field(default_factory=list)
    gtin: str = ""
    mpn: str = ""
    stock: int | None = None
    weight_grams: int | None = None
    net_quantity: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ListingDraft:
    """One product page as a file describes it. Nothing here is trusted yet."""

    code: str
    language: str = "en"
    texts: dict[str, dict[str, str]] = field(default_factory=dict)  # language → title, subtitle, description
    brand: str = ""
    source_category: str = ""  # as the file names it
    category: str = ""  # a leaf code, after mapping
    condition: str = "new"
    option_names: list[str] = field(default_factory=list)
    variants: list[VariantDraft] = field(default_factory=list)
    images: list[tuple[str, str]] = field(default_factory=list)  # (address, alternative text)
    disclosures: dict[str, Any] = field(default_factory=dict)
    manufacturer: dict[str, str] = field(default_factory=dict)
    responsible_person: dict[str, str] = field(default_factory=dict)
    hs_code: str = ""
    origin: str = ""
    is_published: bool = True


@dataclass(slots=True)
class Item:
    """One product of a file with the input rows it stands for: a draft, or the reasons why not."""

    lines: list[int]
    draft: ListingDraft | None
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)
    # Rows of the group that were refused although the product was taken: line → reasons.
    refused_lines: dict[int, list[Problem]] = field(default_factory=dict)

    @property
    def is_taken(self) -> bool:
        return self.draft is not None and not self.problems


@dataclass(frozen=True, slots=True)
class Options:
    """What the merchant chose for a whole file."""

    currency: str = "EUR"
    language: str = "en"
    columns: dict[str, str] = field(default_factory=dict)  # our field → their column
    categories: dict[str, str] = field(default_factory=dict)  # their category → our leaf code
    default_category: str = ""
    default_price: Decimal | None = None
    default_stock: int | None = None
    header: bool = True


class FileRefused(Exception):
    """The whole file cannot be read: what, where, and how to fix it."""

    def __init__(self, what: str, fix: str, line: int | None = None, **values: Any) -> None:
        super().__init__(what)
        self.what, self.fix, self.line = Words(what, **values), Words(fix, **values), line


def clean_text(value: object, limit: int = TEXT_LENGTH) -> str:
    """Return text without control and direction-override characters, normalised, trimmed, cut at `limit`."""
    text = unicodedata.normalize("NFC", str(value or ""))
    return CONTROL.sub("", text).replace("\r\n", "\n").strip()[:limit]


def read_price(value: object) -> Decimal:
    """Return an amount written as ``1299``, ``1,299.00``, ``1.299,00``, ``€ 12,50`` or ``12.50 EUR``.

    :raises ValueError: if it is not clear what is meant, not positive, or absurdly large.
    """
    text = re.sub(r"[^\d.,\-]", "", str(value or ""))
    last = max(text.rfind("."), text.rfind(","))
    if last >= 0:
        whole, decimals = text[:last], text[last + 1 :]
        if (
            len(decimals) == 3
            and text.count(text[last]) == 1
            and whole not in ("", "0")
            and text[last] == ","
        ):
            whole, decimals = whole + decimals, "0"  # 1,299 means one thousand
        text = re.sub(r"[.,]", "", whole) + "." + (decimals or "0")
    try:
        price = Decimal(text)
    except InvalidOperation:
        raise ValueError(Words("%(value)s is not a price.", value=repr(value))) from None
    if not Decimal(0) < price < MAX_PRICE:
        raise ValueError(Words("%(value)s is not a price above zero.", value=repr(value)))
    return price


def read_count(value: object) -> int | None:
    """Return a whole number of pieces; None if nothing is said.

    :raises ValueError: for anything else, and for less than nothing.
    """
    text = str(value if value is not None else "").strip()
    if not text:
        return None
    count = int(Decimal(text.replace(",", "."))) if re.fullmatch(r"\d+([.,]0*)?", text) else -1
    if not 0 <= count <= 10_000_000:
        raise ValueError(f"{value!r} is not a number of pieces")
    return count


def read_gtin(value: object) -> str:
    """Return a valid GTIN-8/12/13/14 as digits; leading zeros that a spreadsheet ate are put back.

    :raises ValueError: if the check digit is wrong or it is not a GTIN at all.
    """
    digits = re.sub(r"[\s\-']", "", str(value or ""))
    if not digits:
        return ""
    if re.fullmatch(r"\d{9}[\dXx]", digits) and isbn.is_valid(digits):
        return isbn.to_isbn13(digits).replace("-", "")
    digits = digits.lstrip("0").rjust(8, "0") if digits.isdigit() and len(digits) > 14 else digits
    for length in (len(digits), 8, 12, 13, 14):
        candidate = digits.zfill(length)
        if (
            candidate.isdigit()
            and len(candidate) in (8, 12, 13, 14)
            and int(candidate)
            and _is_gtin(candidate)
        ):
            return candidate
    raise ValueError(f"{value!r} has no valid check digit")


def _is_gtin(digits: str) -> bool:
    try:
        ean.validate(digits)
    except ValidationError:
        return False
    return True


def read_weight(value: object, unit: str) -> int | None:
    """Return a weight in whole grams; None if nothing usable is said."""
    try:
        weight = Decimal(str(value or "").replace(",", ".")) * GRAMS[unit.strip().lower() or "g"]
    except (InvalidOperation, KeyError):
        return None
    return int(weight.to_integral_value()) if 0 < weight < 10**9 else None


QUANTITY = re.compile(
    r"(?P<count>\d+\s*[x×*]\s*)?(?P<value>\d+(?:[.,]\d+)?)\s*(?P<unit>kg|g|gr|grs|mg|l|lt|ltr|litres?|cl|dl|ml|pcs|st|oz|fl oz|lb)\b",
    re.IGNORECASE,
)
UNITS = {
    "kg": ("g", KILO), "g": ("g", 1), "gr": ("g", 1), "grs": ("g", 1), "mg": ("g", Decimal("0.001")),
    "l": ("ml", 1000), "lt": ("ml", 1000), "ltr": ("ml", 1000), "litre": ("ml", 1000), "litres": ("ml", 1000),
    "cl": ("ml", 10), "dl": ("ml", 100), "ml": ("ml", 1), "pcs": ("pcs", 1), "st": ("pcs", 1),
    "oz": ("g", OUNCE), "lb": ("g", POUND), "fl oz": ("ml", Decimal("29.5735295625")),
}  # fmt: skip


def read_quantity(value: object) -> dict[str, str]:
    """Return ``{"value": "750", "unit": "ml"}`` for ``75 cl``; empty if nothing usable is said."""
    found = QUANTITY.search(str(value or ""))
    if not found:
        return {}
    unit, factor = UNITS[found["unit"].lower()]
    amount = Decimal(found["value"].replace(",", ".")) * Decimal(factor)
    if found["count"]:
        amount *= int(re.sub(r"\D", "", found["count"]))
    amount = amount.quantize(Decimal("0.001")).normalize()
    return {"value": f"{amount:f}", "unit": unit} if amount > 0 else {}


def read_flag(value: object, *, default: bool) -> bool:
    """Return yes or no as files write it."""
    text = str(value if value is not None else "").strip().lower()
    if not text:
        return default
    return text in {
        "1",
        "true",
        "yes",
        "y",
        "active",
        "published",
        "enabled",
        "in stock",
        "in_stock",
        "ja",
        "oui",
    }
