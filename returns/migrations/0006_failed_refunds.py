from django.db import migrations

from marketplace.kernel.frozen import frozen

# What is owed cannot be rewritten; how often it could not be paid is counted.
BEFORE = {
    "returns_owedrefund": (
        "state", "due_on", "answer", "refund", "failure", "requested_at", "paid_at", "escalated_at",
    ),
}  # fmt: skip
AFTER = {table: (*free, "attempts") for table, free in BEFORE.items()}


def _turned(tables: dict[str, tuple[str, ...]]) -> list[migrations.RunSQL]:
    """Thaw tables that are frozen: the same operations the other way round."""
    return [migrations.RunSQL(one.reverse_sql, one.sql) for one in frozen(tables)]


class Migration(migrations.Migration):
    dependencies = [("returns", "0005_own_parcel_numbers")]

    operations = [*_turned(BEFORE), *frozen(AFTER)]
