"""What the database refuses of orders: other amounts once settled, another owner ever, money that was never taken."""

import importlib

from django.db import migrations

LINE = """
CREATE TRIGGER orders_orderline_settled BEFORE UPDATE ON orders_orderline FOR EACH ROW
    WHEN (OLD.final_amount IS NOT NULL
        AND (NEW.due, NEW.delivered, NEW.weight_g, NEW.expected_amount, NEW.maximum_amount, NEW.final_amount,
             NEW.producer_share, NEW.host_share, NEW.hub_share)
        IS DISTINCT FROM (OLD.due, OLD.delivered, OLD.weight_g, OLD.expected_amount, OLD.maximum_amount, OLD.final_amount,
             OLD.producer_share, OLD.host_share, OLD.hub_share))
    EXECUTE FUNCTION cabas_refuse();
CREATE FUNCTION cabas_guard_settled_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM orders_order WHERE id = NEW.order_id AND settled_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a settled order takes no more lines' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_orderline_late BEFORE INSERT ON orders_orderline
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_settled_order();
"""

ORDER = """
CREATE TRIGGER orders_order_keeps BEFORE UPDATE ON orders_order FOR EACH ROW
    WHEN ((NEW.id, NEW.code, NEW.household_id, NEW.collection_id)
            IS DISTINCT FROM (OLD.id, OLD.code, OLD.household_id, OLD.collection_id)
        OR (OLD.settled_at IS NOT NULL
            AND (NEW.settled_at, NEW.cancelled_at, NEW.basket_number, NEW.expected_total, NEW.maximum_total, NEW.final_total)
            IS DISTINCT FROM
                (OLD.settled_at, OLD.cancelled_at, OLD.basket_number, OLD.expected_total, OLD.maximum_total, OLD.final_total)))
    EXECUTE FUNCTION cabas_refuse();
"""

PAYMENT = """
CREATE TRIGGER orders_payment_keeps BEFORE UPDATE ON orders_payment FOR EACH ROW
    WHEN (OLD.undone_at IS NOT NULL OR (NEW.key, NEW.household_id, NEW.order_id, NEW.point_id, NEW.means, NEW.amount, NEW.received_at)
        IS DISTINCT FROM (OLD.key, OLD.household_id, OLD.order_id, OLD.point_id, OLD.means, OLD.amount, OLD.received_at))
    EXECUTE FUNCTION cabas_refuse();
CREATE TRIGGER orders_payment_stays BEFORE DELETE ON orders_payment FOR EACH ROW EXECUTE FUNCTION cabas_refuse();
"""

no_truncate = importlib.import_module("hub.migrations.0002_guards").no_truncate


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_wish_sent_at"), ("hub", "0007_guard_books")]
    operations = [
        migrations.RunSQL(
            LINE,
            "DROP TRIGGER orders_orderline_settled ON orders_orderline; DROP TRIGGER orders_orderline_late ON orders_orderline;"
            "DROP FUNCTION cabas_guard_settled_order();",
        ),
        migrations.RunSQL(ORDER, "DROP TRIGGER orders_order_keeps ON orders_order;"),
        migrations.RunSQL(
            PAYMENT, "DROP TRIGGER orders_payment_keeps ON orders_payment; DROP TRIGGER orders_payment_stays ON orders_payment;"
        ),
        *(no_truncate(table) for table in ("orders_order", "orders_orderline", "orders_payment")),
    ]
