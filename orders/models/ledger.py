"""The books: double entry, append-only. Triggers refuse changes, and entries that do not add up to nothing."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q
from django.utils import timezone

from marketplace.kernel.ids import new_public_id


class LedgerAccount(models.Model):
    """An account of the books in one currency: of the marketplace, of a merchant, or at a provider."""

    kind = models.CharField(max_length=24)  # see orders.domain.ledger.ACCOUNTS
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, null=True, related_name="+")
    provider = models.CharField(max_length=20, blank=True)
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "merchant", "provider", "currency"],
                nulls_distinct=False,
                name="orders_account_once",
            )
        ]

    def __str__(self) -> str:
        return ":".join(filter(None, [self.kind, str(self.merchant_id or ""), self.provider, self.currency]))


class LedgerEntry(models.Model):
    """One movement of money: its postings add up to nothing in every currency. Its key makes it once."""

    key = models.CharField(max_length=160, unique=True)  # "refund:RF-7Q2K9F3M"
    kind = models.CharField(max_length=24)
    digest = models.CharField(max_length=64)  # of its postings: the same key is the same movement
    payment = models.ForeignKey("orders.Payment", on_delete=models.PROTECT, null=True, related_name="entries")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, null=True, related_name="entries")
    refund = models.ForeignKey("orders.Refund", on_delete=models.PROTECT, null=True, related_name="entries")
    chargeback = models.ForeignKey(
        "orders.Chargeback", on_delete=models.PROTECT, null=True, related_name="entries"
    )
    payout = models.ForeignKey("orders.Payout", on_delete=models.PROTECT, null=True, related_name="entries")
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "ledger entries"

    def __str__(self) -> str:
        return self.key


class Posting(models.Model):
    """So much on one account: debits are positive, credits negative, in the account's currency."""

    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="postings")
    account = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="postings", db_index=False
    )
    line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, null=True, related_name="postings")
    part = models.CharField(max_length=12, blank=True)  # goods, shipping, tax, commission …
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount_minor=0), name="orders_posting_amount")]
        indexes = [
            models.Index(fields=["account", "id"], include=["amount_minor"], name="orders_posting_of_account")
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor:+} on {self.account_id}"


class Chargeback(models.Model):
    """Money that a cardholder's bank took back: open until the bank decides, then won or lost."""

    class State(models.TextChoices):
        OPEN = "open"
        WON = "won"
        LOST = "lost"

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "CB"), editable=False
    )
    payment = models.ForeignKey("orders.Payment", on_delete=models.PROTECT, related_name="chargebacks")
    provider_ref = models.CharField(max_length=120)
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    amount_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField(default=0)  # of it: what had gone back already when it was opened
    currency = models.CharField(max_length=3)
    fee_minor = models.BigIntegerField(default=0)  # what the provider takes for it
    reason = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True)  # until then the bank hears the other side
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "provider_ref"], name="orders_chargeback_once"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "won", "lost"]), name="orders_chargeback_state"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, refunded_minor__gte=0), name="orders_chargeback_amount"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"


class BankAccount(models.Model):
    """Where a merchant's money goes. A change is a new row, so that every payout says where it went."""

    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="bank_accounts")
    holder = models.CharField(max_length=140)
    number = models.CharField(max_length=34)  # an IBAN, or the number that the bank gives
    bank_code = models.CharField(max_length=20, blank=True)  # BIC or routing number, where there is no IBAN
    given_by = models.CharField(max_length=60)
    given_at = models.DateTimeField()
    refused_at = models.DateTimeField(null=True)  # a transfer to it came back
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"], condition=Q(replaced_at=None), name="orders_bankaccount_one"
            )
        ]

    def __str__(self) -> str:
        return f"… {self.number[-4:]}"


class Payout(models.Model):
    """What a merchant is paid at once in one currency: all that is due to them at that moment."""

    class State(models.TextChoices):
        PREPARED = "prepared"  # written down; the bank may or may not know of it
        SENT = "sent"
        ACCEPTED = "accepted"
        BOUNCED = "bounced"  # the money came back and is due again

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "PO"), editable=False
    )
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="payouts")
    bank_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="payouts")
    provider = models.CharField(max_length=20)
    provider_ref = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PREPARED)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    failure = models.CharField(max_length=200, blank=True)
    prepared_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="orders_payout_amount"),
            models.CheckConstraint(
                condition=Q(state__in=["prepared", "sent", "accepted", "bounced"]), name="orders_payout_state"
            ),
            models.UniqueConstraint(
                fields=["merchant", "currency"],
                condition=Q(state__in=["prepared", "sent"]),
                name="orders_payout_one_running",
            ),
        ]
        indexes = [models.Index(fields=["merchant", "-prepared_at"], name="orders_payout_of_merchant")]

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"


class OfflineTransfer(models.Model):
    """The books of the offline bank: what it was told to pay, and what became of it."""

    ref = models.CharField(max_length=60, unique=True)
    key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, default="sent")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    number = models.CharField(max_length=34)
    failure = models.CharField(max_length=80, blank=True)
    asked = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.ref
