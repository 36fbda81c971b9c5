from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("returns", "0008_ended_after")]

    operations = [
        migrations.AddField("valueloss", "kind", models.CharField(default="worn", max_length=4)),
        migrations.AddField("valueloss", "answer", models.JSONField(default=dict)),
        migrations.AddConstraint(
            "valueloss",
            models.CheckConstraint(
                condition=models.Q(kind__in=["worn", "seal"]), name="returns_loss_kind"
            ),
        ),
    ]
