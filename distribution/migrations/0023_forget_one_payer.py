"""A line of the bank that tells of several households keeps what it says of those who are there: of the erased one, its names,
its account and its references go. Once nobody of the line is there any more, it is emptied as before."""

import importlib

from django.db import migrations, models

BEFORE = importlib.import_module("distribution.migrations.0019_forget_payers")

PAYERS = """
CREATE FUNCTION cabas_payers(line bigint) RETURNS SETOF bigint LANGUAGE sql STABLE SET search_path = public AS $$
    SELECT m.household_id FROM distribution_bankmatch m
    WHERE m.line_id = line AND m.undone_at IS NULL AND m.household_id IS NOT NULL
    UNION
    SELECT a.household_id FROM distribution_bankmatch m JOIN hub_transfer t ON t.id = m.linked_id
    JOIN hub_account a ON a.id IN (t.debit_id, t.credit_id)
    WHERE m.line_id = line AND m.undone_at IS NULL AND a.household_id IS NOT NULL
$$;
"""

# `words` are letters and digits alone. Banks write names without accents: they are looked for both ways.
FORGET = """
DROP FUNCTION cabas_forget_payers(bigint);
CREATE FUNCTION cabas_forget_payers(household bigint, words text[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE forgotten integer; named text;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM hub_household h WHERE h.id = household AND h.erased_at IS NOT NULL) THEN
        RETURN 0;
    END IF;
    SELECT coalesce('\m(' || string_agg(w || '|' || unaccent(w), '|') || ')\M', 'a^') INTO named
    FROM unnest(words) w WHERE w ~ '^[[:alnum:]]{3,}$';
    WITH theirs AS (
        SELECT DISTINCT m.line_id FROM distribution_bankmatch m LEFT JOIN hub_transfer t ON t.id = m.linked_id
        LEFT JOIN hub_account a ON a.id IN (t.debit_id, t.credit_id) AND a.household_id = household
        WHERE m.undone_at IS NULL AND (m.household_id = household OR a.id IS NOT NULL)),
    lines AS (
        SELECT i.line_id, l.party ~* named OR (l.party = '' AND l.label ~* named) AS paid,
               NOT EXISTS (SELECT 1 FROM cabas_payers(i.line_id) p JOIN hub_household h ON h.id = p AND h.erased_at IS NULL) AS alone
        FROM theirs i JOIN distribution_bankline l ON l.id = i.line_id)
    UPDATE distribution_bankline l
    SET label = CASE WHEN s.alone THEN '' ELSE regexp_replace(l.label, named, '…', 'gi') END,
        party = CASE WHEN s.alone OR s.paid THEN '' ELSE l.party END,
        party_iban = CASE WHEN s.alone OR s.paid THEN '' ELSE l.party_iban END,
        end_to_end = CASE WHEN s.alone OR s.paid THEN '' ELSE l.end_to_end END
    FROM lines s WHERE s.line_id = l.id AND l.label <> '' AND (s.alone OR s.paid OR l.label ~* named);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;
"""

GUARD = """
CREATE OR REPLACE FUNCTION cabas_guard_bank_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND current_user = (SELECT tableowner FROM pg_tables WHERE schemaname = TG_TABLE_SCHEMA AND tablename = TG_TABLE_NAME)
        AND to_jsonb(NEW) - 'label' - 'party' - 'party_iban' - 'end_to_end'
            = to_jsonb(OLD) - 'label' - 'party' - 'party_iban' - 'end_to_end'
        AND EXISTS (SELECT 1 FROM cabas_payers(OLD.id) p JOIN hub_household h ON h.id = p AND h.erased_at IS NOT NULL)
        AND NEW.party IN ('', OLD.party) AND NEW.party_iban IN ('', OLD.party_iban) AND NEW.end_to_end IN ('', OLD.end_to_end)
        AND (CASE WHEN EXISTS (SELECT 1 FROM cabas_payers(OLD.id) p JOIN hub_household h ON h.id = p AND h.erased_at IS NULL)
            THEN NEW.label = OLD.label OR (NEW.label LIKE '%…%' AND length(NEW.label) < length(OLD.label))
            ELSE (NEW.label, NEW.party, NEW.party_iban, NEW.end_to_end) = ('', '', '', '') END)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a line of the bank is never changed: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""
GUARD_BEFORE = BEFORE.GUARD.partition("DROP TRIGGER")[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("distribution", "0022_papers_of_points")]
    operations = [
        migrations.RunSQL(PAYERS, "DROP FUNCTION cabas_payers(bigint);"),
        migrations.RunSQL(FORGET, "DROP FUNCTION cabas_forget_payers(bigint, text[]);" + BEFORE.FORGET),
        migrations.RunSQL(GUARD, GUARD_BEFORE),
        migrations.AlterField(
            "refund",
            "send_to",
            models.CharField(
                blank=True, help_text="An IBAN; empty, the treasurer asks.", max_length=60, verbose_name="account to send it to"
            ),
        ),
    ]
