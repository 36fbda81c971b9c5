"""One price in its three forms: as the merchant asks it, net, and as the shopper's market shows and lands it.

The net price is the same for every market. A merchant's offer may contain the tax of its own country;
that is taken out, and what the market where the goods go adds is worked out by the calculator
``landed_price``. Prices that a market shows with tax are asked about with tax first, so that they stay to
the cent; where the border taxes them instead, net values are asked about again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from compliance import rulebook
from compliance.rulebook import lookups, rates
from compliance.rulebook.types import Answer
from marketplace.kernel.money import Money

SCHEME = "marketplace"  # the sale runs through us: where the law lets a platform collect, we do
MICRO = Decimal("0.000001")  # net prices keep six decimals, so that tax put back gives the offer again
Rates = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Taxed:
    """What decides the taxes of a thing: what it is, and where it comes from."""

    category: str
    hs: str
    origin: str
    ship_from: str


@dataclass(frozen=True, slots=True)
class Landing:
    """One unit on its way: the facts that decide what it costs when it arrives."""

    thing: Taxed
    market: str
    on: date
    shown: Money
    net: Decimal  # in the currency of `shown`, six decimals
    shipping: Money


@lru_cache(maxsize=4096)
def home_tax(country: str, category: str, hs: str, on: date) -> Decimal:
    """Return the percent of VAT or GST that a merchant's prices contain at home; 0 if none is known."""
    return tax_shown(country, category, hs, on) or Decimal(0)


@lru_cache(maxsize=16384)
def tax_shown(market: str, category: str, hs: str, on: date) -> Decimal | None:
    """Return the percent of tax that prices shown in a market contain; None where they are shown without."""
    categories = lookups.tax_categories(category, hs) or ("standard",)
    found = lookups.first_vat_rate(market, categories, on)
    return found.percent if found else None


def net_of(asked: Money, *, includes_tax: bool, thing: Taxed, currency: str, on: date, fx: Rates) -> Decimal:
    """Return an asked price without tax, in a currency, at six decimals."""
    net = asked.amount
    if includes_tax:
        net /= 1 + home_tax(thing.ship_from, thing.category, thing.hs, on) / 100
    return rates.convert(net, asked.currency, currency, fx).quantize(MICRO)


def shown_of(net: Decimal, currency: str, *, thing: Taxed, market: str, on: date) -> Money:
    """Return a net price as a market shows prices: with its VAT or GST, or without a sales tax."""
    percent = tax_shown(market, thing.category, thing.hs, on) or Decimal(0)
    return Money.of(net * (1 + percent / 100), currency)


def land(landing: Landing, fx: Rates) -> Answer:
    """Ask what one unit costs when it arrives; the shown price first, the net one where the border taxes it."""
    answer = _ask(landing, _pairs(fx), with_tax=True)
    line = answer.answer["per_line"][0]
    taxed_again = Decimal(line["tax"]) > 0 and Decimal(line["goods"]) == landing.shown.amount
    return _ask(landing, _pairs(fx), with_tax=False) if taxed_again else answer


def _pairs(fx: Rates) -> tuple[tuple[str, str], ...]:
    return tuple((pair, str(rate)) for pair, rate in fx.items())


@lru_cache(maxsize=20_000)
def _ask(landing: Landing, fx: tuple[tuple[str, str], ...], *, with_tax: bool) -> Answer:
    currency = landing.shown.currency
    value = landing.shown if with_tax else Money.of(landing.net, currency)
    facts: dict[str, Any] = {
        "market": landing.market,
        "ship_from": landing.thing.ship_from,
        "on": landing.on.isoformat(),
        "currency": currency,
        "importer_scheme": SCHEME,
        "prices_include_tax": with_tax,
        "lines": [
            {
                "hs": landing.thing.hs,
                "origin": landing.thing.origin,
                "category": landing.thing.category,
                "quantity": 1,
                "value": str(value.amount),
            }
        ],
        "shipping": str(landing.shipping.amount),
        "rates": dict(fx),
    }
    return rulebook.answer("landed_price", facts)
