"""What a merchant hands in: a listing with its words, variants and prices, checked before anything is written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import nh3
from babel import Locale

from catalog.domain.errors import BadOptions, BadText
from catalog.domain.identifiers import check_gtin, check_hs_code
from catalog.domain.options import check_options
from compliance.rulebook.markets import selling_markets
from marketplace.kernel.errors import Invalid
from marketplace.kernel.money import exponent

TAGS = {"p", "br", "ul", "ol", "li", "strong", "b", "em", "i", "h2", "h3", "h4", "table", "thead", "tbody", "tr", "th",
        "td", "blockquote", "a", "hr", "dl", "dt", "dd", "sub", "sup"}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "th": {"colspan", "rowspan", "scope"}, "td": {"colspan", "rowspan"}}
NO_COUNTRY = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}  # territories of CLDR that are no country
CONDITIONS = ("new", "used", "refurbished")


@dataclass(frozen=True, slots=True)
class TextDraft:
    """A listing's words in one language."""

    title: str
    subtitle: str = ""
    description: str = ""  # HTML; what a page may not show is taken out
    seo_title: str = ""
    seo_description: str = ""


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """One combination of options. `prices` are minor units by currency; `on_hand` None leaves the stock alone."""

    sku: str
    options: tuple[str, ...] = ()
    gtin: str = ""
    mpn: str = ""
    weight_grams: int | None = None
    net_quantity: Mapping[str, str] = field(default_factory=dict)  # {"value": "250", "unit": "g"}
    prices: Mapping[str, int] = field(default_factory=dict)
    on_hand: int | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class ListingDraft:
    """Everything about one listing. `category` is a leaf code; `brand` a name; the rest as on Listing."""

    code: str
    category: str
    texts: Mapping[str, TextDraft]
    variants: Sequence[VariantDraft]
    language: str = "en"
    option_names: tuple[str, ...] = ()
    brand: str = ""
    condition: str = "new"
    origin: str = ""
    hs_code: str = ""
    hs_confirmed: bool = False
    model: str = ""
    disclosures: Mapping[str, Any] = field(default_factory=dict)
    manufacturer: Mapping[str, str] = field(default_factory=dict)
    responsible_person: Mapping[str, str] = field(default_factory=dict)
    local_contacts: Sequence[Mapping[str, str]] = ()
    traits: tuple[str, ...] = ()
    attestations: tuple[str, ...] = ()
    ships_to: tuple[str, ...] = ()
    is_published: bool | None = None  # None: the draft does not say


@dataclass(frozen=True, slots=True)
class RateDraft:
    """What a merchant charges to send a basket to a market, in minor units of `currency`."""

    market: str
    price_minor: int
    currency: str
    min_days: int
    max_days: int
    service: str = "standard"
    extra_item_minor: int = 0
    free_from_minor: int | None = None
    carrier: str = ""


def clean_html(html: str) -> str:
    """Return the HTML that a product page shows: structure and links, no scripts, styles or pictures."""
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"})


def clean_text(text: str) -> str:
    """Return one line of plain text: no tags, no line breaks, no control characters."""
    plain = nh3.clean(text, tags=set()) if "<" in text else text
    return " ".join("".join(c if c.isprintable() else " " for c in _unescaped(plain)).split())


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("&nbsp;", " ")


def check_draft(draft: ListingDraft) -> ListingDraft:
    """Return a draft in its canonical form.

    :raises Invalid: naming the field, for the first thing that cannot be taken.
    """
    _check_words(draft)
    check_options(draft.option_names, [variant.options for variant in draft.variants])
    _check_skus(draft.variants)
    if draft.condition not in CONDITIONS:
        raise Invalid(
            "The condition is one of %(choices)s.",
            field="condition",
            choices=", ".join(CONDITIONS),
            value=draft.condition,
        )
    return replace(
        draft,
        code=clean_text(draft.code),
        texts={language: check_text(text) for language, text in draft.texts.items()},
        variants=[check_variant(variant) for variant in draft.variants],
        origin=check_country(draft.origin, field="origin"),
        hs_code=check_hs_code(draft.hs_code) if draft.hs_code else "",
        brand=clean_text(draft.brand)[:120],
    )


def _check_words(draft: ListingDraft) -> None:
    if not draft.code.strip() or len(draft.code) > 120:
        raise Invalid("A listing needs a code of its own, of at most 120 characters.", field="code")
    if draft.language not in draft.texts:
        raise BadText("The original language has no text.", field="texts", language=draft.language)


def check_text(text: TextDraft) -> TextDraft:
    """Return words without anything a browser could run.

    :raises BadText: without a title, or if one is too long.
    """
    title = clean_text(text.title)
    if not title:
        raise BadText("A listing needs a title.", field="title")
    if len(title) > 200:
        raise BadText("A title has at most 200 characters.", field="title", length=len(title))
    return TextDraft(
        title,
        clean_text(text.subtitle)[:300],
        clean_html(text.description),
        clean_text(text.seo_title)[:200],
        clean_text(text.seo_description)[:320],
    )


def _check_skus(variants: Sequence[VariantDraft]) -> None:
    skus = [variant.sku for variant in variants]
    if len(set(skus)) != len(skus):
        raise BadOptions("Two variants have the same article number.", field="variants")


def check_variant(variant: VariantDraft) -> VariantDraft:
    """Return a variant with its numbers checked.

    :raises Invalid: naming the field, if a number, price or amount cannot be right.
    """
    if not variant.sku.strip() or len(variant.sku) > 120:
        raise Invalid("A variant needs an article number of at most 120 characters.", field="sku")
    for currency, minor in variant.prices.items():
        check_price(minor, currency)
    if variant.on_hand is not None and variant.on_hand < 0:
        raise Invalid("There cannot be fewer than none on the shelf.", field="on_hand")
    return replace(
        variant,
        sku=clean_text(variant.sku),
        options=tuple(clean_text(value) for value in variant.options),
        gtin=check_gtin(variant.gtin) if variant.gtin else "",
        mpn=clean_text(variant.mpn)[:80],
    )


def check_price(minor: int, currency: str) -> None:
    """Refuse a price that is not above zero, absurdly high, or in no real currency."""
    exponent(currency)
    if not 0 < minor < 10**12:
        raise Invalid("A price is above zero.", field="price", value=minor)


ROLES = (
    "importer",
    "responsible_person",
    "authorised_representative",
    "domestic_agent",
    "domestic_administrator",
    "fsvp_importer",
)
CONTACT = {"name": 200, "address": 300, "email": 254}
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def check_contacts(contacts: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return who answers for a product in other markets, one of each role in a market.

    :raises Invalid: naming the field, for the first that nobody could reach.
    """
    clean = [_check_contact(contact) for contact in contacts]
    known = [(contact["market"], contact["role"]) for contact in clean]
    twice = next((key for key in known if known.count(key) > 1), None)
    if twice:
        raise Invalid(
            "There is already somebody with this role in this market.",
            field="role",
            market=twice[0],
            role=twice[1],
        )
    return clean


def _check_contact(contact: Mapping[str, str]) -> dict[str, str]:
    market, role = contact.get("market", ""), contact.get("role", "")
    if market not in selling_markets():
        raise Invalid("Choose the market in which they answer.", field="market", value=market)
    if role not in ROLES:
        raise Invalid("Choose what they are.", field="role", value=role)
    words = {name: clean_text(contact.get(name) or "")[:most] for name, most in CONTACT.items()}
    for name in ("name", "address"):
        if not words[name]:
            raise Invalid("Name and postal address must both be given.", field=name, market=market)
    if words["email"] and not EMAIL.fullmatch(words["email"]):
        raise Invalid("This is not an e-mail address.", field="email", value=words["email"])
    return {"market": market, "role": role, **{name: value for name, value in words.items() if value}}


def check_markets(markets: Sequence[str]) -> list[str]:
    """Return markets in the order people see them, each once.

    :raises Invalid: for one nobody sells to.
    """
    unknown = next((market for market in markets if market not in selling_markets()), None)
    if unknown:
        raise Invalid("Nobody sells to this market.", field="ships_to", value=unknown)
    return [market for market in selling_markets() if market in markets]


def check_country(code: str, *, field: str) -> str:
    """Return an ISO 3166-1 code in capitals, or nothing.

    :raises Invalid: if there is no such country.
    """
    upper = code.strip().upper()
    if upper and upper not in _countries():
        raise Invalid("%(value)s is not a country code of two letters.", field=field, value=code)
    return upper


@cache
def _countries() -> frozenset[str]:
    codes = (code for code in Locale("en").territories if len(code) == 2 and code.isalpha())
    return frozenset(codes) - NO_COUNTRY
