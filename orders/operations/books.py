"""Writing into the books: each movement of money once, under its key, in the transaction that makes it true.

An entry and its postings are one statement; nothing is read, changed and written back. The database refuses
an entry that does not add up to nothing (at the commit), and any change of what stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet, Sum

from marketplace.kernel.errors import Invalid
from marketplace.kernel.prepared import Statement, prepared
from orders.domain.ledger import (
    Draft,
    Leg,
    OnBooks,
    Sold,
    capture_legs,
    opposite,
    return_legs,
    sale_legs,
)
from orders.domain.refunds import OWED, LineLeft
from orders.models import LedgerEntry, Order, OrderLine, Payment, Posting, Refund, Supplement
from orders.queries.refunds import lines_left, supplements_of

_ACCOUNTS = Statement("orders.open_accounts", """
INSERT INTO orders_ledgeraccount (kind, merchant_id, provider, currency)
SELECT DISTINCT kind, merchant, provider, currency
FROM jsonb_to_recordset(%s) AS w(kind text, merchant bigint, provider text, currency text)
WHERE NOT EXISTS (
    SELECT FROM orders_ledgeraccount a
    WHERE a.kind = w.kind AND a.merchant_id IS NOT DISTINCT FROM w.merchant AND a.provider = w.provider
      AND a.currency = w.currency
)
ORDER BY 1, 2, 3, 4
ON CONFLICT DO NOTHING
RETURNING id
""")  # fmt: skip
_POST = Statement("orders.post", """
WITH e AS (
    INSERT INTO orders_ledgerentry
        (key, kind, digest, payment_id, order_id, refund_id, chargeback_id, payout_id, happened_at, recorded_at)
    SELECT key, kind, digest, payment, "order", refund, chargeback, payout, happened_at, recorded_at
    FROM jsonb_to_recordset(%s) AS n(
        key text, kind text, digest text, payment bigint, "order" bigint, refund bigint, chargeback bigint,
        payout bigint, happened_at timestamptz, recorded_at timestamptz)
    ON CONFLICT (key) DO NOTHING
    RETURNING id, key
), p AS (
    INSERT INTO orders_posting (entry_id, account_id, line_id, part, amount_minor)
    SELECT e.id, a.id, w.line, w.part, w.amount
    FROM jsonb_to_recordset(%s) AS w(
        entry text, kind text, merchant bigint, provider text, currency text, line bigint, part text,
        amount bigint, place int)
    JOIN e ON e.key = w.entry
    JOIN orders_ledgeraccount a ON a.kind = w.kind AND a.merchant_id IS NOT DISTINCT FROM w.merchant
        AND a.provider = w.provider AND a.currency = w.currency
    ORDER BY w.place
)
SELECT key FROM e
""")  # fmt: skip


def post(drafts: Sequence[Draft], *, now: datetime) -> int:
    """Post entries, each once under its key; return how many were new. Two statements, whatever their number.

    :raises Invalid: if a key was used for another movement.
    """
    drafts = [draft for draft in drafts if draft.legs]
    if not drafts:
        return 0
    heads = [_head(draft, now) for draft in drafts]
    rows = [_row(draft, leg, place) for draft in drafts for place, leg in enumerate(draft.legs)]
    movements = json.dumps(rows)
    _ACCOUNTS([movements])
    new = {key for (key,) in _POST([json.dumps(heads, default=_text), movements])}
    _check_known([draft for draft in drafts if draft.key not in new])
    return len(new)


def _head(draft: Draft, now: datetime) -> dict[str, object]:
    return {
        "key": draft.key,
        "kind": draft.kind,
        "digest": draft.digest(),
        "payment": draft.payment,
        "order": draft.order,
        "refund": draft.refund,
        "chargeback": draft.chargeback,
        "payout": draft.payout,
        "happened_at": draft.happened_at,
        "recorded_at": now,
    }


def _row(draft: Draft, leg: Leg, place: int) -> dict[str, object]:
    return {
        "entry": draft.key,
        "kind": leg.account,
        "merchant": leg.merchant,
        "provider": leg.provider,
        "currency": draft.currency,
        "line": leg.line,
        "part": leg.part,
        "amount": leg.amount,
        "place": place,
    }


def _text(value: datetime) -> str:
    return value.isoformat()


def _check_known(drafts: Sequence[Draft]) -> None:
    if drafts:
        known = dict(
            LedgerEntry.objects.filter(key__in=[draft.key for draft in drafts]).values_list("key", "digest")
        )
        for draft in drafts:
            if known.get(draft.key) != draft.digest():
                raise Invalid(
                    "This stands in the books already, with other sums.", field="key", key=draft.key
                )


def capture_draft(payment: Payment, amount: int, now: datetime) -> Draft:
    """Return the entry of money that a provider took just now; `captured_minor` holds it already."""
    return Draft(
        key=f"capture:{payment.public_id}:{payment.captured_minor}",
        kind="capture",
        currency=payment.currency,
        legs=capture_legs(payment.provider, amount),
        happened_at=now,
        payment=payment.pk,
    )


def sale_draft(order: Order, lines: Sequence[OrderLine], now: datetime) -> Draft:
    """Return the entry that makes taken money the merchant's, the tax offices' and ours."""
    return Draft(
        key=f"sale:{order.public_id}",
        kind="sale",
        currency=order.currency,
        legs=sale_legs([sold(line, order) for line in lines]),
        happened_at=now,
        order=order.pk,
    )


def sale_drafts(
    orders: Sequence[Order], now: datetime, lines: Sequence[OrderLine] | None = None
) -> list[Draft]:
    """Return the sales of confirmed orders; one statement if their lines are to be read."""
    rows = _lines_of([order.pk for order in orders]) if lines is None else lines
    by_order: dict[int, list[OrderLine]] = {}
    for line in rows:
        by_order.setdefault(line.order_id, []).append(line)
    return [sale_draft(order, by_order.get(order.pk, []), now) for order in orders]


@prepared
def _lines_of(order_ids: list[int]) -> QuerySet[OrderLine]:
    return OrderLine.objects.filter(order_id__in=order_ids).order_by("pk")


def sold(line: OrderLine, order: Order, added: Supplement | None = None) -> Sold:
    """Return a line as the books see it, with what was paid later for it."""
    return Sold(
        line=line.pk,
        merchant=order.merchant_id,
        by_platform=_is_by_platform(order),
        amounts={kind: getattr(line, f"{kind}_minor") + getattr(added, f"{kind}_minor", 0) for kind in OWED},
        commission=line.commission_minor + (added.commission_minor if added else 0),
        commission_tax=line.commission_tax_minor + (added.commission_tax_minor if added else 0),
    )


def _is_by_platform(order: Order) -> bool:
    return bool(order.landed.get("answer", {}).get("who_collects") == "platform_at_checkout")


def supplement_draft(supplement: Supplement, payment: Payment, now: datetime) -> Draft:
    """Return the entry that makes money that was paid later the merchant's, the tax office's and ours."""
    order = supplement.order
    one = Sold(
        line=supplement.line_id,
        merchant=order.merchant_id,
        by_platform=_is_by_platform(order),
        amounts={kind: getattr(supplement, f"{kind}_minor", 0) for kind in OWED},
        commission=supplement.commission_minor,
        commission_tax=supplement.commission_tax_minor,
    )
    return Draft(
        key=f"supplement:{supplement.public_id}",
        kind="supplement",
        currency=supplement.currency,
        legs=sale_legs([one]),
        happened_at=now,
        payment=payment.pk,
        order=order.pk,
    )


def on_books(line_ids: Iterable[int]) -> dict[int, OnBooks]:
    """Return what the books hold for lines. One statement; decide by it only under the group's payment locks."""
    rows = (
        Posting.objects.filter(
            line__in=list(line_ids), account__kind__in=["held", "commission", "commission_vat"]
        )
        .values_list("line", "account__kind")
        .annotate(Sum("amount_minor"))
    )
    sums = {
        (line, kind): -amount
        for line, kind, amount in rows.values_list("line", "account__kind", "amount_minor__sum")
    }
    return {
        line: OnBooks(
            sums.get((line, "held"), 0),
            sums.get((line, "commission"), 0),
            sums.get((line, "commission_vat"), 0),
        )
        for line in {line for line, _ in sums}
    }


def back_legs(parts: Iterable[tuple[int | None, str, int]], lines: Sequence[OrderLine]) -> tuple[Leg, ...]:
    """Return what parts (line, kind, amount) of lines take from whom.

    The parts themselves are written already, so that what is left of the lines is without them.
    """
    by_line: dict[int | None, dict[str, int]] = {}
    for line, kind, amount in parts:
        own = by_line.setdefault(line, {})
        own[kind] = own.get(kind, 0) + amount
    books = on_books([line for line in by_line if line is not None])
    left = {one.line: one for one in lines_left(lines)}
    added = supplements_of(lines)
    legs: list[Leg] = [Leg("goodwill", amount, part="goodwill") for amount in by_line.pop(None, {}).values()]
    for row in lines:
        if row.pk in by_line:
            own_left: LineLeft = left[row.public_id]
            here = books.get(row.pk, OnBooks(0, 0, 0))
            legs += return_legs(
                sold(row, row.order, added.get(row.pk)), by_line[row.pk], own_left.left["goods"], here
            )
    return tuple(legs)


def post_refund_requested(
    refund: Refund, parts: Sequence[tuple[int | None, str, int]], lines: Sequence[OrderLine], *, now: datetime
) -> None:
    """Post a promise to a shopper; money that no order stands for comes out of the customers' funds."""
    legs = back_legs(parts, lines) if parts else (Leg("customer_funds", refund.amount_minor),)
    _post_refund(refund, "refund_requested", (*legs, Leg("refunds", -refund.amount_minor)), now)


def post_refund_done(refund: Refund, provider: str, *, now: datetime) -> None:
    """Post that the provider paid a refund."""
    legs = (
        Leg("refunds", refund.amount_minor),
        Leg("provider_clearing", -refund.amount_minor, provider=provider),
    )
    _post_refund(refund, "refund_done", legs, now)


def post_refund_failed(refund: Refund, provider: str, *, was_done: bool, now: datetime) -> None:
    """Undo what was posted of a refund, whoever it was taken from."""
    if was_done:
        legs = (
            Leg("refunds", -refund.amount_minor),
            Leg("provider_clearing", refund.amount_minor, provider=provider),
        )
        _post_refund(refund, "refund_returned", legs, now)
    _post_refund(refund, "refund_failed", opposite(legs_of(f"refund_requested:{refund.public_id}")), now)


def _post_refund(refund: Refund, kind: str, legs: tuple[Leg, ...], now: datetime) -> None:
    draft = Draft(
        key=f"{kind}:{refund.public_id}",
        kind=kind,
        currency=refund.currency,
        legs=legs,
        happened_at=now,
        payment=refund.payment_id,
        order=refund.order_id,
        refund=refund.pk,
    )
    post([draft], now=now)


def legs_of(key: str) -> tuple[Leg, ...]:
    """Return what was posted under a key."""
    rows = Posting.objects.filter(entry__key=key).select_related("account").order_by("pk")
    return tuple(
        Leg(
            row.account.kind,
            row.amount_minor,
            row.account.merchant_id,
            row.account.provider,
            row.line_id,
            row.part,
        )
        for row in rows
    )
