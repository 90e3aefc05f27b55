"""A debit that was written into a file stays in that file: another one would collect it twice."""

import importlib

from django.db import migrations

BEFORE = importlib.import_module("orders.migrations.0011_money_that_came_after_all").KEEPS
MOVED = "AND (OLD.paid_at IS NULL OR NEW.paid_at = OLD.paid_at)"
KEEPS = BEFORE.replace(MOVED, f"{MOVED}\n        AND (OLD.file_id IS NULL OR NEW.file_id IS NOT DISTINCT FROM OLD.file_id)")


class Migration(migrations.Migration):
    dependencies = [("orders", "0013_usable_cards")]

    operations = [migrations.RunSQL(KEEPS, BEFORE)]
