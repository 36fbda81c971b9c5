"""Queries that Django compiles once per process: the way to an order asks the same few dozen again and again.

    @prepared
    def checkout_by_token(token: str) -> QuerySet[Checkout]:
        return Checkout.objects.filter(token=token).select_related("basket")

    checkout_by_token("t0k3n")  # a list of checkouts, read by the statement that was compiled the first time

The query stays written in Django's words and follows the models; only its translation into SQL, two thirds of
the processor time of a small query, is kept, and the database keeps its plan with the connection, which is
another two thirds of its own time. A pooler that shares connections knows no such plans: behind one
(`DATABASE_POOLED`) the statement is sent as it is. What is asked for are numbers, texts and instants, alone or in
lists; each number of values in a list is a statement of its own. Related rows come by `select_related`;
`values_list` gives tuples.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable, get_related_populators
from django.db.transaction import TransactionManagementError

M = TypeVar("M", bound=Model)
_planned: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()  # by connection: the statements it knows
_LEAST = -2_147_480_000  # no key and no amount is as low


class Statement:
    """SQL with ``%s`` in the place of values, planned once per connection."""

    def __init__(self, name: str, sql: str) -> None:
        self.sql = sql
        self.places = sql.count("%s")
        digest = hashlib.blake2b(sql.encode(), digest_size=6).hexdigest()
        self.name = f"{name.replace('.', '_')[-48:]}_{digest}"

    def __call__(self, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows."""
        with connection.cursor() as cursor:
            if settings.DATABASE_POOLED or not self.places:
                cursor.execute(self.sql, values)
            else:
                self._plan()
                cursor.execute(f"EXECUTE {self.name} ({', '.join(['%s'] * self.places)})", values)
            return cursor.fetchall()

    def _plan(self) -> None:
        raw = connection.connection
        known = _planned.setdefault(raw, set())
        if self.name not in known:
            parts = self.sql.replace("%%", "%").split("%s")
            sql = "".join(f"{part}${n}" for n, part in enumerate(parts[:-1], start=1)) + parts[-1]
            with connection.wrap_database_errors, raw.cursor() as cursor:
                cursor.execute(f"PREPARE {self.name} AS {sql}")
            known.add(self.name)


@dataclass(frozen=True, slots=True)
class _Value:
    """Where the n-th value that is asked for stands among the parameters."""

    n: int


class Prepared(Generic[M]):
    """A function that returns a queryset, turned into one that returns its rows. See the module."""

    def __init__(self, build: Callable[..., QuerySet[M]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__
        self._known: dict[tuple[Any, ...], _Reading] = {}

    def __call__(self, *asked: Any) -> list[M]:
        """Return the rows.

        :raises TypeError: for a value that is no number, text or instant.
        :raises TransactionManagementError: if the query locks rows outside a transaction.
        """
        shape = tuple(_shape(one) for one in asked)
        if ("many", 0) in shape:
            return []
        statement = self._known.get(shape)
        if statement is None:
            statement = self._known[shape] = _compile(self.build, asked)
        return statement.rows(_flat(asked))

    def first(self, *asked: Any) -> M | None:
        """Return the first row, if there is any."""
        return next(iter(self(*asked)), None)


prepared = Prepared


def attach(parents: Sequence[Any], name: str, children: Sequence[Any]) -> None:
    """Hand rows that were read to those they belong to, as ``prefetch_related(name)`` does; all in their order."""
    if not parents:
        return
    relation = type(parents[0])._meta.get_field(name)
    field = relation.remote_field
    own: dict[Any, list[Any]] = {parent.pk: [] for parent in parents}
    by_key = {parent.pk: parent for parent in parents}
    for child in children:
        key = getattr(child, field.attname)
        own[key].append(child)
        field.set_cached_value(child, by_key[key])
    for parent in parents:
        rows = relation.related_model._default_manager.all()
        rows._result_cache, rows._prefetch_done = own[parent.pk], True
        kept = parent.__dict__.setdefault("_prefetched_objects_cache", {})
        kept[relation.get_accessor_name()] = rows


@dataclass(frozen=True, slots=True)
class _Reading:
    statement: Statement
    parameters: tuple[Any, ...]
    locks: bool
    model: Any
    columns: slice
    names: list[str]
    converters: list[tuple[int, list[Any], Any]]
    related: list[Any]

    def rows(self, values: Sequence[Any]) -> list[Any]:
        if self.locks and connection.get_autocommit():
            raise TransactionManagementError("Rows are locked inside a transaction.")
        parameters = [values[one.n] if type(one) is _Value else one for one in self.parameters]
        return [self._object(list(row)) for row in self.statement(parameters)]

    def _object(self, row: list[Any]) -> Any:
        for position, convert, expression in self.converters:
            for one in convert:
                row[position] = one(row[position], expression, connection)
        if self.model is None:
            return tuple(row)
        found = self.model.from_db(DEFAULT_DB_ALIAS, self.names, row[self.columns])
        for populator in self.related:
            populator.populate(row, found)
        return found


def _compile(build: Callable[..., QuerySet[Any]], asked: Sequence[Any]) -> _Reading:
    """Translate the query once, with values that occur nowhere else in the places of those asked for."""
    marks = _marks(asked)
    found = {(type(mark), mark): _Value(n) for n, mark in enumerate(_flat(marks))}
    rows = build(*marks)
    query = rows.query
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    sql, said = compiler.as_sql()
    parameters = tuple(found.get((type(one), one), one) for one in said)
    missing = set(found.values()) - {one for one in parameters if type(one) is _Value}
    if missing:
        raise TypeError(f"{build.__qualname__} does not ask the database for all it is given.")
    info = compiler.klass_info
    if not issubclass(rows._iterable_class, ModelIterable):
        info = {"model": None, "select_fields": range(len(compiler.select))}
    fields = info["select_fields"]
    columns = slice(fields[0], fields[-1] + 1)
    converters = compiler.get_converters(one[0] for one in compiler.select)
    names = [one[0].target.attname for one in compiler.select[columns]] if info["model"] else []
    populators = get_related_populators(info, compiler.select, DEFAULT_DB_ALIAS) if info["model"] else []
    return _Reading(
        statement=Statement(f"{build.__module__}.{build.__name__.strip('_<>')}", sql),
        parameters=parameters,
        locks=query.select_for_update,
        model=info["model"],
        columns=columns,
        names=names,
        converters=[(position, list(convert), of) for position, (convert, of) in converters.items()],
        related=list(populators),
    )


def _shape(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return ("many", len(value))
    if type(value) not in (int, str, datetime):
        raise TypeError(f"{value!r} is no number, text or instant.")
    return type(value)


def _flat(values: Sequence[Any]) -> list[Any]:
    return [one for value in values for one in (value if isinstance(value, list | tuple) else (value,))]


def _marks(asked: Sequence[Any]) -> list[Any]:
    numbers = iter(range(1000))
    return [
        [_mark(next(numbers), one) for one in value]
        if isinstance(value, list | tuple)
        else _mark(next(numbers), value)
        for value in asked
    ]


def _mark(n: int, value: Any) -> Any:
    if type(value) is int:
        return _LEAST - n
    if type(value) is datetime:
        return datetime(1, 1, 2 + n, tzinfo=UTC)
    return f"\x01{n}\x01"
