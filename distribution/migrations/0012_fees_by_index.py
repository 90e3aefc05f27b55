"""Statements that keep back a fee are found by an index: the sweep looks for them every minute and opens no content."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0011_corrections'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='statement',
            index=models.Index(condition=models.Q(('content__entries__contains', [{'what': 'hub-fee'}])), fields=['id'], name='distribution_statement_fees'),
        ),
    ]
