"""What the database refuses of an order line: other prices after placing, other quantities after the count."""

from django.db import migrations

LINE = """
CREATE FUNCTION cabas_guard_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE counted boolean;
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.order_id, NEW.collection_id, NEW.kind, NEW.producer_id, NEW.product_id, NEW.packaging_id,
            NEW.name, NEW.label, NEW.reference, NEW.unit, NEW.zone, NEW.content, NEW.weighed, NEW.max_content, NEW.unit_price,
            NEW.deposit, NEW.vat_rate, NEW.vat_reason, NEW.host_rate, NEW.hub_rate, NEW.currency)
        IS DISTINCT FROM (OLD.order_id, OLD.collection_id, OLD.kind, OLD.producer_id, OLD.product_id, OLD.packaging_id,
            OLD.name, OLD.label, OLD.reference, OLD.unit, OLD.zone, OLD.content, OLD.weighed, OLD.max_content, OLD.unit_price,
            OLD.deposit, OLD.vat_rate, OLD.vat_reason, OLD.host_rate, OLD.hub_rate, OLD.currency) THEN
        RAISE EXCEPTION 'an order line keeps its names, prices and rates' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.quantity = OLD.quantity AND NEW.due = OLD.due THEN
        RETURN NEW;
    END IF;
    SELECT counted_at IS NOT NULL INTO counted FROM hub_collection
        WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.collection_id ELSE NEW.collection_id END;
    IF NOT counted THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        IF NEW.due <> NEW.quantity THEN
            RAISE EXCEPTION 'before the count, what is due is what is ordered' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a counted order line is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' AND NEW.kind = 'weekly' AND (NEW.quantity <> 0 OR NEW.due <> 0) THEN
        RAISE EXCEPTION 'after the count a line is added by a change' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.quantity <> OLD.quantity THEN
        RAISE EXCEPTION 'a counted quantity does not change' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.due <> OLD.due AND pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'what is due moves by a recorded change' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_orderline_guard BEFORE INSERT OR UPDATE OR DELETE ON orders_orderline
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_line();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial"), ("hub", "0002_guards")]
    operations = [
        migrations.RunSQL(LINE, "DROP TRIGGER orders_orderline_guard ON orders_orderline; DROP FUNCTION cabas_guard_line();")
    ]
