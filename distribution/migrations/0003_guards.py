"""What the database refuses after the deadline: changing sheets, statements and recorded changes."""

import importlib

from django.db import migrations

guard = importlib.import_module("hub.migrations.0002_guards").guard

MOVE_DUE = """
CREATE FUNCTION cabas_move_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE orders_orderline SET due = due + NEW.delta WHERE id = NEW.line_id;
    RETURN NEW;
END $$;
CREATE TRIGGER distribution_linechange_moves AFTER INSERT ON distribution_linechange
    FOR EACH ROW EXECUTE FUNCTION cabas_move_due();
"""

# The purge empties a sheet's content and nothing else, once, weeks after it was frozen.
SHEET = """
CREATE FUNCTION cabas_guard_sheet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.purged_at IS NULL AND NEW.purged_at IS NOT NULL AND NEW.content = '{}'::jsonb
        AND OLD.extracted_at < now() - interval '4 weeks'
        AND (NEW.id, NEW.kind, NEW.collection_id, NEW.week, NEW.producer_id, NEW.version, NEW.sha256, NEW.extracted_at)
            IS NOT DISTINCT FROM
            (OLD.id, OLD.kind, OLD.collection_id, OLD.week, OLD.producer_id, OLD.version, OLD.sha256, OLD.extracted_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a sheet is frozen: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER distribution_sheet_frozen BEFORE UPDATE OR DELETE ON distribution_sheet
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_sheet();
CREATE TRIGGER distribution_sheet_no_truncate BEFORE TRUNCATE ON distribution_sheet
    FOR EACH STATEMENT EXECUTE FUNCTION cabas_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("distribution", "0002_initial"), ("orders", "0002_guards"), ("hub", "0002_guards")]
    operations = [
        migrations.RunSQL(MOVE_DUE, "DROP TRIGGER distribution_linechange_moves ON distribution_linechange; DROP FUNCTION cabas_move_due();"),
        migrations.RunSQL(
            SHEET,
            "DROP TRIGGER distribution_sheet_frozen ON distribution_sheet;"
            "DROP TRIGGER distribution_sheet_no_truncate ON distribution_sheet; DROP FUNCTION cabas_guard_sheet();",
        ),
        guard("distribution_linechange"),
        guard("distribution_statement"),
        guard("distribution_statementblock"),
    ]
