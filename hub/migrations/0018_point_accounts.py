"""Who is paid a point’s part of the sales, and to which account."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('hub', '0017_guard_stripe'),
    ]

    operations = [
        migrations.CreateModel(
            name='PointAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('iban', models.CharField(blank=True, max_length=34, verbose_name='IBAN')),
                ('bic', models.CharField(blank=True, max_length=11, verbose_name='BIC')),
                ('iban_changed_at', models.DateTimeField(blank=True, null=True)),
                ('iban_confirmed_at', models.DateTimeField(blank=True, help_text='When somebody of the coordination said that the account is the right one.', null=True)),
                ('holder', models.CharField(max_length=70, verbose_name='account holder')),
                ('point', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='account', to='hub.collectionpoint')),
            ],
            options={
                'verbose_name': 'account of a point',
                'constraints': [models.CheckConstraint(condition=models.Q(('iban__regex', '^([A-Z]{2}[0-9]{2}[A-Z0-9]{11,30})?$')), name='hub_pointaccount_iban', violation_error_message='This is not an IBAN.'), models.CheckConstraint(condition=models.Q(('bic__regex', '^([A-Z0-9]{8}([A-Z0-9]{3})?)?$')), name='hub_pointaccount_bic', violation_error_message='This is not a BIC.'), models.CheckConstraint(condition=models.Q(models.Q(('holder', ''), _negated=True), models.Q(('iban', ''), _negated=True)), name='hub_pointaccount_is_somebodys', violation_error_message='Give the account and the name of who holds it.')],
            },
        ),
    ]
