"""A sum that was given up counts when it was paid all the same, one marked as refused by mistake counts too, and what was
announced of a debit changes only with another announcement."""

import importlib

from django.db import migrations, models

BEFORE = importlib.import_module("orders.migrations.0009_debits").KEEPS

KEEPS = """
CREATE OR REPLACE FUNCTION cabas_guard_topup() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.household_id, NEW.code, NEW.amount, NEW.means) = (OLD.household_id, OLD.code, OLD.amount, OLD.means)
        AND (NEW.state = OLD.state OR (OLD.state, NEW.state) IN (
                ('due', 'processing'), ('due', 'paid'), ('due', 'failed'), ('due', 'cancelled'),
                ('processing', 'paid'), ('processing', 'failed'), ('paid', 'returned'))
            OR (OLD.state = 'cancelled' AND NEW.state IN ('processing', 'paid') AND NEW.stripe_id <> '')
            OR (OLD.state = 'failed' AND NEW.state = 'paid' AND OLD.file_id IS NOT NULL))
        AND (OLD.paid_at IS NULL OR NEW.paid_at = OLD.paid_at)
        AND (OLD.announced_at IS NULL OR (OLD.state = 'due' AND NEW.announced_at IS DISTINCT FROM OLD.announced_at)
            OR (NEW.announced_at, NEW.due_on, NEW.mandate_id) IS NOT DISTINCT FROM (OLD.announced_at, OLD.due_on, OLD.mandate_id))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""

# Debits that were given up while Stripe was being asked: it knows them, so they are heard of again.
HEARD = """
UPDATE orders_topup u SET state = 'processing', ended_at = NULL, stripe_id = c.stripe_id FROM hub_stripecall c
WHERE c.key = 'debit:' || u.code AND c.state = 'done' AND u.state = 'cancelled' AND u.announced_at IS NOT NULL
"""


class Migration(migrations.Migration):

    dependencies = [("hub", "0016_clearing_once"), ("orders", "0010_guard_cards")]

    operations = [
        migrations.AddField(
            "topup", "sequence", models.CharField(blank=True, help_text="FRST or RCUR, as the file said", max_length=4)
        ),
        migrations.RunSQL(KEEPS, BEFORE.partition("CREATE TRIGGER")[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
        migrations.RunSQL(HEARD, migrations.RunSQL.noop),
    ]
