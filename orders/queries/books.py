"""Reading the books: the trial balance, and a merchant's statement with every posting explained."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Q, QuerySet, Sum

from marketplace.accounts.models import Merchant
from orders.domain.ledger import ACCOUNTS, OF_MERCHANT
from orders.models import LedgerAccount, Posting


@dataclass(frozen=True, slots=True)
class Balance:
    """One line of the trial balance: an account (of all merchants together) in one currency."""

    account: str
    side: str  # asset, liability, income, expense
    provider: str
    currency: str
    debit_minor: int
    credit_minor: int

    @property
    def balance_minor(self) -> int:
        """Debits less credits."""
        return self.debit_minor - self.credit_minor


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """All accounts, and what debits and credits differ by in each currency; that is always nothing."""

    rows: tuple[Balance, ...]
    off_by: dict[str, int]

    @property
    def is_zero(self) -> bool:
        return not any(self.off_by.values())


def trial_balance(*, until: datetime | None = None) -> TrialBalance:
    """Return the trial balance of all that was posted (before an instant, if one is given). One query."""
    rows = Posting.objects.filter(entry__recorded_at__lt=until) if until else Posting.objects.all()
    sums = (
        rows.values("account__kind", "account__provider", "account__currency")
        .annotate(
            debit=Sum("amount_minor", filter=Q(amount_minor__gt=0), default=0),
            credit=Sum("amount_minor", filter=Q(amount_minor__lt=0), default=0),
        )
        .order_by("account__currency")
    )
    place = {kind: number for number, kind in enumerate(ACCOUNTS)}
    balances = [
        Balance(
            account=row["account__kind"],
            side=ACCOUNTS.get(row["account__kind"], ""),
            provider=row["account__provider"],
            currency=row["account__currency"],
            debit_minor=int(row["debit"]),
            credit_minor=-int(row["credit"]),
        )
        for row in sums
    ]
    balances.sort(key=lambda one: (one.currency, place.get(one.account, len(place)), one.provider))
    off_by: dict[str, int] = {}
    for one in balances:
        off_by[one.currency] = off_by.get(one.currency, 0) + one.balance_minor
    return TrialBalance(tuple(balances), off_by)


def balances_of(merchant: Merchant) -> dict[str, dict[str, int]]:
    """Return what is held for a merchant and what is due, by currency: {"EUR": {"held": 1200, "payable": -30}}."""
    rows = (
        Posting.objects.filter(account__merchant=merchant, account__kind__in=OF_MERCHANT)
        .values_list("account__currency", "account__kind")
        .annotate(Sum("amount_minor"))
    )
    found: dict[str, dict[str, int]] = {}
    for currency, kind, amount in rows.values_list("account__currency", "account__kind", "amount_minor__sum"):
        found.setdefault(currency, dict.fromkeys(OF_MERCHANT, 0))[kind] = -int(amount)
    return found


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One movement on a merchant's side, with what it is made of. Credits to the merchant are positive."""

    at: datetime
    kind: str  # sale, release, refund_requested, payout …
    key: str
    order: str
    line: str
    title: str
    quantity: int
    gross_minor: int  # what the shopper paid for it (a sale), or gets back (a refund)
    kept_minor: int  # of it collected for tax offices and carriers
    commission_minor: int  # ours, without tax
    commission_tax_minor: int
    percent: str
    held_minor: int  # change of what is held
    payable_minor: int  # change of what is due
    reference: str = ""  # the payout, the refund, the chargeback


@dataclass(frozen=True, slots=True)
class Statement:
    """A merchant's month in one currency. What was held and due before, all that changed it, and after."""

    merchant: Merchant
    currency: str
    month: date  # its first day
    held_before: int
    payable_before: int
    rows: tuple[StatementRow, ...]

    @property
    def held_after(self) -> int:
        return self.held_before + sum(row.held_minor for row in self.rows)

    @property
    def payable_after(self) -> int:
        return self.payable_before + sum(row.payable_minor for row in self.rows)


def bounds_of(month: date) -> tuple[datetime, datetime]:
    """Return the first instant of a month and of the next, in UTC."""
    first = month.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    return datetime(first.year, first.month, 1, tzinfo=UTC), datetime(after.year, after.month, 1, tzinfo=UTC)


def months_of(merchant: Merchant) -> list[tuple[date, str]]:
    """Return the months (and currencies) in which anything moved for a merchant, the latest first."""
    rows = (
        Posting.objects.filter(account__merchant=merchant)
        .values_list("entry__happened_at__year", "entry__happened_at__month", "account__currency")
        .distinct()
    )
    found = {(date(year, month, 1), currency) for year, month, currency in rows}
    return sorted(found, key=lambda one: (-one[0].toordinal(), one[1]))


def statement(merchant: Merchant, *, month: date, currency: str) -> Statement:
    """Return a merchant's month. Four queries, whatever its size."""
    since, until = bounds_of(month)
    own = Posting.objects.filter(account__merchant=merchant, account__currency=currency)
    before = _sums(own.filter(entry__happened_at__lt=since))
    rows = own.filter(entry__happened_at__gte=since, entry__happened_at__lt=until)
    return Statement(
        merchant=merchant,
        currency=currency,
        month=month.replace(day=1),
        held_before=before.get("held", 0),
        payable_before=before.get("payable", 0),
        rows=tuple(_rows(rows)),
    )


def _sums(rows: QuerySet[Posting]) -> dict[str, int]:
    sums = rows.values_list("account__kind").annotate(Sum("amount_minor"))
    return {kind: -int(amount) for kind, amount in sums}


def _rows(own: QuerySet[Posting]) -> Iterable[StatementRow]:
    """Fold a merchant's postings by entry and line, with what the same entry posted of the line elsewhere."""
    mine = list(
        own.select_related(
            "account", "entry__payout", "entry__refund", "entry__chargeback", "line__order", "entry__order"
        ).order_by("entry__happened_at", "entry_id", "pk")
    )
    others = _others({row.entry_id for row in mine}, {row.line_id for row in mine if row.line_id})
    grouped: dict[tuple[int, int | None], list[Posting]] = {}
    for row in mine:
        grouped.setdefault((row.entry_id, row.line_id), []).append(row)
    for (entry, line), postings in grouped.items():
        yield _row(postings, others.get((entry, line), {}))


def _others(entries: set[int], lines: set[int]) -> dict[tuple[int, int | None], dict[str, int]]:
    rows = (
        Posting.objects.filter(entry__in=entries, line__in=lines)
        .exclude(account__kind__in=OF_MERCHANT)
        .values_list("entry", "line", "account__kind")
        .annotate(Sum("amount_minor"))
        .values_list("entry", "line", "account__kind", "amount_minor__sum")
    )
    found: dict[tuple[int, int | None], dict[str, int]] = {}
    for entry, line, kind, amount in rows:
        found.setdefault((entry, line), {})[kind] = -int(amount)
    return found


def _row(postings: list[Posting], others: dict[str, int]) -> StatementRow:
    entry, line = postings[0].entry, postings[0].line
    moved = {kind: -sum(p.amount_minor for p in postings if p.account.kind == kind) for kind in OF_MERCHANT}
    commission, tax = others.get("commission", 0), others.get("commission_vat", 0)
    kept = sum(others.get(kind, 0) for kind in ("tax_payable", "duty_payable", "fees_payable"))
    order = line.order if line else entry.order
    subject = entry.payout or entry.refund or entry.chargeback
    return StatementRow(
        at=entry.happened_at,
        kind=entry.kind,
        key=entry.key,
        order=order.public_id if order else "",
        line=line.public_id if line else "",
        title=line.title if line else "",
        quantity=line.quantity if line else 0,
        gross_minor=sum(moved.values()) + commission + tax + kept if others else 0,
        kept_minor=kept,
        commission_minor=commission,
        commission_tax_minor=tax,
        percent=line.commission.get("percent", "") if line else "",
        held_minor=moved["held"],
        payable_minor=moved["payable"],
        reference=subject.public_id if subject else "",
    )


def account_named(kind: str, currency: str, *, merchant: Merchant | None = None, provider: str = "") -> int:
    """Return the balance of one account, debits less credits, in minor units."""
    account = LedgerAccount.objects.filter(
        kind=kind, merchant=merchant, provider=provider, currency=currency
    ).first()
    if account is None:
        return 0
    return int(account.postings.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
