"""What the database refuses of sheets, changes, statements and payouts that come too late, too early or twice; and the purge."""

import importlib

from django.db import migrations

# A sheet follows the one before it, of a collection that was counted; only the purge may empty one.
SHEET = """
CREATE FUNCTION cabas_guard_new_sheet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.purged_at IS NOT NULL OR NEW.version <> 1 + coalesce((
            SELECT max(version) FROM distribution_sheet
            WHERE (kind, collection_id, week, producer_id)
                IS NOT DISTINCT FROM (NEW.kind, NEW.collection_id, NEW.week, NEW.producer_id)), 0) THEN
        RAISE EXCEPTION 'a sheet is the next version of the one before' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.collection_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM hub_collection WHERE id = NEW.collection_id AND counted_at IS NOT NULL) THEN
        RAISE EXCEPTION 'sheets are made once a collection is counted' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER distribution_sheet_next BEFORE INSERT ON distribution_sheet
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_new_sheet();
"""

CHANGE = """
CREATE FUNCTION cabas_guard_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM hub_collection WHERE id = NEW.collection_id AND confirmed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a confirmed collection does not change any more' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER distribution_linechange_in_time BEFORE INSERT ON distribution_linechange
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_change();
"""

BLOCK = """
CREATE FUNCTION cabas_guard_block() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM hub_collection WHERE id = NEW.collection_id AND settled_at IS NOT NULL)
        OR NOT EXISTS (SELECT 1 FROM distribution_statement WHERE id = NEW.statement_id AND producer_id = NEW.producer_id) THEN
        RAISE EXCEPTION 'a statement tells a farm of its settled sales' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER distribution_statementblock_settled BEFORE INSERT ON distribution_statementblock
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_block();
"""

PAID = """
CREATE TRIGGER distribution_payout_keeps BEFORE UPDATE ON distribution_payout FOR EACH ROW
    WHEN ((NEW.statement_id, NEW.producer_id, NEW.amount) IS DISTINCT FROM (OLD.statement_id, OLD.producer_id, OLD.amount)
        OR (OLD.paid_at IS NOT NULL
            AND (NEW.paid_at, NEW.paid_by_id, NEW.iban) IS DISTINCT FROM (OLD.paid_at, OLD.paid_by_id, OLD.iban)))
    EXECUTE FUNCTION cabas_refuse();
CREATE TRIGGER distribution_payout_stays BEFORE DELETE ON distribution_payout FOR EACH ROW EXECUTE FUNCTION cabas_refuse();
CREATE TRIGGER distribution_refund_keeps BEFORE UPDATE ON distribution_refund FOR EACH ROW
    WHEN ((NEW.household_id, NEW.collection_id, NEW.amount) IS DISTINCT FROM (OLD.household_id, OLD.collection_id, OLD.amount)
        OR (OLD.paid_at IS NOT NULL AND (NEW.paid_at, NEW.choice) IS DISTINCT FROM (OLD.paid_at, OLD.choice)))
    EXECUTE FUNCTION cabas_refuse();
CREATE TRIGGER distribution_refund_stays BEFORE DELETE ON distribution_refund FOR EACH ROW EXECUTE FUNCTION cabas_refuse();
"""
UNPAID = """
DROP TRIGGER distribution_payout_keeps ON distribution_payout; DROP TRIGGER distribution_payout_stays ON distribution_payout;
DROP TRIGGER distribution_refund_keeps ON distribution_refund; DROP TRIGGER distribution_refund_stays ON distribution_refund;
"""

# Runs as the owner of the tables, so that the application's role can purge and do nothing else to a sheet.
PURGE = """
CREATE FUNCTION cabas_purge_sheets(greatest_number integer)
    RETURNS TABLE (id bigint, collection_id bigint, kind varchar, version integer, sha256 varchar)
    LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    UPDATE distribution_sheet s SET content = '{}'::jsonb, purged_at = now()
    WHERE s.id IN (
        SELECT old.id FROM distribution_sheet old
        WHERE old.purged_at IS NULL
          AND old.extracted_at < now() - greatest(4, coalesce((SELECT sheet_weeks FROM hub_hub LIMIT 1), 26)) * interval '1 week'
        ORDER BY old.id LIMIT greatest_number)
    RETURNING s.id, s.collection_id, s.kind, s.version, s.sha256
$$;
"""

GUARD = """
CREATE OR REPLACE FUNCTION cabas_guard_sheet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.purged_at IS NULL AND NEW.purged_at IS NOT NULL AND NEW.content = '{}'::jsonb
        AND current_user = (SELECT tableowner FROM pg_tables WHERE schemaname = TG_TABLE_SCHEMA AND tablename = TG_TABLE_NAME)
        AND OLD.extracted_at < now() - interval '4 weeks'
        AND (NEW.id, NEW.kind, NEW.collection_id, NEW.week, NEW.producer_id, NEW.version, NEW.sha256, NEW.extracted_at)
            IS NOT DISTINCT FROM
            (OLD.id, OLD.kind, OLD.collection_id, OLD.week, OLD.producer_id, OLD.version, OLD.sha256, OLD.extracted_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a sheet is frozen: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""
WITHOUT_OWNER = GUARD.replace(
    "        AND current_user = (SELECT tableowner FROM pg_tables WHERE schemaname = TG_TABLE_SCHEMA AND tablename = TG_TABLE_NAME)\n", ""
)

guards = importlib.import_module("hub.migrations.0002_guards")


class Migration(migrations.Migration):
    dependencies = [("distribution", "0003_guards"), ("orders", "0004_guard_settled")]
    operations = [
        migrations.RunSQL(SHEET, "DROP TRIGGER distribution_sheet_next ON distribution_sheet; DROP FUNCTION cabas_guard_new_sheet();"),
        migrations.RunSQL(
            CHANGE, "DROP TRIGGER distribution_linechange_in_time ON distribution_linechange; DROP FUNCTION cabas_guard_change();"
        ),
        migrations.RunSQL(
            BLOCK, "DROP TRIGGER distribution_statementblock_settled ON distribution_statementblock; DROP FUNCTION cabas_guard_block();"
        ),
        migrations.RunSQL(PAID, UNPAID),
        migrations.RunSQL(GUARD, WITHOUT_OWNER),
        migrations.RunSQL(PURGE, "DROP FUNCTION cabas_purge_sheets(integer);"),
        guards.guard("distribution_confirmation"),
        *(guards.no_truncate(table) for table in ("distribution_payout", "distribution_refund", "distribution_closing")),
    ]
