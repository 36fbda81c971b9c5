"""Credit notes: an invoice is corrected by what really went back, at the rates of tax it was written with.

Numbers have no gaps per merchant and year: they are taken in the transaction in which the refund is done.
The notes of an order never add up to more than what went back: money that was paid, came back and was paid
again is noted once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Sum

from marketplace.kernel import outbox
from orders.events import CreditNoteIssued
from orders.models import Invoice, OrderLine, Payment, Refund, RefundLine
from orders.operations.placing import next_number
from orders.queries.law import percent_of

GOODWILL = "goodwill"


def issue_credit_note(*, refund: Refund, now: datetime) -> Invoice | None:
    """Number and freeze the credit note of a refund that is done, in its transaction, under the order's lock.

    None where there is nothing to correct: no invoice yet (`issue_waiting` makes up for it), goodwill only,
    a sum that is noted already.
    """
    if refund.order_id is None or Invoice.objects.filter(refund=refund).exists():
        return None
    invoice = Invoice.objects.filter(order=refund.order_id, kind="invoice").select_related("merchant").first()
    parts = list(refund.parts.exclude(kind=GOODWILL).select_related("line"))
    if invoice is None or not parts or not _is_new(refund):
        return None
    content = _content(invoice, refund, parts, now)
    merchant, series = invoice.merchant, f"{now.year}"
    note = Invoice.objects.create(
        order_id=invoice.order_id,
        merchant=merchant,
        series=series,
        number=next_number(f"credit_note:{merchant.public_id}:{series}"),
        kind="credit_note",
        corrects=invoice,
        refund=refund,
        content=content,
        total_minor=sum(part.amount_minor for part in parts),
        currency=invoice.currency,
        issued_at=now,
    )
    order = str(content["order"]["public_id"])  # type: ignore[index]
    outbox.publish(CreditNoteIssued(note.label, order, refund.public_id, note.total_minor, note.currency))
    return note


def issue_waiting(*, order_id: int, now: datetime) -> int:
    """Note the refunds that were done before there was an invoice; return how many. Inside a transaction."""
    done = Refund.objects.filter(order=order_id, state=Refund.State.DONE, credit_note=None).order_by("pk")
    if not done:
        return 0
    list(Payment.objects.select_for_update().filter(group__orders=order_id).order_by("pk"))
    return sum(issue_credit_note(refund=refund, now=now) is not None for refund in done)


def _is_new(refund: Refund) -> bool:
    """Tell whether what went back so far is not noted already (by a refund whose money came back)."""
    own = RefundLine.objects.filter(refund__order=refund.order_id).exclude(kind=GOODWILL)
    done = own.filter(refund__state=Refund.State.DONE).exclude(refund=refund)
    went = sum(done.values_list("amount_minor", flat=True))
    went += sum(own.filter(refund=refund).values_list("amount_minor", flat=True))
    noted = Invoice.objects.filter(order=refund.order_id, kind="credit_note").aggregate(
        sum=Sum("total_minor", default=0)
    )["sum"]
    return noted < went


def _content(invoice: Invoice, refund: Refund, parts: list[RefundLine], now: datetime) -> dict[str, object]:
    frozen = invoice.content
    return {
        **{
            name: frozen[name]
            for name in ("seller", "buyer", "order", "language", "market", "currency", "ordered_on")
        },
        "corrects": {"number": invoice.label, "issued_on": invoice.issued_at.date().isoformat()},
        "refund": refund.public_id,
        "supplied_on": frozen["supplied_on"],
        "lines": _lines(parts),
        **_sums(parts),
        "total_minor": sum(part.amount_minor for part in parts),
        "tax_by_rate": _tax_by_rate(parts),
        "collected_by": frozen["collected_by"],
    }


def _lines(parts: Iterable[RefundLine]) -> list[dict[str, object]]:
    found: dict[int, dict[str, object]] = {}
    for part in parts:
        line = part.line
        if line is None:
            continue
        row = found.setdefault(line.pk, _line(line))
        row["quantity"] = int(row["quantity"]) + part.quantity  # type: ignore[call-overload]
        name = "tax_minor" if part.kind == "tax" else "net_minor"
        row[name] = int(row[name]) + part.amount_minor  # type: ignore[call-overload]
        row["total_minor"] = int(row["total_minor"]) + part.amount_minor  # type: ignore[call-overload]
    return list(found.values())


def _line(line: OrderLine) -> dict[str, object]:
    return {
        "title": line.title,
        "options": line.options,
        "sku": line.sku,
        "quantity": 0,
        "net_minor": 0,
        "tax_percent": percent_of(line.tax_rate) or None,
        "tax_minor": 0,
        "total_minor": 0,
    }


def _sums(parts: Iterable[RefundLine]) -> dict[str, int]:
    sums = dict.fromkeys(("goods_minor", "shipping_minor", "duty_minor", "tax_minor", "fees_minor"), 0)
    for part in parts:
        sums[f"{part.kind}_minor"] += part.amount_minor
    return sums


def _tax_by_rate(parts: Iterable[RefundLine]) -> list[dict[str, object]]:
    sums: dict[str, dict[str, int]] = {}
    for part in parts:
        rate = percent_of(part.line.tax_rate) if part.line else ""
        found = sums.setdefault(rate, {"net_minor": 0, "tax_minor": 0})
        found["tax_minor" if part.kind == "tax" else "net_minor"] += part.amount_minor
    return [{"percent": rate or None, **found} for rate, found in sorted(sums.items())]
