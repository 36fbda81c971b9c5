from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0008_profiles'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProfiledLaw',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=32)),
                ('base', models.CharField(max_length=64)),
                ('reading', models.CharField(max_length=16)),
                ('lines', models.JSONField(default=dict)),
                ('unsure', models.JSONField(default=list)),
                ('turn', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name='profile',
            name='is_current',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='profile',
            name='missed',
            field=models.JSONField(default=dict),
        ),
        migrations.AlterField(
            model_name='profile',
            name='seen',
            field=models.JSONField(),
        ),
        # A profile is read far more often than written: whole in its page, not compressed.
        migrations.RunSQL(
            "ALTER TABLE compliance_profile SET (toast_tuple_target = 8160)",
            "ALTER TABLE compliance_profile RESET (toast_tuple_target)",
        ),
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(condition=models.Q(('is_current', False)), fields=['id'], name='compliance_profile_stale'),
        ),
        migrations.AddIndex(
            model_name='judgement',
            index=models.Index(condition=models.Q(('facts_until__isnull', False)), fields=['facts_until'], name='compliance_judgement_until'),
        ),
        migrations.AddConstraint(
            model_name='profiledlaw',
            constraint=models.CheckConstraint(condition=models.Q(('id', 1)), name='compliance_profiledlaw_one'),
        ),
    ]
