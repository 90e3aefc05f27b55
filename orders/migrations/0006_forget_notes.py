"""The note on a payment may be forgotten, as when a household is erased, even if the payment was taken back."""

from django.db import migrations

KEEPS = """
DROP TRIGGER orders_payment_keeps ON orders_payment;
CREATE TRIGGER orders_payment_keeps BEFORE UPDATE ON orders_payment FOR EACH ROW
    WHEN ((OLD.undone_at IS NOT NULL AND NEW.undone_at IS DISTINCT FROM OLD.undone_at)
        OR (NEW.key, NEW.household_id, NEW.order_id, NEW.point_id, NEW.means, NEW.amount, NEW.received_at)
        IS DISTINCT FROM (OLD.key, OLD.household_id, OLD.order_id, OLD.point_id, OLD.means, OLD.amount, OLD.received_at))
    EXECUTE FUNCTION cabas_refuse();
"""
BEFORE = KEEPS.replace("(OLD.undone_at IS NOT NULL AND NEW.undone_at IS DISTINCT FROM OLD.undone_at)", "OLD.undone_at IS NOT NULL")


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_cards")]
    operations = [migrations.RunSQL(KEEPS, BEFORE)]
