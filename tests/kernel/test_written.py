"""Rows written by statements that are planned once stand as Django's own way writes them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from marketplace.kernel import clock
from marketplace.kernel.models import Command, Event
from marketplace.kernel.written import FEW, delete_all, insert, joined, update, update_all

pytestmark = pytest.mark.django_db


NOW = clock.now()


def command(key, **given):
    return Command(scope="s", key=key, fingerprint="%s", started_at=NOW, **given)


def test_rows_are_inserted_as_bulk_create_does():
    own = [command("a", answer={"n": [1, None]}), command("b'%")]
    insert(own)
    theirs = [command("c", answer={"n": [1, None]}), command("d'%")]
    Command.objects.bulk_create(theirs)
    for mine, other in zip(own, theirs, strict=True):
        found, wanted = (model_to_dict(Command.objects.get(pk=one.pk)) for one in (mine, other))
        assert found | {"id": 0, "key": ""} == wanted | {"id": 0, "key": ""}
        assert not mine._state.adding
    assert [one.key for one in Command.objects.order_by("pk")] == ["a", "b'%", "c", "d'%"]


def test_a_key_of_its_own_is_kept():
    event = Event(id=uuid4(), name="x", payload={}, request_id="", recorded_at=clock.now())
    assert insert([event]) == [Event.objects.get(pk=event.pk)]


def test_nothing_is_asked_for_no_rows():
    with CaptureQueriesContext(connection) as asked:
        assert insert([]) == []
    assert len(asked) == 0


def test_what_the_database_refuses_is_refused():
    insert([command("a")])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([command("a")])


def test_only_the_fields_named_are_written():
    one = insert([command("a")])[0]
    one.answer, one.done_at, one.fingerprint = {"a": 1}, NOW + timedelta(days=1), "other"
    update(one, "answer", "done_at")
    found = Command.objects.get(pk=one.pk)
    assert (found.answer, found.done_at, found.fingerprint) == (one.answer, one.done_at, "%s")


def test_a_row_that_is_gone_is_said():
    one = insert([command("a")])[0]
    Command.objects.all().delete()
    one.pk = one.pk or 0
    with pytest.raises(ObjectDoesNotExist):
        update(one, "answer")


def test_an_expression_is_refused():
    one = insert([command("a")])[0]
    one.started_at = F("started_at") + timedelta(days=1)
    with pytest.raises(TypeError, match="not as an expression"):
        update(one, "started_at")


@pytest.mark.parametrize("number", [0, 1, FEW, FEW + 1])
def test_several_are_written_and_deleted_at_once(number):
    rows = insert([command(f"k{n}") for n in range(number)])
    other = insert([command("other")])[0]
    keys = [row.pk for row in rows]
    assert None not in keys
    assert update_all(Command, keys, answer={"n": 1}, done_at=NOW) == number
    assert Command.objects.filter(answer={"n": 1}, done_at=NOW).count() == number
    assert delete_all(Command, keys) == number
    assert list(Command.objects.all()) == [other]


@joined
def write_two(*, fails=False):
    insert([command("a")])
    if fails:
        raise KeyError
    insert([command("b")])


@pytest.mark.django_db(transaction=True)
def test_alone_it_is_all_or_nothing():
    with pytest.raises(KeyError):
        write_two(fails=True)
    assert Command.objects.count() == 0
    write_two()
    assert Command.objects.count() == 2


def test_in_a_transaction_it_sets_no_savepoint():
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        write_two()
    assert [one["sql"].split()[0] for one in asked] == ["EXECUTE", "EXECUTE"]
