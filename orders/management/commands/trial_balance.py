"""Print the trial balance; with --check also every difference between the books and what should agree with them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.kernel import clock
from marketplace.kernel.money import Money
from orders import operations
from orders.queries.books import trial_balance


class Command(BaseCommand):
    help = (
        "Print the trial balance of the books. It fails if it is not zero, or if --check finds a difference."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="also compare with payments, refunds, providers"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print, and end with an error where something does not agree."""
        found = trial_balance()
        for row in found.rows:
            name = f"{row.account} {row.provider}".strip()
            debit, credit = Money(row.debit_minor, row.currency), Money(row.credit_minor, row.currency)
            self.stdout.write(
                f"{row.currency}  {name:<28}{debit.amount:>16}{credit.amount:>16}"
                f"{Money(row.balance_minor, row.currency).amount:>16}"
            )
        for currency, off in found.off_by.items():
            self.stdout.write(f"{currency}  {'debits less credits':<28}{Money(off, currency).amount:>48}")
        if not found.is_zero:
            raise CommandError("The books are not balanced.")
        if options["check"]:
            self._check()

    def _check(self) -> None:
        findings = operations.check_books(now=clock.now())
        for one in findings.differences:
            self.stdout.write(f"{one.subject}: {one.what}: {one.books} against {one.other} {one.currency}")
        for provider in findings.unreachable:
            self.stdout.write(f"{provider}: its books cannot be read")
        if not findings.is_clean:
            raise CommandError(f"{len(findings.differences)} differences.")
        self.stdout.write(f"{findings.checked} payments agree with the books.")
