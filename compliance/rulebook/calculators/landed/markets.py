"""What only some markets do: China, Japan, Brazil, the United States, Switzerland, Saudi Arabia.

The first three replace the general way altogether; the others add to it. Every number is a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_FLOOR, Decimal

from compliance.rulebook.calculators.landed.charges import (
    CLEARANCE,
    add_fee,
    duty_base,
    said,
    settle,
    tax_base,
    within,
)
from compliance.rulebook.calculators.landed.sale import charge_line, tax_percent
from compliance.rulebook.calculators.landed.terms import Term
from compliance.rulebook.calculators.landed.work import HUNDRED, Line, Work, half_up, percent_of, share_out
from compliance.rulebook.lookups import (
    duty_rate,
    first_vat_rate,
    parcel_tariff,
    tax_categories,
    us_additional_duties,
)


def _value(term: Term | None, otherwise: Decimal) -> Decimal:
    return term.value if term is not None else otherwise


def _as_shares(work: Work, what: str, total: int, weights: Sequence[int], lines: Sequence[Line]) -> None:
    identities = [(one.facts.hs, one.facts.category, one.facts.origin, one.facts.value) for one in lines]
    for line, part in zip(lines, share_out(total, weights, identities), strict=True):
        setattr(line, what, part)


# China --------------------------------------------------------------------------------------------


def china(work: Work) -> bool:
    """Cross-border e-commerce through a platform, or personal articles by post; else general trade."""
    return _cbec(work) if work.facts.scheme == "marketplace" else _personal_articles(work)


def _cbec(work: Work) -> bool:
    limit = work.terms["cbec_limit"]
    if limit is None or not within(work, "cbec_limit", limit, work.goods + work.carriage):
        work.doubt("Above the limit of one purchase the goods are taxed as general trade.")
        return False
    work.term("cbec_year_limit")
    work.collected("platform_at_checkout")
    for line in work.lines:
        if line.facts.category.startswith("cos.") or line.facts.hs.startswith("33"):
            work.doubt("High-end cosmetics are taxed higher, by the price of a gram or piece.")
        line.duty_said = "free"
        _articles_tax(work, line, "cbec", "cbec_general")
    work.say("A cross-border e-commerce purchase: no customs duty, and a reduced part of the import taxes.")
    return True


def _personal_articles(work: Work) -> bool:
    near, places = work.terms["personal_limit_near"], work.terms["personal_limit_near_countries"]
    from_near = near and places and work.facts.ship_from in places.value
    limit = near if from_near else work.terms["personal_limit"]
    if limit is None or not within(work, "personal_limit", limit, work.goods):
        work.doubt("Above the limit for personal articles the goods are taxed as general trade.")
        return False
    for line in work.lines:
        line.duty_said = "free"
        _articles_tax(work, line, "personal_articles", "personal_articles_20")
    work.doubt("Customs values personal articles by its own price list.")
    term, total = work.terms["tax_waived_up_to"], sum(line.tax for line in work.lines)
    amount = work.in_currency(total, term.value.currency) if term else None
    if term and amount is not None and amount <= term.value.amount:
        work.note(term.ruling)
        work.waived = True
        work.say(f"Tax up to {said(term.value)} is waived.")
        for line in work.lines:
            line.tax = 0
    return True


def _articles_tax(work: Work, line: Line, use: str, otherwise: str) -> None:
    names = tax_categories(line.facts.category, line.facts.hs, use) or (otherwise,)
    found = first_vat_rate("CN", names, work.facts.on)
    if found is None:
        work.doubt("The import tax on these goods on that day is not known.", unknown="tax")
        return
    work.note(found.ruling)
    charge_line(line, found.percent, base=line.goods + (line.carriage if use == "cbec" else 0))


# Japan --------------------------------------------------------------------------------------------


def japan(work: Work) -> bool:
    """Personal imports: part of the retail price is the value; amounts are cut to whole steps of yen."""
    share = _value(work.term("personal_value_percent"), HUNDRED)
    value = percent_of(work.goods, share)
    charged = _not_relieved(work, value)
    if not charged:
        work.waived = True
        return True
    yen = work.rate(work.facts.currency, "JPY")
    if yen is None:
        work.doubt("Without an exchange rate to the yen nothing can be computed.", unknown="duty")
        return True
    places = work.in_currency(1, "JPY") or Decimal(0)  # yen for one minor unit
    bases = [_cut(line.goods * share / HUNDRED * places, work.term("value_step")) for line in charged]
    duties = [
        base * _japan_rate(work, line, value) / HUNDRED for base, line in zip(bases, charged, strict=True)
    ]
    step = work.term("charge_step")
    duty = _cut(sum(duties, Decimal(0)), step)
    tax, weights = _japan_tax(work, charged, bases, duties, step)
    for what, total, parts in (("duty", duty, duties), ("tax", tax, weights)):
        _as_shares(work, what, work.minor(total, "JPY") or 0, [int(part) for part in parts], charged)
    return True


def _not_relieved(work: Work, value: int) -> list[Line]:
    """Below the limit nothing is due, except on the kinds of goods that the relief leaves out."""
    limit, left_out = work.terms["duty_free_limit"], work.terms["free_excluded_hs"]
    if limit is None or not within(work, "duty_free_limit", limit, value):
        return list(work.lines)
    work.term("tax_free_limit")
    work.say(f"Up to a customs value of {said(limit.value)} neither duty nor consumption tax is due.")
    charged = [line for line in work.lines if left_out and line.facts.hs.startswith(left_out.value)]
    if charged:
        work.term("free_excluded_hs")
    if any(not line.facts.hs for line in work.lines):
        work.doubt("Without a customs code it is not known whether the relief applies.", unknown="duty")
    return charged


def _japan_rate(work: Work, line: Line, value: int) -> Decimal:
    """The simplified rate up to its limit, unless the normal tariff is nil or the kind is left out."""
    tariff = duty_rate(line.facts.hs, "JP", work.facts.on) if line.facts.hs else None
    if tariff is not None and tariff.free:
        work.note(tariff.ruling)
        line.duty_said = "free"
        return Decimal(0)
    simple, limit = parcel_tariff(line.facts.hs, "JP", work.facts.on), work.terms["parcel_tariff_limit"]
    if simple and simple[0] is not None and limit and within(work, "parcel_tariff_limit", limit, value):
        work.note(simple[1])
        work.doubt("The simplified tariff may be used; the customs decide.")
        line.duty_said = f"{simple[0]:f} %"
        return simple[0]
    if tariff is None or tariff.percent is None:
        work.doubt("The duty on these goods is not known.", unknown="duty")
        return Decimal(0)
    work.note(tariff.ruling)
    if tariff.kind != "ad_valorem":
        work.doubt(f"The duty depends on the full customs code: {tariff.as_written}.")
    line.duty_said = f"{tariff.percent:f} %"
    return tariff.percent


def _japan_tax(
    work: Work, lines: Sequence[Line], bases: Sequence[Decimal], duties: Sequence[Decimal], step: Term | None
) -> tuple[Decimal, list[Decimal]]:
    """National tax is cut first, the local tax is a fraction of it and cut again."""
    share = _value(work.term("national_tax_share"), HUNDRED)
    weights = []
    for line, base, duty in zip(lines, bases, duties, strict=True):
        percent = tax_percent(work, line) or Decimal(0)
        line.tax_percent = percent
        weights.append(_cut(base + duty, work.term("value_step")) * percent / HUNDRED)
    national = _cut(sum(weights, Decimal(0)) * share / HUNDRED, step)
    local = _cut(national * (HUNDRED - share) / share, step)
    return national + local, weights


def _cut(amount: Decimal, step: Term | None) -> Decimal:
    if step is None:
        return amount
    size = step.value.amount
    return (amount / size).quantize(Decimal(1), ROUND_FLOOR) * size


# Brazil -------------------------------------------------------------------------------------------


def brazil(work: Work) -> bool:
    """Simplified taxation of parcels: a federal import tax, and a state tax that is inside its own base."""
    total = work.goods + work.carriage
    parcel, low = work.terms["parcel_limit"], work.terms["low_rate_limit"]
    if parcel is None or low is None or not within(work, "parcel_limit", parcel, total):
        return False
    work.threshold = None
    platform = work.facts.scheme == "marketplace"
    work.collected("platform_at_checkout" if platform else "carrier_at_border")
    small = platform and within(work, "low_rate_limit", low, total)
    rate = work.term("low_rate" if small else "high_rate")
    lines = [line for line in work.lines if "books" not in line.tax_categories]
    duty = percent_of(sum(line.goods + line.carriage for line in lines), rate.value) if rate else 0
    off = work.term("high_rate_deduction") if platform and not small else None
    duty = max(0, duty - (work.minor(*off.value) or 0)) if off else duty
    weights = [line.goods + line.carriage for line in lines]
    if lines:
        _as_shares(work, "duty", duty, weights, lines)
    for line in lines:
        line.duty_said = f"{rate.value:f} %" if rate else ""
        _state_tax(work, line)
    return True


def _state_tax(work: Work, line: Line) -> None:
    found = first_vat_rate(work.facts.market, ("icms_remessa",), work.facts.on)
    if found is None:
        work.doubt("The state tax is not known.", unknown="tax")
        return
    work.note(found.ruling)
    line.tax_percent = found.percent
    base = line.goods + line.carriage + line.duty
    line.tax = half_up(base * found.percent / (HUNDRED - found.percent))


# United States ------------------------------------------------------------------------------------


def add_us_duties(work: Work) -> None:
    """Additional duties on top of the normal tariff, as far as they are known."""
    near = work.terms["usmca_origins"]
    for line in work.lines:
        if line.duty_said == "free":
            continue
        origin = line.facts.origin or work.facts.ship_from.split("-", 1)[0]
        if not line.facts.origin:
            work.doubt("Without the country of origin the country of dispatch is taken for it.")
        by_metal = _listed_duties(work, line, origin)
        if near and origin in near.value:
            work.note(near.ruling)
            work.doubt("Goods that qualify under the USMCA are free of additional duties.")
            continue
        surcharge = work.terms["surcharge_section_122"]
        if surcharge and not by_metal:
            _add_duty(work, line, surcharge.value)
            work.note(surcharge.ruling)
        for name in ("additional_duties_unverified", "emergency_duties"):
            if work.is_set(name):
                work.doubt(
                    "Additional duties on imports into the United States are not verified.", unknown="duty"
                )


def _listed_duties(work: Work, line: Line, origin: str) -> bool:
    """Add what the lists say for the customs code; return whether Section 232 applies."""
    highest: dict[str, Decimal] = {}
    for measure, percent, ruling in us_additional_duties(line.facts.hs, origin, work.facts.on):
        if measure in highest and highest[measure] != percent:
            work.doubt("The additional duty depends on the ten-digit customs code; the highest is used.")
        highest[measure] = percent
        work.note(ruling)
    for percent in highest.values():
        _add_duty(work, line, percent)
    if origin == "CN" and line.facts.hs and not duty_rate(line.facts.hs, "US", work.facts.on):
        work.doubt("Whether these goods are on a list of additional duties is not known.", unknown="duty")
    return "section_232" in highest


def _add_duty(work: Work, line: Line, percent: Decimal) -> None:
    line.duty += percent_of(duty_base(work, line), percent)
    line.duty_said = f"{line.duty_said} + {percent:f} %" if line.duty_said else f"{percent:f} %"


def add_us_fees(work: Work) -> None:
    """Processing fee of the customs: flat for an informal entry, a bounded percentage for a formal one."""
    limit = work.terms["informal_entry_limit"]
    if limit is None or all(line.duty_said == "free" for line in work.lines):
        return
    if within(work, "informal_entry_limit", limit, work.goods):
        fee = work.terms["processing_fee_informal"]
        if fee:
            add_fee(work, "Processing fee of the customs", fee, work.minor(*fee.value))
    else:
        _formal_fee(work)
    if work.is_set("processing_fee_unverified"):
        work.doubt("The processing fee of this fiscal year is not known; the last one is used.")


def _formal_fee(work: Work) -> None:
    names = ("processing_fee_formal_percent", "processing_fee_formal_least", "processing_fee_formal_most")
    percent, least, most = (work.term(name) for name in names)
    if percent and least and most:
        bounds = [work.minor(*term.value) or 0 for term in (least, most)]
        fee = min(max(percent_of(work.goods, percent.value), bounds[0]), bounds[1])
        add_fee(work, "Processing fee of the customs", least, fee)


# Switzerland, Saudi Arabia ------------------------------------------------------------------------


def add_swiss_clearance(work: Work, border: Sequence[Line]) -> None:
    """The post's fee counts towards the value for tax, and is asked only if the tax is levied at all."""
    floor, fee = work.terms["tax_waived_up_to"], work.terms["clearance_fee"]
    if not border or floor is None or fee is None or work.facts.scheme == "marketplace":
        return
    tax = sum(percent_of(tax_base(work, line), tax_percent(work, line) or Decimal(0)) for line in border)
    amount = work.in_currency(tax, floor.value.currency)
    if amount is None or amount <= floor.value.amount:
        return
    near, places = work.terms["clearance_fee_near"], work.terms["clearance_fee_near_countries"]
    if near and places and work.facts.ship_from in places.value:
        fee = near
    percent, most = work.term("clearance_fee_percent"), work.term("clearance_fee_most")
    total = (work.minor(*fee.value) or 0) + (percent_of(work.goods, percent.value) if percent else 0)
    total = min(total, work.minor(*most.value) or total) if most else total
    add_fee(work, CLEARANCE, fee, total)
    _as_shares(work, "fee_in_base", total, [line.goods for line in border], border)


def add_saudi_fee(work: Work) -> None:
    """The customs service fee: flat up to the duty-free value, a bounded percentage above it."""
    least, percent, most = (
        work.terms[name] for name in ("service_fee", "service_fee_percent", "service_fee_most")
    )
    if least is None or percent is None or most is None:
        return
    low, high = (work.minor(*term.value) for term in (least, most))
    if low is None or high is None:
        add_fee(work, "Customs service fee", least, None)
        return
    add_fee(work, "Customs service fee", least, min(max(percent_of(work.goods, percent.value), low), high))


def round_charges(work: Work, what: str) -> None:
    """Cut or round a charge over the consignment to the step the customs use."""
    step, nearest = work.terms["charge_step"], work.terms["rounding"]
    term = step or nearest
    total = sum(getattr(line, what) for line in work.lines)
    if term and total:
        work.note(term.ruling)
        settle(work, what, work.cut(total, term.value, down=step is not None))


WHOLE_WAYS: dict[str, Callable[[Work], bool]] = {"CN": china, "JP": japan, "BR": brazil}
