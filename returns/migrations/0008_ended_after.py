from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("returns", "0007_case_letters")]

    operations = [
        migrations.AddField("linetally", "ended_after", models.PositiveIntegerField(default=0)),
        migrations.AddConstraint(
            "linetally",
            models.CheckConstraint(
                condition=models.Q(ended_after__lte=models.F("withdrawn")),
                name="returns_tally_ended_after_sending",
            ),
        ),
    ]
