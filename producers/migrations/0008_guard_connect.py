"""A farm's account at Stripe stays the one that was opened for it: transfers go there."""

import importlib

from django.db import migrations

KEEPS = """
CREATE TRIGGER producers_connectaccount_keeps BEFORE UPDATE ON producers_connectaccount FOR EACH ROW
    WHEN ((NEW.id, NEW.producer_id, NEW.account, NEW.made_at) IS DISTINCT FROM (OLD.id, OLD.producer_id, OLD.account, OLD.made_at))
    EXECUTE FUNCTION cabas_refuse();
CREATE TRIGGER producers_connectaccount_stays BEFORE DELETE ON producers_connectaccount
    FOR EACH ROW EXECUTE FUNCTION cabas_refuse();
"""
FREE = """
DROP TRIGGER producers_connectaccount_keeps ON producers_connectaccount;
DROP TRIGGER producers_connectaccount_stays ON producers_connectaccount;
"""

no_truncate = importlib.import_module("hub.migrations.0002_guards").no_truncate


class Migration(migrations.Migration):
    dependencies = [("producers", "0007_payees"), ("hub", "0017_guard_stripe")]
    operations = [migrations.RunSQL(KEEPS, FREE), no_truncate("producers_connectaccount")]
