from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0010_voice_news'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='listing',
            index=models.Index(
                condition=models.Q(('state', 'archived'), _negated=True),
                fields=['created_at'],
                include=['public_id'],
                name='catalog_listing_not_archived',
            ),
        ),
    ]
