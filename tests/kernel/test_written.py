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
from marketplace.kernel.written import insert, update

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
