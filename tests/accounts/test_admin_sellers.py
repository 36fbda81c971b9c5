"""The officer's pages of sellers: a check is recorded by its evidence, taken back by a reason, and never rewritten."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from marketplace.accounts.models import Merchant, Verification
from tests.accounts.test_operations import make_merchant
from tests.compliance.web.test_officer import officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def una() -> Client:
    return officer("una")


def told(merchant: Merchant) -> list[tuple[str, str, str]]:
    rows = merchant.verifications.order_by("pk").select_related("by")
    return [(row.kind, row.said, row.by.email) for row in rows]


def test_a_check_is_recorded_and_taken_back(una: Client):
    merchant, now = make_merchant(None), "/admin/law/sellers/"
    una.post(f"{now}{merchant.public_id}/verify", {"evidence": "register  extract\n of 2 October 2026"})
    merchant.refresh_from_db()
    was = merchant.status, merchant.verified_by, merchant.verified_at is not None
    una.post(f"{now}{merchant.public_id}/withdraw", {"reason": "struck off"})
    merchant.refresh_from_db()

    assert (was, merchant.verified_at, told(merchant)) == (
        ("active", "register extract of 2 October 2026", True),
        None,
        [
            ("recorded", "register extract of 2 October 2026", "una@rightful.example"),
            ("withdrawn", "struck off", "una@rightful.example"),
        ],
    )


@pytest.mark.parametrize(
    ("way", "said", "problem"),
    [
        ("verify", {"evidence": "  "}, "Name what the identity was checked against"),
        ("withdraw", {"reason": ""}, "Say why the verification no longer holds."),
        ("withdraw", {"reason": "struck off"}, "This seller is not verified."),
    ],
)
def test_what_is_missing_is_said_at_the_form_and_nothing_is_written(
    una: Client, way: str, said: dict[str, str], problem: str
):
    merchant = make_merchant(None)
    if problem.startswith("Say"):
        una.post(f"/admin/law/sellers/{merchant.public_id}/verify", {"evidence": "extract"})
    before = told(merchant)

    answer = una.post(f"/admin/law/sellers/{merchant.public_id}/{way}", said)

    assert (answer.status_code, problem in answer.content.decode(), told(merchant)) == (400, True, before)


def test_the_history_cannot_be_rewritten(una: Client):
    merchant = make_merchant(None)
    una.post(f"/admin/law/sellers/{merchant.public_id}/verify", {"evidence": "extract"})

    with pytest.raises(IntegrityError), transaction.atomic():
        Verification.objects.update(said="something else")
    assert told(merchant)[0][1] == "extract"


def test_sellers_nobody_checked_are_found(una: Client):
    checked, other = make_merchant(None), make_merchant(None, "other")
    una.post(f"/admin/law/sellers/{checked.public_id}/verify", {"evidence": "extract"})

    found = {
        state: [
            one.public_id in una.get("/admin/law/sellers", {"state": state}).content.decode()
            for one in (checked, other)
        ]
        for state in ("", "open", "done", "old", "nonsense")
    }

    assert found == {
        "": [True, True],
        "open": [False, True],
        "done": [True, False],
        "old": [False, False],
        "nonsense": [True, True],
    }


def test_the_list_asks_a_fixed_number_of_queries(una: Client, django_assert_max_num_queries):
    make_merchant(None)
    with django_assert_max_num_queries(8) as first:
        una.get("/admin/law/sellers")
    make_merchant(None, "second")
    make_merchant(None, "third")
    with django_assert_max_num_queries(len(first)):
        una.get("/admin/law/sellers")


def test_numbers_of_a_seller_stand_in_words_one_a_line(una: Client):
    merchant = make_merchant(None)
    merchant.numbers = {
        "epr_battery_eu": [{"country": "DE", "number": "DE-1"}, {"country": "FR", "number": "FR-2"}],
        "epr_fr_idu": ["FR1", "FR2"],
        "house_number": "7",
    }
    merchant.save(update_fields=["numbers"])

    page = una.get(f"/admin/law/sellers/{merchant.public_id}").content.decode()

    wanted = ("Battery registrations by country", "DE: DE-1<br>FR: FR-2", "FR1<br>FR2", "house number")
    assert [words for words in wanted if words not in page] == []
    assert "epr_battery_eu" not in page
