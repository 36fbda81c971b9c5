"""Write the answer of a landed price: JSON values, rulings, one sentence a step."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from compliance.rulebook.calculators.landed.work import Line, Work, share_out
from compliance.rulebook.types import Answer
from marketplace.kernel.money import exponent


def answer_of(work: Work, other: Work | None) -> Answer:
    """Return the answer; `other` is the same sheet on the other side of a threshold that is near."""
    _spread_fees(work)
    answer = _answer(work)
    if other is not None:
        _spread_fees(other)
        answer["if_other_side"] = {key: _answer(other)[key] for key in ("duty", "tax", "fees", "total")}
    return Answer(answer, tuple(work.used.values()), tuple(_sentences(work, answer)))


def _answer(work: Work) -> dict[str, Any]:
    places = exponent(work.facts.currency)

    def money(minor: int) -> str:
        return f"{Decimal(minor).scaleb(-places):f}"

    sums = {name: sum(getattr(line, name) for line in work.lines) for name in _PARTS}
    return {
        "market": work.facts.market,
        "kind": work.kind,
        "currency": work.facts.currency,
        "goods": money(sums["goods"]),
        "shipping": money(sums["carriage"]),
        "duty": money(sums["duty"]),
        "tax": money(sums["tax"]),
        "fees": money(sums["fees"]),
        "total": money(sum(sums.values())),
        "per_line": [_line(line, money) for line in work.lines],
        "fee_lines": [
            {
                "what": fee.what,
                "amount": money(fee.minor),
                "estimate": fee.estimate,
                "who_collects": fee.collector,
            }
            for fee in work.fees
        ],
        "threshold_applied": _threshold(work),
        "who_collects": _collector(work),
        "collectors": _collectors(work),
        "importer_of_record": work.importer,
        "state": _state(work),
        "certain": not work.reasons,
        "reasons": list(work.reasons),
        "unknown": list(work.unknown),
    }


_PARTS = ("goods", "carriage", "duty", "tax", "fees")


def _line(line: Line, money: Any) -> dict[str, Any]:
    return {
        "hs": line.facts.hs,
        "origin": line.facts.origin,
        "category": line.facts.category,
        "quantity": line.facts.quantity,
        "goods": money(line.goods),
        "shipping": money(line.carriage),
        "duty": money(line.duty),
        "duty_rate": line.duty_said,
        "tax": money(line.tax),
        "tax_percent": None if line.tax_percent is None else f"{line.tax_percent:f}",
        "fees": money(line.fees),
        "total": money(line.total),
        "who_collects": line.collector,
    }


def _spread_fees(work: Work) -> None:
    """Give each line its share of the fees, so that the lines add up to the total."""
    identities = [(one.facts.hs, one.facts.category, one.facts.origin, one.facts.value) for one in work.lines]
    total = sum(fee.minor for fee in work.fees)
    parts = share_out(total, [line.goods for line in work.lines], identities)
    for line, part in zip(work.lines, parts, strict=True):
        line.fees = part


def _threshold(work: Work) -> dict[str, Any] | None:
    found = work.threshold
    if found is None:
        return None
    return {
        "name": found.name,
        "limit": f"{found.limit.amount:f}",
        "currency": found.limit.currency,
        "value": f"{found.compared.quantize(Decimal('0.0001')).normalize():f}",
        "within": found.met,
        "near": found.near,
    }


def _collector(work: Work) -> str:
    if work.kind == "import" and not any(line.duty or line.tax for line in work.lines) and work.waived:
        return "nobody"
    return work.collector


def _collectors(work: Work) -> dict[str, str]:
    """Return who collects each part."""
    whole = _collector(work)
    tax = whole if work.tax_collector is None or whole == "nobody" else work.tax_collector
    return {"duty": whole, "tax": tax, "fees": whole}


def _state(work: Work) -> str:
    """guaranteed: all of it is collected at checkout; estimated: later; partial: a part is not known."""
    if not work.deliverable:
        return "not_deliverable"
    if work.unknown:
        return "partial"
    nothing = _collector(work) == "nobody"
    at_checkout = all(line.collector.endswith("_at_checkout") for line in work.lines)
    return "guaranteed" if (at_checkout or nothing) and not work.reasons else "estimated"


_WHO = {
    "platform_at_checkout": "We collect this when you pay; nothing more is due on delivery.",
    "seller_at_checkout": "The seller collects this when you pay; nothing more is due on delivery.",
    "carrier_at_border": "The carrier collects this from you when the parcel arrives.",
    "recipient_direct": "You pay this to the authority yourself.",
    "nobody": "Nothing is collected on this parcel.",
}


def _sentences(work: Work, answer: dict[str, Any]) -> list[str]:
    """One sentence a step, in the order of the sum."""
    said = list(work.explain)
    currency = work.facts.currency
    if work.kind == "import":
        said.insert(
            0, f"The goods come from {work.facts.ship_from} and are imported into {work.facts.market}."
        )
        said.append(f"Customs duty: {answer['duty']} {currency}.")
    percents = sorted({line.tax_percent for line in work.lines if line.tax_percent is not None})
    if percents:
        rates = " and ".join(f"{percent:f} %" for percent in percents)
        said.append(f"Tax at {rates}: {answer['tax']} {currency}.")
    if work.fees:
        said.append(f"Fees: {answer['fees']} {currency}.")
    said.append(_WHO[answer["who_collects"]])
    at_least = "at least " if work.unknown else ""
    said.append(f"In all {at_least}{answer['total']} {currency}.")
    return said
