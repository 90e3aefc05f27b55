"""Who may debit accounts through its bank has an identifier of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('hub', '0013_refused_card'),
    ]

    operations = [
        migrations.AddField(
            model_name='hub',
            name='creditor_id',
            field=models.CharField(blank=True, max_length=35, verbose_name='creditor identifier (ICS)'),
        ),
    ]
