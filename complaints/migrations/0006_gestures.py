"""What the desk gives in passing, and settlements that belong to it; exchanges whose new piece is yet to be chosen."""

import django.db.models.deletion
import functools
import marketplace.kernel.ids
from django.conf import settings
from django.db import migrations, models

from marketplace.kernel.frozen import frozen


# table → columns that may still change
FROZEN = {"complaints_gesture": ("agreed_by_id", "agreed_at", "dropped_at")}


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0005_sweep'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Gesture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=functools.partial(marketplace.kernel.ids.new_public_id, *('CG',), **{}), editable=False, max_length=16, unique=True)),
                ('kind', models.CharField(max_length=20)),
                ('line', models.CharField(blank=True, max_length=16)),
                ('amount_minor', models.BigIntegerField(null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('words', models.TextField()),
                ('key', models.CharField(max_length=120, null=True, unique=True)),
                ('needs_agreement', models.BooleanField(default=False)),
                ('given_at', models.DateTimeField()),
                ('agreed_at', models.DateTimeField(null=True)),
                ('dropped_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='settlement',
            name='complaints_settlement_state',
        ),
        migrations.AlterField(
            model_name='settlement',
            name='decision',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settlement', to='complaints.decision'),
        ),
        migrations.AlterField(
            model_name='settlement',
            name='ref',
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddField(
            model_name='gesture',
            name='agreed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='gesture',
            name='given_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='gesture',
            name='ticket',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gestures', to='complaints.ticket'),
        ),
        migrations.AddField(
            model_name='settlement',
            name='gesture',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settlement', to='complaints.gesture'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'paid', 'failed', 'done', 'choosing'])), name='complaints_settlement_state'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decision__isnull', False), ('gesture__isnull', True)), models.Q(('decision__isnull', True), ('gesture__isnull', False)), _connector='OR'), name='complaints_settlement_of_one'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ref', ''), ('state', 'choosing')), models.Q(models.Q(('state', 'choosing'), _negated=True), models.Q(('ref', ''), _negated=True)), _connector='OR'), name='complaints_settlement_ref'),
        ),
        migrations.AddIndex(
            model_name='gesture',
            index=models.Index(fields=['ticket', 'given_at'], name='complaints_gesture_of_ticket'),
        ),
        migrations.AddConstraint(
            model_name='gesture',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('goodwill', 'return_label'))), name='complaints_gesture_kind'),
        ),
        migrations.AddConstraint(
            model_name='gesture',
            constraint=models.CheckConstraint(condition=models.Q(('agreed_by__isnull', True), models.Q(('agreed_by', models.F('given_by')), _negated=True), _connector='OR'), name='complaints_gesture_two_people'),
        ),
        migrations.AddConstraint(
            model_name='gesture',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount_minor__gt', 0), ('kind', 'goodwill')), models.Q(models.Q(('kind', 'goodwill'), _negated=True), ('amount_minor__isnull', True)), _connector='OR'), name='complaints_gesture_amount'),
        ),
        migrations.AddConstraint(
            model_name='gesture',
            constraint=models.CheckConstraint(condition=models.Q(('dropped_at__isnull', True), models.Q(('agreed_by__isnull', True), ('needs_agreement', True)), _connector='OR'), name='complaints_gesture_dropped_before'),
        ),
        *frozen(FROZEN),
    ]
