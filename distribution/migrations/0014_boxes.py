"""Counts of boxes, money carried to the bank, cheques and those that bounce: said once, taken back once, never changed."""

import importlib

import django.db.models.deletion
import djmoney.models.fields
from django.conf import settings
from django.db import migrations, models

TABLES = ("distribution_cashcount", "distribution_bankdeposit", "distribution_depositedcheque", "distribution_bouncedcheque")
KEEPS = "".join(
    f"CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION cabas_only_undone();"
    for table in TABLES
)
UNKEPT = "".join(f"DROP TRIGGER {table}_keeps ON {table};" for table in TABLES)

# A cheque on a slip is a cheque in hand, and is not taken back while the bank has it; only one that the bank has bounces.
CHEQUES = """
CREATE FUNCTION cabas_guard_handed_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM orders_payment WHERE id = NEW.payment_id AND means = 'cheque' AND undone_at IS NULL FOR SHARE) THEN
        RAISE EXCEPTION 'only a cheque in hand goes on a slip' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER distribution_depositedcheque_true BEFORE INSERT ON distribution_depositedcheque
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_handed_in();
CREATE FUNCTION cabas_guard_cheque() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM distribution_depositedcheque WHERE payment_id = NEW.id AND undone_at IS NULL) THEN
        RAISE EXCEPTION 'the cheque is on a slip' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_payment_handed_in BEFORE UPDATE OF undone_at ON orders_payment FOR EACH ROW
    WHEN (NEW.undone_at IS NOT NULL AND NEW.means = 'cheque') EXECUTE FUNCTION cabas_guard_cheque();
CREATE FUNCTION cabas_guard_bounce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM distribution_depositedcheque WHERE payment_id = NEW.payment_id AND undone_at IS NULL) THEN
        RAISE EXCEPTION 'only a cheque that was handed in bounces' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER distribution_bouncedcheque_true BEFORE INSERT ON distribution_bouncedcheque
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_bounce();
"""
ANY_CHEQUE = """
DROP TRIGGER distribution_depositedcheque_true ON distribution_depositedcheque; DROP FUNCTION cabas_guard_handed_in();
DROP TRIGGER orders_payment_handed_in ON orders_payment; DROP FUNCTION cabas_guard_cheque();
DROP TRIGGER distribution_bouncedcheque_true ON distribution_bouncedcheque; DROP FUNCTION cabas_guard_bounce();
"""

no_truncate = importlib.import_module("hub.migrations.0002_guards").no_truncate


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0013_stripe_checks'),
        ('hub', '0011_find_settled'),
        ('orders', '0006_forget_notes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BankDeposit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=100, unique=True)),
                ('at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('number', models.CharField(max_length=20, unique=True)),
                ('kind', models.CharField(choices=[('cash', 'cash'), ('cheques', 'cheques'), ('local', 'local currency')], max_length=8)),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('amount', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('point', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bank_deposits', to='hub.collectionpoint')),
                ('transfer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='bank_deposit', to='hub.transfer')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'deposit at the bank',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='BouncedCheque',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=100, unique=True)),
                ('at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bounced', to='orders.payment')),
                ('transfer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='bounced_cheque', to='hub.transfer')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'bounced cheque',
            },
        ),
        migrations.CreateModel(
            name='CashCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=100, unique=True)),
                ('at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('means', models.CharField(choices=[('cash', 'cash'), ('local', 'local currency')], max_length=5)),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('expected', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('counted', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('sheet', models.JSONField(default=dict)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='counts', to='hub.collectionpoint')),
                ('transfer', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hub.transfer')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'count of a box',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='DepositedCheque',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('deposit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cheques', to='distribution.bankdeposit')),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deposited', to='orders.payment')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'cheque on a slip',
            },
        ),
        migrations.AddConstraint(
            model_name='bankdeposit',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='distribution_bankdeposit_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='bankdeposit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'cheques'), ('point', None)), models.Q(models.Q(('kind', 'cheques'), _negated=True), ('point__isnull', False)), _connector='OR'), name='distribution_bankdeposit_of_a_box'),
        ),
        migrations.AddConstraint(
            model_name='bouncedcheque',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('payment',), name='distribution_bouncedcheque_once'),
        ),
        migrations.AddConstraint(
            model_name='cashcount',
            constraint=models.CheckConstraint(condition=models.Q(('counted__gte', 0)), name='distribution_cashcount_not_below_zero'),
        ),
        migrations.AddConstraint(
            model_name='cashcount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('counted', models.F('expected')), ('transfer', None)), models.Q(models.Q(('counted', models.F('expected')), _negated=True), ('transfer__isnull', False)), _connector='OR'), name='distribution_cashcount_difference_posted'),
        ),
        migrations.AddConstraint(
            model_name='cashcount',
            constraint=models.CheckConstraint(condition=models.Q(('counted', models.F('expected')), models.Q(('note', ''), _negated=True), _connector='OR'), name='distribution_cashcount_difference_explained', violation_error_message='Say what the difference may come from.'),
        ),
        migrations.AddConstraint(
            model_name='depositedcheque',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('payment',), name='distribution_depositedcheque_once', violation_error_message='This cheque is on another slip already.'),
        ),
        migrations.RunSQL(KEEPS, UNKEPT),
        migrations.RunSQL(CHEQUES, ANY_CHEQUE),
        *(no_truncate(table) for table in TABLES),
    ]
