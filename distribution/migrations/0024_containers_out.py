"""No more containers come back than went out, whoever brings them."""

from django.db import migrations

OUT = """
CREATE FUNCTION cabas_guard_containers_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(4212, NEW.producer_id::int);
    IF NEW.count
        + (SELECT coalesce(sum(r.count), 0) FROM distribution_containerreturn r
           WHERE r.producer_id = NEW.producer_id AND r.deposit = NEW.deposit AND r.undone_at IS NULL)
        > (SELECT coalesce(sum(l.delivered), 0) FROM orders_orderline l
           JOIN orders_order o ON o.id = l.order_id AND o.settled_at IS NOT NULL
           WHERE l.producer_id = NEW.producer_id AND l.deposit = NEW.deposit) THEN
        RAISE EXCEPTION 'more containers come back than are out' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER distribution_containerreturn_of_those_out BEFORE INSERT ON distribution_containerreturn
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_containers_out();
"""


class Migration(migrations.Migration):

    dependencies = [("distribution", "0023_forget_one_payer")]

    operations = [
        migrations.RunSQL(
            OUT,
            "DROP TRIGGER distribution_containerreturn_of_those_out ON distribution_containerreturn;"
            " DROP FUNCTION cabas_guard_containers_out();",
        )
    ]
