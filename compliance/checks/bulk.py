"""Writing many rows at once: one statement, one JSON parameter, read by Postgres as a record set.

The ORM's bulk methods build every value into the statement; for a judgement's tens of thousands
of rows that takes ten times as long as the database needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model
from psycopg2 import sql

Record = Mapping[str, Any]  # column → JSON value; datetimes and dates as they are


def insert(model: type[Model], records: Sequence[Record], *, replace_on: Sequence[str] = ()) -> None:
    """Insert records that all have the same columns; with `replace_on`, update rows that collide on these."""
    if not records:
        return
    columns = list(records[0])
    conflict = sql.SQL("")
    if replace_on:
        conflict = sql.SQL(" ON CONFLICT ({}) DO UPDATE SET {}").format(
            _names(replace_on), _set((name for name in columns if name not in replace_on), "excluded")
        )
    statement = sql.SQL(
        "INSERT INTO {table} ({names}) "
        "SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, %s){conflict}"
    ).format(table=_table(model), names=_names(columns), conflict=conflict)
    _run(statement, records)


def update(model: type[Model], records: Sequence[Record]) -> None:
    """Update rows by their "id" with the other columns of the records, which all have the same."""
    if not records:
        return
    columns = [name for name in records[0] if name != "id"]
    statement = sql.SQL(
        "UPDATE {table} AS t SET {pairs} "
        "FROM jsonb_populate_recordset(NULL::{table}, %s) AS v WHERE t.id = v.id"
    ).format(table=_table(model), pairs=_set(columns, "v"))
    _run(statement, records)


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
