"""Paying merchants: a line's money becomes due when nothing speaks against it, and is paid in one sum a day.

What is due (`payable`) may fall below nothing, when something comes back that was paid out already: then the
merchant is paid nothing until later sales, or the merchant's own transfer, have made it up.

Lock order: the payments of a line's group by primary key, then the merchant's bank account, then the payout.
The bank is called outside any transaction, under the payout's own key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Max, Sum

from marketplace.accounts.models import Merchant
from marketplace.kernel import outbox
from marketplace.kernel.errors import Conflict, Invalid, RightfulError
from marketplace.kernel.money import Money
from orders.domain.bank import check_account
from orders.domain.ledger import Draft, Leg
from orders.domain.states import PAYOUT, may, next_state
from orders.events import PayoutChanged
from orders.models import BankAccount, LedgerAccount, Payment, Payout, Posting
from orders.operations import books, payout_holds
from orders.payments.bank import Transfer, bank
from orders.queries.books import account_named
from orders.queries.payouts import HeldLine, held_lines, held_sums, line_ids

log = structlog.get_logger(__name__)
BATCH = 500
ACTIONS = {"sent": "send", "accepted": "accept", "bounced": "bounce"}


class NoBankAccount(Conflict):
    code, title = "no_bank_account", "There is no bank account to pay to."


@dataclass(frozen=True, slots=True)
class PaidOut:
    """What a run did: lines that became due, payouts written, told to the bank, heard of again, and failures."""

    released: int
    prepared: int
    sent: int
    heard: int
    failed: int

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def run_payouts(*, now: datetime) -> PaidOut:
    """Release what is due, pay every merchant what is theirs, and hear what became of earlier payouts.

    Safe to repeat at any time; a bank that does not answer fails that one step, which the next run tries again.
    """
    heard, failed = _hear(now)
    released = release_lines(now=now)
    prepared = 0
    due = LedgerAccount.objects.filter(kind="payable").order_by("pk")
    for merchant_id, currency in due.values_list("merchant_id", "currency"):
        payout = prepare_payout(merchant_id=merchant_id, currency=currency, now=now)
        prepared += payout is not None
    waiting = Payout.objects.filter(state=Payout.State.PREPARED).order_by("pk").values_list("pk", flat=True)
    sent = 0
    for pk in list(waiting):
        try:
            send_payout(payout_id=pk, now=now)
            sent += 1
        except RightfulError as error:
            failed += 1
            log.warning("A payout waits for the bank.", payout=pk, reason=error.code)
    return PaidOut(released, prepared, sent, heard, failed)


def _hear(now: datetime) -> tuple[int, int]:
    heard = failed = 0
    for payout in list(Payout.objects.filter(state=Payout.State.SENT).order_by("pk")):
        try:
            told = bank(payout.provider).fetch(payout.provider_ref)
            record_transfer(payout_id=payout.pk, transfer=told, now=now)
            heard += 1
        except RightfulError as error:
            failed += 1
            log.warning("The bank does not tell of a payout.", payout=payout.public_id, reason=error.code)
    return heard, failed


def release_lines(*, now: datetime, merchant_ids: Sequence[int] | None = None) -> int:
    """Make due what is held for lines that nothing speaks against; return how many."""
    sums = held_sums(merchant_ids=merchant_ids)
    released, pks = 0, list(sums)
    for start in range(0, len(pks), BATCH):
        part = {pk: sums[pk] for pk in pks[start : start + BATCH]}
        others = payout_holds.reasons(line_ids(part), now.date())
        free = [one for one in held_lines(part, now=now, others=others) if not one.reasons]
        by_group: dict[int, list[HeldLine]] = {}
        for one in free:
            by_group.setdefault(one.group, []).append(one)
        released += sum(_release(group, lines, now) for group, lines in by_group.items())
    return released


@transaction.atomic
def _release(group: int, lines: Sequence[HeldLine], now: datetime) -> int:
    """Move what is held at this moment, under the lock that refunds take too."""
    list(Payment.objects.select_for_update().filter(group_id=group).order_by("pk"))
    held = (
        Posting.objects.filter(account__kind="held", line__in=[one.line for one in lines])
        .values_list("line", "account__merchant", "account__currency")
        .annotate(Sum("amount_minor"), Max("pk"))
        .values_list("line", "account__merchant", "account__currency", "amount_minor__sum", "pk__max")
    )
    drafts = [
        Draft(
            key=f"release:{line}:{latest}",
            kind="release",
            currency=currency,
            legs=(
                Leg("held", -int(amount), merchant=merchant, line=line, part="release"),
                Leg("payable", int(amount), merchant=merchant, line=line, part="release"),
            ),
            happened_at=now,
        )
        for line, merchant, currency, amount, latest in held
        if amount
    ]
    return books.post(drafts, now=now)


@transaction.atomic
def prepare_payout(*, merchant_id: int, currency: str, now: datetime) -> Payout | None:
    """Write down the payout of all that is due to a merchant; None where nothing is, or one is on its way."""
    account = (
        BankAccount.objects.select_for_update()
        .filter(merchant_id=merchant_id, replaced_at=None, refused_at=None)
        .first()
    )
    running = Payout.objects.filter(
        merchant_id=merchant_id, currency=currency, state__in=[Payout.State.PREPARED, Payout.State.SENT]
    )
    if account is None or running.exists():
        return None
    merchant = Merchant.objects.get(pk=merchant_id)
    due = -account_named("payable", currency, merchant=merchant)
    if due < max(settings.PAYOUT_MINIMUM_MINOR, 1):
        return None
    payout = Payout.objects.create(
        merchant=merchant,
        bank_account=account,
        provider="offline",
        amount_minor=due,
        currency=currency,
        prepared_at=now,
        changed_at=now,
    )
    legs = (
        Leg("payable", due, merchant=merchant_id, part="payout"),
        Leg("payouts", -due, part="payout"),
    )
    _post(payout, "payout", legs, now)
    return payout


def send_payout(*, payout_id: int, now: datetime) -> Payout:
    """Tell the bank; what it was told already it does not pay again.

    :raises ProviderDown: when it does not answer; the payout stays prepared.
    """
    payout = Payout.objects.select_related("bank_account").get(pk=payout_id)
    if payout.state != Payout.State.PREPARED:
        return payout
    to = payout.bank_account
    told = bank(payout.provider).pay(
        key=f"payout:{payout.public_id}",
        amount=Money(payout.amount_minor, payout.currency),
        holder=to.holder,
        number=to.number,
        bank_code=to.bank_code,
    )
    return record_transfer(payout_id=payout.pk, transfer=told, now=now)


@transaction.atomic
def record_transfer(*, payout_id: int, transfer: Transfer, now: datetime) -> Payout:
    """Write down what the bank says of a payout; older news changes nothing. What bounced is due again."""
    account_id = Payout.objects.values_list("bank_account_id", flat=True).get(pk=payout_id)
    account = BankAccount.objects.select_for_update().get(pk=account_id)
    payout = Payout.objects.select_for_update(of=("self",)).select_related("merchant").get(pk=payout_id)
    action = ACTIONS.get(transfer.state, "")
    if not may(PAYOUT, payout.state, action):
        return payout
    before = payout.state
    payout.state = next_state(PAYOUT, payout.state, action)
    payout.provider_ref = transfer.ref or payout.provider_ref
    payout.failure, payout.changed_at = transfer.failure, now
    payout.save(update_fields=["state", "provider_ref", "failure", "changed_at"])
    _post_news(payout, before, now)
    if payout.state == Payout.State.BOUNCED and account.refused_at is None:
        account.refused_at = now
        account.save(update_fields=["refused_at"])
    outbox.publish(
        PayoutChanged(
            payout.public_id, payout.merchant.public_id, payout.state, payout.amount_minor, payout.currency
        )
    )
    return payout


def _post_news(payout: Payout, before: str, now: datetime) -> None:
    amount, own = payout.amount_minor, payout.merchant_id
    done = (Leg("payouts", amount, part="payout"), Leg("bank", -amount, provider=payout.provider))
    if payout.state == Payout.State.ACCEPTED:
        _post(payout, "payout_accepted", done, now)
    elif payout.state == Payout.State.BOUNCED:
        if before == Payout.State.ACCEPTED:
            back = (Leg("bank", amount, provider=payout.provider), Leg("payouts", -amount, part="payout"))
            _post(payout, "payout_returned", back, now)
        legs = (Leg("payouts", amount, part="payout"), Leg("payable", -amount, merchant=own, part="payout"))
        _post(payout, "payout_bounced", legs, now)


def _post(payout: Payout, kind: str, legs: tuple[Leg, ...], now: datetime) -> None:
    draft = Draft(
        key=f"{kind}:{payout.public_id}",
        kind=kind,
        currency=payout.currency,
        legs=legs,
        happened_at=now,
        payout=payout.pk,
    )
    books.post([draft], now=now)


@transaction.atomic
def set_bank_account(
    *, merchant_id: int, holder: str, number: str, bank_code: str = "", given_by: str, now: datetime
) -> BankAccount:
    """Say where a merchant's money goes from now on; payouts on their way keep their account.

    :raises BadAccount: if the number or bank code cannot be right (field).
    """
    if not holder.strip():
        raise Invalid("Say whose account it is.", field="holder")
    number, bank_code = check_account(number, bank_code)
    Merchant.objects.select_for_update().get(pk=merchant_id)
    known = BankAccount.objects.select_for_update().filter(merchant_id=merchant_id, replaced_at=None).first()
    given = (holder.strip(), number, bank_code)
    if known and (known.holder, known.number, known.bank_code) == given and known.refused_at is None:
        return known
    if known:
        known.replaced_at = now
        known.save(update_fields=["replaced_at"])
    return BankAccount.objects.create(
        merchant_id=merchant_id,
        holder=given[0],
        number=number,
        bank_code=bank_code,
        given_by=given_by,
        given_at=now,
    )


@transaction.atomic
def record_pay_in(*, merchant_id: int, amount: Money, key: str, now: datetime) -> None:
    """Write down a merchant's own transfer to us, which makes up what they owe; once per key (its reference).

    :raises Invalid: for nothing or less, or a key that stands for another sum.
    """
    if amount.minor <= 0:
        raise Invalid("The amount is above nothing.", field="amount")
    draft = Draft(
        key=f"pay_in:{key}",
        kind="pay_in",
        currency=amount.currency,
        legs=(
            Leg("bank", amount.minor, provider="offline"),
            Leg("payable", -amount.minor, merchant=merchant_id, part="pay_in"),
        ),
        happened_at=now,
    )
    books.post([draft], now=now)
