"""Receipts, which the database refuses to change; where a refund is to be sent, and no refund paid unasked."""

import importlib

import django.db.models.deletion
import djmoney.models.fields
from django.conf import settings
from django.db import migrations, models

guard = importlib.import_module("hub.migrations.0002_guards").guard


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0004_guard_settled'),
        ('hub', '0004_vat_is_owed'),
        ('orders', '0003_wish_sent_at'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', models.JSONField()),
                ('sha256', models.CharField(max_length=64)),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('total', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('issued_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'receipt',
                'ordering': ['-issued_at', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='refund',
            name='send_to',
            field=models.CharField(blank=True, help_text='IBAN, or another way you agreed on.', max_length=60, verbose_name='account to send it to'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('paid_at', None), ('choice', 'refund'), _connector='OR'), name='distribution_refund_paid_was_asked', violation_error_message='The household has not asked for this money back.'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('choice', 'waiting'), ('chosen_at', None)), models.Q(models.Q(('choice', 'waiting'), _negated=True), ('chosen_at__isnull', False)), _connector='OR'), name='distribution_refund_choice_stamped'),
        ),
        migrations.AddField(
            model_name='receipt',
            name='collection',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='hub.collection'),
        ),
        migrations.AddField(
            model_name='receipt',
            name='household',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='hub.household'),
        ),
        migrations.AddField(
            model_name='receipt',
            name='order',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='receipt', to='orders.order'),
        ),
        guard("distribution_receipt"),
    ]
