"""A refund that did not leave after all may be taken back and sent again; credit is paid back, and that is only taken back."""

import importlib

import django.db.models.deletion
import djmoney.models.fields
from django.conf import settings
from django.db import migrations, models

GUARD = importlib.import_module("distribution.migrations.0008_refunds_to_cards").KEEPS.split("CREATE TRIGGER")[0]
GUARD = GUARD.partition(";")[2].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
# The same, but for what the treasurer noted as sent and took back: its transfer is reversed, and the next has its own number.
TAKEN_BACK = """
DECLARE sent text;
BEGIN
    IF NEW.attempt IS DISTINCT FROM OLD.attempt THEN
        SELECT 'refund:' || OLD.collection_id || ':' || h.code || CASE WHEN OLD.attempt > 1 THEN ':' || OLD.attempt ELSE '' END
            INTO sent FROM hub_household h WHERE h.id = OLD.household_id;
        IF OLD.paid_by_id IS NOT NULL AND NEW.attempt = OLD.attempt + 1 AND NEW.paid_at IS NULL AND NEW.paid_by_id IS NULL
            AND to_jsonb(NEW) - 'attempt' - 'paid_at' - 'paid_by_id' = to_jsonb(OLD) - 'attempt' - 'paid_at' - 'paid_by_id'
            AND EXISTS (SELECT 1 FROM hub_transfer r JOIN hub_transfer t ON t.id = r.reverses_id WHERE t.reference = sent) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
"""
KEEPS = """
CREATE TRIGGER distribution_paidback_keeps BEFORE UPDATE OR DELETE ON distribution_paidback
    FOR EACH ROW EXECUTE FUNCTION cabas_only_undone();
"""
no_truncate = importlib.import_module("hub.migrations.0002_guards").no_truncate


class Migration(migrations.Migration):

    dependencies = [
        ("distribution", "0025_cash_carried"),
        ("hub", "0019_local_days"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, GUARD),
        migrations.AddField("refund", "attempt", models.PositiveSmallIntegerField(default=1, db_default=1)),
        migrations.RunSQL(GUARD.replace("\nBEGIN\n", TAKEN_BACK, 1), migrations.RunSQL.noop),
        migrations.CreateModel(
            name='PaidBack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=100, unique=True)),
                ('at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('amount', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='paid_back', to='hub.household')),
                ('transfer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='paid_back', to='hub.transfer')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'credit paid back',
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='distribution_paidback_of_something')],
            },
        ),
        migrations.RunSQL(KEEPS, "DROP TRIGGER distribution_paidback_keeps ON distribution_paidback;"),
        no_truncate("distribution_paidback"),
    ]
