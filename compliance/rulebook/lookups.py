"""Looking things up in the tables: rates, tariffs, wordings, contacts, locale. Pure; loaded once.

Every answer carries the `Ruling` of the row it comes from. Nothing is guessed: where a table has
no row for a market and a day, the answer is None, and the caller says that it is not known.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from compliance.rulebook.tables import Column, Row, in_force, register_table, table
from compliance.rulebook.types import Cite, Ruling

_MARKET = Column("market", required=True, pattern=r"[A-Z]{2,3}(-[A-Z0-9]{1,3})?")
_HS6 = Column("hs6", required=True, pattern=r"\d{6}")
_LANGUAGE = Column("language", required=True, pattern=r"[a-z]{2,3}(-[A-Za-z]{2,4})?")

register_table(
    "vat", _MARKET, Column("category", required=True), Column("rate_percent", "decimal"), Column("note")
)
register_table(
    "vat_categories",
    Column("kind", required=True, choices=("category", "hint", "hs6")),
    Column("code", required=True),
    Column("use", required=True, choices=("sale", "cbec", "personal_articles")),
    Column("vat_categories", "list", required=True),
)
register_table(
    "tariffs",
    _HS6,
    _MARKET,
    Column("rate_percent", "decimal"),
    Column(
        "kind",
        required=True,
        choices=("ad_valorem", "range", "per_item", "per_item_bounds", "specific", "open", "prohibited"),
    ),
    Column("low_percent", "decimal"),
    Column("high_percent", "decimal"),
    Column("per_item", "decimal"),
    Column("min_per_item", "decimal"),
    Column("max_per_item", "decimal"),
    Column("currency", pattern=r"[A-Z]{3}"),
    Column("as_written"),
)
register_table(
    "tariff_chapters",
    _MARKET,
    Column("chapter_from", required=True, pattern=r"\d\d"),
    Column("chapter_to", required=True, pattern=r"\d\d"),
    Column("rate_percent", "decimal", required=True),
)
register_table(
    "parcel_tariffs",
    _MARKET,
    Column("hs_prefix", required=True, pattern=r"\*|\d{2,6}"),
    Column("rate_percent", "decimal"),
    Column("what"),
)
register_table(
    "us_additional_duties",
    _HS6,
    Column("measure", required=True, choices=("section_301", "section_232")),
    Column("origin", required=True, pattern=r"\*|[A-Z]{2}"),
    Column("rate_percent", "decimal", required=True),
    Column("list"),
    Column("as_written"),
)
register_table("customs_territories", _MARKET, Column("territory", required=True))
register_table(
    "customs_rates",
    Column("currency", required=True, pattern=r"[A-Z]{3}"),
    Column("rate", "decimal", required=True),
)
register_table("hs6", _HS6, Column("description", required=True), Column("category_hint", required=True))
register_table(
    "hs_keywords",
    Column("keyword_en", required=True),
    Column("keyword_de"),
    Column("keyword_zh"),
    _HS6,
    Column("note"),
)
register_table(
    "wordings",
    Column("key", required=True),
    _MARKET,
    _LANGUAGE,
    Column("seq", "int", required=True),
    Column("text", required=True),
    Column("note"),
    Column("at"),
)
register_table(
    "contacts",
    _MARKET,
    Column(
        "role",
        required=True,
        choices=(
            "adr_general",
            "adr_sector",
            "competition",
            "consumer_authority",
            "customs",
            "data_protection",
            "ecc",
            "hotline",
            "online_complaint",
            "product_safety",
        ),
    ),
    Column("name_local", required=True),
    Column("name_en", required=True),
    Column("url", required=True, pattern=r"https?://\S+"),
    Column("phone"),
    Column("languages", "list"),
    Column("accepts_cross_border", required=True, choices=("yes", "no", "unknown")),
    Column("scope"),
)
register_table(
    "locale",
    _MARKET,
    Column("iso3", required=True, pattern=r"[A-Z]{3}"),
    Column("iso_numeric", required=True, pattern=r"\d{3}"),
    Column("languages", "list", required=True),
    Column("languages_rule", required=True, choices=("all", "any")),
    Column("languages_as_written", required=True),
    Column("currency", required=True, pattern=r"[A-Z]{3}"),
    Column("minor_units", "int", required=True),
    Column("time_zones", "list", required=True),
    Column("weekend", "list", required=True),
    Column("weekend_as_written", required=True),
    Column("majority_years", "int", required=True),
    Column("majority_as_written", required=True),
    Column("state_required", "yes_no", required=True),
    Column("state_as_written", required=True),
    Column("minor_unit_practice"),
    Column("vat_standard_percent", "decimal"),
    Column("vat_name_note"),
    Column("postcode_regex"),
    Column("postcode_example"),
    Column("address_line_order"),
    Column("name_order"),
    Column("phone_prefix"),
    Column("number_example"),
    Column("date_format"),
    Column("parcel_carriers"),
    Column("note"),
)

_WEEKDAYS = {"Mon": 0, "Tue": 1, "Wed": 2, "Thu": 3, "Fri": 4, "Sat": 5, "Sun": 6}
_EEA_OUTSIDE_UNION = ("NO", "IS", "LI")  # they share the Union's texts where they have none of their own


# What is found ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LanguageDuty:
    """The languages in which a market must be told: all of them, or any one of them."""

    codes: tuple[str, ...]
    all_of_them: bool

    def missing(self, available: Iterable[str]) -> tuple[str, ...]:
        """Return the codes that must be added; with "any", all of them stand as alternatives."""
        have = set(available)
        absent = tuple(code for code in self.codes if code not in have)
        return absent if self.all_of_them or len(absent) == len(self.codes) else ()

    def __iter__(self):
        return iter(self.codes)

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True)
class Locale:
    """How a market writes, counts and rests."""

    market: str
    iso3: str
    languages: LanguageDuty
    currency: str
    minor_units: int
    time_zones: tuple[str, ...]
    weekend: tuple[int, ...]  # 0 is Monday
    majority_years: int
    state_required: bool
    postcode_regex: str
    postcode_example: str
    address_line_order: str
    name_order: str
    phone_prefix: str
    number_example: str
    date_format: str
    vat_name_note: str
    parcel_carriers: tuple[str, ...]
    row: Row
    ruling: Ruling

    @property
    def time_zone(self) -> str:
        """The zone of most of its people; a market with several asks the shopper."""
        return self.time_zones[0]


@dataclass(frozen=True, slots=True)
class Wording:
    """A statutory or official text in one language."""

    key: str
    text: str
    language: str
    market: str  # whose row it is: "DE" or "EU"
    note: str
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class Contact:
    """An authority, a consumer centre, a dispute body or a hotline."""

    market: str
    role: str
    name_local: str
    name_en: str
    url: str
    phone: str
    languages: tuple[str, ...]
    accepts_cross_border: bool | None
    scope: str
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class VatRate:
    """A rate of VAT, GST or sales tax for one kind of goods on one day."""

    percent: Decimal
    category: str  # the tax category that decided: "books", "standard"
    note: str
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class Tariff:
    """The normal (most favoured nation) duty of one HS6 code in one customs territory."""

    kind: str
    percent: Decimal | None
    low_percent: Decimal | None
    high_percent: Decimal | None
    per_item: Decimal | None
    min_per_item: Decimal | None
    max_per_item: Decimal | None
    currency: str
    as_written: str
    ruling: Ruling

    @property
    def free(self) -> bool:
        return self.kind == "ad_valorem" and self.percent == 0


@dataclass(frozen=True, slots=True)
class HsSuggestion:
    """A customs code that the words of a product speak for; a person decides."""

    hs6: str
    description: str
    keyword: str
    note: str
    score: float


# Markets -----------------------------------------------------------------------------------------


def country_of(market: str) -> str:
    """Return the country of a market: ``US-CA`` → ``US``."""
    return market.split("-", 1)[0]


@lru_cache(maxsize=4096)
def customs_territory(market: str, on: date) -> str:
    """Return the customs territory of a market: ``DE`` → ``EU``, ``LI`` → ``CH``, ``US-CA`` → ``US``."""
    country = country_of(market)
    row = _first(_index("customs_territories", "market").get((country,), ()), on)
    return row["territory"] if row else country


def locale(market: str) -> Locale | None:
    """Return the locale of a market or of its country; None if the table does not know it."""
    return _locales().get(country_of(market))


def languages_required(market: str) -> LanguageDuty:
    """Return the languages in which product information must be given there; none if not known."""
    found = locale(market)
    return found.languages if found else LanguageDuty((), all_of_them=True)


@cache
def _locales() -> dict[str, Locale]:
    return {row["market"]: _locale(row) for row in table("locale")}


_LOCALE_AS_IT_STANDS = (
    "market",
    "iso3",
    "currency",
    "minor_units",
    "majority_years",
    "state_required",
    "postcode_regex",
    "postcode_example",
    "address_line_order",
    "name_order",
    "phone_prefix",
    "number_example",
    "date_format",
    "vat_name_note",
)


def _locale(row: Row) -> Locale:
    return Locale(
        **{name: row[name] for name in _LOCALE_AS_IT_STANDS},
        languages=LanguageDuty(tuple(row["languages"]), row["languages_rule"] == "all"),
        time_zones=tuple(row["time_zones"]),
        weekend=tuple(_WEEKDAYS[day] for day in row["weekend"]),
        parcel_carriers=tuple(name.strip() for name in row["parcel_carriers"].split(",") if name.strip()),
        row=row,
        ruling=ruling_of("locale", row["market"], row, value=row["languages_as_written"]),
    )


# Wordings and contacts ----------------------------------------------------------------------------


def wording(key: str, market: str, language: str, on: date) -> Wording | None:
    """Return the first text for a key, of the market itself or else of the Union for its members."""
    return next(iter(wordings(key, market, language, on)), None)


@lru_cache(maxsize=4096)
def wordings(key: str, market: str, language: str, on: date) -> tuple[Wording, ...]:
    """Return all texts for a key in their order; a regional language falls back to its base."""
    index = _index("wordings", "key", "market", "language")
    for place in _wording_places(market, on):
        for code in dict.fromkeys((language, language.split("-", 1)[0])):
            rows = [row for row in index.get((key, place, code), ()) if in_force(row, on)]
            if rows:
                return tuple(_wording(row) for row in sorted(rows, key=lambda row: row["seq"]))
    return ()


def wording_keys() -> tuple[str, ...]:
    """Return the keys there are."""
    return tuple(sorted({row["key"] for row in table("wordings")}))


def _wording_places(market: str, on: date) -> tuple[str, ...]:
    places = dict.fromkeys((market, country_of(market)))
    if customs_territory(market, on) == "EU" or country_of(market) in _EEA_OUTSIDE_UNION:
        places["EU"] = None
    return tuple(places)


def _wording(row: Row) -> Wording:
    key = f"{row['key']}.{row['market']}.{row['language']}"
    ruling = ruling_of("wordings", key, row, value=row["text"], at=row["at"])
    return Wording(row["key"], row["text"], row["language"], row["market"], row["note"], ruling)


def contacts(market: str, role: str | None = None) -> tuple[Contact, ...]:
    """Return who is there to turn to in a market, for one role or all, in the table's order."""
    index = _index("contacts", "market")
    rows = index.get((market,)) or index.get((country_of(market),), ())
    return tuple(_contact(row) for row in rows if role in (None, row["role"]))


def _contact(row: Row) -> Contact:
    same = {name: row[name] for name in ["market", "role", "name_local", "name_en", "url", "phone", "scope"]}
    return Contact(
        **same,
        languages=tuple(row["languages"]),
        accepts_cross_border={"yes": True, "no": False}.get(row["accepts_cross_border"]),
        ruling=ruling_of("contacts", f"{row['market']}.{row['role']}", row, value=row["name_en"]),
    )


# Taxes and duties ---------------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def tax_categories(category: str, hs: str = "", use: str = "sale") -> tuple[str, ...]:
    """Return the tax categories to try in order for a product; empty if nothing is known of it.

    :param category: a leaf category (``food.honey``), or a tax category (``books``), or "".
    :param hs: a customs code; decides if the category is not known.
    """
    index = _index("vat_categories", "kind", "code", "use")
    keys = [("category", category, use), ("hint", category, use)]
    if use == "sale" and category in _tax_category_names():
        return tuple(dict.fromkeys((category, "standard")))
    if hs:
        keys += [("hs6", hs[:6], use), ("hint", _hints().get(hs[:6], ""), use)]
    row = next((rows[0] for rows in map(index.get, keys) if rows), None)
    return tuple(row["vat_categories"]) if row else ()


@lru_cache(maxsize=16384)
def vat_rate(market: str, category: str, on: date) -> VatRate | None:
    """Return the rate for one *tax* category (``standard``, ``books``) on a day, or None."""
    index = _index("vat", "market", "category")
    for place in dict.fromkeys((market, country_of(market))):
        row = _first(index.get((place, category), ()), on)
        if row is not None and row["rate_percent"] is not None:
            ruling = ruling_of("vat", f"{place}.{category}", row, value=str(row["rate_percent"]))
            return VatRate(row["rate_percent"], category, row["note"], ruling)
    return None


def first_vat_rate(market: str, categories: Iterable[str], on: date) -> VatRate | None:
    """Return the rate of the first of the tax categories that the market knows on that day."""
    return next((rate for name in categories if (rate := vat_rate(market, name, on)) is not None), None)


@lru_cache(maxsize=16384)
def duty_rate(hs: str, territory: str, on: date) -> Tariff | None:
    """Return the normal tariff of a customs code in a customs territory (``EU``, ``GB``), or None."""
    row = _first(_index("tariffs", "hs6", "market").get((hs[:6], territory), ()), on)
    if row is not None:
        return _tariff(row, hs[:6], territory)
    chapter = hs[:2]
    for row in _index("tariff_chapters", "market").get((territory,), ()):
        if row["chapter_from"] <= chapter <= row["chapter_to"] and in_force(row, on):
            ruling = ruling_of(
                "tariff_chapters", f"{territory}.{chapter}", row, value=str(row["rate_percent"])
            )
            return Tariff("ad_valorem", row["rate_percent"], None, None, None, None, None, "", "", ruling)
    return None


def _tariff(row: Row, hs6: str, territory: str) -> Tariff:
    shown = row["as_written"] or str(row["rate_percent"])
    names = ("low_percent", "high_percent", "per_item", "min_per_item", "max_per_item", "currency")
    ruling = ruling_of("tariffs", f"{territory}.{hs6}", row, value=shown)
    return Tariff(
        kind=row["kind"],
        percent=row["rate_percent"],
        as_written=row["as_written"],
        ruling=ruling,
        **{name: row[name] for name in names},
    )


@lru_cache(maxsize=8192)
def parcel_tariff(hs: str, market: str, on: date) -> tuple[Decimal | None, Ruling] | None:
    """Return the simplified rate for small parcels; the longest prefix wins; a None rate is an exclusion."""
    rows = [row for row in _index("parcel_tariffs", "market").get((market,), ()) if in_force(row, on)]
    fits = [row for row in rows if row["hs_prefix"] == "*" or hs.startswith(row["hs_prefix"])]
    if not fits:
        return None
    row = max(fits, key=lambda row: len(row["hs_prefix"].strip("*")))
    value = f"{row['rate_percent']} ({row['what']})"
    return row["rate_percent"], ruling_of("parcel_tariffs", f"{market}.{row['hs_prefix']}", row, value=value)


@lru_cache(maxsize=4096)
def us_additional_duties(hs: str, origin: str, on: date) -> tuple[tuple[str, Decimal, Ruling], ...]:
    """Return (measure, percent, ruling) of every additional duty on goods of an origin.

    A row for the origin itself replaces the row for all origins; the highest rate of a measure comes last.
    """
    found: dict[str, list[Row]] = defaultdict(list)
    for row in _index("us_additional_duties", "hs6").get((hs[:6],), ()):
        if row["origin"] in ("*", origin) and in_force(row, on):
            found[row["measure"]].append(row)
    out = []
    for measure, rows in sorted(found.items()):
        own = [row for row in rows if row["origin"] == origin] or rows
        for row in sorted(own, key=lambda row: row["rate_percent"]):
            ruling = ruling_of(
                "us_additional_duties", f"{measure}.{hs[:6]}", row, value=str(row["rate_percent"])
            )
            out.append((measure, row["rate_percent"], ruling))
    return tuple(out)


@lru_cache(maxsize=512)
def customs_rates(on: date) -> tuple[Mapping[str, Decimal], bool]:
    """Return the customs exchange rates of a day, and whether they are that month's own.

    Beyond the last month that the table holds, the last month's rates come with False.
    """
    rows = [row for row in table("customs_rates") if in_force(row, on)]
    current = bool(rows)
    if not rows:
        last = max(row["from"] for row in table("customs_rates"))
        rows = [row for row in table("customs_rates") if row["from"] == last]
    return {f"EUR/{row['currency']}": row["rate"] for row in rows}, current


# Customs codes from words --------------------------------------------------------------------------


def suggest_hs(words: str, *, limit: int = 5) -> tuple[HsSuggestion, ...]:
    """Return the customs codes that a product's words speak for, best first; empty if none does.

    English and German words are compared by their stems, Chinese ones as they stand.
    """
    text, stems = words.casefold(), _stems(words)
    best: dict[str, HsSuggestion] = {}
    for row in table("hs_keywords"):
        score, keyword = max((_score(row[column], text, stems), row[column]) for column in _KEYWORD_COLUMNS)
        if score > 0 and (row["hs6"] not in best or best[row["hs6"]].score < score):
            description = _descriptions().get(row["hs6"], "")
            best[row["hs6"]] = HsSuggestion(row["hs6"], description, keyword, row["note"], score)
    ranked = sorted(best.values(), key=lambda one: (-one.score, one.hs6))
    return tuple(ranked[:limit])


_KEYWORD_COLUMNS = ("keyword_en", "keyword_de", "keyword_zh")
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


def _score(keyword: str, text: str, stems: frozenset[str]) -> float:
    """More words of the keyword found is better; a keyword with a word that is absent does not count."""
    if not keyword:
        return 0.0
    if not keyword.isascii() and len(keyword) > 1 and keyword.casefold() in text:
        return 1.0 + len(keyword) / 10
    wanted = _stems(keyword)
    if not wanted or not wanted <= stems:
        return 0.0
    return len(wanted) + len(keyword) / 100


@lru_cache(maxsize=4096)
def _stems(words: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in _WORD.findall(words.casefold().replace("'s", "")))


def _stem(word: str) -> str:
    for ending in ("ies", "es", "en", "s", "n", "e"):
        if len(word) - len(ending) >= 3 and word.endswith(ending) and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


@cache
def _descriptions() -> dict[str, str]:
    return {row["hs6"]: row["description"] for row in table("hs6")}


@cache
def _hints() -> dict[str, str]:
    return {row["hs6"]: row["category_hint"] for row in table("hs6")}


@cache
def _tax_category_names() -> frozenset[str]:
    return frozenset(row["category"] for row in table("vat"))


# Rows ----------------------------------------------------------------------------------------------


def ruling_of(name: str, key: str, row: Row, *, value: Any, at: str = "") -> Ruling:
    """Return the ruling of one row of a table; its rule id is ``table.<table>.<key>``."""
    return Ruling(
        rule=f"table.{name}.{key}",
        value=value,
        version_from=row["from"],
        cites=(Cite(row["cite"], at, row["cite"] if row["cite"].startswith("http") else ""),),
        confidence=row["confidence"],
        jurisdiction=row.get("market", ""),
    )


@cache
def _index(name: str, *columns: str) -> dict[tuple[Any, ...], list[Row]]:
    index: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in table(name):
        index[tuple(row[column] for column in columns)].append(row)
    return dict(index)


def _first(rows: Iterable[Row], on: date) -> Row | None:
    return next((row for row in rows if in_force(row, on)), None)
