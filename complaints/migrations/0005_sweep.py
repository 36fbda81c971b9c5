"""The end of the last sweep, which `/healthz` looks at, and clocks that were put aside, found without reading all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0004_notices_and_suggestions")]

    operations = [
        migrations.CreateModel(
            name="Sweep",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("finished_at", models.DateTimeField()),
                ("clocks", models.PositiveIntegerField(default=0)),
                ("steps", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="complaints_sweep_one_row")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("is_quarantined", True)), fields=["id"], name="complaints_clock_aside"
            ),
        ),
    ]
