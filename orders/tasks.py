"""Scheduled work of the orders."""

from celery import shared_task

from marketplace.kernel import clock, jobs
from orders import operations


@shared_task(name="orders.tasks.release_expired_checkouts")
def release_expired_checkouts() -> None:
    """Put goods of lapsed checkouts back on the shelf."""
    jobs.run_slot(
        name="release-reservations",
        work=lambda: {"checkouts": operations.release_expired_checkouts(now=clock.now())},
    )


@shared_task(name="orders.tasks.reconcile_payments")
def reconcile_payments() -> None:
    """Bring payments and refunds that were left half-way to an end."""
    jobs.run_slot(
        name="retry-payments", work=lambda: operations.reconcile_payments(now=clock.now()).as_json()
    )


@shared_task(name="orders.tasks.send_refund", ignore_result=True)
def send_refund(refund_id: str) -> None:
    """Send a refund to its provider; one that does not answer is asked again by the retry job."""
    operations.send_refund_named(refund_id=refund_id, now=clock.now())


@shared_task(name="orders.tasks.pay_merchants")
def pay_merchants() -> None:
    """Make due what is due, and pay it."""
    jobs.run_slot(name="pay-merchants", work=lambda: operations.run_payouts(now=clock.now()).as_json())


@shared_task(name="orders.tasks.check_books")
def check_books() -> None:
    """Compare the books with payments, refunds and what the providers have written down."""
    jobs.run_slot(name="check-books", work=lambda: operations.check_books(now=clock.now()).as_json())


@shared_task(name="orders.tasks.count_sales")
def count_sales() -> None:
    """Tell the radar what every listing sold in each market."""
    jobs.run_slot(name="count-sales", work=lambda: {"rows": operations.count_sales(now=clock.now())})
