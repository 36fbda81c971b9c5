"""Files of promises: what is wrong in them is said with its line, and nothing is written."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from complaints import operations
from complaints.domain.policy_file import DOINGS
from complaints.models import PolicyVersion
from complaints.operations.ladder import _DOINGS
from complaints.operations.policies import FILE
from compliance.rulebook.strict_yaml import BookRefused
from tests.complaints.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ("{clock: first_response, at_min: 60, do: raise}", "{clock: first_response, at_min: 60, do: rise}",
         "'rise' is no step of a ladder; known: notify, raise, unassign, reassign, mediate, offer, refer, take_back."),
        ("do: offer, remedy: goodwill, percent: 5}", "do: offer, remedy: goodwill}",
         "percent is a whole number from 1 to 100: of what the order cost."),
        ("do: offer, remedy: goodwill, percent: 5}", "do: offer, remedy: goodwill, percent: 101}",
         "percent is a whole number from 1 to 100: of what the order cost."),
        ("do: offer, remedy: goodwill, percent: 5}", "do: offer, remedy: apology, percent: 5}", "This remedy has no percent."),
        ("do: offer, remedy: goodwill, percent: 5}", "do: offer, remedy: riches}",
         "'riches' is no remedy that is offered; known: goodwill, price_reduction, refund, return_label, replacement, repair, apology."),
        ("{clock: first_response, at_min: 60, do: raise}", "{clock: first_answer, at_min: 60, do: raise}",
         "'first_answer' is no clock; known: first_response, next_response, agent_update, resolution, merchant_answer, law."),
        ("{clock: first_response, at_min: 60, do: raise}", "{clock: first_response, at_min: soon, do: raise}",
         "at_min is a whole number of open minutes: negative before the end, positive after."),
        ("{clock: first_response, at_min: 0, do: notify, to: supervisors}", "{clock: first_response, at_min: 0, do: notify, to: boss}",
         "'boss' is no one who is told; known: agent, supervisors."),
        ("    calendar: always", "    calendar: never", "There is no calendar 'never'; there are: always, office."),
        ("    tz: UTC", "    tz: Mars/Olympus", "We do not know the time zone 'Mars/Olympus'."),
        ("    rank: 10\n", "    rank: 10\n    colour: red\n", "'colour' is not known here; known: calendar, fits, ladder, pauses, rank, targets."),
        ("first_response_min: 60,", "first_response_min: -5,", "first_response_min is a whole number of open minutes."),
        ("first_response_min: 60,", "first_response_min: 99999999999,", "first_response_min is a whole number of open minutes."),
        ("at_min: 60, do: raise", "at_min: 99999999999, do: raise",
         "at_min is a whole number of open minutes: negative before the end, positive after."),
        ("    rank: 10\n", "    rank: 99999\n", "rank is a whole number from 0 to 32767."),
        ("states: [waiting_customer, waiting_outside]", "states: [waiting_forever]",
         "'waiting_forever' is no state of a complaint; known: new, open, waiting_customer, waiting_merchant, waiting_outside, decided, closed, merged."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(tmp_path, right, wrong, reason):
    text = FILE.read_text()
    assert right in text
    broken = tmp_path / "promises.yaml"
    broken.write_text(text.replace(right, wrong, 1))
    with pytest.raises(BookRefused) as refused:
        operations.load_promises(now=NOW, path=broken)
    [one] = refused.value.refusals
    expected = text[: text.index(right)].count("\n") + 1
    around = {expected + n for n in (-9, 0, 1)}  # a calendar as a whole is named by its own first line
    assert (one.file, one.line in around or "time zone" in reason, one.reason.endswith(reason)) == (
        "promises.yaml",
        True,
        True,
    ), one
    assert PolicyVersion.objects.count() == 0


def test_the_command_says_it_and_changes_nothing(tmp_path):
    broken = tmp_path / "promises.yaml"
    broken.write_text(FILE.read_text().replace("do: take_back", "do: forget"))
    with pytest.raises(CommandError, match=r"promises\.yaml:\d+: 'forget' is no step of a ladder"):
        call_command("load_promises", str(broken))
    assert PolicyVersion.objects.count() == 0


def test_every_step_that_a_file_may_name_can_be_done():
    assert set(DOINGS) == set(_DOINGS)
