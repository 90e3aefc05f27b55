"""A line of the bank stays; of a household that was erased it no longer says who paid, how the bank called them, or from where."""

from django.db import migrations

# Runs as the owner of the tables, as the purge of sheets does: the application's role can forget payers and do nothing else
# to a line.
FORGET = """
CREATE FUNCTION cabas_forget_payers(household bigint) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE forgotten integer;
BEGIN
    UPDATE distribution_bankline l SET label = '', party = '', party_iban = '', end_to_end = ''
    WHERE l.label <> '' AND EXISTS (SELECT 1 FROM hub_household h WHERE h.id = household AND h.erased_at IS NOT NULL)
      AND EXISTS (
          SELECT 1 FROM distribution_bankmatch m LEFT JOIN hub_transfer t ON t.id = m.linked_id
          LEFT JOIN hub_account a ON a.id IN (t.debit_id, t.credit_id) AND a.household_id = household
          WHERE m.line_id = l.id AND m.undone_at IS NULL AND (m.household_id = household OR a.id IS NOT NULL));
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;
"""

GUARD = """
CREATE FUNCTION cabas_guard_bank_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.label, NEW.party, NEW.party_iban, NEW.end_to_end) = ('', '', '', '')
        AND current_user = (SELECT tableowner FROM pg_tables WHERE schemaname = TG_TABLE_SCHEMA AND tablename = TG_TABLE_NAME)
        AND to_jsonb(NEW) - 'label' - 'party' - 'party_iban' - 'end_to_end'
            = to_jsonb(OLD) - 'label' - 'party' - 'party_iban' - 'end_to_end'
        AND EXISTS (
            SELECT 1 FROM distribution_bankmatch m LEFT JOIN hub_transfer t ON t.id = m.linked_id
            LEFT JOIN hub_account a ON a.id IN (t.debit_id, t.credit_id)
            JOIN hub_household h ON h.id IN (m.household_id, a.household_id)
            WHERE m.line_id = OLD.id AND m.undone_at IS NULL AND h.erased_at IS NOT NULL) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a line of the bank is never changed: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER distribution_bankline_append_only ON distribution_bankline;
CREATE TRIGGER distribution_bankline_keeps BEFORE UPDATE OR DELETE ON distribution_bankline
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_bank_line();
"""
WITHOUT = """
DROP TRIGGER distribution_bankline_keeps ON distribution_bankline; DROP FUNCTION cabas_guard_bank_line();
CREATE TRIGGER distribution_bankline_append_only BEFORE UPDATE OR DELETE ON distribution_bankline
    FOR EACH ROW EXECUTE FUNCTION cabas_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("distribution", "0018_credit_notes_of_corrections")]
    operations = [
        migrations.RunSQL(FORGET, "DROP FUNCTION cabas_forget_payers(bigint);"),
        migrations.RunSQL(GUARD, WITHOUT),
    ]
