"""Letters that a seller or an officer chooses: in the shopper's language, with the law's figures and sources, sent once."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, transaction

from compliance.rulebook.placeholders import unknown_in
from compliance.texts import is_rule
from marketplace.kernel import outbox
from marketplace.kernel.errors import NotFound
from returns.domain.case_letters import PLAIN, templates
from returns.domain.errors import LetterChanged
from returns.models import CaseLetter, Return
from returns.operations.case_letters import send_case_letter, write_letter
from returns.queries.case_letters import case_of_claim, case_of_return, draft_of, drafts_for
from tests.returns import factories
from tests.returns.factories import LATER, US_CA
from tests.returns.operations.test_claiming import claim_on
from tests.returns.operations.test_declaring import declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


def claimed(**more):
    return case_of_claim(claim_on(factories.delivered(**more)))


def write(case, template="claim-guarantee", *, key="k1", seen=None) -> CaseLetter:
    seen = draft_of(case, template).seen if seen is None else seen
    return write_letter(
        case=case, template=template, seen=seen, side="seller", by="s@example.com", key=key, now=LATER
    )


def test_every_letter_stands_in_every_language_of_the_pages_and_names_only_what_is_known():
    pages = {code for code, _name in settings.LANGUAGES}
    for name, one in templates().items():
        assert set(one["bodies"]) == pages, name
        for body in one["bodies"].values():
            assert unknown_in(body, plain=PLAIN, is_rule=is_rule) == (), name


def test_what_fits_the_case_is_offered_in_the_shoppers_language_with_the_laws_source():
    case = claimed()
    assert [one.template for one in drafts_for(case)] == [
        "claim-pictures",
        "claim-guarantee",
        "return-arrived",
    ]
    body = draft_of(case, "claim-guarantee").body
    assert ("2 Jahre" in body, "(EU) 2019/771" in body or "BGB" in body, "{{" in body) == (True, True, False)


def test_a_letter_whose_law_does_not_exist_there_is_not_offered():
    case = claimed(place=US_CA)
    assert "claim-guarantee" not in [one.template for one in drafts_for(case)]
    with pytest.raises(NotFound):
        draft_of(case, "claim-guarantee")


def test_a_withdrawals_return_has_letters_of_its_own():
    declare(factories.delivered())
    case = case_of_return(Return.objects.select_related("order__group", "order__merchant").get())
    assert [one.template for one in drafts_for(case)] == [
        "withdrawal-send-back", "withdrawal-money", "return-arrived",
    ]  # fmt: skip
    assert "14 Tage ab" in draft_of(case, "withdrawal-money").body


def test_it_leaves_once_by_the_outbox_as_it_was_seen_and_is_kept():
    case = claimed()
    outbox.relay()
    mail.outbox.clear()
    letter, again = write(case), write(case)
    assert (letter, mail.outbox) == (again, [])
    outbox.relay()
    assert send_case_letter(letter=letter.public_id, now=LATER) is False
    [sent] = mail.outbox
    letter.refresh_from_db()
    assert (sent.subject, sent.to, letter.sent_at is not None) == (
        f"Zu Ihrer Reklamation {case.number}", ["ada@example.com"], True,
    )  # fmt: skip
    assert all(paragraph in sent.body for paragraph in letter.body.split("\n\n"))
    assert (letter.subject, letter.side, letter.by) == (case.number, "seller", "s@example.com")


def test_what_reads_otherwise_than_it_was_seen_is_not_sent():
    case = claimed()
    with pytest.raises(LetterChanged):
        write(case, seen="another")
    assert CaseLetter.objects.count() == 0


def test_what_was_written_is_never_rewritten():
    letter = write(claimed())
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseLetter.objects.filter(pk=letter.pk).update(body="x")
