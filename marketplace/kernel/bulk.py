"""Writing many rows at once: one statement, one JSON parameter, read by Postgres as a record set.

The ORM's bulk methods build every value into the statement; for tens of thousands of rows that takes ten times
as long as the database needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model
from psycopg2 import sql

Record = Mapping[str, Any]  # column → JSON value; datetimes and dates as they are


def create(rows: Sequence[Model]) -> None:
    """Insert new rows with the values they have, and give each its id. Their model has no `save` of its own."""
    if not rows:
        return
    model = type(rows[0])
    names = [field.attname for field in model._meta.concrete_fields]
    for row, pk in zip(rows, _next_ids(model, len(rows)), strict=True):
        row.pk = pk
        row._state.adding = False
    insert(model, [{name: getattr(row, name) for name in names} for row in rows])


def insert(
    model: type[Model],
    records: Sequence[Record],
    *,
    replace_on: Sequence[str] = (),
    keep: Sequence[str] = (),
    skip_known: bool = False,
) -> None:
    """Insert records that all have the same columns; with `replace_on`, update rows that collide on these.

    A row that is updated keeps its values of the columns in `keep`; with `skip_known` it keeps all.
    """
    if not records:
        return
    columns = list(records[0])
    conflict = sql.SQL(" ON CONFLICT DO NOTHING" if skip_known else "")
    if replace_on:
        replaced = [name for name in columns if name not in replace_on and name not in keep]
        conflict = sql.SQL(" ON CONFLICT ({}) DO UPDATE SET {}").format(
            _names(replace_on), _set(replaced, "excluded")
        )
    statement = sql.SQL(
        "INSERT INTO {table} ({names}) "
        "SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, %s){conflict}"
    ).format(table=_table(model), names=_names(columns), conflict=conflict)
    _run(statement, records)


def update(model: type[Model], records: Sequence[Record], *, key: str = "id") -> None:
    """Update rows by their `key` with the other columns of the records, which all have the same."""
    if not records:
        return
    columns = [name for name in records[0] if name != key]
    statement = sql.SQL(
        "UPDATE {table} AS t SET {pairs} "
        "FROM jsonb_populate_recordset(NULL::{table}, %s) AS v WHERE t.{key} = v.{key}"
    ).format(table=_table(model), pairs=_set(columns, "v"), key=sql.Identifier(key))
    _run(statement, records)


def _next_ids(model: type[Model], count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _run(statement: sql.Composable, records: Sequence[Record]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(records, default=_text)])


def _text(value: Any) -> str:
    return value.isoformat()


def _table(model: type[Model]) -> sql.Identifier:
    return sql.Identifier(model._meta.db_table)


def _names(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _set(columns: Iterable[str], source: str) -> sql.Composed:
    pair = sql.SQL("{name} = {source}.{name}")
    return sql.SQL(", ").join(
        pair.format(name=sql.Identifier(name), source=sql.Identifier(source)) for name in columns
    )
