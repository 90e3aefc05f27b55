"""What the database refuses of books and collections: late or false postings, turned accounts, numbers given twice,
a count that never was."""

import importlib

from django.db import migrations

OWN_TIME_AND_TRUTH = """
CREATE FUNCTION cabas_guard_posting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE first hub_transfer%ROWTYPE;
BEGIN
    NEW.recorded_at := clock_timestamp();
    IF EXISTS (SELECT 1 FROM hub_account a JOIN hub_collection c ON a.code = 'clearing:' || c.code
               WHERE a.id IN (NEW.debit_id, NEW.credit_id) AND c.settled_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the collection is settled: its clearing account is closed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.reverses_id IS NOT NULL THEN
        SELECT * INTO first FROM hub_transfer WHERE id = NEW.reverses_id;
        IF (NEW.debit_id, NEW.credit_id, NEW.amount, NEW.currency)
            IS DISTINCT FROM (first.credit_id, first.debit_id, first.amount, first.currency) THEN
            RAISE EXCEPTION 'a reversal moves the same amount back' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hub_transfer_posting BEFORE INSERT ON hub_transfer FOR EACH ROW EXECUTE FUNCTION cabas_guard_posting();
"""

SAME_ACCOUNT = """
CREATE TRIGGER hub_account_keeps BEFORE UPDATE ON hub_account FOR EACH ROW
    WHEN ((NEW.id, NEW.code, NEW.kind, NEW.household_id) IS DISTINCT FROM (OLD.id, OLD.code, OLD.kind, OLD.household_id))
    EXECUTE FUNCTION cabas_refuse();
"""

NO_GAP = """
CREATE TRIGGER hub_series_counts BEFORE UPDATE ON hub_series FOR EACH ROW
    WHEN ((NEW.kind, NEW.issuer, NEW.year, NEW.last) IS DISTINCT FROM (OLD.kind, OLD.issuer, OLD.year, OLD.last + 1))
    EXECUTE FUNCTION cabas_refuse();
CREATE TRIGGER hub_series_stays BEFORE DELETE ON hub_series FOR EACH ROW EXECUTE FUNCTION cabas_refuse();
"""

# A state that was reached stays reached.
COLLECTION = """
CREATE TRIGGER hub_collection_keeps BEFORE UPDATE ON hub_collection FOR EACH ROW
    WHEN ((OLD.counted_at IS NOT NULL AND NEW.counted_at IS DISTINCT FROM OLD.counted_at)
        OR (OLD.confirmed_at IS NOT NULL AND NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at)
        OR (OLD.settled_at IS NOT NULL AND NEW.settled_at IS DISTINCT FROM OLD.settled_at)
        OR (OLD.cancelled_at IS NOT NULL AND NEW.cancelled_at IS DISTINCT FROM OLD.cancelled_at)
        OR NEW.point_id <> OLD.point_id)
    EXECUTE FUNCTION cabas_refuse();
"""

no_truncate = importlib.import_module("hub.migrations.0002_guards").no_truncate


class Migration(migrations.Migration):
    dependencies = [("hub", "0006_deadlines")]
    operations = [
        migrations.RunSQL(OWN_TIME_AND_TRUTH, "DROP TRIGGER hub_transfer_posting ON hub_transfer; DROP FUNCTION cabas_guard_posting();"),
        migrations.RunSQL(SAME_ACCOUNT, "DROP TRIGGER hub_account_keeps ON hub_account;"),
        migrations.RunSQL(NO_GAP, "DROP TRIGGER hub_series_counts ON hub_series; DROP TRIGGER hub_series_stays ON hub_series;"),
        migrations.RunSQL(COLLECTION, "DROP TRIGGER hub_collection_keeps ON hub_collection;"),
        *(no_truncate(table) for table in ("hub_account", "hub_series", "hub_collection", "hub_household")),
    ]
