"""The books in words: accounts, and what each movement of money puts on them. Debits are positive.

::

    assets       provider_clearing   what a payment provider holds for us, as far as our books know
                 bank                what went in and out of our own bank account
                 chargebacks         taken back by cardholders' banks, undecided
    liabilities  customer_funds      taken from shoppers, no confirmed order stands for it
                 held                of a merchant: sold, but the goods may still come back
                 payable             of a merchant: due; below nothing, the merchant owes it
                 payouts             told to the bank, not confirmed
                 refunds             promised to shoppers, not confirmed by the provider
                 tax_payable, duty_payable, fees_payable   collected by the marketplace for others
                 commission_vat      tax on the commission
    income       commission
    expenses     goodwill, chargeback_losses, provider_fees
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from orders.domain.refunds import GOODWILL, OWED

ACCOUNTS: Mapping[str, str] = {
    "provider_clearing": "asset",
    "bank": "asset",
    "chargebacks": "asset",
    "customer_funds": "liability",
    "held": "liability",
    "payable": "liability",
    "payouts": "liability",
    "refunds": "liability",
    "tax_payable": "liability",
    "duty_payable": "liability",
    "fees_payable": "liability",
    "commission_vat": "liability",
    "commission": "income",
    "goodwill": "expense",
    "chargeback_losses": "expense",
    "provider_fees": "expense",
}
OF_MERCHANT = ("held", "payable")
AT_PROVIDER = ("provider_clearing", "bank")
COLLECTED = {"tax": "tax_payable", "duty": "duty_payable", "fees": "fees_payable"}


@dataclass(frozen=True, slots=True)
class Leg:
    """So much on one account; `line` is an order line's primary key, `part` says of what it is."""

    account: str
    amount: int
    merchant: int | None = None
    provider: str = ""
    line: int | None = None
    part: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be posted: it adds up to nothing. Ids are primary keys."""

    key: str
    kind: str
    currency: str
    legs: tuple[Leg, ...]
    happened_at: datetime
    payment: int | None = None
    order: int | None = None
    refund: int | None = None
    chargeback: int | None = None
    payout: int | None = None

    def digest(self) -> str:
        """Return a digest of what is posted, whatever its order."""
        rows = sorted(
            [leg.account, leg.merchant or 0, leg.provider, leg.line or 0, leg.part, leg.amount]
            for leg in self.legs
        )
        return sha256(json.dumps([self.kind, self.currency, rows]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Sold:
    """An order line as the books see it. Amounts in minor units; `by_platform` tells who collects tax and duty."""

    line: int
    merchant: int
    by_platform: bool
    amounts: Mapping[str, int]  # kind (of OWED) → minor units
    commission: int
    commission_tax: int


@dataclass(frozen=True, slots=True)
class OnBooks:
    """What the books hold for one line at this moment: credits as positive amounts."""

    held: int
    commission: int
    commission_tax: int


def capture_legs(provider: str, amount: int) -> tuple[Leg, ...]:
    """A provider took a shopper's money."""
    return (Leg("provider_clearing", amount, provider=provider), Leg("customer_funds", -amount))


def sale_legs(lines: Sequence[Sold]) -> tuple[Leg, ...]:
    """An order is confirmed: what was taken for it belongs to the merchant, tax offices and us."""
    legs = [leg for one in lines for leg in _sale_of_line(one)]
    return (Leg("customer_funds", -sum(leg.amount for leg in legs)), *legs)


def _sale_of_line(one: Sold) -> list[Leg]:
    fees = one.commission + one.commission_tax
    others = {kind: amount for kind, amount in one.amounts.items() if _is_for_others(one, kind) and amount}
    share = sum(one.amounts.values()) - sum(others.values()) - fees
    legs = [
        Leg("held", -share, merchant=one.merchant, line=one.line, part="sale"),
        Leg("commission", -one.commission, line=one.line, part="commission"),
        Leg("commission_vat", -one.commission_tax, line=one.line, part="commission"),
        *(Leg(COLLECTED[kind], -amount, line=one.line, part=kind) for kind, amount in others.items()),
    ]
    return [leg for leg in legs if leg.amount]


def _is_for_others(one: Sold, kind: str) -> bool:
    return one.by_platform and kind in COLLECTED


def return_legs(one: Sold, parts: Mapping[str, int], goods_left: int, books: OnBooks) -> tuple[Leg, ...]:
    """What a line's parts (kind → amount) going back take from whom: debits that add up to the parts.

    The commission is given back in proportion: what stays of it is in proportion to the goods that stay.
    The merchant's share comes out of what is held for the line, and from what is due to the merchant after that.

    :param goods_left: the goods (without tax) of the line that no refund stands for once these parts are gone.
    """
    legs = [Leg(GOODWILL, parts.get(GOODWILL, 0), line=one.line, part=GOODWILL)]
    share = 0
    for kind in OWED:
        amount = parts.get(kind, 0)
        if _is_for_others(one, kind):
            legs.append(Leg(COLLECTED[kind], amount, line=one.line, part=kind))
        else:
            share += amount
    whole = one.amounts["goods"]
    back = _given_back(books.commission, one.commission, goods_left, whole)
    back_tax = _given_back(books.commission_tax, one.commission_tax, goods_left, whole)
    legs.append(Leg("commission", back, line=one.line, part="commission"))
    legs.append(Leg("commission_vat", back_tax, line=one.line, part="commission"))
    owed = share - back - back_tax
    held = min(max(books.held, 0), owed)
    legs.append(Leg("held", held, merchant=one.merchant, line=one.line, part="refund"))
    legs.append(Leg("payable", owed - held, merchant=one.merchant, line=one.line, part="refund"))
    return tuple(leg for leg in legs if leg.amount)


def _given_back(on_books: int, whole: int, goods_left: int, goods: int) -> int:
    stays = whole * goods_left // goods if goods else 0
    return max(on_books - stays, 0)


def opposite(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    """Return legs that undo others."""
    return tuple(
        Leg(leg.account, -leg.amount, leg.merchant, leg.provider, leg.line, leg.part) for leg in legs
    )
