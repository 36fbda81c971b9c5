"""Complaints of another house: all rows accounted for, the published counts reproduced."""

from __future__ import annotations

from pathlib import Path

import pytest

from complaints.models import Clock, Ticket
from complaints.operations.history import import_history
from complaints.queries.reports import history_counts
from marketplace.kernel.models import Event
from tests.complaints.factories import NOW

pytestmark = pytest.mark.django_db
HEAD = "Date received,Product,Issue,Company,Date sent to company,Company response to consumer,Timely response?,Consumer disputed?\n"


def test_the_published_counts_come_out(shared: Path):
    text = (shared / "data" / "complaints_cfpb_2013" / "complaints.csv").read_text(encoding="utf-8")
    taken = import_history(text=text, source="complaints.csv", market="US", now=NOW)
    responses = history_counts(prefix="response:")
    assert (taken.rows, taken.taken, taken.refused) == (3186, 3186, [])
    assert [
        responses[f"closed with {name}"] for name in ("explanation", "non-monetary relief", "monetary relief")
    ] == [2489, 384, 216]
    assert (
        responses["untimely response"],
        history_counts(prefix="disputed:")["yes"],
        history_counts(prefix="timely:")["no"],
    ) == (26, 595, 93)
    assert (Clock.objects.count(), Event.objects.count()) == (0, 0)


def test_the_same_file_twice_is_once():
    text = HEAD + "7/29/2013,Loan,Fees,Bank,7/30/2013,Closed with explanation,Yes,No\n"
    import_history(text=text, source="a.csv", market="US", now=NOW)
    again = import_history(text=text, source="a.csv", market="US", now=NOW)
    assert (again.taken, again.known, Ticket.objects.count()) == (0, 1, 1)


def test_a_row_that_cannot_be_read_is_named_and_the_rest_goes_on():
    text = (
        HEAD
        + "2013-07-29,Loan,Fees,Bank,,Closed,Yes,No\n7/29/2013,Loan,,Bank,,Closed,Yes,No\n7/29/2013,Loan,Fees,Bank,,Closed,Yes,No\n"
    )
    taken = import_history(text=text, source="b.csv", market="US", now=NOW)
    assert (taken.rows, taken.taken, [line for line, _ in taken.refused]) == (3, 1, [2, 3])


def test_a_file_of_another_kind_is_refused_whole():
    taken = import_history(text="a,b\n1,2\n", source="c.csv", market="US", now=NOW)
    assert (taken.taken, taken.refused[0][0]) == (0, 1)
