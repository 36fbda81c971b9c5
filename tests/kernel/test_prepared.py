"""Queries that are compiled once give the rows that Django's own way gives."""

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from marketplace.kernel import clock
from marketplace.kernel.models import Command, Delivery, Event
from marketplace.kernel.prepared import Statement, attach, prepared

pytestmark = pytest.mark.django_db


@prepared
def commands_under(scope, keys):
    return Command.objects.filter(scope=scope, key__in=keys).order_by("key")


@prepared
def answers_since(at):
    return Command.objects.filter(started_at__gte=at).order_by("key").values_list("key", "answer")


@prepared
def locked(pk):
    return Command.objects.select_for_update().filter(pk=pk)


@prepared
def with_events(states):
    return Delivery.objects.filter(state__in=states).select_related("event").order_by("pk")


@pytest.fixture
def kept():
    now = clock.now()
    rows = [
        Command(scope=scope, key=key, fingerprint="f", answer={"n": key}, started_at=now)
        for scope in ("one", "two") for key in "abc"
    ]  # fmt: skip
    return Command.objects.bulk_create(rows)


def test_the_rows_are_those_of_the_query(kept):
    for scope, keys in (("one", ["a", "c"]), ("two", ["b", "c"]), ("one", ["b"]), ("none", ["a", "b"])):
        own = list(Command.objects.filter(scope=scope, key__in=keys).order_by("key"))
        found = commands_under(scope, keys)
        assert found == own
        assert [one.answer for one in found] == [one.answer for one in own]


def test_tuples_are_converted_as_rows_are(kept):
    assert answers_since(kept[0].started_at)[0] == ("a", {"n": "a"})


def test_nothing_is_asked_for_an_empty_list(kept):
    with CaptureQueriesContext(connection) as asked:
        assert commands_under("one", []) == []
    assert len(asked) == 0


def test_related_rows_come_along(kept):
    event = Event.objects.create(
        id=uuid4(), name="x", payload={"a": 1}, request_id="", recorded_at=clock.now()
    )
    Delivery.objects.create(event=event, subscriber="s", not_before=clock.now())
    with CaptureQueriesContext(connection) as asked:
        assert [one.event.payload for one in with_events(["waiting"])] == [{"a": 1}]
    assert len(asked) == 1


def test_rows_are_handed_to_those_they_belong_to(kept):
    events = [
        Event.objects.create(id=uuid4(), name=name, payload={}, request_id="", recorded_at=clock.now())
        for name in "xy"
    ]
    made = Delivery.objects.create(event=events[1], subscriber="s", not_before=clock.now())
    name = Delivery._meta.get_field("event").remote_field.get_accessor_name()
    attach(events, Delivery._meta.get_field("event").related_query_name(), with_events(["waiting"]))
    with CaptureQueriesContext(connection) as asked:
        assert [list(getattr(one, name).all()) for one in events] == [[], [made]]
    assert len(asked) == 0


def test_a_value_that_never_reaches_the_database_is_refused():
    with pytest.raises(TypeError, match="does not ask"):
        prepared(lambda scope, key: Command.objects.filter(scope=scope))("one", "a")
    with pytest.raises(TypeError, match="no number"):
        locked(None)


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_alone():
    made = Command.objects.create(scope="s", key="k", fingerprint="f", started_at=clock.now())
    with transaction.atomic():
        assert locked(made.pk) == [made]
    with pytest.raises(transaction.TransactionManagementError):
        locked(made.pk)


def test_a_statement_is_planned_once_per_connection(kept):
    statement = Statement(
        "test.keys", "SELECT key FROM kernel_command WHERE scope = %s AND key LIKE '%%' || %s"
    )
    planned = "SELECT count(*) FROM pg_prepared_statements WHERE name = %s"
    assert statement(["one", "a"]) == statement(["two", "a"]) == [("a",)]
    with connection.cursor() as cursor:
        cursor.execute(planned, [statement.name])
        assert cursor.fetchone() == (1,)


def test_behind_a_pooler_nothing_is_planned_ahead(kept, settings):
    settings.DATABASE_POOLED = True
    statement = Statement("test.pooled", "SELECT key FROM kernel_command WHERE scope = %s AND key = %s")
    assert statement(["one", "b"]) == [("b",)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name = %s", [statement.name])
        assert cursor.fetchone() == (0,)
