"""Movements of our balance at Stripe, kept as they were told."""

import importlib

import djmoney.models.fields
import djmoney.money
from django.db import migrations, models

guard = importlib.import_module("hub.migrations.0002_guards").guard


class Migration(migrations.Migration):

    dependencies = [
        ('hub', '0014_creditor_id'),
    ]

    operations = [
        migrations.CreateModel(
            name='StripeMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stripe_id', models.CharField(max_length=80, unique=True)),
                ('kind', models.CharField(max_length=40)),
                ('subject', models.CharField(blank=True, help_text='id of the object it is about', max_length=80)),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('amount', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('fee', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, default=djmoney.money.Money(0, 'EUR'), max_digits=12)),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'movement at Stripe',
                'indexes': [models.Index(fields=['subject'], name='hub_stripemovement_subject'), models.Index(fields=['at'], name='hub_stripemovement_at')],
            },
        ),
        guard("hub_stripemovement"),
    ]
