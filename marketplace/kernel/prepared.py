"""Queries that Django compiles once per process: the way to an order asks the same few dozen again and again.

    @prepared
    def checkout_by_token(token: str) -> QuerySet[Checkout]:
        return Checkout.objects.filter(token=token).select_related("basket")

    checkout_by_token("t0k3n")  # a list of checkouts, read by the statement that was compiled the first time

The query stays written in Django's words and follows the models; only its translation into SQL, two thirds of
the processor time of a small query, is kept. What is asked for are numbers, texts and instants, alone or in
lists; each number of values in a list is a statement of its own. Related rows come by `select_related`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, Model, connection
from django.db.models import QuerySet
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError

M = TypeVar("M", bound=Model)
_LEAST = -2_147_480_000  # no key and no amount is as low


@dataclass(frozen=True, slots=True)
class _Value:
    """Where the n-th value that is asked for stands among the parameters."""

    n: int


class Prepared(Generic[M]):
    """A function that returns a queryset, turned into one that returns its rows. See the module."""

    def __init__(self, build: Callable[..., QuerySet[M]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__
        self._known: dict[tuple[Any, ...], _Statement] = {}

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


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
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
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            return [self._object(list(row)) for row in cursor.fetchall()]

    def _object(self, row: list[Any]) -> Any:
        for position, convert, expression in self.converters:
            for one in convert:
                row[position] = one(row[position], expression, connection)
        found = self.model.from_db(DEFAULT_DB_ALIAS, self.names, row[self.columns])
        for populator in self.related:
            populator.populate(row, found)
        return found


def _compile(build: Callable[..., QuerySet[Any]], asked: Sequence[Any]) -> _Statement:
    """Translate the query once, with values that occur nowhere else in the places of those asked for."""
    marks = _marks(asked)
    found = {(type(mark), mark): _Value(n) for n, mark in enumerate(_flat(marks))}
    query = build(*marks).query
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    sql, said = compiler.as_sql()
    parameters = tuple(found.get((type(one), one), one) for one in said)
    missing = set(found.values()) - {one for one in parameters if type(one) is _Value}
    if missing:
        raise TypeError(f"{build.__qualname__} does not ask the database for all it is given.")
    info = compiler.klass_info
    fields = info["select_fields"]
    columns = slice(fields[0], fields[-1] + 1)
    converters = compiler.get_converters(one[0] for one in compiler.select)
    return _Statement(
        sql=sql,
        parameters=parameters,
        locks=query.select_for_update,
        model=info["model"],
        columns=columns,
        names=[one[0].target.attname for one in compiler.select[columns]],
        converters=[(position, list(convert), of) for position, (convert, of) in converters.items()],
        related=list(get_related_populators(info, compiler.select, DEFAULT_DB_ALIAS)),
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
