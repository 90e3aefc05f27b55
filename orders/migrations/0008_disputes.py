"""Payments that households contest at their banks."""

import django.db.models.deletion
import djmoney.models.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0007_card_refunds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stripe_id', models.CharField(max_length=80, unique=True)),
                ('state', models.CharField(choices=[('open', 'contested'), ('won', 'won'), ('lost', 'lost')], default='open', max_length=8)),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('amount', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('taken', models.BooleanField(default=False)),
                ('reason', models.CharField(blank=True, max_length=60)),
                ('opened_at', models.DateTimeField()),
                ('due_by', models.DateTimeField(blank=True, help_text='until when it can be answered', null=True)),
                ('checked_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('charged', models.BooleanField(default=False)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('payment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='orders.cardpayment')),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'dispute',
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='orders_dispute_amount_positive'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='orders_dispute_close_stamped'), models.CheckConstraint(condition=models.Q(models.Q(('charged', False), ('settled_at', None)), models.Q(('settled_at__isnull', False), ('state', 'lost')), _connector='OR'), name='orders_dispute_only_lost_settled')],
            },
        ),
    ]
