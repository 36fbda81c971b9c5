import catalog.models.search
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.utils.timezone
import functools
import marketplace.kernel.ids
from django.conf import settings
from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension, UnaccentExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        BtreeGinExtension(),
        migrations.CreateModel(
            name='Listing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=functools.partial(marketplace.kernel.ids.new_public_id, *('L',), **{}), editable=False, max_length=16, unique=True)),
                ('code', models.CharField(max_length=120)),
                ('slug', models.SlugField(allow_unicode=True, max_length=160)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('active', 'Active'), ('archived', 'Archived')], default='draft', max_length=8)),
                ('condition', models.CharField(choices=[('new', 'New'), ('used', 'Used'), ('refurbished', 'Refurbished')], default='new', max_length=12)),
                ('language', models.CharField(default='en', max_length=10)),
                ('disclosures', models.JSONField(blank=True, default=dict)),
                ('manufacturer', models.JSONField(blank=True, default=dict)),
                ('responsible_person', models.JSONField(blank=True, default=dict)),
                ('local_contacts', models.JSONField(blank=True, default=list)),
                ('traits', models.JSONField(blank=True, default=list)),
                ('attestations', models.JSONField(blank=True, default=list)),
                ('model', models.CharField(blank=True, max_length=80)),
                ('option_names', models.JSONField(blank=True, default=list)),
                ('hs_code', models.CharField(blank=True, max_length=10)),
                ('hs_confirmed', models.BooleanField(default=False)),
                ('origin', models.CharField(blank=True, max_length=2)),
                ('ships_to', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=6), blank=True, default=list, size=None)),
                ('sellable_in', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=6), blank=True, default=list, editable=False, size=None)),
                ('offered_in', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=6), blank=True, default=list, editable=False, size=None)),
                ('price_from_minor', models.BigIntegerField(editable=False, null=True)),
                ('price_currency', models.CharField(blank=True, editable=False, max_length=3)),
                ('is_reduced', models.BooleanField(default=False, editable=False)),
                ('in_stock', models.BooleanField(default=False, editable=False)),
                ('rating_average', models.DecimalField(decimal_places=2, editable=False, max_digits=3, null=True)),
                ('rating_count', models.PositiveIntegerField(default=0, editable=False)),
                ('is_promoted', models.BooleanField(default=False, editable=False)),
                ('version', models.PositiveIntegerField(default=1)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='Variant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=functools.partial(marketplace.kernel.ids.new_public_id, *('V',), **{}), editable=False, max_length=16, unique=True)),
                ('sku', models.CharField(max_length=120)),
                ('options', models.JSONField(blank=True, default=list)),
                ('gtin', models.CharField(blank=True, max_length=14)),
                ('mpn', models.CharField(blank=True, max_length=80)),
                ('weight_grams', models.PositiveIntegerField(blank=True, null=True)),
                ('net_quantity', models.JSONField(blank=True, default=dict)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('is_active', models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name='Brand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('manufacturer', models.JSONField(blank=True, default=dict)),
                ('responsible_person', models.JSONField(blank=True, default=dict)),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='brands', to='accounts.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=60, unique=True)),
                ('path', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('names', models.JSONField(default=dict)),
                ('google_path', models.CharField(blank=True, max_length=300)),
                ('hs_heading', models.CharField(blank=True, max_length=60)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='catalog.category')),
            ],
            options={
                'verbose_name_plural': 'categories',
            },
        ),
        migrations.CreateModel(
            name='ExchangeRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3)),
                ('on', models.DateField()),
                ('rate', models.DecimalField(decimal_places=8, max_digits=18)),
                ('source', models.CharField(default='ECB', max_length=60)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('currency', 'on'), name='catalog_rate_once')],
            },
        ),
        migrations.CreateModel(
            name='Generation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=40)),
                ('changes', models.BigIntegerField(default=1)),
            ],
            options={
                'indexes': [models.Index(fields=['scope'], include=('changes',), name='catalog_generation_scope')],
            },
        ),
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=functools.partial(marketplace.kernel.ids.new_public_id, *('I',), **{}), editable=False, max_length=16, unique=True)),
                ('file', models.FileField(upload_to='imports/%Y/%m')),
                ('file_name', models.CharField(max_length=200)),
                ('format', models.CharField(max_length=30)),
                ('mapping', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('uploaded', 'Uploaded'), ('previewed', 'Previewed'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='uploaded', max_length=10)),
                ('rows_total', models.PositiveIntegerField(default=0)),
                ('rows_taken', models.PositiveIntegerField(default=0)),
                ('rows_refused', models.PositiveIntegerField(default=0)),
                ('rows_done', models.PositiveIntegerField(default=0)),
                ('problem', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='imports', to='accounts.merchant')),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ImportRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField()),
                ('outcome', models.CharField(max_length=8)),
                ('reasons', models.JSONField(default=list)),
                ('raw', models.JSONField(default=dict)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='catalog.importrun')),
            ],
        ),
        migrations.CreateModel(
            name='ListingIndex',
            fields=[
                ('listing', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='index', serialize=False, to='catalog.listing')),
                ('markets', catalog.models.search.MarketBits()),
                ('rank', models.IntegerField(default=0)),
                ('price', models.BigIntegerField()),
                ('newest', models.DateTimeField()),
                ('rating', models.IntegerField(default=0)),
                ('origin', models.CharField(blank=True, max_length=2)),
                ('seller_country', models.CharField(max_length=2)),
                ('brand', models.CharField(blank=True, max_length=120)),
                ('condition', models.CharField(max_length=12)),
                ('in_stock', models.BooleanField()),
                ('free_returns', models.BooleanField()),
                ('verified', models.BooleanField()),
                ('guarantee', models.BooleanField()),
                ('reduced', models.BooleanField()),
                ('vector', django.contrib.postgres.search.SearchVectorField()),
            ],
        ),
        migrations.AddField(
            model_name='listing',
            name='brand',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='listings', to='catalog.brand'),
        ),
        migrations.AddField(
            model_name='listing',
            name='category',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='listings', to='catalog.category'),
        ),
        migrations.AddField(
            model_name='listing',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='listings', to='accounts.merchant'),
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60)),
                ('number', models.CharField(blank=True, max_length=80)),
                ('market', models.CharField(blank=True, max_length=6)),
                ('language', models.CharField(blank=True, max_length=10)),
                ('file', models.FileField(blank=True, upload_to='documents/%Y/%m')),
                ('url', models.URLField(blank=True, max_length=1000)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('issued_on', models.DateField(blank=True, null=True)),
                ('expires_on', models.DateField(blank=True, null=True)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='catalog.listing')),
            ],
        ),
        migrations.CreateModel(
            name='ListingText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=10)),
                ('title', models.CharField(max_length=200)),
                ('subtitle', models.CharField(blank=True, max_length=300)),
                ('description', models.TextField(blank=True)),
                ('seo_title', models.CharField(blank=True, max_length=200)),
                ('seo_description', models.CharField(blank=True, max_length=320)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='texts', to='catalog.listing')),
            ],
        ),
        migrations.CreateModel(
            name='MarketNumber',
            fields=[
                ('market', models.CharField(max_length=6, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField(unique=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('number__lt', 256)), name='catalog_market_number_fits')],
            },
        ),
        migrations.CreateModel(
            name='SearchWord',
            fields=[
                ('word', models.CharField(max_length=40, primary_key=True, serialize=False)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('word'), name='gin_trgm_ops'), name='catalog_word_trigrams')],
            },
        ),
        migrations.CreateModel(
            name='ShippingRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('market', models.CharField(max_length=6)),
                ('service', models.CharField(default='standard', max_length=40)),
                ('price_minor', models.BigIntegerField()),
                ('extra_item_minor', models.BigIntegerField(default=0)),
                ('free_from_minor', models.BigIntegerField(blank=True, null=True)),
                ('currency', models.CharField(max_length=3)),
                ('min_days', models.PositiveSmallIntegerField()),
                ('max_days', models.PositiveSmallIntegerField()),
                ('carrier', models.CharField(blank=True, max_length=60)),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shipping_rates', to='accounts.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='Stock',
            fields=[
                ('variant', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='stock', serialize=False, to='catalog.variant')),
                ('on_hand', models.PositiveIntegerField(default=0)),
                ('reserved', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name='variant',
            name='listing',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='variants', to='catalog.listing'),
        ),
        migrations.AddField(
            model_name='variant',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.merchant'),
        ),
        migrations.CreateModel(
            name='PriceRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3)),
                ('price_minor', models.BigIntegerField(null=True)),
                ('kind', models.CharField(choices=[('regular', 'Regular'), ('reduced', 'Reduced')], default='regular', max_length=8)),
                ('valid_from', models.DateTimeField()),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('variant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='price_records', to='catalog.variant')),
            ],
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3)),
                ('price_minor', models.BigIntegerField()),
                ('regular_minor', models.BigIntegerField(blank=True, null=True)),
                ('reduced_from', models.DateTimeField(blank=True, null=True)),
                ('reduced_until', models.DateTimeField(blank=True, null=True)),
                ('variant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='offers', to='catalog.variant')),
            ],
        ),
        migrations.CreateModel(
            name='Media',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('widths', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveIntegerField(), default=list, size=None)),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('alt', models.JSONField(blank=True, default=dict)),
                ('digest', models.CharField(max_length=64)),
                ('source_url', models.URLField(blank=True, max_length=1000)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='media', to='catalog.listing')),
                ('variant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='media', to='catalog.variant')),
            ],
            options={
                'verbose_name_plural': 'media',
            },
        ),
        migrations.CreateModel(
            name='StockMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('delta', models.IntegerField()),
                ('reason', models.CharField(max_length=20)),
                ('reference', models.CharField(blank=True, max_length=60)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('variant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='catalog.variant')),
            ],
        ),
        migrations.CreateModel(
            name='StockReservation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('holder', models.CharField(max_length=40)),
                ('quantity', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('held', 'Held'), ('taken', 'Taken'), ('released', 'Released')], default='held', max_length=8)),
                ('expires_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('variant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reservations', to='catalog.variant')),
            ],
        ),
        migrations.CreateModel(
            name='WishItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.CharField(max_length=60)),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.listing')),
            ],
        ),
        migrations.AddConstraint(
            model_name='brand',
            constraint=models.UniqueConstraint(fields=('merchant', 'name'), name='catalog_brand_once'),
        ),
        migrations.AddIndex(
            model_name='category',
            index=django.contrib.postgres.indexes.GinIndex(fields=['path'], name='catalog_category_path'),
        ),
        migrations.AddIndex(
            model_name='importrow',
            index=models.Index(fields=['run', 'line'], name='catalog_importrow_line'),
        ),
        migrations.AddField(
            model_name='listingindex',
            name='category',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.category'),
        ),
        migrations.AddField(
            model_name='listingindex',
            name='group',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.category'),
        ),
        migrations.AddField(
            model_name='listingindex',
            name='merchant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.merchant'),
        ),
        migrations.AddIndex(
            model_name='listing',
            index=models.Index(fields=['merchant', 'state', '-changed_at'], name='catalog_listing_of_merchant'),
        ),
        migrations.AddIndex(
            model_name='listing',
            index=models.Index(fields=['category', 'state'], name='catalog_listing_of_category'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.UniqueConstraint(fields=('merchant', 'code'), name='catalog_listing_code_once'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'active', 'archived'])), name='catalog_listing_state'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.CheckConstraint(condition=models.Q(('condition__in', ['new', 'used', 'refurbished'])), name='catalog_listing_condition'),
        ),
        migrations.AddConstraint(
            model_name='listingtext',
            constraint=models.UniqueConstraint(fields=('listing', 'language'), name='catalog_text_once'),
        ),
        migrations.AddConstraint(
            model_name='shippingrate',
            constraint=models.UniqueConstraint(fields=('merchant', 'market', 'service'), name='catalog_shipping_once'),
        ),
        migrations.AddConstraint(
            model_name='shippingrate',
            constraint=models.CheckConstraint(condition=models.Q(('price_minor__gte', 0)), name='catalog_shipping_price'),
        ),
        migrations.AddConstraint(
            model_name='shippingrate',
            constraint=models.CheckConstraint(condition=models.Q(('max_days__gte', models.F('min_days'))), name='catalog_shipping_days'),
        ),
        migrations.AddConstraint(
            model_name='stock',
            constraint=models.CheckConstraint(condition=models.Q(('reserved__lte', models.F('on_hand'))), name='catalog_stock_not_oversold'),
        ),
        migrations.AddIndex(
            model_name='variant',
            index=models.Index(condition=models.Q(('gtin', ''), _negated=True), fields=['gtin'], name='catalog_variant_gtin'),
        ),
        migrations.AddConstraint(
            model_name='variant',
            constraint=models.UniqueConstraint(fields=('merchant', 'sku'), name='catalog_variant_sku_once'),
        ),
        migrations.AddIndex(
            model_name='pricerecord',
            index=models.Index(fields=['variant', 'currency', 'valid_from'], name='catalog_pricerecord_history'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(condition=models.Q(('reduced_until__isnull', False)), fields=['reduced_until'], name='catalog_offer_reduction_end'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.UniqueConstraint(fields=('variant', 'currency'), name='catalog_offer_once'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('price_minor__gt', 0)), name='catalog_offer_price'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reduced_from', None), ('regular_minor', None)), models.Q(('reduced_from__isnull', False), ('regular_minor__gt', models.F('price_minor'))), _connector='OR'), name='catalog_offer_reduction'),
        ),
        migrations.AddConstraint(
            model_name='media',
            constraint=models.UniqueConstraint(fields=('listing', 'digest'), name='catalog_media_once'),
        ),
        migrations.AddIndex(
            model_name='stockmovement',
            index=models.Index(fields=['variant', 'at'], name='catalog_movement_history'),
        ),
        migrations.AddIndex(
            model_name='stockreservation',
            index=models.Index(condition=models.Q(('state', 'held')), fields=['expires_at'], name='catalog_reservation_expiry'),
        ),
        migrations.AddIndex(
            model_name='stockreservation',
            index=models.Index(fields=['holder'], name='catalog_reservation_holder'),
        ),
        migrations.AddConstraint(
            model_name='stockreservation',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'held')), fields=('holder', 'variant'), name='catalog_reservation_once'),
        ),
        migrations.AddConstraint(
            model_name='stockreservation',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='catalog_reservation_quantity'),
        ),
        migrations.AddConstraint(
            model_name='wishitem',
            constraint=models.UniqueConstraint(fields=('owner', 'listing'), name='catalog_wish_once'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(models.F('rank'), models.F('listing'), name='catalog_index_all_rank'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(models.F('price'), models.F('listing'), name='catalog_index_all_price'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(models.F('newest'), models.F('listing'), name='catalog_index_all_newest'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(models.F('rating'), models.F('listing'), name='catalog_index_all_rating'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(models.F('category'), models.F('rank'), models.F('listing'), name='catalog_index_category_rank'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(models.F('category'), models.F('price'), models.F('listing'), name='catalog_index_category_price'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(models.F('category'), models.F('newest'), models.F('listing'), name='catalog_index_category_newest'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(models.F('category'), models.F('rating'), models.F('listing'), name='catalog_index_category_rating'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(models.F('group'), models.F('rank'), models.F('listing'), name='catalog_index_group_rank'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(models.F('group'), models.F('price'), models.F('listing'), name='catalog_index_group_price'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(models.F('group'), models.F('newest'), models.F('listing'), name='catalog_index_group_newest'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(models.F('group'), models.F('rating'), models.F('listing'), name='catalog_index_group_rating'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(models.F('merchant'), models.F('rank'), models.F('listing'), name='catalog_index_merchant_rank'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(models.F('merchant'), models.F('price'), models.F('listing'), name='catalog_index_merchant_price'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(models.F('merchant'), models.F('newest'), models.F('listing'), name='catalog_index_merchant_newest'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(models.F('merchant'), models.F('rating'), models.F('listing'), name='catalog_index_merchant_rating'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=models.Index(fields=['brand'], name='catalog_index_brand'),
        ),
        migrations.AddIndex(
            model_name='listingindex',
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['vector'], name='catalog_index_vector'),
        ),
    ]
