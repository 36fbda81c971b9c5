from django.db import migrations, models
from django.db.models import Q

# Of several reports of one side that wait, the first stays open; the others are settled by it.
ONE_EACH = """
UPDATE orders_threadreport r SET settled_at = now(), outcome = 'Reported before.'
 WHERE r.settled_at IS NULL AND EXISTS (
    SELECT FROM orders_threadreport o
     WHERE o.thread_id = r.thread_id AND o.by = r.by AND o.settled_at IS NULL AND o.id < r.id
 );
"""


class Migration(migrations.Migration):
    """One side reports a conversation once at a time."""

    dependencies = [("orders", "0008_surplus")]

    operations = [
        migrations.RunSQL(ONE_EACH, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="threadreport",
            constraint=models.UniqueConstraint(
                fields=["thread", "by"], condition=Q(settled_at=None), name="orders_threadreport_one_open"
            ),
        ),
    ]
