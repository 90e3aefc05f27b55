"""Corrections of statements: the database lets nothing of them change but the statement that tells them, once."""

import importlib

import django.db.models.deletion
import djmoney.models.fields
from django.conf import settings
from django.db import migrations, models

KEEPS = """
CREATE TRIGGER distribution_correction_keeps BEFORE UPDATE ON distribution_correction FOR EACH ROW
    WHEN (OLD.statement_id IS NOT NULL
        OR (NEW.id, NEW.producer_id, NEW.about_id, NEW.household_id, NEW.amount, NEW.currency, NEW.words, NEW.key, NEW.noted_at,
            NEW.noted_by_id)
            IS DISTINCT FROM
           (OLD.id, OLD.producer_id, OLD.about_id, OLD.household_id, OLD.amount, OLD.currency, OLD.words, OLD.key, OLD.noted_at,
            OLD.noted_by_id))
    EXECUTE FUNCTION cabas_refuse();
CREATE TRIGGER distribution_correction_stays BEFORE DELETE ON distribution_correction
    FOR EACH ROW EXECUTE FUNCTION cabas_refuse();
"""
FORGETS = """
DROP TRIGGER distribution_correction_keeps ON distribution_correction;
DROP TRIGGER distribution_correction_stays ON distribution_correction;
"""

guards = importlib.import_module("hub.migrations.0002_guards")


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0010_payout_runs'),
        ('hub', '0011_find_settled'),
        ('producers', '0006_accounts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('amount', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('words', models.CharField(max_length=120)),
                ('key', models.CharField(help_text='given by the form: sent twice, noted once', max_length=80, unique=True)),
                ('noted_at', models.DateTimeField()),
                ('about', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_by', to='distribution.statement')),
                ('household', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='hub.household')),
                ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('producer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='producers.producer')),
                ('statement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='distribution.statement')),
            ],
            options={
                'verbose_name': 'correction',
                'constraints': [models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='distribution_correction_of_something'), models.CheckConstraint(condition=models.Q(('words', ''), _negated=True), name='distribution_correction_says_why', violation_error_message='Say what it is about: the farm reads it on its statement.')],
            },
        ),
        migrations.RunSQL(KEEPS, FORGETS),
        guards.no_truncate("distribution_correction"),
    ]
