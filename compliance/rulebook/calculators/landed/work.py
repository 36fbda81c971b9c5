"""The sheet on which a landed price is worked out: lines, charges, rulings, doubts, sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Literal

from compliance.rulebook.calculators.landed.intake import LandedFacts, LineFacts
from compliance.rulebook.calculators.landed.terms import Limit, Term, Terms
from compliance.rulebook.lookups import customs_rates, tax_categories
from compliance.rulebook.rates import RateMissing, rate
from compliance.rulebook.types import Ruling
from marketplace.kernel.money import exponent

Collector = Literal[
    "platform_at_checkout", "seller_at_checkout", "carrier_at_border", "recipient_direct", "nobody"
]
HUNDRED = Decimal(100)


@dataclass(slots=True)
class Line:
    """One line while it is worked on; amounts in minor units."""

    facts: LineFacts
    goods: int  # without tax
    carriage: int = 0  # its share of shipping and insurance, without tax
    duty: int = 0
    tax: int = 0
    fees: int = 0
    fee_in_base: int = 0  # a fee that is part of the value for tax
    duty_said: str = ""  # how the duty came about, in a few characters: "12 %"
    tax_percent: Decimal | None = None
    tax_categories: tuple[str, ...] = ()
    collector: Collector = "carrier_at_border"

    @property
    def total(self) -> int:
        return self.goods + self.carriage + self.duty + self.tax + self.fees


@dataclass(frozen=True, slots=True)
class Fee:
    """A charge outside duty and tax."""

    what: str
    minor: int
    estimate: bool
    collector: Collector


@dataclass(frozen=True, slots=True)
class Threshold:
    """The limit that decided, and what was compared with it."""

    name: str
    limit: Limit
    compared: Decimal  # in the limit's currency
    met: bool
    near: bool
    converted: bool


@dataclass(slots=True)
class Work:
    """The sheet. Everything is in minor units of `facts.currency`."""

    facts: LandedFacts
    terms: Terms
    lines: list[Line]
    kind: str = "import"  # domestic, intra_union, import
    force_over: bool = False  # work out the other side of the threshold
    used: dict[str, Ruling] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    explain: list[str] = field(default_factory=list)
    fees: list[Fee] = field(default_factory=list)
    threshold: Threshold | None = None
    collector: Collector = "carrier_at_border"
    tax_collector: Collector | None = None  # if it is another one
    importer: str = "buyer"
    deliverable: bool = True
    waived: bool = False  # nothing is due because the law does not collect it

    # -- law

    def term(self, name: str) -> Term | None:
        """Return a term of import law and note its ruling."""
        term = self.terms[name]
        if term is not None:
            self.used[term.ruling.rule] = term.ruling
        return term

    def is_set(self, name: str) -> bool:
        """Return whether a yes/no term stands at yes; only then is it noted."""
        term = self.terms[name]
        if term is None or term.value is not True:
            return False
        self.used[term.ruling.rule] = term.ruling
        return True

    def note(self, ruling: Ruling) -> None:
        self.used[ruling.rule] = ruling

    def doubt(self, reason: str, *, unknown: str = "") -> None:
        """Write down why the answer is not certain, once; `unknown` names a part that is missing."""
        if reason not in self.reasons:
            self.reasons.append(reason)
        if unknown and unknown not in self.unknown:
            self.unknown.append(unknown)

    def say(self, sentence: str) -> None:
        self.explain.append(sentence)

    def collected(self, collector: Collector, lines: Sequence[Line] | None = None) -> None:
        """Say who collects: for the whole consignment, or for some of its lines."""
        if lines is None:
            self.collector = collector
        for line in self.lines if lines is None else lines:
            line.collector = collector

    # -- money

    @property
    def goods(self) -> int:
        return sum(line.goods for line in self.lines)

    @property
    def carriage(self) -> int:
        return sum(line.carriage for line in self.lines)

    def rate(self, source: str, target: str) -> Decimal | None:
        """Return an exchange rate: the caller's, else the customs rate of the month; None if neither."""
        try:
            return rate(source, target, self.facts.rates)
        except RateMissing:
            pass
        official, current = customs_rates(self.facts.on)
        try:
            found = rate(source, target, official)
        except RateMissing:
            self.doubt(f"There is no exchange rate from {source} to {target}.", unknown="threshold")
            return None
        if not current:
            self.doubt("The official exchange rate of that month is not known; the last one is used.")
        return found

    def in_currency(self, minor: int, currency: str) -> Decimal | None:
        """Return an amount of the sheet in another currency, in major units, not rounded."""
        amount = Decimal(minor).scaleb(-exponent(self.facts.currency))
        if currency == self.facts.currency:
            return amount
        found = self.rate(self.facts.currency, currency)
        return None if found is None else amount * found

    def minor(self, amount: Decimal, currency: str) -> int | None:
        """Return an amount of a rule in minor units of the sheet, half up."""
        if currency != self.facts.currency:
            found = self.rate(currency, self.facts.currency)
            if found is None:
                return None
            amount = amount * found
        return half_up(amount.scaleb(exponent(self.facts.currency)))

    def cut(self, minor: int, step: Limit, *, down: bool) -> int:
        """Return an amount cut (or rounded half up) to a step of money, such as JPY 100 or CHF 0.05."""
        amount = self.in_currency(minor, step.currency)
        if amount is None:
            return minor
        mode = ROUND_FLOOR if down else ROUND_HALF_UP
        steps = (amount / step.amount).quantize(Decimal(1), mode)
        back = self.minor(steps * step.amount, step.currency)
        return minor if back is None else back

    def shown(self, minor: int) -> str:
        places = exponent(self.facts.currency)
        return f"{Decimal(minor).scaleb(-places):f} {self.facts.currency}"

    # -- sharing

    def share(self, total: int, lines: Sequence[Line]) -> list[int]:
        """Return shares of an amount by the lines' values whose sum is the amount, whatever their order."""
        return share_out(total, [line.goods for line in lines], [_identity(line) for line in lines])


def open_work(facts: LandedFacts, terms: Terms) -> Work:
    """Return a fresh sheet with the lines as given and their tax categories looked up."""
    lines = [Line(one, one.value, tax_categories=tax_categories(one.category, one.hs)) for one in facts.lines]
    work = Work(facts, terms, lines)
    for line in lines:
        if line.facts.category and not tax_categories(line.facts.category):
            work.doubt(f"We do not know the tax category of {line.facts.category}.")
    return work


def half_up(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def percent_of(minor: int, percent: Decimal) -> int:
    """Return a percentage of an amount, half up to the minor unit."""
    return int((minor * percent / HUNDRED).quantize(Decimal(1), ROUND_HALF_UP))


def share_out(total: int, weights: Sequence[int], identities: Sequence[tuple[object, ...]]) -> list[int]:
    """Return shares in proportion to weights; their order decides nothing.

    Largest remainder method; ties go by the lines' own content.
    """
    if len(weights) == 1:
        return [total]
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    floors = [total * weight // whole for weight in weights]
    left = total - sum(floors)
    if left:
        order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), identities[i]))
        for i in order[:left]:
            floors[i] += 1
    return floors


def _identity(line: Line) -> tuple[object, ...]:
    one = line.facts
    return (one.hs, one.origin, one.category, one.value, one.quantity)
