"""Rows written by statements that are planned once per connection; the other half of `prepared`.

    insert([order])                          # as bulk_create, for a few rows: no signals, keys filled in
    update(checkout, "state", "expires_at")  # as save(update_fields=…), no signals
    update_all(Stock, [1, 2], reserved=0)    # as filter(pk__in=…).update(…)
    delete_all(BasketLine, [1, 2])           # as filter(pk__in=…).delete(), for tables that nothing refers to

The tables and columns follow the models; only Django's translation into SQL and the database's plan are kept. Values
are plain ones: an expression such as ``F("n") + 1`` is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.models import AutoField, Model

from marketplace.kernel.prepared import Statement

M = TypeVar("M", bound=Model)
P = ParamSpec("P")
R = TypeVar("R")
FEW = 8  # rows in one planned statement; more are written as Django does


def insert(rows: Sequence[M]) -> list[M]:
    """Insert new rows of one model in one statement; they know their keys then.

    :raises IntegrityError: as the database does.
    """
    if not rows:
        return []
    if len(rows) > FEW:
        return list(type(rows[0])._default_manager.bulk_create(rows))
    model = type(rows[0])
    values = [_prepare(field, row, add=True) for row in rows for field in _inserted(model)]
    keys = _insertion(model, len(rows))(values)
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return [*rows]


def update(row: Model, *names: str) -> None:
    """Write these fields of a row.

    :raises ObjectDoesNotExist: if there is no such row any more.
    """
    fields = [row._meta.get_field(name) for name in names]
    values = [_prepare(field, row, add=False) for field in fields]
    if not _updating(type(row), names)([*values, row.pk]):
        raise ObjectDoesNotExist(f"{row!r} is gone.")


def update_all(model: type[Model], keys: Sequence[Any], **values: Any) -> int:
    """Write the same values to the rows with these keys; return how many there were."""
    if not keys:
        return 0
    if len(keys) > FEW:
        return model._default_manager.filter(pk__in=keys).update(**values)
    fields = [model._meta.get_field(name) for name in values]
    written = [
        field.get_db_prep_save(value, connection)
        for field, value in zip(fields, values.values(), strict=True)
    ]
    return len(_updating(model, tuple(values), len(keys))([*written, *keys]))


def delete_all(model: type[Model], keys: Sequence[Any]) -> int:
    """Delete the rows with these keys; return how many there were. What refers to them is the database's to refuse."""
    if not keys:
        return 0
    if len(keys) > FEW:
        return model._default_manager.filter(pk__in=keys).delete()[0]
    return len(_deleting(model, len(keys))(list(keys)))


def joined(work: Callable[P, R]) -> Callable[P, R]:
    """As `transaction.atomic`, but without a savepoint inside a transaction that is open already.

    For work after whose errors the caller may go on with what was written until then.
    """

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return work(*args, **kwargs)
        with transaction.atomic():
            return work(*args, **kwargs)

    return run


def _prepare(field: Any, row: Model, *, add: bool) -> Any:
    value = field.get_db_prep_save(field.pre_save(row, add), connection)
    if hasattr(value, "resolve_expression"):
        raise TypeError(f"{field} is written as a value, not as an expression.")
    return value


@cache
def _inserted(model: type[Model]) -> tuple[Any, ...]:
    return tuple(
        field
        for field in model._meta.concrete_fields
        if not field.generated and not isinstance(field, AutoField)
    )


@cache
def _insertion(model: type[Model], number: int) -> Statement:
    fields = _inserted(model)
    columns = ", ".join(_quoted(field.column) for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    return Statement(
        f"insert.{model._meta.db_table}",
        f"INSERT INTO {_quoted(model._meta.db_table)} ({columns})"  # noqa: S608 -- names are the models' own
        f" VALUES {', '.join([row] * number)} RETURNING {_quoted(_key(model))}",
    )


@cache
def _updating(model: type[Model], names: tuple[str, ...], number: int = 1) -> Statement:
    given = ", ".join(f"{_quoted(model._meta.get_field(name).column)} = %s" for name in names)
    key = _quoted(_key(model))
    return Statement(
        f"update.{model._meta.db_table}",
        f"UPDATE {_quoted(model._meta.db_table)} SET {given}"  # noqa: S608 -- as above
        f" WHERE {key} IN ({', '.join(['%s'] * number)}) RETURNING {key}",
    )


@cache
def _deleting(model: type[Model], number: int) -> Statement:
    key = _quoted(_key(model))
    return Statement(
        f"delete.{model._meta.db_table}",
        f"DELETE FROM {_quoted(model._meta.db_table)}"  # noqa: S608 -- as above
        f" WHERE {key} IN ({', '.join(['%s'] * number)}) RETURNING {key}",
    )


def _key(model: type[Model]) -> str:
    return str(model._meta.pk.column)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
