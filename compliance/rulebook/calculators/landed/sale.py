"""Tax on a sale that crosses no customs border, and the tax rates that imports use too."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from compliance.rulebook.calculators.landed.work import HUNDRED, Line, Work, percent_of
from compliance.rulebook.lookups import VatRate, first_vat_rate, vat_rate
from compliance.rulebook.types import Confidence

STANDARD = ("standard",)


def charge_sale(work: Work) -> None:
    """Charge the tax of the destination at checkout on goods and carriage."""
    union = work.kind == "intra_union"
    platform = work.facts.scheme == "marketplace" or work.terms.country == "US"
    work.collected("platform_at_checkout" if platform else "seller_at_checkout")
    work.importer = "none"
    work.say(
        "The goods stay inside the customs union, so there is no customs duty."
        if union
        else "Seller and buyer are in the same country, so there is no customs duty."
    )
    if work.facts.prices_include_tax:
        open_prices(work, work.lines)
        return
    for line in work.lines:
        charge_line(line, tax_percent(work, line), base=line.goods + line.carriage)


def charge_line(line: Line, percent: Decimal | None, *, base: int) -> None:
    """Add the tax on `base` to a line; what a price that includes tax held already stays to the cent."""
    line.tax_percent = percent
    line.tax += percent_of(base, percent) if percent is not None else 0


def open_prices(work: Work, lines: list[Line]) -> None:
    """Take the tax out of prices that include it: goods and carriage become net, the tax is written down."""
    for line in lines:
        percent = tax_percent(work, line) or Decimal(0)
        for name in ("goods", "carriage"):
            gross = getattr(line, name)
            net = int((gross * HUNDRED / (HUNDRED + percent)).quantize(Decimal(1), ROUND_HALF_UP))
            setattr(line, name, net)
            line.tax += gross - net
        line.tax_percent = percent


def tax_percent(work: Work, line: Line) -> Decimal | None:
    """Return the rate that applies to a line in the market on that day, or None with a doubt written down."""
    if work.terms.country == "US":
        return _us_sales_tax(work, line)
    if not line.tax_categories:
        work.doubt("We do not know what kind of goods these are; the standard tax rate is used.")
    found = first_vat_rate(work.facts.market, line.tax_categories or STANDARD, work.facts.on)
    if found is None:
        work.doubt(f"The tax rate of {work.facts.market} on {work.facts.on} is not known.", unknown="tax")
        return None
    _doubt_rate(work, found)
    return found.percent


def _doubt_rate(work: Work, found: VatRate) -> None:
    work.note(found.ruling)
    if "mixed rates" in found.note:
        work.doubt("Goods of this kind have different tax rates; the usual one is used.")
    if found.ruling.confidence is Confidence.KNOWLEDGE:
        work.doubt(f"The tax rate of {found.percent:f} % is not verified.")


def _us_sales_tax(work: Work, line: Line) -> Decimal | None:
    """Sales tax depends on the address: the average of the state stands in for it; no state, no tax."""
    market, on = work.facts.market, work.facts.on
    exempt = vat_rate(market, "clothing", on) if "clothing" in line.tax_categories else None
    found = exempt or vat_rate(market, "avg_combined", on)
    if found is None:
        work.doubt(
            "State sales tax depends on the address and is not computed; it is added at checkout.",
            unknown="tax",
        )
        return None
    work.note(found.ruling)
    if found.percent:
        work.doubt("Sales tax depends on the exact address; the average of the state is used.")
    return found.percent
