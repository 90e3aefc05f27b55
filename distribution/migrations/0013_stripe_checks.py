"""The daily comparison of our books with Stripe: a day is compared once, a difference is never forgotten."""

import importlib

import django.db.models.deletion
import djmoney.models.fields
from django.db import migrations, models

guards = importlib.import_module("hub.migrations.0002_guards")
# A finding may be seen again, with another amount; what it is about and since when stays.
KEPT = """
CREATE TRIGGER distribution_stripefinding_keeps BEFORE UPDATE ON distribution_stripefinding FOR EACH ROW
    WHEN ((NEW.id, NEW.key, NEW.what, NEW.subject, NEW.first_id) IS DISTINCT FROM
          (OLD.id, OLD.key, OLD.what, OLD.subject, OLD.first_id))
    EXECUTE FUNCTION cabas_refuse();
CREATE TRIGGER distribution_stripefinding_stays BEFORE DELETE ON distribution_stripefinding
    FOR EACH ROW EXECUTE FUNCTION cabas_refuse();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0012_fees_by_index'),
    ]

    operations = [
        migrations.CreateModel(
            name='StripeCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True)),
                ('at', models.DateTimeField()),
                ('movements', models.PositiveIntegerField()),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('ledger', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('summed', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('balance', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
            ],
            options={
                'verbose_name': 'comparison with Stripe',
                'ordering': ['-day'],
            },
        ),
        migrations.CreateModel(
            name='StripeFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=160, unique=True)),
                ('what', models.CharField(choices=[('missing', 'not in our books'), ('extra', 'not at Stripe'), ('wrong', 'another amount')], max_length=7)),
                ('subject', models.CharField(help_text="Stripe's object, or the reference of the movement", max_length=120)),
                ('kind', models.CharField(blank=True, max_length=40)),
                ('found', models.CharField(max_length=60)),
                ('expected', models.CharField(max_length=60)),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='new_findings', to='distribution.stripecheck')),
                ('last', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='distribution.stripecheck')),
            ],
            options={
                'verbose_name': 'difference with Stripe',
                'ordering': ['what', 'subject'],
            },
        ),
        guards.guard("distribution_stripecheck"),
        guards.no_truncate("distribution_stripefinding"),
        migrations.RunSQL(KEPT, "DROP TRIGGER distribution_stripefinding_keeps ON distribution_stripefinding;"
                                " DROP TRIGGER distribution_stripefinding_stays ON distribution_stripefinding;"),
    ]
