"""VAT collected on fees is owed to the state: its account is a liability, not income."""

from django.db import migrations

OWED = "UPDATE hub_account SET kind = 'liability' WHERE code = 'hub:vat'"
EARNED = "UPDATE hub_account SET kind = 'income' WHERE code = 'hub:vat'"


class Migration(migrations.Migration):
    dependencies = [("hub", "0003_cache_table")]
    operations = [migrations.RunSQL(OWED, EARNED)]
