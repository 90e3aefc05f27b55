"""Direct debits and top-ups: mandates, sums on their way, files for the bank, which the database keeps as they are."""

import importlib

import django.db.models.deletion
import djmoney.models.fields
import hub.codes
from django.conf import settings
from django.db import migrations, models

guard = importlib.import_module("hub.migrations.0002_guards").guard

# What was asked for stays what it was; what is over stays over, but for a paid sum that the bank takes back.
KEEPS = """
CREATE FUNCTION cabas_guard_topup() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.household_id, NEW.code, NEW.amount, NEW.means) = (OLD.household_id, OLD.code, OLD.amount, OLD.means)
        AND (NEW.state = OLD.state OR OLD.state IN ('due', 'processing') OR (OLD.state = 'paid' AND NEW.state = 'returned'))
        AND (OLD.paid_at IS NULL OR NEW.paid_at = OLD.paid_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER orders_topup_keeps BEFORE UPDATE OR DELETE ON orders_topup FOR EACH ROW EXECUTE FUNCTION cabas_guard_topup();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('hub', '0014_creditor_id'),
        ('orders', '0008_disputes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DebitFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=hub.codes.new_long_code, max_length=12, unique=True)),
                ('content', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('collection_on', models.DateField()),
                ('number', models.PositiveIntegerField()),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('total', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('written_at', models.DateTimeField()),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'file of debits',
                'ordering': ['-written_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Mandate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rail', models.CharField(choices=[('stripe', 'through Stripe'), ('bank', 'through the bank')], max_length=6)),
                ('reference', models.CharField(default=hub.codes.new_long_code, max_length=35, unique=True)),
                ('holder', models.CharField(blank=True, max_length=70, verbose_name='account holder')),
                ('iban', models.CharField(blank=True, max_length=34, verbose_name='IBAN')),
                ('last4', models.CharField(blank=True, max_length=4)),
                ('customer', models.CharField(blank=True, max_length=80)),
                ('method', models.CharField(blank=True, max_length=80)),
                ('notice_days', models.PositiveSmallIntegerField(default=14)),
                ('consent', models.TextField()),
                ('signed_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates', to='hub.household')),
                ('signed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'direct debit mandate',
            },
        ),
        migrations.CreateModel(
            name='TopUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=hub.codes.new_long_code, max_length=12, unique=True)),
                ('key', models.CharField(max_length=100, unique=True)),
                ('means', models.CharField(choices=[('card', 'card'), ('debit', 'direct debit')], max_length=6)),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('amount', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('number', models.PositiveSmallIntegerField(default=1)),
                ('of', models.PositiveSmallIntegerField(default=1)),
                ('plan', models.CharField(blank=True, max_length=100)),
                ('state', models.CharField(choices=[('due', 'to come'), ('processing', 'at the bank'), ('paid', 'received'), ('failed', 'refused by the bank'), ('cancelled', 'given up'), ('returned', 'taken back by the bank')], default='due', max_length=10)),
                ('due_on', models.DateField()),
                ('asked_at', models.DateTimeField()),
                ('announced_at', models.DateTimeField(blank=True, null=True)),
                ('page', models.CharField(blank=True, max_length=120)),
                ('stripe_id', models.CharField(blank=True, max_length=80)),
                ('failure', models.CharField(blank=True, max_length=60)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('paid_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, help_text='when it failed, was given up or returned', null=True)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='top_ups', to='orders.debitfile')),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='top_ups', to='hub.household')),
                ('mandate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='top_ups', to='orders.mandate')),
            ],
            options={
                'verbose_name': 'top-up',
                'ordering': ['-due_on', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='dispute',
            name='top_up',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='orders.topup'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('household',), name='orders_mandate_one_usable'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.UniqueConstraint(condition=models.Q(('method', ''), _negated=True), fields=('method',), name='orders_mandate_method_once'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.CheckConstraint(condition=models.Q(('revoked_at__isnull', False), models.Q(('iban', ''), ('rail', 'stripe'), models.Q(('method', ''), _negated=True)), models.Q(('method', ''), ('rail', 'bank'), models.Q(('iban', ''), _negated=True)), _connector='OR'), name='orders_mandate_rail_has_account'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.CheckConstraint(condition=models.Q(('notice_days__gte', 2), ('notice_days__lte', 14)), name='orders_mandate_notice', violation_error_message='A debit is announced 2 to 14 days before.'),
        ),
        migrations.AddIndex(
            model_name='topup',
            index=models.Index(fields=['stripe_id'], name='orders_topu_stripe__106312_idx'),
        ),
        migrations.AddConstraint(
            model_name='topup',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 10), ('amount__lte', 500)), name='orders_topup_amount', violation_error_message='Between 10 and 500 €.'),
        ),
        migrations.AddConstraint(
            model_name='topup',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('mandate', None), ('means', 'card')), models.Q(('mandate__isnull', False), ('means', 'debit')), _connector='OR'), name='orders_topup_debit_has_mandate'),
        ),
        migrations.AddConstraint(
            model_name='topup',
            constraint=models.CheckConstraint(condition=models.Q(('means', 'card'), ('announced_at__isnull', False), ('state__in', ['due', 'cancelled']), _connector='OR'), name='orders_topup_announced_first', violation_error_message='A debit is announced before it is made.'),
        ),
        migrations.AddConstraint(
            model_name='topup',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('paid_at', None), ('state__in', ['due', 'processing'])), models.Q(('ended_at', None), ('paid_at__isnull', False), ('state', 'paid')), models.Q(('ended_at__isnull', False), ('paid_at', None), ('state__in', ['failed', 'cancelled'])), models.Q(('ended_at__isnull', False), ('paid_at__isnull', False), ('state', 'returned')), _connector='OR'), name='orders_topup_state_stamped'),
        ),
        migrations.AddConstraint(
            model_name='topup',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1), ('number__lte', models.F('of'))), name='orders_topup_number'),
        ),
        migrations.AddConstraint(
            model_name='topup',
            constraint=models.UniqueConstraint(condition=models.Q(('plan', ''), _negated=True), fields=('plan', 'number'), name='orders_topup_part_once'),
        ),
        guard("orders_debitfile"),
        migrations.RunSQL(KEEPS, "DROP TRIGGER orders_topup_keeps ON orders_topup; DROP FUNCTION cabas_guard_topup();"),
    ]
