"""What happened, what was said and what was promised cannot be rewritten: triggers refuse it, whoever tries."""

from django.db import migrations

# table → columns that may still change
FROZEN = {
    "complaints_calendarversion": (),
    "complaints_policyversion": (),
    "complaints_ticketevent": (),
    "complaints_message": ("author_id", "message_id", "sent_at"),
    "complaints_attachment": (),
    "complaints_escalation": ("done_at", "result"),
    "complaints_letter": (),
    "complaints_decision": ("agreed_by_id", "agreed_at", "executed_at"),
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
    dependencies = [("complaints", "0001_tickets")]
    operations = [migrations.RunSQL(_create(table, free), _drop(table)) for table, free in FROZEN.items()]
