"""What was agreed and what was told cannot be rewritten: triggers refuse it, whoever tries."""

from django.db import migrations

# table → columns that may still change
FROZEN = {
    "orders_contractsnapshot": (),
    "orders_invoice": (),
    "orders_orderline": ("variant_id",),  # a variant may disappear from the catalogue
    "orders_paymentevent": ("payment_id", "applied_at"),
    "orders_refund": ("state", "provider_ref", "failure", "done_at"),
    "orders_sentmail": (),
}


def _create(table: str, free: tuple[str, ...]) -> str:
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


def _drop(table: str) -> str:
    return f"DROP TRIGGER {table}_frozen ON {table}; DROP FUNCTION {table}_frozen();"


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]
    operations = [migrations.RunSQL(_create(table, free), _drop(table)) for table, free in FROZEN.items()]
