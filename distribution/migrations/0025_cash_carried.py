"""Cash and local currency that were carried to the bank are not taken back out of a box that no longer holds them."""

from django.db import migrations

CARRIED = """
CREATE FUNCTION cabas_guard_carried() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE box bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(4211, NEW.point_id::int);
    SELECT a.id INTO box FROM hub_account a JOIN hub_collectionpoint p ON a.code = NEW.means || ':' || p.code
        WHERE p.id = NEW.point_id;
    IF (SELECT coalesce(sum(CASE WHEN debit_id = box THEN amount ELSE -amount END), 0) FROM hub_transfer
        WHERE box IN (debit_id, credit_id)) < 0 THEN
        RAISE EXCEPTION 'the box no longer holds this money' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_payment_in_the_box BEFORE UPDATE OF undone_at ON orders_payment FOR EACH ROW
    WHEN (NEW.undone_at IS NOT NULL AND OLD.undone_at IS NULL AND NEW.means IN ('cash', 'local'))
    EXECUTE FUNCTION cabas_guard_carried();
"""


class Migration(migrations.Migration):

    dependencies = [("distribution", "0024_containers_out")]

    operations = [
        migrations.RunSQL(
            CARRIED, "DROP TRIGGER orders_payment_in_the_box ON orders_payment; DROP FUNCTION cabas_guard_carried();"
        )
    ]
