"""Supplements as their payers see them: behind a secret link."""

from __future__ import annotations

from marketplace.kernel.errors import NotFound
from orders.models import Payment, Supplement

ENDED = (Payment.State.FAILED, Payment.State.CANCELLED)


def find_supplement(token: str) -> Supplement:
    """Return a supplement behind its secret link.

    :raises NotFound: for everybody else.
    """
    found = Supplement.objects.select_related("order__group").filter(token=token).first() if token else None
    if found is None:
        raise NotFound(field="supplement")
    return found


def supplement_by_key(key: str) -> Supplement | None:
    """Return what was asked for under a key."""
    return Supplement.objects.filter(key=key).first()


def live_payment(supplement: Supplement) -> Payment | None:
    """Return the payment that is on its way or went through, if there is one."""
    live = supplement.payments.exclude(state__in=ENDED).filter(is_surplus=False)
    return live.order_by("-pk").first()


def paid_by(supplement: str) -> str:
    """Return the public id of the payment that a supplement (its public id) was paid by; "" if it was not."""
    rows = Payment.objects.filter(
        supplement__public_id=supplement, supplement__state="paid", is_surplus=False
    )
    return rows.exclude(state__in=ENDED).values_list("public_id", flat=True).first() or ""


def find_by_number(public_id: str) -> Supplement | None:
    """Return a supplement by its public id."""
    return Supplement.objects.filter(public_id=public_id).first()
