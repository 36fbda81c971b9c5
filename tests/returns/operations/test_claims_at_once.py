"""Two at once: one answer to a claim, and never more pieces claimed than there are."""

from __future__ import annotations

import pytest

from returns import operations
from returns.models import Claim, ClaimRemedy, OwedRefund, Return
from tests.races import end_behind
from tests.returns import factories
from tests.returns.factories import LATER
from tests.returns.operations.test_claiming import claim_on

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.concurrency,
    pytest.mark.usefixtures("rates"),
]


def test_two_clerks_who_accept_the_same_claim_bring_one_remedy():
    claim = claim_on(factories.delivered(), wanted="termination", is_serious=True)

    def accept():
        return operations.accept_claim(claim_id=claim.pk, by="seller", now=LATER).state

    assert end_behind(accept, accept) == "WrongState"
    assert (ClaimRemedy.objects.count(), Return.objects.count(), OwedRefund.objects.count()) == (1, 1, 1)


def test_the_last_piece_is_claimed_once_by_two_windows():
    group = factories.delivered()
    claim_on(group, quantity=2)

    def ask(key):
        return lambda: claim_on(group, quantity=1, key=key).state

    assert end_behind(ask("k2"), ask("k3")) == "TooManyClaimed"
    assert sum(Claim.objects.values_list("quantity", flat=True)) == 3


def test_without_the_lock_both_would_have_been_right(monkeypatch):
    """The negative control: with the lock of the order taken away, the race is lost."""
    from returns.operations import claiming

    group = factories.delivered()
    claim_on(group, quantity=2)
    monkeypatch.setattr(claiming.after_sales, "lock_orders", lambda ids: [])
    monkeypatch.setattr(claiming, "lock_tallies", lambda ids: [_Tally()])

    def ask(key):
        return lambda: claim_on(group, quantity=1, key=key).state

    assert end_behind(ask("k2"), ask("k3")) == "open"
    assert sum(Claim.objects.values_list("quantity", flat=True)) == 4


class _Tally:
    bought, withdrawn, ended_after = 3, 0, 0
