"""A card that can be charged says its brand and last month: an account for debits is none."""

from django.db import migrations, models
from django.db.models import Q

# What was kept as a card although it was none could never be charged.
NONE = "UPDATE orders_savedcard SET removed_at = now() WHERE removed_at IS NULL AND (brand = '' OR expires = '')"


class Migration(migrations.Migration):
    dependencies = [("orders", "0012_told_uncharged")]

    operations = [
        migrations.RunSQL(NONE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "savedcard",
            models.CheckConstraint(
                condition=Q(removed_at__isnull=False) | ~Q(brand="") & ~Q(expires=""),
                name="orders_savedcard_usable_is_a_card",
                violation_error_message="This is no card.",
            ),
        ),
    ]
