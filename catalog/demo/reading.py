"""Read the files of the demo range into plain values; nothing here touches a database.

A product's values are its own laid over the `defaults` of its file; `null` takes a default away. A text
that begins with "@" stands for a sentence of phrases.yaml. The registrations of the merchant are put into
the disclosures of every listing they concern. See README.md for the schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from compliance.rulebook import categories, fields

HERE = Path(__file__).resolve().parent
PICTURES = HERE / "pictures"

Texts = dict[str, str]


class BadDemoData(ValueError):
    """A file of the demo range is not what README.md says; the message names the product."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What it costs to send a basket to a market, in the merchant's currency."""

    market: str
    price: Decimal
    min_days: int
    max_days: int
    carrier: str


@dataclass(frozen=True, slots=True)
class DemoMerchant:
    slug: str
    identity: dict[str, str]  # fields of accounts.Merchant by name
    story: Texts
    prices_include_tax: bool
    verified_days_ago: int
    verified_by: str
    voluntary_days: int | None
    free_returns: bool
    registrations: dict[str, Any]
    free_from: Decimal | None
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class DemoVariant:
    sku: str
    gtin: str
    options: tuple[str, ...]
    price: Decimal
    stock: int
    weight_grams: int


@dataclass(frozen=True, slots=True)
class Reduction:
    """An announced reduction of one variant. Days count back from the day the demo is loaded."""

    sku: str
    price: Decimal
    regular: Decimal
    since_days: int
    until_days: int
    history: tuple[tuple[int, Decimal], ...]  # (days ago, price in force from then on)
    expect: str  # lawful or misleading
    note: str


@dataclass(frozen=True, slots=True)
class Picture:
    path: Path  # without extension; .svg and .webp lie beside each other
    alt: Texts


@dataclass(frozen=True, slots=True)
class Drawing:
    kind: str
    palette: str
    backdrop: str
    room: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DemoProduct:
    merchant: str
    code: str
    category: str
    brand: str
    condition: str
    language: str
    model: str
    hs: str
    origin: str
    title: Texts
    subtitle: Texts
    text: Texts
    options: tuple[str, ...]
    variants: tuple[DemoVariant, ...]
    reduction: Reduction | None
    traits: tuple[str, ...]
    attestations: tuple[str, ...]
    documents: tuple[dict[str, Any], ...]
    disclosures: dict[str, Any]
    manufacturer: dict[str, str]
    responsible_person: dict[str, str]
    local_contacts: tuple[dict[str, str], ...]
    ships_to: tuple[str, ...]
    pictures: tuple[Picture, ...]
    drawing: Drawing
    left_to_fix: str


@cache
def merchants() -> Mapping[str, DemoMerchant]:
    """Return the merchants by slug."""
    return {slug: _merchant(slug, data) for slug, data in _load("merchants.yaml").items()}


@cache
def products() -> tuple[DemoProduct, ...]:
    """Return every product of the range, in the order of files and lines."""
    files = sorted((HERE / "products").glob("*.yaml"))
    return tuple(product for file in files for product in _file(yaml.safe_load(file.read_text("utf-8"))))


def _load(name: str) -> dict[str, Any]:
    data = yaml.safe_load((HERE / name).read_text("utf-8"))
    return dict(data)


@cache
def _phrases() -> Mapping[str, Texts]:
    return _load("phrases.yaml")


@cache
def _makers() -> Mapping[str, dict[str, Any]]:
    return _load("makers.yaml")


def _merchant(slug: str, data: dict[str, Any]) -> DemoMerchant:
    free_from = data["free_from"]
    named = {key: value for key, value in data.items() if isinstance(value, str) and key != "free_from"}
    return DemoMerchant(
        slug=slug,
        identity=named,
        story=data["story"],
        prices_include_tax=data["prices_include_tax"],
        verified_days_ago=data["verified"]["days_ago"],
        verified_by=data["verified"]["by"],
        voluntary_days=data["returns"]["voluntary_days"],
        free_returns=data["returns"]["free"],
        registrations=data["registrations"],
        free_from=Decimal(free_from) if free_from else None,
        rates=tuple(
            Rate(market, Decimal(price), least, most, carrier)
            for market, (price, least, most, carrier) in data["shipping"].items()
        ),
    )


def _file(data: dict[str, Any]) -> Iterable[DemoProduct]:
    merchant = merchants()[data["merchant"]]
    for own in data["products"]:
        yield _product(merchant, _over(data.get("defaults", {}), own))


def _over(defaults: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Return own values over the defaults; disclosures are laid over one by one."""
    merged = {**defaults, **own}
    disclosed = {**defaults.get("disclosures", {}), **own.get("disclosures", {})}
    merged["disclosures"] = {key: value for key, value in disclosed.items() if value is not None}
    return merged


def _product(merchant: DemoMerchant, data: dict[str, Any]) -> DemoProduct:
    code, maker = data["code"], _makers()[data["maker"]]
    traits = tuple(data.get("traits", ()))
    return DemoProduct(
        merchant=merchant.slug,
        code=code,
        category=data["category"],
        brand=data["brand"],
        condition=data.get("condition", "new"),
        language=data.get("language", "en"),
        model=data.get("model", ""),
        hs=data["hs"],
        origin=data["origin"],
        title=data["title"],
        subtitle=data["subtitle"],
        text=data["text"],
        options=tuple(data.get("options", ())),
        variants=tuple(_variant(row) for row in data["variants"]),
        reduction=_reduction(data.get("reduction")),
        traits=traits,
        attestations=tuple(data.get("attestations", ())),
        documents=tuple(data.get("documents", ())),
        disclosures=_disclosures(merchant, data, traits),
        manufacturer=_contact(maker),
        responsible_person=_responsible_person(maker, data.get("responsible_person", "")),
        local_contacts=tuple(_local(entry) for entry in maker.get("contacts", ())),
        ships_to=tuple(data.get("ships_to", ())),
        pictures=tuple(Picture(PICTURES / code / str(i), alt) for i, alt in enumerate(data["alt"], start=1)),
        drawing=_drawing(data["picture"]),
        left_to_fix=data.get("left_to_fix", ""),
    )


def _variant(row: dict[str, Any]) -> DemoVariant:
    options = tuple(str(option) for option in row["options"])
    return DemoVariant(
        row["sku"], row.get("gtin", ""), options, Decimal(row["price"]), row["stock"], row["weight"]
    )


def _reduction(data: dict[str, Any] | None) -> Reduction | None:
    if data is None:
        return None
    history = tuple((days, Decimal(price)) for days, price in data["history"])
    return Reduction(
        sku=data["sku"],
        price=Decimal(data["price"]),
        regular=Decimal(data["regular"]),
        since_days=data["since_days"],
        until_days=data["until_days"],
        history=history,
        expect=data["expect"],
        note=data.get("note", ""),
    )


def _drawing(data: dict[str, Any]) -> Drawing:
    return Drawing(data["draw"], data["palette"], data["backdrop"], data["room"], data["with"])


def _contact(data: dict[str, Any]) -> dict[str, str]:
    return {key: data[key] for key in ("name", "address", "email", "country")}


def _responsible_person(maker: dict[str, Any], own: str) -> dict[str, str]:
    ref = own or maker.get("responsible_person", "none")
    return {} if ref == "none" else _contact(_makers()["_contacts"][ref])


def _local(entry: dict[str, str]) -> dict[str, str]:
    person = _makers()["_contacts"][entry["ref"]]
    return {key: person[key] for key in ("name", "address", "email")} | {
        "market": entry["market"],
        "role": entry["role"],
    }


def _disclosures(merchant: DemoMerchant, data: dict[str, Any], traits: tuple[str, ...]) -> dict[str, Any]:
    groups = set(categories.groups_of(data["category"], traits)) | {"ALL"}
    registry = fields.fields()
    known = {
        key: value for key, value in merchant.registrations.items() if groups & set(registry[key].used_by)
    }
    own = {key: _spelled_out(data["code"], value) for key, value in data["disclosures"].items()}
    return {"origin_country": data["origin"], **known, **own}


def _spelled_out(code: str, value: Any) -> Any:
    """Return the value with "@key" replaced by the sentence in all its languages."""
    if isinstance(value, str) and value.startswith("@"):
        return dict(_phrase(code, value))
    if (
        isinstance(value, list)
        and value
        and all(isinstance(item, str) and item.startswith("@") for item in value)
    ):
        sentences = [_phrase(code, item) for item in value]
        languages = [lang for lang in sentences[0] if all(lang in sentence for sentence in sentences)]
        return {lang: [sentence[lang] for sentence in sentences] for lang in languages}
    return value.isoformat() if hasattr(value, "isoformat") else value


def _phrase(code: str, ref: str) -> Texts:
    try:
        return _phrases()[ref[1:]]
    except KeyError:
        raise BadDemoData(f"{code}: phrases.yaml has no sentence {ref!r}.") from None
