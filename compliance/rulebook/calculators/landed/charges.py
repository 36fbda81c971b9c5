"""Duty, tax and fees of an import, in the order of the law: value, duty, tax, fees, total."""

from __future__ import annotations

from decimal import Decimal

from compliance.rulebook.calculators.landed.sale import charge_line, open_prices, tax_percent
from compliance.rulebook.calculators.landed.terms import Limit, Term
from compliance.rulebook.calculators.landed.work import (
    HUNDRED,
    Fee,
    Line,
    Threshold,
    Work,
    half_up,
    percent_of,
)
from compliance.rulebook.lookups import Tariff, duty_rate, parcel_tariff, vat_rate
from compliance.rulebook.types import Confidence

CLEARANCE = "Fee of the post for customs clearance"


# Thresholds ---------------------------------------------------------------------------------------


def within(work: Work, name: str, term: Term, minor: int, *, below: bool = False) -> bool:
    """Return whether an amount is within a limit, and write the comparison down."""
    limit: Limit = term.value
    work.note(term.ruling)
    value = work.in_currency(minor, limit.currency)
    if value is None:
        work.doubt(f"Whether the limit of {said(limit)} applies cannot be told.", unknown="threshold")
        return False
    met = value < limit.amount if below else value <= limit.amount
    margin = work.terms["threshold_margin"]
    near = margin is not None and abs(value - limit.amount) * HUNDRED <= limit.amount * margin.value
    if near and work.force_over:
        met = not met
    if work.threshold is None:
        work.threshold = Threshold(name, limit, value, met, near, limit.currency != work.facts.currency)
        if near and work.threshold.converted:
            work.doubt(f"The value is so near to the limit of {said(limit)} that the exchange rate decides.")
    return met


def said(limit: Limit) -> str:
    return f"{limit.currency} {limit.amount:f}"


def is_excise(work: Work, line: Line) -> bool:
    """Return whether a line is of a kind on which excise is due: alcohol, tobacco, nicotine."""
    return _of_kind(work, line, "excise_categories", "excise_hs")


def _of_kind(work: Work, line: Line, categories: str, headings: str) -> bool:
    family = line.facts.category.split(".", 1)[0]
    kinds, codes = work.terms[categories], work.terms[headings]
    by_category = bool(family and kinds and family in kinds.value)
    return by_category or bool(line.facts.hs and codes and line.facts.hs.startswith(codes.value))


# The way in ---------------------------------------------------------------------------------------


def doors(work: Work) -> None:
    """Write down what stands in the way: excise, brokers, trade-defence duties."""
    for line in work.lines:
        if is_excise(work, line):
            work.term("excise_categories")
            work.doubt(
                "Excise is due on alcohol, tobacco and nicotine; it is not computed.", unknown="excise"
            )
        manual = work.terms["needs_manual_hs"]
        origins = work.terms["needs_manual_origins"]
        origin = line.facts.origin or work.facts.ship_from
        if manual and line.facts.hs.startswith(manual.value) and origins and origin in origins.value:
            work.note(manual.ruling)
            work.doubt("Anti-dumping duty by producer may be due on these goods.", unknown="duty")
    if work.is_set("needs_broker"):
        allowed = work.term("needs_broker_except")
        if not all(allowed and set(line.tax_categories) & set(allowed.value) for line in work.lines):
            work.deliverable = False
            work.doubt("Every parcel needs a customs broker there, so we cannot deliver.", unknown="duty")


def checkout_lines(work: Work) -> list[Line]:
    """Return the lines whose tax is charged at checkout; their prices are opened if they include tax."""
    if work.facts.scheme == "marketplace" and work.is_set("platform_taxed"):
        return _opened(work, list(work.lines))
    limit, excise = work.terms["checkout_limit"], any(is_excise(work, line) for line in work.lines)
    if limit is None or excise:
        return []
    registered = work.facts.scheme == "marketplace" or (
        work.facts.scheme == "IOSS" and work.terms.territory == "EU"
    )
    needs = work.term("checkout_needs")
    may = registered or (needs is not None and needs.value == "everybody")
    test = work.terms["checkout_limit_test"]
    if test is not None and test.value == "item_below":
        return _item_lines(work, limit, test) if may else []
    net = [_net(work, line) for line in work.lines] if may else [line.goods for line in work.lines]
    met = within(work, "checkout_limit", limit, sum(net))
    return _opened(work, list(work.lines)) if met and may else []


def _item_lines(work: Work, limit: Term, test: Term) -> list[Line]:
    """Each item by itself must be below the limit and of a kind that the scheme takes."""
    work.note(test.ruling)
    taken = []
    for line in work.lines:
        if _of_kind(work, line, "checkout_excluded_categories", "checkout_excluded_hs"):
            work.term("checkout_excluded_categories")
        elif within(work, "checkout_limit", limit, _net(work, line) // line.facts.quantity, below=True):
            taken.append(line)
    return _opened(work, taken)


def _net(work: Work, line: Line) -> int:
    if not work.facts.prices_include_tax:
        return line.goods
    percent = tax_percent(work, line) or Decimal(0)
    return half_up(line.goods * HUNDRED / (HUNDRED + percent))


def _opened(work: Work, lines: list[Line]) -> list[Line]:
    if work.facts.prices_include_tax:
        open_prices(work, lines)
    return lines


# Duty ---------------------------------------------------------------------------------------------


def charge_duty(work: Work, at_checkout: list[Line]) -> None:
    """Write the duty of every line: none, flat, simplified or normal tariff."""
    if at_checkout and work.is_set("checkout_covers_duty"):
        lines = [line for line in work.lines if line not in at_checkout]
    else:
        lines = list(work.lines)
    if not lines or _duty_free(work, lines):
        return
    flat = work.terms["flat_duty"]
    flat_limit = work.terms["flat_duty_limit"]
    if flat and flat_limit and within(work, "flat_duty_limit", flat_limit, work.goods):
        _flat(work, flat, lines)
        return
    for line in lines:
        _tariff(work, line)
    _waive(work, "duty", "duty_waived_up_to")


def _duty_free(work: Work, lines: list[Line]) -> bool:
    term = _nearest_limit(work, "duty_free_limit")
    if term is None:
        return False
    excluded = work.terms["duty_free_excluded_origins"]
    if excluded and any((line.facts.origin or work.facts.ship_from) in excluded.value for line in lines):
        work.note(excluded.ruling)
        return False
    if not within(work, "duty_free_limit", term, work.goods):
        return False
    for line in lines:
        line.duty_said = "free"
    work.say(f"Up to a goods value of {said(term.value)} no customs duty is due.")
    return True


def _nearest_limit(work: Work, name: str) -> Term | None:
    """Return a limit, the one for near countries of dispatch if the parcel comes from there."""
    near, countries = work.terms[f"near_{name}"], work.terms["near_countries"]
    if near and countries and work.facts.ship_from.split("-", 1)[0] in countries.value:
        if work.terms.country == "CA":
            work.doubt("The limits are for couriers; by post they are lower.")
        return near
    return work.terms[name]


def _flat(work: Work, flat: Term, lines: list[Line]) -> None:
    """One flat amount for each customs code in the consignment, shared by the lines of that code."""
    work.note(flat.ruling)
    each = work.minor(flat.value.amount, flat.value.currency)
    if each is None:
        work.doubt(f"The flat duty of {said(flat.value)} cannot be converted.", unknown="duty")
        return
    groups: dict[object, list[Line]] = {}
    for i, line in enumerate(lines):
        groups.setdefault(line.facts.hs[:6] or ("unknown", i), []).append(line)
        if not line.facts.hs:
            work.doubt("Without a customs code each line counts as an item of its own.")
    for group in groups.values():
        for line, part in zip(group, work.share(each, group), strict=True):
            line.duty, line.duty_said = part, said(flat.value)
    work.say(f"A flat customs duty of {said(flat.value)} is due for each customs code; here {len(groups)}.")


def _tariff(work: Work, line: Line) -> None:
    """The simplified rate for parcels where there is one, else the normal tariff."""
    if not line.facts.hs:
        work.doubt("Without a customs code of six digits the duty is not known.", unknown="duty")
        line.duty_said = "unknown"
        return
    base = duty_base(work, line)
    if _parcel_rate(work, line, base):
        return
    tariff = duty_rate(line.facts.hs, work.terms.territory, work.facts.on)
    if tariff is None:
        work.doubt(f"The duty on customs code {line.facts.hs[:6]} is not known.", unknown="duty")
        line.duty_said = "unknown"
        return
    work.note(tariff.ruling)
    line.duty = _by_tariff(work, line, tariff, base)


def duty_base(work: Work, line: Line) -> int:
    """The customs value: with carriage to the border (CIF), or without (FOB)."""
    basis = work.term("duty_basis")
    return line.goods + (line.carriage if basis is None or basis.value == "cif" else 0)


def _parcel_rate(work: Work, line: Line, base: int) -> bool:
    found = parcel_tariff(line.facts.hs, work.terms.territory, work.facts.on)
    if found is None or found[0] is None:
        return False
    limit = work.terms["parcel_tariff_limit"]
    if limit and not within(work, "parcel_tariff_limit", limit, work.goods):
        return False
    work.note(found[1])
    line.duty, line.duty_said = percent_of(base, found[0]), f"{found[0]:f} %"
    return True


def _by_tariff(work: Work, line: Line, tariff: Tariff, base: int) -> int:
    """Return the duty; what the percentage does not say is written down as a doubt."""
    line.duty_said = tariff.as_written if tariff.percent is None else f"{tariff.percent:f} %"
    if tariff.kind == "prohibited":
        work.deliverable = False
        work.doubt("These goods may not be imported there.", unknown="duty")
        return 0
    if tariff.kind == "range":
        work.doubt(
            f"The duty is {tariff.low_percent:f} % to {tariff.high_percent:f} %, by the full customs code."
        )
    if tariff.kind == "specific":
        work.doubt(f"The duty goes by weight or kind: {tariff.as_written}.", unknown="duty")
    if tariff.kind == "open":
        work.doubt(f"The duty is more than a percentage: {tariff.as_written}.")
    if tariff.ruling.confidence is Confidence.KNOWLEDGE and not tariff.free:
        work.doubt(f"The duty of {line.duty_said} is not verified.")
    if tariff.kind == "per_item" and tariff.per_item is not None:
        line.duty_said = f"{tariff.currency} {tariff.per_item:f} an item"
        return work.minor(tariff.per_item * line.facts.quantity, tariff.currency) or 0
    duty = percent_of(base, tariff.percent or Decimal(0))
    return _bounded(work, line, tariff, duty) if tariff.kind == "per_item_bounds" else duty


def _bounded(work: Work, line: Line, tariff: Tariff, duty: int) -> int:
    line.duty_said = tariff.as_written
    least, most = (
        work.minor((bound or Decimal(0)) * line.facts.quantity, tariff.currency)
        for bound in (tariff.min_per_item, tariff.max_per_item)
    )
    return duty if least is None or most is None else min(max(duty, least), most)


def _waive(work: Work, what: str, name: str) -> bool:
    """Drop a charge whose sum over the consignment is too small to be levied."""
    term = work.terms[name]
    total = sum(getattr(line, what) for line in work.lines)
    if term is None or not total:
        return False
    amount = work.in_currency(total, term.value.currency)
    if amount is None or amount > term.value.amount:
        return False
    work.note(term.ruling)
    for line in work.lines:
        setattr(line, what, 0)
    work.say(f"Charges up to {said(term.value)} are not levied.")
    return True


def settle(work: Work, what: str, total: int) -> None:
    """Set the sum of a charge over the lines to a total that was cut as a whole."""
    lines = [line for line in work.lines if getattr(line, what)]
    if not lines:
        return
    now = sum(getattr(line, what) for line in lines)
    lines.sort(key=lambda line: (-getattr(line, what), line.facts.hs, line.facts.category, line.facts.value))
    setattr(lines[0], what, getattr(lines[0], what) + total - now)


# Tax ----------------------------------------------------------------------------------------------


def charge_tax(work: Work, at_checkout: list[Line]) -> None:
    """Write the tax of every line: at checkout on the price, at the border on the value for tax."""
    for line in at_checkout:
        percent = line.tax_percent if line.tax_percent is not None else tax_percent(work, line)
        base = line.duty if work.facts.prices_include_tax else line.goods + line.carriage + line.duty
        charge_line(line, percent, base=base)
    border = [line for line in work.lines if line not in at_checkout]
    if not border or _tax_free(work) or (work.is_set("parcel_tariff_covers_tax") and _parcel_taxed(work)):
        return
    for line in border:
        percent = tax_percent(work, line)
        charge_line(line, percent, base=tax_base(work, line))
        _doubt_reduced(work, percent)
    if not at_checkout:
        work.waived = _waive(work, "tax", "tax_waived_up_to")


def tax_base(work: Work, line: Line) -> int:
    """Value for tax: goods and duty, carriage where the law adds it, and any uplift."""
    basis = work.term("tax_basis")
    base = line.goods + line.duty + line.fee_in_base
    base += line.carriage if basis is None or basis.value == "cif" else 0
    uplift = work.term("tax_uplift")
    return base + (percent_of(line.goods, uplift.value) if uplift else 0)


def _tax_free(work: Work) -> bool:
    term = _nearest_limit(work, "tax_free_limit")
    if term is None or not within(work, "tax_free_limit", term, work.goods):
        return False
    work.waived = True
    work.say(f"Up to a goods value of {said(term.value)} no import tax is due.")
    return True


def _parcel_taxed(work: Work) -> bool:
    limit = work.terms["parcel_tariff_limit"]
    covered = limit is not None and within(work, "parcel_tariff_limit", limit, work.goods)
    if covered:
        work.say("One simplified rate stands for duty and tax together.")
    return covered


def _doubt_reduced(work: Work, percent: Decimal | None) -> None:
    standard = vat_rate(work.facts.market, "standard", work.facts.on)
    if percent is None or standard is None or percent >= standard.percent or not _low_value(work):
        return
    if work.is_set("reduced_rate_on_request"):
        work.doubt("The carrier may charge the standard tax rate unless you ask for the reduced one.")


def _low_value(work: Work) -> bool:
    return work.threshold is not None and work.threshold.met


# Fees ---------------------------------------------------------------------------------------------


def charge_fees(work: Work, at_checkout: list[Line]) -> None:
    """Write the fees outside duty and tax: national fees, the post's own, what is not known."""
    if _low_value(work):
        _national_fees(work)
    if work.is_set("handling_fee"):
        work.doubt("A customs handling fee of the Union may be due; its amount is not known.", unknown="fees")
    if work.terms["declaration_fee_unknown"] and not _low_value(work):
        work.is_set("declaration_fee_unknown")
        work.doubt("Declaration and biosecurity charges are not known.", unknown="fees")
    _carrier_fee(work, at_checkout)


def add_fee(work: Work, what: str, term: Term, minor: int | None, *, estimate: bool = False) -> None:
    work.note(term.ruling)
    if minor is None:
        work.doubt(f"{what}: {said(term.value)} cannot be converted.", unknown="fees")
    elif minor:
        work.fees.append(Fee(what, minor, estimate, work.collector))


def _national_fees(work: Work) -> None:
    parcel, by_line, levy = (work.terms[name] for name in ("parcel_fee", "line_fee", "goods_levy"))
    if parcel:
        add_fee(work, "National fee on the parcel", parcel, work.minor(*parcel.value))
    if by_line:
        kinds = len({line.facts.hs[:6] or i for i, line in enumerate(work.lines)})
        amount, currency = by_line.value
        add_fee(work, "National fee on each kind of goods", by_line, work.minor(amount * kinds, currency))
    if (parcel or by_line) and work.is_set("national_fees_end"):
        work.doubt("Whether the national fee is still collected is not known.")
    if levy:
        percent = work.term("goods_levy_percent")
        factor = 1 + (percent.value / HUNDRED if percent else 0)
        add_fee(
            work, "Goods management levy", levy, work.minor(levy.value.amount * factor, levy.value.currency)
        )


def _carrier_fee(work: Work, at_checkout: list[Line]) -> None:
    """Who collects at the border asks a price for it, unless the platform clears the parcel itself."""
    due = any(line.duty or line.tax for line in work.lines) or "tax" in work.unknown or "duty" in work.unknown
    if work.facts.scheme == "marketplace" or len(at_checkout) == len(work.lines) or not due or work.waived:
        return
    term = work.terms["carrier_fee"]
    if term is None:
        if not any(fee.what == CLEARANCE for fee in work.fees):
            work.doubt("The carrier asks a fee of its own, which is not known.", unknown="carrier_fee")
        return
    amount, currency = term.value
    add_fee(work, "Usual fee of the carrier", term, work.minor(amount, currency), estimate=True)
    if term.ruling.confidence is Confidence.KNOWLEDGE:
        work.doubt("The fee of the carrier is an estimate.")
