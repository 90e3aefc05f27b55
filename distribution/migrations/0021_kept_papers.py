"""The PDFs of receipts and statements that were handed out, which the database refuses to change."""

import importlib

import django.db.models.deletion
from django.db import migrations, models

guard = importlib.import_module("hub.migrations.0002_guards").guard


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0020_weights_of_packs'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptPaper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=2)),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.PositiveIntegerField()),
                ('made_at', models.DateTimeField()),
                ('receipt', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='distribution.receipt')),
                ('statement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='distribution.statement')),
            ],
            options={
                'verbose_name': 'PDF that is kept',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('receipt__isnull', True), ('statement__isnull', False)), models.Q(('receipt__isnull', False), ('statement__isnull', True)), _connector='OR'), name='distribution_keptpaper_of_one'), models.UniqueConstraint(fields=('receipt', 'statement', 'language', 'sha256'), name='distribution_keptpaper_once', nulls_distinct=False)],
            },
        ),
        guard("distribution_keptpaper"),
    ]
