"""What was agreed and what was told cannot be rewritten: triggers refuse it, whoever tries."""

from django.db import migrations

from marketplace.kernel.frozen import frozen

# table → columns that may still change
FROZEN = {
    "orders_contractsnapshot": (),
    "orders_invoice": (),
    "orders_orderline": ("variant_id",),  # a variant may disappear from the catalogue
    "orders_paymentevent": ("payment_id", "applied_at"),
    "orders_refund": ("state", "provider_ref", "failure", "done_at"),
    "orders_sentmail": (),
}


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]
    operations = [*frozen(FROZEN)]
