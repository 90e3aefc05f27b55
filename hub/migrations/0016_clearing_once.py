"""Whether a posting touches the clearing account of a settled collection is asked once a statement, not once a row: among
accounts made in the same transaction a look-up per row grew with their number."""

import importlib

from django.db import migrations

PER_ROW = importlib.import_module("hub.migrations.0011_find_settled")
CHECK_OF_ROW = f"""    IF EXISTS ({PER_ROW.FAST}) THEN
        RAISE EXCEPTION 'the collection is settled: its clearing account is closed' USING ERRCODE = 'restrict_violation';
    END IF;
"""
BEFORE = PER_ROW.replaced(PER_ROW.BEFORE.replace(PER_ROW.SLOW, PER_ROW.FAST))

CLEARING = """
CREATE FUNCTION cabas_guard_clearing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT debit_id AS id FROM posted UNION SELECT credit_id FROM posted) touched
               JOIN hub_account a ON a.id = touched.id AND a.code LIKE 'clearing:%'
               CROSS JOIN LATERAL (SELECT settled_at FROM hub_collection WHERE code = substr(a.code, 10) OFFSET 0) c
               WHERE c.settled_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the collection is settled: its clearing account is closed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER hub_transfer_clearing AFTER INSERT ON hub_transfer REFERENCING NEW TABLE AS posted
    FOR EACH STATEMENT EXECUTE FUNCTION cabas_guard_clearing();
"""


class Migration(migrations.Migration):
    dependencies = [("hub", "0015_stripe_movements")]
    operations = [
        migrations.RunSQL(CLEARING, "DROP TRIGGER hub_transfer_clearing ON hub_transfer; DROP FUNCTION cabas_guard_clearing();"),
        migrations.RunSQL(BEFORE.replace(CHECK_OF_ROW, ""), BEFORE),
    ]
