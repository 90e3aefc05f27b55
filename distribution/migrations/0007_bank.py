"""The bank's statements: lines that never change, uses of them that are only undone, each of its own line's money."""

import importlib

import django.db.models.deletion
import djmoney.models.fields
import hub.codes
from django.conf import settings
from django.db import migrations, models

# What was said stays as it was said; it may be taken back, once.
KEEPS = """
CREATE FUNCTION cabas_only_undone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL
        AND to_jsonb(NEW) - 'undone_at' - 'undone_by_id' = to_jsonb(OLD) - 'undone_at' - 'undone_by_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is only taken back: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER distribution_bankmatch_keeps BEFORE UPDATE OR DELETE ON distribution_bankmatch
    FOR EACH ROW EXECUTE FUNCTION cabas_only_undone();
"""

FILE = """
CREATE TRIGGER distribution_bankfile_keeps BEFORE UPDATE ON distribution_bankfile FOR EACH ROW
    WHEN (OLD.confirmed_at IS NOT NULL OR NEW.confirmed_at IS NULL
        OR to_jsonb(NEW) - 'confirmed_at' - 'confirmed_by_id' - 'content'
           IS DISTINCT FROM to_jsonb(OLD) - 'confirmed_at' - 'confirmed_by_id' - 'content')
    EXECUTE FUNCTION cabas_refuse();
CREATE TRIGGER distribution_bankfile_stays BEFORE DELETE ON distribution_bankfile FOR EACH ROW
    WHEN (OLD.confirmed_at IS NOT NULL) EXECUTE FUNCTION cabas_refuse();
"""

MATCH = """
CREATE FUNCTION cabas_guard_bank_match() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE line distribution_bankline%ROWTYPE; taken hub_transfer%ROWTYPE; told hub_transfer%ROWTYPE;
        waiting bigint; bank bigint; used numeric;
BEGIN
    SELECT * INTO line FROM distribution_bankline WHERE id = NEW.line_id FOR UPDATE;
    SELECT coalesce(sum(amount), 0) INTO used FROM distribution_bankmatch WHERE line_id = NEW.line_id AND undone_at IS NULL;
    IF used + NEW.amount > abs(line.amount) THEN
        RAISE EXCEPTION 'a bank line is used once' USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT id INTO waiting FROM hub_account WHERE code = 'bank:unmatched';
    SELECT id INTO bank FROM hub_account WHERE code = 'bank';
    SELECT * INTO taken FROM hub_transfer WHERE id = NEW.transfer_id;
    IF taken.amount <> NEW.amount OR taken.reference <> 'bank:' || NEW.line_id || ':' || NEW.number
        OR waiting IS DISTINCT FROM (CASE WHEN line.amount > 0 THEN taken.debit_id ELSE taken.credit_id END) THEN
        RAISE EXCEPTION 'a use of a bank line has its own posting' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.linked_id IS NOT NULL THEN
        SELECT * INTO told FROM hub_transfer WHERE id = NEW.linked_id;
        IF told.amount <> NEW.amount OR told.reference LIKE 'bank:%' OR told.reverses_id IS NOT NULL
            OR EXISTS (SELECT 1 FROM hub_transfer WHERE reverses_id = told.id)
            OR bank IS DISTINCT FROM (CASE WHEN line.amount > 0 THEN told.debit_id ELSE told.credit_id END) THEN
            RAISE EXCEPTION 'a bank line tells of a movement of the bank, of that amount' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER distribution_bankmatch_true BEFORE INSERT ON distribution_bankmatch
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_bank_match();
"""

# What the bank itself has told of is not taken back behind its line's back; nor is a line's own posting but by its use.
SEEN = """
CREATE FUNCTION cabas_guard_seen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM distribution_bankmatch WHERE linked_id = NEW.reverses_id AND undone_at IS NULL) THEN
        RAISE EXCEPTION 'a line of the bank tells of this movement' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hub_transfer_seen BEFORE INSERT ON hub_transfer FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL)
    EXECUTE FUNCTION cabas_guard_seen();
"""

guards = importlib.import_module("hub.migrations.0002_guards")


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0006_invoices'),
        ('hub', '0010_tokens_and_keys'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BankFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=hub.codes.new_long_code, editable=False, max_length=10, unique=True)),
                ('file_name', models.CharField(max_length=200)),
                ('kind', models.CharField(choices=[('csv', 'CSV'), ('camt', 'camt.053')], max_length=8)),
                ('account', models.CharField(blank=True, max_length=34)),
                ('content', models.JSONField(default=list)),
                ('count', models.PositiveIntegerField()),
                ('first_day', models.DateField()),
                ('last_day', models.DateField()),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('total', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('opening', djmoney.models.fields.MoneyField(blank=True, currency_field_name='currency', decimal_places=2, max_digits=12, null=True)),
                ('closing', djmoney.models.fields.MoneyField(blank=True, currency_field_name='currency', decimal_places=2, max_digits=12, null=True)),
                ('created_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'bank statement',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='BankLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(max_length=64, unique=True)),
                ('day', models.DateField()),
                ('value_day', models.DateField(blank=True, null=True)),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('amount', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('label', models.CharField(max_length=500)),
                ('party', models.CharField(blank=True, max_length=140)),
                ('party_iban', models.CharField(blank=True, max_length=34)),
                ('end_to_end', models.CharField(blank=True, max_length=35)),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='distribution.bankfile')),
            ],
            options={
                'verbose_name': 'line of a bank statement',
            },
        ),
        migrations.CreateModel(
            name='BankMatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('key', models.CharField(max_length=100, unique=True)),
                ('kind', models.CharField(choices=[('household', 'a household’s account'), ('linked', 'already in the books'), ('stripe', 'card payments paid out by Stripe'), ('fees', 'fees of the bank'), ('other', 'another account of the cooperative'), ('ignored', 'left out of the books')], max_length=10)),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('amount', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('household', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bank_matches', to='hub.household')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='distribution.bankline')),
                ('linked', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bank_matches', to='hub.transfer')),
                ('transfer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='bank_match', to='hub.transfer')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'use of a bank line',
            },
        ),
        migrations.AddIndex(
            model_name='bankline',
            index=models.Index(fields=['day'], name='distribution_bankline_day'),
        ),
        migrations.AddIndex(
            model_name='bankline',
            index=models.Index(condition=models.Q(('party_iban', ''), _negated=True), fields=['party_iban'], name='distribution_bankline_payer'),
        ),
        migrations.AddConstraint(
            model_name='bankline',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='distribution_bankline_moves_something'),
        ),
        migrations.AddConstraint(
            model_name='bankmatch',
            constraint=models.UniqueConstraint(fields=('line', 'number'), name='distribution_bankmatch_once'),
        ),
        migrations.AddConstraint(
            model_name='bankmatch',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('linked',), name='distribution_bankmatch_linked_once', violation_error_message='This movement belongs to another line of the bank already.'),
        ),
        migrations.AddConstraint(
            model_name='bankmatch',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='distribution_bankmatch_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='bankmatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('household__isnull', False), ('kind', 'household')), models.Q(models.Q(('kind', 'household'), _negated=True), ('household', None)), _connector='OR'), name='distribution_bankmatch_household_named'),
        ),
        migrations.AddConstraint(
            model_name='bankmatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'linked'), ('linked__isnull', False)), models.Q(models.Q(('kind', 'linked'), _negated=True), ('linked', None)), _connector='OR'), name='distribution_bankmatch_movement_named'),
        ),
        migrations.AddConstraint(
            model_name='bankmatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'ignored'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='distribution_bankmatch_ignored_why', violation_error_message='Say why the line is left out.'),
        ),
        guards.guard("distribution_bankline"),
        migrations.RunSQL(
            KEEPS, "DROP TRIGGER distribution_bankmatch_keeps ON distribution_bankmatch; DROP FUNCTION cabas_only_undone();"
        ),
        migrations.RunSQL(
            FILE,
            "DROP TRIGGER distribution_bankfile_keeps ON distribution_bankfile;"
            "DROP TRIGGER distribution_bankfile_stays ON distribution_bankfile;",
        ),
        migrations.RunSQL(
            MATCH,
            "DROP TRIGGER distribution_bankmatch_true ON distribution_bankmatch; DROP FUNCTION cabas_guard_bank_match();",
        ),
        migrations.RunSQL(SEEN, "DROP TRIGGER hub_transfer_seen ON hub_transfer; DROP FUNCTION cabas_guard_seen();"),
        *(guards.no_truncate(table) for table in ("distribution_bankfile", "distribution_bankmatch")),
    ]
