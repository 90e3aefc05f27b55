"""The account of a farm says the same as that of a point."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('producers', '0006_accounts'),
    ]

    operations = [
        migrations.AlterField(
            model_name='producer',
            name='iban_confirmed_at',
            field=models.DateTimeField(blank=True, help_text='When somebody of the coordination said that the account is the right one.', null=True),
        ),
    ]
