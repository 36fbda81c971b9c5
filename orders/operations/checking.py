"""The books against everything that should agree with them; every difference is said, none is mended in silence.

Compared are, by payment: what was taken, refunded and disputed as the payment says it, as its refunds and
chargebacks say it, as the books say it, and as the provider's own books say it. Fees that the provider's books
name are posted on the way; credit notes that a crash or a race left out are made up for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, Sum

from marketplace.kernel.errors import RightfulError
from orders import payments as providers
from orders.domain.ledger import Draft, Leg
from orders.models import (
    Chargeback,
    Invoice,
    LedgerEntry,
    Order,
    Payment,
    Payout,
    Posting,
    Refund,
    RefundLine,
)
from orders.operations import books
from orders.operations.credit_notes import issue_waiting
from orders.payments import Movement
from orders.queries.books import trial_balance

log = structlog.get_logger(__name__)
MOST_SAID = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """Two of our sources that do not agree: on what, and what each says (minor units)."""

    subject: str  # "payment:PM-7Q2K9F3M"
    what: str
    books: int
    other: int
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a check found. `unreachable` are providers whose books could not be read."""

    checked: int
    differences: tuple[Difference, ...]
    fees: int = 0
    notes: int = 0
    unreachable: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        return not self.differences and not self.unreachable

    def as_json(self) -> dict[str, Any]:
        """Return it for a job's row; of many differences the first ones."""
        told = [asdict(one) for one in self.differences[:MOST_SAID]]
        return {
            "checked": self.checked,
            "differences": len(self.differences),
            "said": told,
            "fees": self.fees,
            "notes": self.notes,
            "unreachable": list(self.unreachable),
        }


def check_books(*, now: datetime, with_providers: bool = True) -> Findings:
    """Compare everything; return every difference. Safe at any time: what is in the middle of a movement is
    compared in one snapshot of the database, and with a provider only where nothing is on its way.
    """
    notes = _make_up_notes(now)
    fees, unreachable, at_providers = _read_providers(now) if with_providers else (0, (), {})
    differences = _compare(at_providers)
    if differences:
        log.error("The books do not agree.", differences=len(differences))
    return Findings(Payment.objects.count(), tuple(differences), fees, notes, unreachable)


def _compare(at_providers: Mapping[str, Mapping[str, int]]) -> list[Difference]:
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return _differences(at_providers)


def _differences(at_providers: Mapping[str, Mapping[str, int]]) -> list[Difference]:
    found = [
        *_trial(),
        *_payments(),
        *_refunds(),
        *_payouts(),
        *_notes(),
        *_provider_differences(at_providers),
    ]
    return sorted(found, key=lambda one: (one.subject, one.what))


def _trial() -> Iterator[Difference]:
    for currency, off in trial_balance().off_by.items():
        if off:
            yield Difference("trial_balance", "not zero", off, 0, currency)


def _by_payment(account: str, kinds: Iterable[str]) -> dict[int, int]:
    rows = Posting.objects.filter(account__kind=account, entry__kind__in=list(kinds))
    rows = (
        rows.filter(entry__payment__isnull=False).values_list("entry__payment").annotate(Sum("amount_minor"))
    )
    return {payment: int(amount) for payment, amount in rows}


def _payments() -> Iterator[Difference]:
    """Taken, refunded and disputed: the payment's own sums against the books, the refunds and chargebacks."""
    taken = _by_payment("provider_clearing", ["capture"])
    promised = _by_payment("refunds", ["refund_requested", "refund_failed"])
    rows = Payment.objects.filter(
        Q(captured_minor__gt=0) | Q(refunded_minor__gt=0) | Q(disputed_minor__gt=0) | Q(pk__in=taken)
    )
    live = dict(
        Refund.objects.exclude(state=Refund.State.FAILED).values_list("payment").annotate(Sum("amount_minor"))
    )
    disputed = dict(
        Chargeback.objects.exclude(state=Chargeback.State.WON)
        .values_list("payment")
        .annotate(taken=Sum(F("amount_minor") - F("refunded_minor")))
    )
    for row in rows.order_by("pk").iterator():
        said = {
            "captured": (taken.get(row.pk, 0), row.captured_minor),
            "refunded": (-promised.get(row.pk, 0), row.refunded_minor),
            "refunds": (live.get(row.pk, 0), row.refunded_minor),
            "disputed": (disputed.get(row.pk, 0), row.disputed_minor),
        }
        for what, (ours, other) in said.items():
            if ours != other:
                yield Difference(f"payment:{row.public_id}", what, ours, other, row.currency)


def _refunds() -> Iterator[Difference]:
    """Each refund: its parts add up to it, and what stands on the refunds' account follows its state."""
    parts = dict(
        RefundLine.objects.filter(refund__isnull=False).values_list("refund").annotate(Sum("amount_minor"))
    )
    open_on_books = {
        refund: int(amount)
        for refund, amount in Posting.objects.filter(account__kind="refunds", entry__refund__isnull=False)
        .values_list("entry__refund")
        .annotate(Sum("amount_minor"))
    }
    for row in Refund.objects.order_by("pk").iterator():
        expected = -row.amount_minor if row.state == Refund.State.REQUESTED else 0
        if open_on_books.get(row.pk, 0) != expected:
            found = open_on_books.get(row.pk, 0)
            yield Difference(f"refund:{row.public_id}", "on its way", found, expected, row.currency)
        if row.pk in parts and parts[row.pk] != row.amount_minor:
            yield Difference(
                f"refund:{row.public_id}", "parts", parts[row.pk], row.amount_minor, row.currency
            )


def _payouts() -> Iterator[Difference]:
    """Payouts on their way stand on the payouts' account, settled ones do not."""
    on_books = {
        payout: int(amount)
        for payout, amount in Posting.objects.filter(account__kind="payouts")
        .values_list("entry__payout")
        .annotate(Sum("amount_minor"))
    }
    for row in Payout.objects.order_by("pk").iterator():
        running = row.state in (Payout.State.PREPARED, Payout.State.SENT)
        expected = -row.amount_minor if running else 0
        if on_books.get(row.pk, 0) != expected:
            found = on_books.get(row.pk, 0)
            yield Difference(f"payout:{row.public_id}", "on its way", found, expected, row.currency)


def _notes() -> Iterator[Difference]:
    """Where there is an invoice, the credit notes add up to what went back of the lines.

    Money that came back after it was paid is owed as before: its note stands, and the refund that is made anew needs none.
    """
    noted = dict(Invoice.objects.filter(kind="credit_note").values_list("order").annotate(Sum("total_minor")))
    went = dict(
        RefundLine.objects.filter(refund__state=Refund.State.DONE, refund__order__isnull=False)
        .exclude(kind="goodwill")
        .values_list("refund__order")
        .annotate(Sum("amount_minor"))
    )
    returned = dict(
        Invoice.objects.filter(kind="credit_note", refund__state=Refund.State.FAILED)
        .values_list("order")
        .annotate(Sum("total_minor"))
    )
    invoiced = Invoice.objects.filter(kind="invoice", order__in=set(noted) | set(went)).select_related(
        "order"
    )
    for invoice in invoiced.order_by("pk").iterator():
        a, b = noted.get(invoice.order_id, 0), went.get(invoice.order_id, 0)
        if not b <= a <= b + returned.get(invoice.order_id, 0):
            yield Difference(f"order:{invoice.order.public_id}", "credit notes", a, b, invoice.currency)


def _make_up_notes(now: datetime) -> int:
    """Issue the credit notes that are missing, because the invoice and the refund were made at the same moment."""
    waiting = (
        Refund.objects.filter(state=Refund.State.DONE, credit_note=None, order__invoices__kind="invoice")
        .values_list("order", flat=True)
        .distinct()
    )
    made = 0
    for order_id in list(waiting):
        with transaction.atomic():
            Order.objects.select_for_update().get(pk=order_id)
            made += issue_waiting(order_id=order_id, now=now)
    return made


def _read_providers(now: datetime) -> tuple[int, tuple[str, ...], dict[str, dict[str, int]]]:
    """Read the providers' books: post the fees they name; return sums by payment reference and kind."""
    fees, unreachable, sums = 0, [], {}
    for code in settings.PAYMENT_PROVIDERS:
        if not Payment.objects.filter(provider=code).exclude(provider_ref="").exists():
            continue
        try:
            movements = list(providers.provider(code).movements())
        except RightfulError as error:
            log.warning("A provider's books cannot be read.", provider=code, reason=error.code)
            unreachable.append(code)
            continue
        fees += _post_fees(code, movements, now)
        sums[code] = _sums(movements)
    return fees, tuple(unreachable), sums


def _sums(movements: Iterable[Movement]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for one in movements:
        sums[f"{one.kind}:{one.subject}"] += one.amount_minor
    return dict(sums)


def _post_fees(code: str, movements: Iterable[Movement], now: datetime) -> int:
    """Post what a provider took for its work; what chargebacks cost was posted when they were opened."""
    drafts = [
        Draft(
            key=f"fee:{code}:{one.ref}",
            kind="fees",
            currency=one.currency,
            legs=(
                Leg("provider_fees", one.fee_minor),
                Leg("provider_clearing", -one.fee_minor, provider=code),
            ),
            happened_at=now,
        )
        for one in movements
        if one.fee_minor and not one.kind.startswith("chargeback")
    ]
    known = set(
        LedgerEntry.objects.filter(key__in=[draft.key for draft in drafts]).values_list("key", flat=True)
    )
    return books.post([draft for draft in drafts if draft.key not in known], now=now)


def _provider_differences(sums: Mapping[str, Mapping[str, int]]) -> Iterator[Difference]:
    for code, found in sums.items():
        yield from _against(code, found, _expected(code))


def _expected(code: str) -> dict[str, tuple[int, str]]:
    """Return what a provider's books should say by our own: {"capture:pi_1": (1200, "EUR")}.

    A refund on its way is left out: the provider may have paid it or not.
    """
    rows: dict[str, tuple[int, str]] = {}
    for payment in Payment.objects.filter(provider=code, captured_minor__gt=0).iterator():
        rows[f"capture:{payment.provider_ref}"] = (payment.captured_minor, payment.currency)
    for refund in Refund.objects.filter(payment__provider=code).exclude(provider_ref="").iterator():
        if refund.state != Refund.State.REQUESTED:
            amount = -refund.amount_minor if refund.state == Refund.State.DONE else 0
            rows[f"refund:{refund.provider_ref}"] = (amount, refund.currency)
    for one in Chargeback.objects.filter(payment__provider=code).iterator():
        won = one.state == Chargeback.State.WON
        rows[f"chargeback:{one.provider_ref}"] = (0 if won else -one.amount_minor, one.currency)
    return rows


def _against(
    code: str, found: Mapping[str, int], expected: Mapping[str, tuple[int, str]]
) -> Iterator[Difference]:
    """Compare by object; money that came back (a failed refund, a won chargeback) is set off first."""
    merged: dict[str, int] = defaultdict(int)
    for key, amount in found.items():
        kind, _, subject = key.partition(":")
        merged[f"{kind.removesuffix('_failed').removesuffix('_won')}:{subject}"] += amount
    on_its_way = set(
        Refund.objects.filter(payment__provider=code, state=Refund.State.REQUESTED)
        .exclude(provider_ref="")
        .values_list("provider_ref", flat=True)
    )
    unsent = Refund.objects.filter(payment__provider=code, state=Refund.State.REQUESTED, provider_ref="")
    is_busy = unsent.exists()
    for key in sorted(merged.keys() | expected.keys()):
        kind, _, subject = key.partition(":")
        ours, currency = expected.get(key, (0, ""))
        if kind == "refund" and (subject in on_its_way or (is_busy and key not in expected)):
            continue
        if ours != merged.get(key, 0):
            yield Difference(f"{code}:{key}", "provider's books", ours, merged.get(key, 0), currency)
