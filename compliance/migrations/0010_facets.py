import django.contrib.postgres.fields
from django.db import migrations, models

STORED = """
    ALTER TABLE compliance_profile RESET (toast_tuple_target);
    ALTER TABLE compliance_profile
        ALTER seen SET STORAGE EXTERNAL, ALTER groups SET STORAGE MAIN, ALTER missed SET STORAGE MAIN,
        ALTER facets SET STORAGE MAIN;
"""
BEFORE = """
    ALTER TABLE compliance_profile SET (toast_tuple_target = 8160);
    ALTER TABLE compliance_profile
        ALTER seen SET STORAGE EXTENDED, ALTER groups SET STORAGE EXTENDED, ALTER missed SET STORAGE EXTENDED;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0009_profiled_law'),
    ]

    operations = [
        migrations.AddField(
            model_name='profile',
            name='facets',
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(null=True), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name='profiledlaw',
            name='places',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='profiledlaw',
            name='is_compared',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='checkrun',
            name='is_whole',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='checkrun',
            name='ladder',
            field=models.CharField(blank=True, db_default='', max_length=16),
        ),
        migrations.AddIndex(
            model_name='finding',
            index=models.Index(
                condition=models.Q(('due_on', None), ('state', 'open')),
                fields=['first_seen_at'],
                name='compliance_finding_since',
            ),
        ),
        # What is asked of all profiles stays in narrow rows; what is asked of one lies beside them.
        migrations.RunSQL(STORED, BEFORE),
        # They get their numbers when they are next judged.
        migrations.RunSQL(
            "UPDATE compliance_profile SET is_current = false; UPDATE compliance_profiledlaw SET key = '', base = ''",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(fields=['id'], include=['outcome'], name='compliance_profile_outcome'),
        ),
        migrations.RemoveIndex(model_name='judgement', name='compliance_judgement_profile'),
        migrations.AddIndex(
            model_name='judgement',
            index=models.Index(
                fields=['profile'], include=['outcome', 'judged_for'], name='compliance_judgement_outcome'
            ),
        ),
        migrations.AddIndex(
            model_name='judgement',
            index=models.Index(
                condition=models.Q(('profile', None)), fields=['subject'], name='compliance_judgement_lone'
            ),
        ),
    ]
