"""What agents decide about cases after the sale; above a sum a colleague agrees first."""

import django.db.models.deletion
import functools
import marketplace.kernel.ids
from django.conf import settings
from django.db import migrations, models

from marketplace.kernel.frozen import frozen

# table → columns that may still change
FROZEN = {"complaints_casedecision": ("agreed_by_id", "agreed_at", "dropped_at")}


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0006_gestures'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=functools.partial(marketplace.kernel.ids.new_public_id, *('CC',), **{}), editable=False, max_length=16, unique=True)),
                ('case', models.CharField(max_length=16)),
                ('part', models.CharField(blank=True, max_length=16)),
                ('order', models.CharField(max_length=16)),
                ('grants', models.BooleanField()),
                ('remedy', models.CharField(blank=True, max_length=20)),
                ('amount_minor', models.BigIntegerField(null=True)),
                ('worth_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('reason', models.TextField()),
                ('key', models.CharField(max_length=120, null=True, unique=True)),
                ('needs_agreement', models.BooleanField(default=False)),
                ('decided_at', models.DateTimeField()),
                ('agreed_at', models.DateTimeField(null=True)),
                ('dropped_at', models.DateTimeField(null=True)),
                ('agreed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['case', 'decided_at'], name='complaints_case_of')],
                'constraints': [models.CheckConstraint(condition=models.Q(('agreed_by__isnull', True), models.Q(('agreed_by', models.F('decided_by')), _negated=True), _connector='OR'), name='complaints_case_two_people'), models.CheckConstraint(condition=models.Q(('dropped_at__isnull', True), models.Q(('agreed_by__isnull', True), ('needs_agreement', True)), _connector='OR'), name='complaints_case_dropped_before'), models.CheckConstraint(condition=models.Q(('worth_minor__gte', 0)), name='complaints_case_worth'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='complaints_case_reason'), models.UniqueConstraint(condition=models.Q(('agreed_by', None), ('dropped_at', None), ('needs_agreement', True)), fields=('case', 'part'), name='complaints_case_waits_once')],
            },
        ),
        *frozen(FROZEN),
    ]
