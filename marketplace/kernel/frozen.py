"""Rows that are never rewritten: a trigger refuses it, whoever tries. For migrations.

operations = [*frozen({"orders_invoice": (), "orders_refund": ("state", "done_at")})]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.db import migrations


def frozen(tables: Mapping[str, tuple[str, ...]]) -> Iterator[migrations.RunSQL]:
    """Yield the operations that freeze tables; each names the columns that may still change."""
    for table, free in tables.items():
        yield migrations.RunSQL(_freeze(table, free), _thaw(table))


def _freeze(table: str, free: tuple[str, ...]) -> str:
    names = ", ".join(f"'{name}'" for name in free)
    return f"""
CREATE FUNCTION {table}_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - ARRAY[{names}]::text[] = to_jsonb(NEW) - ARRAY[{names}]::text[] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A row of {table} is never rewritten.' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_frozen();
"""


def _thaw(table: str) -> str:
    return f"DROP TRIGGER {table}_frozen ON {table}; DROP FUNCTION {table}_frozen();"
