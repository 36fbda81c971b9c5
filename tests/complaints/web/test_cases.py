"""Cases at the desk: a ticket leads there, everything stands there, only what is lawful is offered, letters leave once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from complaints.models import Agent, CaseDecision
from marketplace.accounts.models import Role, User
from marketplace.kernel import outbox
from returns import operations as returns
from returns.models import CaseLetter, OwedRefund, Return
from tests.complaints.factories import make_agent, make_order_ticket
from tests.complaints.operations.test_cases import DEAR, disputed_claim, disputed_line
from tests.returns import factories
from tests.returns.factories import LATER, make_merchant, make_variant
from tests.returns.operations.test_claiming import claim_on
from tests.returns.operations.test_declaring import declare
from tests.returns.operations.test_seals import JPEG

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
DAY = timedelta(days=1)


@pytest.fixture
def fixed_rates(db):
    factories.factories.load_rates()


def signed_in(agent: Agent | None = None) -> Client:
    client = Client()
    client.force_login((agent or make_agent()).user, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["language"] = "en"
    return client


def case(number: str) -> str:
    return reverse("desk-case", args=[number])


def post(client: Client, number: str, what: str = "decide", **said: str):
    given = {"way": "grant", "remedy": "termination", "reason": "A fault of sewing.", **said}
    return client.post(reverse("desk-case-act", args=[number, what]), given, follow=True)


def test_a_ticket_and_an_order_lead_to_the_case():
    claim = claim_on(factories.delivered())
    ticket = make_order_ticket(claim.order)
    client = signed_in()
    for page in (f"/desk/{ticket.public_id}", f"/desk/order/{claim.order.public_id}"):
        assert f'href="{case(claim.public_id)}"' in client.get(page).content.decode()
    assert f'href="/desk/{ticket.public_id}"' in client.get(case(claim.public_id)).content.decode()


def test_while_it_is_the_seller_s_turn_facts_and_law_are_shown_and_nothing_to_decide():
    claim = claim_on(factories.delivered())
    page = signed_in().get(case(claim.public_id))
    text = page.content.decode()
    assert ("It does not light." in text, "1. repair" in text.lower(), 'name="way"' in text) == (
        True,
        True,
        False,
    )
    assert page.context["page"]["case"]["rulings"]


def test_a_disputed_claim_is_decided_once_with_the_key_of_the_page():
    claim = disputed_claim()
    client = signed_in()
    key = client.get(case(claim.public_id)).context["page"]["key"]
    pages = [post(client, claim.public_id, key=f"{key}-") for _ in range(2)]
    claim.refresh_from_db()
    assert ["Decided and told." in page.content.decode() for page in pages] == [True, True]
    assert (claim.state, CaseDecision.objects.count(), 'name="way"' in pages[0].content.decode()) == (
        "remedying",
        1,
        False,
    )


def test_above_the_sum_the_form_gives_way_to_a_colleague_s_button():
    claim, agent = disputed_claim(price=DEAR), make_agent()
    own, other = signed_in(agent), signed_in()
    waits = post(own, claim.public_id).content.decode()
    made = CaseDecision.objects.get()
    agrees, drops = (
        f'action="{reverse("desk-case-act", args=[claim.public_id, what])}"' for what in ("agree", "drop")
    )
    assert ("A colleague has to agree" in waits, 'name="way"' in waits, agrees in waits, drops in waits) == (
        True,
        False,
        False,
        True,
    )
    assert claim.public_id in other.get(reverse("desk-cases")).content.decode()
    refused = post(own, claim.public_id, "agree", decision=made.public_id)
    assert refused.status_code == 409
    post(other, claim.public_id, "agree", decision=made.public_id)
    claim.refresh_from_db()
    assert claim.state == "remedying"


def test_what_is_refused_keeps_what_was_written():
    claim = disputed_claim()
    answer = post(
        signed_in(), claim.public_id, remedy="price_reduction", amount="much", reason="Half is enough."
    )
    assert (answer.status_code, "Half is enough." in answer.content.decode()) == (409, True)
    assert CaseDecision.objects.count() == 0


def test_a_late_withdrawal_is_shown_with_its_reasons_and_granted():
    row = disputed_line()
    number, client = row.withdrawal.public_id, signed_in()
    page = client.get(case(number))
    text = page.content.decode()
    assert ("It came after the last day." in text, "It came on the last day." in text) == (True, True)
    assert page.context["page"]["case"]["lines"][0]["rulings"]
    assert [one["name"] for one in page.context["page"]["letters"]["offered"]] == [
        "The time to withdraw was over",
        "Why it does not take effect, and how to dispute it",
    ]
    done = post(client, number, part=row.line.public_id, reason="The parcel was late.")
    assert ("Decided and told." in done.content.decode(), OwedRefund.objects.count()) == (True, 1)


def _lost_value() -> tuple[Return, str, int]:
    group = factories.delivered()
    declare(group)
    ret, line = Return.objects.get(), group.orders.get().lines.get().public_id
    returns.receive_return(
        return_id=ret.pk, counted={line: returns.Counted(good=3)}, complete=True, by="m", now=LATER + DAY
    )
    loss = returns.claim_loss(
        return_id=ret.pk, line=line, amount_minor=500, why="Worn.", evidence=("a.jpg", JPEG), by="m", now=LATER + DAY
    )  # fmt: skip
    return ret, loss.public_id, loss.pk


def test_a_loss_of_value_is_seen_with_its_evidence_and_decided_once_it_was_answered():
    ret, loss, pk = _lost_value()
    client = signed_in()
    text = client.get(case(ret.public_id)).content.decode()
    url = reverse("desk-case-file", args=[ret.public_id, pk])
    assert (url in text, 'name="way"' in text, client.get(url).content) == (True, False, JPEG)
    returns.answer_loss(loss_id=pk, agree=False, reply="I only tried it on.", now=LATER + DAY)
    assert "I only tried it on." in client.get(case(ret.public_id)).content.decode()
    done = post(client, ret.public_id, part=loss, way="uphold", reason="It has stains.").content.decode()
    assert ("Decided and told." in done, "It has stains." in done) == (True, True)


def test_files_of_a_claim_are_handed_out_and_no_others():
    claim = claim_on(factories.delivered())
    returns.add_claim_file(claim_id=claim.pk, file=("a.jpg", JPEG), now=LATER)
    pk, client = claim.files.get().pk, signed_in()
    found = [client.get(reverse("desk-case-file", args=[claim.public_id, one])) for one in (pk, pk + 1)]
    assert [one.status_code for one in found] == [200, 404]
    assert "sandbox" in found[0]["Content-Security-Policy"]


def test_what_is_due_is_paid_from_the_case():
    declare(factories.delivered())
    owed = OwedRefund.objects.get()
    client, number = signed_in(), owed.subject
    assert "Pay now" not in client.get(case(number)).content.decode()  # the goods may be waited for
    OwedRefund.objects.update(state="due")
    assert "Pay now" in client.get(case(number)).content.decode()
    post(client, number, "pay", owed=owed.public_id)
    owed.refresh_from_db()
    assert owed.state == "requested"
    assert post(client, number, "pay", owed="RO-NONE").status_code == 404


def test_a_letter_is_seen_and_sent_once_in_the_name_of_the_platform():
    declared = declare(factories.buy([(make_variant(make_merchant()), 1)]))
    outbox.relay()
    mail.outbox.clear()
    order = declared.group.orders.get().public_id
    client, number = signed_in(), declared.public_id
    url = reverse("desk-case-letter", args=[number, order, "withdrawal-kept-money"])
    assert url in client.get(case(number)).content.decode()
    draft = client.get(url).content.decode()
    said = {name: re.search(f'name="{name}" value="([^"]+)"', draft)[1] for name in ("seen", "nonce")}
    for _ in range(2):
        assert client.post(url, said)["Location"] == case(number)
    outbox.relay()
    letter = CaseLetter.objects.get()
    assert (letter.side, len(mail.outbox), letter.title in client.get(case(number)).content.decode()) == (
        "platform",
        1,
        True,
    )
    assert client.post(url, {"seen": "old", "nonce": "n"}).status_code == 409
    assert client.get(reverse("desk-case-letter", args=[number, order, "claim-pictures"])).status_code == 404


def test_a_number_that_is_typed_leads_to_its_case():
    claim = claim_on(factories.delivered())
    client = signed_in()
    found = client.get(reverse("desk-cases"), {"number": f" {claim.public_id.lower()} "})
    assert found["Location"] == case(claim.public_id)
    assert "We find no case" in client.get(reverse("desk-cases"), {"number": "CL-NONE"}).content.decode()


def test_everything_that_waits_for_the_platform_is_listed():
    claim, row = disputed_claim(), disputed_line()
    page = signed_in().get(reverse("desk-cases")).context["page"]
    assert [
        [one["number"] for one in page[name]] for name in ("waiting", "claims", "disputes", "losses")
    ] == [
        [],
        [claim.public_id],
        [row.withdrawal.public_id],
        [],
    ]


@pytest.mark.parametrize("number", ["CL-NONE", "W-NONE", "RT-NONE", "EX-1", "x"])
def test_what_there_is_not_is_not_found(number):
    assert signed_in().get(case(number)).status_code == 404


def test_a_decision_of_another_case_is_not_agreed_to_here():
    claim, other = disputed_claim(price=DEAR), disputed_claim()
    post(signed_in(), claim.public_id)
    made = CaseDecision.objects.get()
    assert post(signed_in(), other.public_id, "agree", decision=made.public_id).status_code == 404


def test_officers_without_the_desk_and_merchants_do_not_come_in():
    claim = claim_on(factories.delivered())
    user = User.objects.create_user("officer@example.com", "correct horse battery", is_staff=True)
    Role.objects.create(user=user, kind=Role.Kind.OFFICER)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(case(claim.public_id)).status_code == 403


def test_the_page_asks_as_much_for_three_lines_as_for_one(django_assert_max_num_queries):
    merchant = make_merchant()
    counts = []
    for n in (1, 3):
        declared = declare(factories.delivered([(make_variant(merchant), 1) for _ in range(n)]), key=f"k{n}")
        client = signed_in()
        client.get(case(declared.public_id))
        with django_assert_max_num_queries(60) as asked:
            client.get(case(declared.public_id))
        counts.append(len(asked))
    assert counts[0] == counts[1]
