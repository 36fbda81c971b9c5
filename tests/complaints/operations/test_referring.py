"""Handing a complaint to a body outside."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction

from complaints import operations
from complaints.documents import verify_dossier
from complaints.domain.errors import Incomplete, WrongState
from complaints.models import Referral
from complaints.operations.letters import send_referral
from complaints.operations.referring import bodies_for, follow, refer, withdraw_consent
from tests.complaints.factories import NOW, make_ticket
from tests.orders.factories import make_merchant

pytestmark = pytest.mark.django_db


def test_the_bodies_of_the_complainants_own_country_are_named_first_those_for_abroad():
    ticket = make_ticket(market="PL", merchant=make_merchant("FR").public_id)
    found = bodies_for(ticket)
    assert {body["market"] for body in found} == {"PL"}
    assert found[0]["role"] == "ecc"


def test_a_privacy_complaint_goes_to_the_data_protection_authority():
    assert {body["role"] for body in bodies_for(make_ticket(topic="privacy"))} == {"data_protection"}


def test_nothing_leaves_without_consent():
    ticket = make_ticket()
    with pytest.raises(Incomplete):
        refer(
            ticket=ticket.public_id,
            body=bodies_for(ticket)[0]["name"],
            consented=False,
            actor="customer",
            now=NOW,
        )


def test_the_dossier_is_whole_without_notes_and_known_as_ours(tmp_path, capsys):
    ticket = make_ticket()
    operations.say(ticket=ticket.public_id, kind="note", body="Between us.", now=NOW)
    name = bodies_for(ticket)[0]["name"]
    first = refer(ticket=ticket.public_id, body=name, consented=True, actor="customer", now=NOW)
    again = refer(ticket=ticket.public_id, body=name, consented=True, actor="customer", now=NOW)
    with first.dossier.open("rb") as file:
        content = file.read()
    case = json.loads(zipfile.ZipFile(io.BytesIO(content)).read("case.json"))
    path = tmp_path / "dossier.zip"
    path.write_bytes(content)
    call_command("verify_dossier", str(path))
    assert (first.pk, verify_dossier(content)["complaint"]) == (again.pk, ticket.public_id)
    assert [said["body"] for said in case["messages"]] == ["The lamp does not work."]
    assert first.public_id in capsys.readouterr().out
    path.write_bytes(content[:-20])
    with pytest.raises(CommandError):
        call_command("verify_dossier", str(path))


def test_a_referral_is_followed_to_its_end():
    ticket = make_ticket()
    one = refer(
        ticket=ticket.public_id, body=bodies_for(ticket)[0]["name"], consented=True, actor="c", now=NOW
    )
    for action in ("send", "accept", "decide"):
        one = follow(referral=one.public_id, action=action, actor="agent", now=NOW, result="Refund advised.")
    with pytest.raises(WrongState):
        follow(referral=one.public_id, action="send", actor="agent", now=NOW)
    assert (one.state, one.result, one.sent_at, one.answered_at) == ("decided", "Refund advised.", NOW, NOW)


def prepared() -> Referral:
    ticket = make_ticket()
    name = bodies_for(ticket)[0]["name"]
    return refer(ticket=ticket.public_id, body=name, consented=True, actor="customer", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_that_is_rolled_back_leaves_the_dossier_where_it_is():
    one = prepared()
    with pytest.raises(RuntimeError), transaction.atomic():
        withdraw_consent(referral=one.public_id, now=NOW)
        raise RuntimeError
    one.refresh_from_db()
    assert (one.state, one.dossier.storage.exists(one.dossier.name)) == ("prepared", True)


@pytest.mark.django_db(transaction=True)
def test_a_consent_that_is_taken_back_destroys_the_file_itself():
    one = prepared()
    storage, name = one.dossier.storage, one.dossier.name
    withdraw_consent(referral=one.public_id, now=NOW)
    one.refresh_from_db()
    assert (one.state, one.dossier.name, storage.exists(name)) == ("withdrawn", "", False)


def outside_in_poland() -> Referral:
    ticket = make_ticket(market="PL")
    body = next(one["name"] for one in bodies_for(ticket) if one["role"] == "adr_general")
    return refer(ticket=ticket.public_id, body=body, consented=True, actor="customer", now=NOW)


def test_each_letter_of_a_case_names_its_own_day_and_its_own_law():
    one, letters = outside_in_poland(), {}
    for action, state in (("send", "sent"), ("accept", "accepted"), ("decide", "decided")):
        follow(referral=one.public_id, action=action, actor="a", now=NOW)
        mail.outbox.clear()
        send_referral(referral=one.public_id, state=state, now=NOW)
        letters[state] = mail.outbox[0].body
    articles = {
        state: [at for at in ("Art. 5(4)", "Art. 8(e)") if at in body] for state, body in letters.items()
    }
    assert articles == {"sent": ["Art. 5(4)"], "accepted": ["Art. 8(e)"], "decided": []}
    assert ("whether they take it on by" in letters["sent"], "They decide by" in letters["sent"]) == (
        True,
        False,
    )
    assert "They decide by" in letters["accepted"]


def test_a_letter_that_leaves_late_does_not_name_the_next_steps_law():
    one = outside_in_poland()
    for action in ("send", "accept"):
        follow(referral=one.public_id, action=action, actor="a", now=NOW)
    mail.outbox.clear()
    send_referral(referral=one.public_id, state="sent", now=NOW)
    assert ("Art." in mail.outbox[0].body, "whether they take" in mail.outbox[0].body) == (False, False)
