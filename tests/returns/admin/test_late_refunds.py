"""A refund that is late: the merchant is told once, sees it today and in a list, and pays it; others see nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from marketplace.accounts.models import Merchant, Role, User
from marketplace.kernel import outbox
from returns import operations
from returns.models import OwedRefund
from tests.returns import factories
from tests.returns.admin.test_case_letters import staff_of
from tests.returns.factories import LATER
from tests.returns.operations.test_claiming import claim_on
from tests.returns.operations.test_declaring import declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
DAY = timedelta(days=1)
LATE = reverse("merchant-return-refunds")


@pytest.fixture
def owed() -> OwedRefund:
    """Money of a withdrawal that nothing may be held back of any more, and whose last day was yesterday."""
    declare(factories.delivered())
    outbox.relay()
    return held_back(OwedRefund.objects.get())


def held_back(owed: OwedRefund, **more) -> OwedRefund:
    OwedRefund.objects.filter(pk=owed.pk).update(
        due_on=(LATER - DAY).date(), **{"state": "due", "refund": "", **more}
    )
    mail.outbox.clear()
    return OwedRefund.objects.select_related("merchant", "order").get(pk=owed.pk)


def escalate() -> list[mail.EmailMessage]:
    operations.escalate_overdue(today=LATER.date(), now=LATER)
    outbox.relay()
    return list(mail.outbox)


def test_each_of_the_merchant_s_people_gets_one_letter_in_the_language_they_read(client, owed):
    for role in ("owner", "editor"):
        staff_of(client, owed.merchant, role=role)
    Merchant.objects.update(country="DE")
    letters = escalate()
    assert sorted(to for letter in letters for to in letter.to) == sorted(
        User.objects.filter(memberships__merchant=owed.merchant).values_list("email", flat=True)
    )
    assert {letter.subject for letter in letters} == {
        f"Eine Rückzahlung zur Bestellung {owed.order.public_id} ist überfällig"
    }
    assert LATE in letters[0].body


def test_the_same_news_twice_and_another_night_write_no_second_letter(client, owed):
    staff_of(client, owed.merchant)
    assert len(escalate()) == 1
    OwedRefund.objects.update(escalated_at=None)  # as if the night's work had been done twice
    assert len(escalate()) == 1


def test_money_that_came_meanwhile_needs_no_letter(client, owed):
    staff_of(client, owed.merchant)
    operations.escalate_overdue(today=LATER.date(), now=LATER)
    OwedRefund.objects.update(state="paid", refund="RF-1")
    outbox.relay()
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("state", "more", "said"),
    [
        ("held", {}, "a loss of value is in dispute"),
        ("requested", {"refund": "RF-1"}, "has not confirmed it"),
        ("due", {"failure": "nothing_to_refund"}, "could not be paid"),
        ("due", {"failure": ""}, "It can be paid now."),
    ],
)
def test_the_letter_says_why_it_waits(client, owed, state, more, said):
    staff_of(client, owed.merchant)
    held_back(owed, state=state, **more)
    (letter,) = escalate()
    assert said in letter.body


def test_it_stands_under_what_needs_attention_today(client, owed):
    staff_of(client, owed.merchant)
    claim_on(factories.delivered([(factories.make_variant(owed.merchant), 1)]))
    with time_machine.travel(LATER, tick=False):
        rows = {row["url"]: row["count"] for row in client.get("/admin/").context["today"]}
    assert (rows[LATE], rows[reverse("merchant-return-claims")]) == (1, 1)


def test_it_is_listed_and_paid_with_one_press(client, owed):
    staff_of(client, owed.merchant)
    with time_machine.travel(LATER, tick=False):
        (row,) = client.get(LATE).context["rows"]
        assert (row["order"], row["because"], row["may_pay"]) == (
            owed.order.public_id,
            "It can be paid now.",
            True,
        )
        client.post(reverse("merchant-return-refund-pay", args=[owed.public_id]))
        rows = client.get(LATE).context["rows"]
    assert [row["because"][:30] for row in rows] == ["It was sent to the payment pro"]


def test_who_only_reads_pays_nothing(client, owed):
    staff_of(client, owed.merchant, role="viewer")
    with time_machine.travel(LATER, tick=False):
        assert [row["may_pay"] for row in client.get(LATE).context["rows"]] == [False]
        refused = client.post(reverse("merchant-return-refund-pay", args=[owed.public_id]))
    assert (refused.status_code, OwedRefund.objects.get().state) == (404, "due")


def test_another_merchant_sees_and_pays_nothing(client, owed):
    staff_of(client, factories.make_merchant())
    with time_machine.travel(LATER, tick=False):
        assert client.get(LATE).context["rows"] == []
        refused = client.post(reverse("merchant-return-refund-pay", args=[owed.public_id]))
    assert (refused.status_code, OwedRefund.objects.get().state) == (404, "due")


def test_the_officer_sees_since_when_the_merchant_knows(client, owed):
    escalate()
    user = User.objects.create_user("officer@example.com", "correct horse battery", is_staff=True)
    Role.objects.create(user=user, kind=Role.Kind.OFFICER)
    client.force_login(user)
    with time_machine.travel(LATER, tick=False):
        page = client.get(reverse("law-returns")).content.decode()
    assert "the merchant was told on 2026-11-28" in page
