"""What a checkout costs, merchant by merchant, assembled from landed-price answers. Pure.

A quote is a plain JSON value: it is stored on the checkout, frozen on the orders, and its digest
is what the order button commits to. Amounts are whole minor units of the quote's currency. Of each
part it says what is paid now and what a carrier will ask for at the border.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from compliance.rulebook.types import Answer
from marketplace.kernel.money import Money

PARTS = ("goods", "shipping", "duty", "tax", "fees")
SCHEME = "marketplace"  # the sale runs through us: where the law lets a platform collect, we do
Quote = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many of one variant: as shown for one (with the market's tax), and net for one."""

    variant: str
    listing: str
    title: str
    quantity: int
    shown: Money
    net: Decimal
    hs_code: str
    origin: str
    category: str

    @property
    def shown_value(self) -> Money:
        return Money(self.shown.minor * self.quantity, self.shown.currency)

    @property
    def net_value(self) -> Money:
        return Money.of(self.net * self.quantity, self.shown.currency)


@dataclass(frozen=True, slots=True)
class Service:
    """One way a merchant sends a consignment to the market, in the shopper's currency."""

    code: str
    price: Money
    min_days: int
    max_days: int
    carrier: str


@dataclass(frozen=True, slots=True)
class Consignment:
    """What one merchant sends to one shopper."""

    merchant: str
    merchant_name: str
    ship_from: str
    lines: tuple[Wanted, ...]
    services: tuple[Service, ...]  # cheapest first
    chosen: Service


def landed_facts(
    consignment: Consignment, *, market: str, on: date, rates: Mapping[str, Decimal], with_tax: bool
) -> dict[str, Any]:
    """Return the facts of ``landed_price`` for a consignment, at shown or at net values."""
    return {
        "market": market,
        "ship_from": consignment.ship_from,
        "on": on.isoformat(),
        "currency": consignment.chosen.price.currency,
        "importer_scheme": SCHEME,
        "prices_include_tax": with_tax,
        "lines": [
            {
                "hs": line.hs_code,
                "origin": line.origin,
                "category": line.category,
                "quantity": line.quantity,
                "value": str((line.shown_value if with_tax else line.net_value).amount),
            }
            for line in consignment.lines
        ],
        "shipping": str(consignment.chosen.price.amount),
        "rates": {pair: str(rate) for pair, rate in rates.items()},
    }


def took_prices_as_net(consignment: Consignment, answer: Answer) -> bool:
    """Tell whether shown prices were taken as they are and taxed again, because the tax is the border's.

    Then the question must be asked again with net values.
    """
    return any(
        Money.of(told["goods"], line.shown.currency) == line.shown_value and Decimal(told["tax"]) > 0
        for line, told in zip(consignment.lines, answer.answer["per_line"], strict=True)
    )


def price_consignment(consignment: Consignment, answer: Answer, *, on: date) -> dict[str, Any]:
    """Return the consignment with its amounts: each line, and their sums, now and at the border."""
    currency = consignment.chosen.price.currency
    lines = _priced_lines(consignment, answer, currency)
    cheapest = min(consignment.services, key=lambda service: service.price.minor)
    return {
        "merchant": consignment.merchant,
        "merchant_name": consignment.merchant_name,
        "ship_from": consignment.ship_from,
        "service": consignment.chosen.code,
        "carrier": consignment.chosen.carrier,
        "services": [_service(service) for service in consignment.services],
        "standard_shipping_minor": cheapest.price.minor,
        "deliver_from": (on + timedelta(days=consignment.chosen.min_days)).isoformat(),
        "deliver_by": (on + timedelta(days=consignment.chosen.max_days)).isoformat(),
        "lines": lines,
        **_sums(lines),
        "state": answer.answer["state"],
        "landed": answer.as_json(),
    }


def assemble_quote(
    consignments: Iterable[dict[str, Any]], *, market: str, currency: str, on: date, rulebook_version: str
) -> Quote:
    """Return the quote of a whole checkout: its consignments in the order of merchants, and their sums."""
    parts = sorted(consignments, key=lambda part: part["merchant"])
    return {
        "market": market,
        "currency": currency,
        "on": on.isoformat(),
        "rulebook": rulebook_version,
        "consignments": parts,
        **_sums(parts),
    }


def digest_of(quote: Quote) -> str:
    """Return the digest of what a shopper agrees to: what, from whom, how, and every amount.

    Explanations, rulings and the day are left out: the same sum tomorrow is the same agreement.
    """
    agreed = {
        "market": quote["market"],
        "currency": quote["currency"],
        "consignments": [
            {
                "merchant": part["merchant"],
                "service": part["service"],
                "lines": [{name: line[name] for name in _AGREED} for line in part["lines"]],
            }
            for part in quote["consignments"]
        ],
    }
    return hashlib.sha256(json.dumps(agreed, sort_keys=True).encode()).hexdigest()


_AMOUNTS = tuple(f"{part}_minor" for part in PARTS)
_SUMMED = (*_AMOUNTS, "total_minor", "border_minor")
_AGREED = ("variant", "quantity", "unit_minor", *_SUMMED)


def _priced_lines(consignment: Consignment, answer: Answer, currency: str) -> list[dict[str, Any]]:
    told = answer.answer["per_line"]
    fees_now = _fees_at_checkout(answer, [Money.of(line["fees"], currency).minor for line in told], currency)
    return [
        _priced_line(line, one, answer, fee, currency)
        for line, one, fee in zip(consignment.lines, told, fees_now, strict=True)
    ]


def _priced_line(
    line: Wanted, told: Mapping[str, Any], answer: Answer, fees_now: int, currency: str
) -> dict[str, Any]:
    amounts = {part: Money.of(told[part], currency).minor for part in PARTS}
    now = dict(amounts, fees=fees_now)
    line_pays_now = _at_checkout(told["who_collects"])
    if not line_pays_now:
        now["duty"] = 0
        if not _at_checkout(answer.answer["collectors"]["tax"]):
            now["tax"] = 0
    return {
        "variant": line.variant,
        "listing": line.listing,
        "title": line.title,
        "quantity": line.quantity,
        "unit_minor": line.shown.minor,
        **{f"{part}_minor": minor for part, minor in now.items()},
        "total_minor": sum(now.values()),
        "border_minor": sum(amounts.values()) - sum(now.values()),
        "tax_percent": told["tax_percent"],
        "duty_rate": told["duty_rate"],
    }


def _fees_at_checkout(answer: Answer, fees: list[int], currency: str) -> list[int]:
    """Return each line's share of the fees that are collected at checkout."""
    now = sum(
        Money.of(fee["amount"], currency).minor
        for fee in answer.answer["fee_lines"]
        if _at_checkout(fee["who_collects"])
    )
    if now == sum(fees):
        return fees
    return [share.minor for share in Money(now, currency).split(fees)]


def _at_checkout(collector: str) -> bool:
    return collector.endswith("_at_checkout")


def _service(service: Service) -> dict[str, Any]:
    return {
        "code": service.code,
        "price_minor": service.price.minor,
        "min_days": service.min_days,
        "max_days": service.max_days,
        "carrier": service.carrier,
    }


def _sums(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    rows = list(rows)
    return {name: sum(row[name] for row in rows) for name in _SUMMED}
