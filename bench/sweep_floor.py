"""What the plain database needs for work of the size of a sweep, for `bin/bench sweep`."""

from __future__ import annotations

from typing import Any

from bench.spent import milliseconds

RULES = [f"c{n} <> ''" for n in range(8)]
RULES += [f"c{n} ~ '^[0-9a-f]{{6,}}$'" for n in range(8, 18)] + [
    f"n{n} BETWEEN 1 AND 9850" for n in range(12)
]
RULES += [f"doc ->> 'k{n}' <> ''" for n in range(8)] + [f"doc ->> 'k{n}' ~ '^[0-9a-f]'" for n in range(8, 10)]


def make(count: int) -> None:
    """Make the table of the floors: 40 columns and a document of ten keys, 1.5 % of the values breaking their rule."""
    texts = ", ".join(
        f"CASE WHEN random() < 0.985 THEN substr(md5((n * {at + 1})::text), 1, 12) ELSE '' END AS c{at}"
        for at in range(28)
    )
    numbers = ", ".join(f"(random() * 10000)::int AS n{at}" for at in range(12))
    keys = ", ".join(
        f"'k{at}', CASE WHEN random() < 0.985 THEN substr(md5((n * {at + 50})::text), 1, 10) ELSE '' END"
        for at in range(10)
    )
    run("DROP TABLE IF EXISTS floor, floor_found, floor_finding")
    run(
        f"CREATE UNLOGGED TABLE floor AS SELECT n AS id, {texts}, {numbers}, jsonb_build_object({keys}) AS doc"
        f" FROM generate_series(1, {count}) n"
    )
    run("CREATE TABLE floor_found (id int, rule int)")
    run("CREATE TABLE floor_finding (LIKE compliance_finding INCLUDING ALL)")
    run("VACUUM (ANALYZE) floor")


def scan() -> None:
    run("SELECT count(*) FROM floor WHERE c3 IS NULL")


def write(rows: int) -> None:
    """Insert so many findings, copies of some that are kept, with all their indexes and constraints."""
    run("TRUNCATE floor_finding")
    run(f"INSERT INTO floor_finding SELECT * FROM compliance_finding WHERE state = 'open' LIMIT {rows}")


def judge(count: int) -> None:
    """Judge the 40 rules by array and unnest, and insert what is found."""
    run("TRUNCATE floor_found")
    array = ", ".join(f"NOT coalesce({rule}, false)" for rule in RULES)
    run(
        "INSERT INTO floor_found SELECT id, u.rule FROM floor,"
        f" unnest(array[{array}]) WITH ORDINALITY u(missed, rule) WHERE u.missed AND id <= {count}"
    )


def run(statement: str, values: Any = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def value(statement: str) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def session_milliseconds() -> float:
    """Return what the database's process of this session has used so far; 0 if it is on another machine."""
    return milliseconds([value("SELECT pg_backend_pid()")])
