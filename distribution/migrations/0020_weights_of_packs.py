"""A weight is that of the packs that are left; and nothing is handed over before the lists are frozen."""

from django.db import migrations

PACKS = """
CREATE FUNCTION cabas_forget_weight() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE orders_orderline SET weight_g = NULL WHERE id = coalesce(NEW.line_id, OLD.line_id) AND weight_g IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER distribution_shortage_weighs_anew AFTER INSERT OR DELETE ON distribution_shortage
    FOR EACH ROW EXECUTE FUNCTION cabas_forget_weight();
CREATE TRIGGER distribution_shortage_changed_weighs_anew AFTER UPDATE ON distribution_shortage
    FOR EACH ROW WHEN (NEW.quantity <> OLD.quantity) EXECUTE FUNCTION cabas_forget_weight();
CREATE FUNCTION cabas_forget_weight_of_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.weight_g := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_orderline_weighs_anew BEFORE UPDATE OF due ON orders_orderline
    FOR EACH ROW WHEN (NEW.due <> OLD.due AND NEW.weight_g IS NOT NULL) EXECUTE FUNCTION cabas_forget_weight_of_due();
"""

FROZEN = """
CREATE FUNCTION cabas_guard_handover() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM distribution_closing WHERE collection_id = NEW.id AND frozen_at IS NULL) THEN
        RAISE EXCEPTION 'nothing is handed over before the lists are frozen' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hub_collection_handed_over_when_frozen BEFORE UPDATE OF status ON hub_collection
    FOR EACH ROW WHEN (NEW.status IN ('in_progress', 'confirmed') AND NEW.status <> OLD.status)
    EXECUTE FUNCTION cabas_guard_handover();
"""

UNDO = """
DROP TRIGGER hub_collection_handed_over_when_frozen ON hub_collection;
DROP FUNCTION cabas_guard_handover();
DROP TRIGGER orders_orderline_weighs_anew ON orders_orderline;
DROP FUNCTION cabas_forget_weight_of_due();
DROP TRIGGER distribution_shortage_changed_weighs_anew ON distribution_shortage;
DROP TRIGGER distribution_shortage_weighs_anew ON distribution_shortage;
DROP FUNCTION cabas_forget_weight();
"""


class Migration(migrations.Migration):
    """Triggers of shortages, lines and collections."""

    dependencies = [("distribution", "0019_forget_payers")]
    operations = [migrations.RunSQL(PACKS + FROZEN, UNDO)]
