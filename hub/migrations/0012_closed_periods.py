"""Closed days, months and years: counted and chained by the database, and open to no entry any more."""

import importlib

import djmoney.models.fields
import djmoney.money
from django.db import migrations, models

guard = importlib.import_module("hub.migrations.0002_guards").guard

# An entry as it is chained: everything about it, as JSON that stays the same whatever its memo holds.
AS_CHAINED = """
CREATE FUNCTION cabas_chained(t hub_transfer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT json_build_array(t.id, t.reference, d.code, c.code, t.amount::text, t.currency, t.memo,
               to_char(t.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               to_char(t.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               t.collection_id, t.reverses_id, t.by_id)::text
    FROM hub_account d, hub_account c WHERE d.id = t.debit_id AND c.id = t.credit_id
$$;
"""

CHAIN = """
CREATE FUNCTION cabas_close_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last hub_closedperiod%ROWTYPE; part text; lines text; until timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(4220, 0);  -- until everybody who is posting has finished
    IF EXISTS (SELECT 1 FROM hub_closedperiod WHERE kind = NEW.kind AND code = NEW.code) THEN
        RETURN NULL;
    END IF;
    IF NEW.ends > clock_timestamp() THEN
        RAISE EXCEPTION 'a period is closed after it has ended' USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT * INTO last FROM hub_closedperiod WHERE kind = NEW.kind ORDER BY ends DESC LIMIT 1;
    IF NEW.kind = 'day' THEN
        IF last.id IS NULL AND EXISTS (SELECT 1 FROM hub_transfer WHERE occurred_at < NEW.begins) THEN
            RAISE EXCEPTION 'the first closed day is that of the first entry' USING ERRCODE = 'restrict_violation';
        END IF;
        SELECT count(*), coalesce(sum(t.amount), 0), coalesce(string_agg(cabas_chained(t), E'\\n' ORDER BY t.id), '')
            INTO NEW.entries, NEW.total, lines
            FROM hub_transfer t WHERE t.occurred_at >= NEW.begins AND t.occurred_at < NEW.ends;
    ELSE
        part := CASE NEW.kind WHEN 'month' THEN 'day' ELSE 'month' END;
        SELECT min(begins), max(ends), sum(entries), sum(total), string_agg(code || ' ' || digest, E'\\n' ORDER BY ends)
            INTO NEW.begins, until, NEW.entries, NEW.total, lines
            FROM hub_closedperiod WHERE kind = part AND begins >= NEW.begins AND ends <= NEW.ends;
        IF until IS DISTINCT FROM NEW.ends THEN
            RAISE EXCEPTION 'a month closes with its last day, a year with its last month' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    IF last.id IS NOT NULL AND last.ends <> NEW.begins THEN
        RAISE EXCEPTION 'a period follows the one before it' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.previous := coalesce(last.digest, repeat('0', 64));
    NEW.perpetual := coalesce(last.perpetual, 0) + NEW.total;
    NEW.digest := encode(sha256(convert_to(concat_ws(E'\\n', NEW.previous, NEW.kind || ' ' || NEW.code, NEW.entries,
                                                     NEW.total, NEW.perpetual, lines), 'UTF8')), 'hex');
    RETURN NEW;
END $$;
CREATE TRIGGER hub_closedperiod_chains BEFORE INSERT ON hub_closedperiod FOR EACH ROW EXECUTE FUNCTION cabas_close_period();
"""

# One look per statement, however many entries it posts.
OPEN_DAYS = """
CREATE FUNCTION cabas_guard_open_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(4220, 0);
    IF EXISTS (SELECT 1 FROM posted WHERE occurred_at < (SELECT ends FROM hub_closedperiod WHERE kind = 'day'
                                                         ORDER BY ends DESC LIMIT 1)) THEN
        RAISE EXCEPTION 'the day is closed: it receives no entry any more'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'hub_transfer_open_day';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER hub_transfer_open_day AFTER INSERT ON hub_transfer REFERENCING NEW TABLE AS posted
    FOR EACH STATEMENT EXECUTE FUNCTION cabas_guard_open_day();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('hub', '0011_find_settled'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClosedPeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('day', 'day'), ('month', 'month'), ('year', 'year')], max_length=5)),
                ('code', models.CharField(help_text='2026-11-25, 2026-11 or 2026', max_length=10)),
                ('begins', models.DateTimeField()),
                ('ends', models.DateTimeField(help_text='the first instant after it')),
                ('entries', models.PositiveIntegerField(default=0)),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('total', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, default=djmoney.money.Money(0, 'EUR'), max_digits=12)),
                ('perpetual', models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ('previous', models.CharField(default='', max_length=64)),
                ('digest', models.CharField(default='', max_length=64)),
                ('closed_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'closed period',
            },
        ),
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(fields=['occurred_at'], name='hub_transfer_occurred'),
        ),
        migrations.AddIndex(
            model_name='closedperiod',
            index=models.Index(fields=['kind', '-ends'], name='hub_closedperiod_latest'),
        ),
        migrations.AddConstraint(
            model_name='closedperiod',
            constraint=models.UniqueConstraint(fields=('kind', 'code'), name='hub_closedperiod_once'),
        ),
        migrations.AddConstraint(
            model_name='closedperiod',
            constraint=models.CheckConstraint(condition=models.Q(('ends__gt', models.F('begins'))), name='hub_closedperiod_begins_before_it_ends'),
        ),
        migrations.RunSQL(AS_CHAINED, "DROP FUNCTION cabas_chained(hub_transfer);"),
        migrations.RunSQL(CHAIN, "DROP TRIGGER hub_closedperiod_chains ON hub_closedperiod; DROP FUNCTION cabas_close_period();"),
        migrations.RunSQL(OPEN_DAYS, "DROP TRIGGER hub_transfer_open_day ON hub_transfer; DROP FUNCTION cabas_guard_open_day();"),
        guard("hub_closedperiod"),
    ]
