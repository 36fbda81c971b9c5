"""Clearances are keyed by subject and market. They are derived, so the table is simply made anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_initial")]

    operations = [
        migrations.DeleteModel("Clearance"),
        migrations.CreateModel(
            name="Clearance",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subject", "market", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject", models.CharField(max_length=40)),
                ("market", models.CharField(max_length=6)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("sell", "may be sold"),
                            ("notice", "may be sold with a notice"),
                            ("blocked", "must not be sold"),
                        ],
                        max_length=8,
                    ),
                ),
                ("deciding", models.JSONField(default=list)),
                ("rulebook_version", models.CharField(max_length=16)),
                ("judged_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["sell", "notice", "blocked"])),
                        name="compliance_clearance_verdict",
                    )
                ],
            },
        ),
    ]
