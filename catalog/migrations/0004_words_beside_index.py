"""The words by which listings are found move beside the index, so that the index can be counted whole."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

MOVE = "INSERT INTO catalog_listingwords (listing_id, vector) SELECT listing_id, vector FROM catalog_listingindex;"
RESET = "ALTER TABLE catalog_listingindex RESET (toast_tuple_target);"

# Looking for Chinese in a text costs more than stemming it; plain ASCII holds none.
VECTOR = """
CREATE OR REPLACE FUNCTION catalog_vector(language text, words text, weight "char") RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT setweight(to_tsvector(catalog_config(language), words), weight)
        || CASE WHEN octet_length(words) > length(words) + 1
           THEN setweight(to_tsvector('rf_simple', catalog_bigrams(words)), weight) ELSE '' END
$$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0003_import_progress'),
    ]

    operations = [
        migrations.CreateModel(
            name='ListingWords',
            fields=[
                ('listing', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='words', serialize=False, to='catalog.listing')),
                ('vector', django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                'verbose_name_plural': 'listing words',
            },
        ),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.RemoveIndex(
            model_name='listingindex',
            name='catalog_index_merchant_price',
        ),
        migrations.RemoveIndex(
            model_name='listingindex',
            name='catalog_index_merchant_newest',
        ),
        migrations.RemoveIndex(
            model_name='listingindex',
            name='catalog_index_merchant_rating',
        ),
        migrations.RemoveIndex(
            model_name='listingindex',
            name='catalog_index_vector',
        ),
        migrations.RemoveField(
            model_name='listingindex',
            name='vector',
        ),
        migrations.AddIndex(
            model_name='listingwords',
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['vector'], name='catalog_words_vector'),
        ),
        migrations.RunSQL(RESET + VECTOR, migrations.RunSQL.noop),
    ]
