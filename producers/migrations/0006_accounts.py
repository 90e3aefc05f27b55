import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('producers', '0005_billing_mandates'),
    ]

    operations = [
        migrations.AddField(
            model_name='producer',
            name='iban_changed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        # Until now this was the moment of the change, and nobody confirmed anything.
        migrations.RunSQL(
            "UPDATE producers_producer SET iban_changed_at = iban_confirmed_at, iban_confirmed_at = NULL",
            "UPDATE producers_producer SET iban_confirmed_at = iban_changed_at",
        ),
        migrations.AlterField(
            model_name='producer',
            name='iban_confirmed_at',
            field=models.DateTimeField(blank=True, help_text='When somebody of the coordination said that the account is the farm’s.', null=True),
        ),
        migrations.CreateModel(
            name='ConnectAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(max_length=80, unique=True)),
                ('ready', models.BooleanField(default=False)),
                ('wants', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, help_text='what Stripe still asks for', size=None)),
                ('made_at', models.DateTimeField()),
                ('checked_at', models.DateTimeField()),
                ('producer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='connect', to='producers.producer')),
            ],
            options={
                'verbose_name': 'Stripe account',
            },
        ),
    ]
